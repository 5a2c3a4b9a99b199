"""The index is what the photos say, whatever happens in whatever order: a state machine over fake and DynamoDB.

Processes save, edit, put in albums, trash, restore, remove, take messages twice, work at the same time, build the index
anew, and die between any two calls (or just after one whose answer they never see). After each of these, once another
process has looked, lists and counts are compared with the photos.
"""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from heliograph.aws import AwsClients, aws_clients
from heliograph.photos import Admission, OwnerId, PhotoId, PhotoStatus, photo_id_of
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.index import COUNTED_KINDS, postings, term_counts
from heliograph_metadata.domain.photo import Photo, admitted
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.dynamodb.ledger import LEASE_SECONDS
from heliograph_metadata.dynamodb.library_index import DynamoLibraryIndex
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.rebuild import IndexRebuilder
from heliograph_metadata.dynamodb.verification import IndexVerifier
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.photo_store import PhotoStore, change
from heliograph_upload.domain import NewPhoto
from heliograph_upload.dynamodb import DynamoAdmissionStore
from tests.builders import NOON, an_admission
from tests.contract.random_steps import a_random_step
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tools.standin import Standin

_PHOTOS: Final = 4
_LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)


class DiedError(Exception):
    """The process is dead; nobody hears of it."""


class Mortal:
    """DynamoDB as a process sees it that dies at its n-th call: before it, or after it and before the answer."""

    def __init__(self, client: Any, dies_at: int | None = None, *, dies_before: bool = True) -> None:
        self._client = client
        self._left = dies_at
        self._dies_before = dies_before
        self.is_dead = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name == "exceptions" or not callable(found):
            return found

        async def call(**request: Any) -> Any:
            if self.is_dead:
                raise DiedError
            if self._left is not None:
                self._left -= 1
                self.is_dead = self._left <= 0
            if self.is_dead and self._dies_before:
                raise DiedError
            answer = await found(**request)
            if self.is_dead:
                raise DiedError
            return answer

        return call


class World(ABC):
    """One owner's library, the processes that work in it, and the time."""

    def __init__(self) -> None:
        self.owner_id = OwnerId(f"owner-{uuid4().hex[:12]}")
        self.ids = [photo_id_of(self.owner_id, f"{number:064x}") for number in range(_PHOTOS)]
        self.seconds = 1_000_000.0

    @abstractmethod
    async def admit(self, number: int) -> None: ...

    @abstractmethod
    def process(self, dies_at: int | None = None, *, dies_before: bool = True) -> PhotoStore: ...

    @abstractmethod
    def index(self) -> LibraryIndex: ...

    @abstractmethod
    async def rebuild(self, dies_at: int | None = None, *, dies_before: bool = True) -> None:
        """Take one step of building the index anew."""

    @abstractmethod
    async def differences(self) -> list[str]: ...

    def admission(self, number: int) -> Admission:
        return an_admission(number, filename=f"IMG_{number}_beach.jpg")


class InMemory(World):
    """The fake: its saves can't be interrupted."""

    def __init__(self) -> None:
        super().__init__()
        self._store = InMemoryPhotoStore()

    async def admit(self, number: int) -> None:
        if self.ids[number] not in self._store.photos:
            self._store.photos[self.ids[number]] = admitted(
                photo_id=self.ids[number],
                owner_id=self.owner_id,
                admission=self.admission(number),
                correlation_id="c",
                at=NOON,
            )

    def process(self, dies_at: int | None = None, *, dies_before: bool = True) -> PhotoStore:
        return self._store

    def index(self) -> LibraryIndex:
        return self._store

    async def rebuild(self, dies_at: int | None = None, *, dies_before: bool = True) -> None:
        """Do nothing: it works its index out anew each time that it is asked."""

    async def differences(self) -> list[str]:
        return []


class OnDynamo(World):
    """The real adapter; each process has a client of its own that may die."""

    def __init__(self, aws: AwsClients, stack: SharedSettings) -> None:
        super().__init__()
        self._client = aws.dynamodb
        self._tables: Any = {"photos_table": stack.table_name("photos"), "terms_table": stack.table_name("terms")}
        self._living = self.process()

    async def admit(self, number: int) -> None:
        admissions = DynamoAdmissionStore(self._client, self._tables["photos_table"])
        await admissions.admit([NewPhoto(self.ids[number], self.owner_id, self.admission(number), NOON, "c")])

    def process(self, dies_at: int | None = None, *, dies_before: bool = True) -> DynamoPhotoStore:
        client: Any = Mortal(self._client, dies_at, dies_before=dies_before)
        return DynamoPhotoStore(client, **self._tables, now=lambda: self.seconds)

    def index(self) -> LibraryIndex:
        index = DynamoLibraryIndex(self._client, **self._tables, mend=self._living.mend)
        index.ledger = self._living.ledger
        return index

    async def rebuild(self, dies_at: int | None = None, *, dies_before: bool = True) -> None:
        client: Any = Mortal(self._client, dies_at, dies_before=dies_before)
        store = DynamoPhotoStore(client, **self._tables, now=lambda: self.seconds)
        rebuilder = IndexRebuilder(client, store, **self._tables, at_a_time=2)
        if (await rebuilder.step(self.owner_id)).is_done:
            await rebuilder.sweep(self.owner_id)

    async def differences(self) -> list[str]:
        verifier = IndexVerifier(self._client, self._living, **self._tables)
        return [str(one) for one in (await verifier.verify(self.owner_id)).differences]


class LibraryMachine(RuleBasedStateMachine):
    """What can happen to a library."""

    loop: asyncio.AbstractEventLoop
    make_world: Callable[[], World]

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).make_world()
        self.seen: set[Term] = set()
        self.last: tuple[PhotoId, Callable[[Photo], Photo]] | None = None
        for number in range(_PHOTOS):
            self._run(self.world.admit(number))

    def _run(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)

    async def _to_the_end(self) -> None:
        """Wait for what a process that died has still on its way."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        self.world.seconds += LEASE_SECONDS + 1

    numbers = st.integers(0, _PHOTOS - 1)
    seeds = st.integers(0, 2**20)

    @rule(number=numbers, seed=seeds)
    def somebody_takes_a_step(self, number: int, seed: int) -> None:
        step = a_random_step(random.Random(seed))
        self.last = self.world.ids[number], step
        self._run(change(self.world.process(), self.world.ids[number], step))

    @precondition(lambda self: self.last is not None)
    @rule()
    def the_same_message_comes_again(self) -> None:
        assert self.last
        self._run(change(self.world.process(), *self.last))

    @rule(seeds=st.lists(seeds, min_size=2, max_size=6), together=st.booleans())
    def many_work_at_the_same_time(self, seeds: list[int], together: bool) -> None:  # noqa: FBT001 - hypothesis passes it so
        store = self.world.process()

        async def one(seed: int) -> None:
            dice = random.Random(seed)
            mine = store if together else self.world.process()
            await change(mine, dice.choice(self.world.ids), a_random_step(dice))

        async def all_of_them() -> None:
            await asyncio.gather(*map(one, seeds))

        self._run(all_of_them())

    @rule(number=numbers)
    def a_photo_is_removed_for_good_and_may_be_uploaded_again(self, number: int) -> None:
        async def remove() -> None:
            store = self.world.process()
            photo = await store.get(self.world.ids[number])
            if photo and photo.status is not PhotoStatus.AWAITING_UPLOAD:
                assert await store.remove(photo)
                await self.world.admit(number)

        self._run(remove())

    @rule(seeds=st.lists(seeds, min_size=1, max_size=4), dies_at=st.integers(1, 60), dies_before=st.booleans())
    def a_process_dies_while_it_saves(self, seeds: list[int], dies_at: int, dies_before: bool) -> None:  # noqa: FBT001
        store = self.world.process(dies_at, dies_before=dies_before)

        async def one(seed: int) -> None:
            dice = random.Random(seed)
            await change(store, dice.choice(self.world.ids), a_random_step(dice))

        async def all_of_them() -> None:
            await asyncio.gather(*map(one, seeds), return_exceptions=True)
            await self._to_the_end()

        self._run(all_of_them())

    @rule(number=numbers, dies_at=st.integers(1, 40), dies_before=st.booleans())
    def a_process_dies_while_it_removes(self, number: int, dies_at: int, dies_before: bool) -> None:  # noqa: FBT001
        async def remove() -> None:
            photo = await self.world.process().get(self.world.ids[number])
            if photo and photo.status is not PhotoStatus.AWAITING_UPLOAD:
                dying = self.world.process(dies_at, dies_before=dies_before)
                await asyncio.gather(dying.remove(photo), return_exceptions=True)
                await self._to_the_end()
                await self.world.admit(number)

        self._run(remove())

    @rule()
    def the_index_is_built_anew_a_little(self) -> None:
        self._run(self.world.rebuild())

    @rule(dies_at=st.integers(1, 10), dies_before=st.booleans())
    def a_process_dies_while_it_builds_the_index_anew(self, dies_at: int, dies_before: bool) -> None:  # noqa: FBT001
        async def rebuild() -> None:
            await asyncio.gather(self.world.rebuild(dies_at, dies_before=dies_before), return_exceptions=True)
            await self._to_the_end()

        self._run(rebuild())

    @invariant()
    def lists_and_counts_are_what_the_photos_say(self) -> None:
        self._run(self._compare())

    async def _compare(self) -> None:
        index, store, owner_id = self.world.index(), self.world.process(), self.world.owner_id
        await index.counts_of(owner_id, [])  # the first look mends what was left half done
        photos = list((await store.get_many(self.world.ids)).values())
        expected = term_counts(photos)
        for kind in COUNTED_KINDS:
            counts = {Term(kind, one.value): one.photos for one in await index.counts(owner_id, kind)}
            assert counts == {term: count for term, count in expected.items() if term.kind == kind}
        posted = {place: posting for photo in photos for place, posting in postings(photo).items()}
        self.seen |= {term for term, _ in posted}
        for term in self.seen:
            listed = await index.postings(owner_id, term, before=None, since=None, limit=100)
            assert {one.sort_key: one for one in listed} == {
                sort_key: posting for (borne, sort_key), posting in posted.items() if borne == term
            }

    def teardown(self) -> None:
        assert self._run(self.world.differences()) == []


def run_machine(loop: asyncio.AbstractEventLoop, make_world: Callable[[], World], *, examples: int, steps: int) -> None:
    machine = type("Machine", (LibraryMachine,), {"loop": loop, "make_world": staticmethod(make_world)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_fake_keeps_to_the_photos_whatever_happens() -> None:
    with asyncio.Runner() as runner:
        run_machine(runner.get_loop(), InMemory, examples=20, steps=15)


def test_dynamodb_keeps_to_the_photos_whatever_happens(standin: Standin, stack: SharedSettings) -> None:
    with asyncio.Runner() as runner:
        context = aws_clients()
        aws = runner.run(context.__aenter__())
        try:
            run_machine(runner.get_loop(), lambda: OnDynamo(aws, stack), examples=15, steps=14)
        finally:
            runner.run(context.__aexit__(None, None, None))
