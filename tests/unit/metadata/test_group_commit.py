"""Saves of one owner wait for each other no longer than they have patience."""

import asyncio
from collections.abc import Sequence

from heliograph.photos import OwnerId
from heliograph_metadata.dynamodb.group_commit import GroupCommit
from tests.builders import OWNER


class Committed:
    """Remembers what was committed together; what is written in capitals has no patience."""

    def __init__(self, *, most: int = 10) -> None:
        self.batches: list[list[str]] = []
        self.group = GroupCommit(
            self._commit, key=lambda what: what, most=most, patience=lambda what: 0.0 if what.isupper() else 3600.0
        )

    async def _commit(self, _owner_id: OwnerId, batch: Sequence[str]) -> Sequence[str]:
        self.batches.append(list(batch))
        return batch

    async def submit(self, *several: str) -> None:
        async with asyncio.timeout(5):
            await asyncio.gather(*(self.group.submit(OWNER, one) for one in several))


async def test_what_comes_alone_waits_for_nobody() -> None:
    committed = Committed()

    await committed.submit("a")

    assert committed.batches == [["a"]]


async def test_what_follows_waits_until_a_batch_is_full() -> None:
    committed = Committed(most=3)

    await committed.submit("a")
    await committed.submit("b", "c", "d")

    assert committed.batches == [["a"], ["b", "c", "d"]]


async def test_who_has_no_patience_takes_those_along_who_have() -> None:
    committed = Committed()
    await committed.submit("a")
    patient = asyncio.create_task(committed.submit("b"))
    await asyncio.sleep(0)

    await committed.submit("C")
    await patient

    assert committed.batches == [["a"], ["b", "C"]]
