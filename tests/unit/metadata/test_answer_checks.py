"""Answers that are held, checked, confirmed and refuted."""

from datetime import timedelta

import pytest

from heliograph.errors import UnavailableError
from heliograph_metadata.domain.photo import Location
from heliograph_metadata.domain.questions.checks import check_of
from heliograph_metadata.domain.questions.question import (
    No,
    Where,
    Yes,
)
from heliograph_metadata.service.answer_progress import AnswerStatus
from tests.builders import LISBON, OWNER
from tests.unit.metadata.answering import MINUTE, AnswerStage, a_trip, ids, step_of, values, work_in_any_order

PARIS = Location(48.857, 2.352)


async def test_an_answer_that_contradicts_what_is_known_changes_nothing_until_it_is_confirmed() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)

    held = await stage.answered(await stage.find("place"), Where(PARIS))
    assert held.status is AnswerStatus.HELD
    assert "km from there" in held.held_because
    assert stage.changed(lost) == set()
    assert "place" not in {one.kind for one in await stage.asked.all(OWNER)}

    check = await stage.find("check")
    confirmed = await stage.answered(check, Yes())
    assert confirmed.status is AnswerStatus.DONE
    assert confirmed.changed == 5
    assert stage.changed(lost) == ids(lost)
    made = await stage.service.get(OWNER, held.answered.answer_id)
    assert (made.status, made.changed) == (AnswerStatus.DONE, 5)


@pytest.mark.parametrize("which", ["the check", "the answer"])
async def test_a_confirmed_answer_goes_when_it_or_its_check_is_taken_back(which: str) -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    before = values(stage, lost)
    held = await stage.answered(await stage.find("place"), Where(PARIS))
    check = await stage.answered(await stage.find("check"), Yes())

    await stage.undone((check if which == "the check" else held).answered.answer_id)

    assert values(stage, lost) == before
    asked = {one.kind for one in await stage.asked.all(OWNER)}
    assert ("check" in asked, "place" in asked) == ((True, False) if which == "the check" else (False, True))
    left = await stage.service.get(OWNER, held.answered.answer_id)
    assert left.status is (AnswerStatus.HELD if which == "the check" else AnswerStatus.UNDONE)


async def test_a_check_takes_back_what_is_unticked_and_undoing_the_check_restores_it() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    before = values(stage, lost)
    done = await stage.answered(await stage.find("place"), Where(LISBON))
    answered = values(stage, lost)
    check = check_of([done.answered], "", 0.9)
    stage.asked.others = [check]

    refuted = await stage.answered(check, No())
    assert (refuted.status, refuted.changed) == (AnswerStatus.DONE, 5)
    assert values(stage, lost) == before
    assert (await stage.service.get(OWNER, done.answered.answer_id)).is_refuted

    await stage.undone(refuted.answered.answer_id)
    assert values(stage, lost) == answered
    await stage.undone(done.answered.answer_id)
    assert values(stage, lost) == before


async def test_an_answer_that_is_said_to_be_wrong_before_it_was_made_makes_room_for_another_one() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    held = await stage.answered(await stage.find("place"), Where(PARIS))

    refused = await stage.answered(await stage.find("check"), No())
    assert refused.changed == 0
    left = await stage.service.get(OWNER, held.answered.answer_id)
    assert (left.status, left.is_refuted, left.changed) == (AnswerStatus.DONE, True, 0)

    done = await stage.answered(await stage.find("place"), Where(LISBON))
    assert (done.status, done.changed) == (AnswerStatus.DONE, 5)


async def test_a_check_waits_until_what_it_takes_back_is_made() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    before = values(stage, lost)
    begun = await stage.say(await stage.find("place"), Where(LISBON))
    [selecting] = await stage.queue.receive(wait_seconds=0)
    check = check_of([begun.answered], "", 0.9)
    stage.asked.others = [check]
    refuted = await stage.say(check, No())

    [back] = await stage.queue.receive(wait_seconds=0)
    with pytest.raises(UnavailableError):
        await stage.runner.step(step_of(back.body))
    stage.now += timedelta(days=30)
    await stage.job_reconciler.look(MINUTE)
    job = await stage.jobs.get(OWNER, refuted.jobs[0])
    assert job is not None
    assert job.resends == 0

    stage.queue.redeliver()
    await stage.runner.step(step_of(selecting.body))
    await stage.queue.delete([selecting])
    await work_in_any_order(stage)
    assert values(stage, lost) == before
    assert (await stage.service.get(OWNER, refuted.answered.answer_id)).changed == 5
