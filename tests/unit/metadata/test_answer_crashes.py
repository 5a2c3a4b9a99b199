"""What follows from answers is exact under crashes between any two calls, and delayed by nothing but what is down."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId
from heliograph_metadata.domain.photo import Label, Source
from heliograph_metadata.domain.questions.history import Said
from heliograph_metadata.domain.questions.memory import Answered
from heliograph_metadata.domain.questions.question import (
    Named,
    Where,
    Yes,
)
from heliograph_metadata.service.answer_progress import AnswerStatus
from tests.builders import LISBON, NOON, OWNER, a_photo
from tests.unit.metadata.answering import MINUTE, AnswerStage, a_trip, ids, values
from tests.unit.metadata.job_stage import Calls, Crash

STRANGER = OwnerId("stranger")


async def test_groups_whose_questions_an_answer_changes_are_made_anew() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    done = await stage.answered(await stage.find("place"), Where(LISBON))
    assert {("place", "2024-06"), ("places", "2024")} <= stage.asked.stale

    stage.asked.stale.clear()
    await stage.undone(done.answered.answer_id)
    assert {("place", "2024-06"), ("places", "2024")} <= stage.asked.stale


async def test_an_answer_whose_consequences_cannot_be_drawn_holds_up_no_other() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    at = stage.now - timedelta(hours=1)
    retired = replace(await stage.find("place"), kind="of a kind that is gone")
    broken = Answered(answer_id="00", question=retired, answer=Where(LISBON), person_id=STRANGER, at=at)
    good = Answered(
        answer_id="01", question=await stage.find("place"), answer=Where(LISBON), person_id=OWNER, at=at, photos=5
    )
    await stage.answers.add(STRANGER, Said(number=1, event=broken, jobs=("00.0",)))
    await stage.answers.add(OWNER, Said(number=1, event=good, jobs=("01.0",)))

    await stage.reconciler.look(MINUTE)
    await stage.work()

    assert (await stage.service.get(OWNER, "01")).changed == 5


async def test_a_queue_that_is_down_delays_an_answer_and_loses_nothing() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    send = stage.queue.send

    async def down(bodies: object) -> None:
        raise UnavailableError("down")

    stage.queue.send = down  # type: ignore[method-assign]
    begun = await stage.say(await stage.find("place"), Where(LISBON))
    assert begun.status is AnswerStatus.WORKING
    stage.queue.send = send  # type: ignore[method-assign]
    stage.now += timedelta(hours=1)
    await stage.job_reconciler.look(MINUTE)
    await stage.work()

    assert stage.changed(lost) == ids(lost)


# Crashes: the story is told again and again, with a crash one call later each time, until none is met any more.


@pytest.mark.parametrize(("mended_by", "stride"), [("the reconciler", 5), ("the same request", 7)])
async def test_a_crash_between_any_two_calls_changes_nothing_in_the_end(mended_by: str, stride: int) -> None:
    fatal = 1
    while await Story(fatal, mended_by).told():
        fatal += stride

    assert fatal > 100


class Story:
    """Two questions answered and both answers taken back, with a crash at one of the calls to the outside."""

    def __init__(self, fatal: int, mended_by: str) -> None:
        doubtful = (Label("dog", 0.5, Source.MODEL),)
        self.photos = [a_photo(number, taken_at=NOON + number * MINUTE, labels=doubtful) for number in range(14)]
        self.stage = AnswerStage(*self.photos)
        self.mended_by = mended_by
        self.has_crashed = False
        self.calls = Calls()
        self.calls.wrap(self.stage.answers, "add", "settle", "since")
        self.calls.wrap(self.stage.jobs, "create", "get", "replace")
        self.calls.wrap(self.stage.albums, "create", "get", "shelf")
        self.calls.wrap(self.stage.queue, "send")
        self.calls.wrap(self.stage.photos, "replace", "get_many")
        self.calls.wrap(self.stage.asked, "mark_stale")
        self.fatal = fatal

    async def told(self) -> bool:
        """Tell it, check how it ends, and return whether there was a crash."""
        stage = self.stage
        before = values(stage, self.photos)
        event, label = await stage.find("event"), await stage.find("label")
        stage.asked.fixed = [event, label]
        self.calls.count, self.calls.fatal = 0, self.fatal
        await self._done("event", partial(stage.say, event, Named("Midsummer"), key="event"))
        await self._done("label", partial(stage.say, label, Yes(label.shown[:2]), key="label"))
        await self._ends_as([AnswerStatus.DONE] * 2)
        assert stage.changed(self.photos) == ids(self.photos)

        for asked in (event, label):
            key = f"undo {asked.kind}"
            await self._done(key, partial(self._undo, asked.reference, key))
        await self._ends_as([AnswerStatus.UNDONE] * 2)
        self.calls.fatal = None
        assert values(stage, self.photos) == before
        assert [one for one in (await stage.albums.shelf(OWNER)).albums if not one.is_deleted] == []
        assert stage.answers.open == set()
        return self.has_crashed

    async def _undo(self, reference: str, key: str) -> object:
        return await self.stage.service.undo_last(OWNER, reference, key=key)

    async def _done(self, key: str, ask: Callable[[], Awaitable[object]]) -> None:
        with suppress(Crash):
            await ask()
            await self.stage.work()
            return
        self.has_crashed = True
        self.stage.start()
        self.stage.queue.redeliver()
        if self.mended_by == "the same request" or key not in {one.key for one in self.stage.answers.events.values()}:
            await ask()
        self.stage.now += timedelta(hours=1)
        await self.stage.reconciler.look(MINUTE)
        await self.stage.work()
        self.stage.now += timedelta(hours=1)
        await self.stage.job_reconciler.look(MINUTE)
        await self.stage.work()

    async def _ends_as(self, statuses: list[AnswerStatus]) -> None:
        counted = self.calls.count
        self.calls.fatal = None
        progress = await self.stage.service.newest(OWNER, before=None, limit=9)
        self.calls.count, self.calls.fatal = counted, self.fatal
        assert [one.status for one in progress] == statuses
        assert [(one.changed, one.failed) for one in progress] == [(14, 0)] * 2
