"""Answers from beginning to end: made, held, checked, taken back; exact under crashes between any two calls."""

from dataclasses import replace
from datetime import timedelta

import pytest

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.errors import (
    AnswerNotFoundError,
    AnswerNotTakenError,
    AnswerNotUndoableError,
    IdempotencyKeyReusedError,
    JobNotUndoableError,
    QuestionAnsweredError,
    QuestionChangedError,
    QuestionNotFoundError,
)
from heliograph_metadata.domain.former_values import UNDO_LIVES
from heliograph_metadata.domain.job import JobStatus
from heliograph_metadata.domain.photo import Label, Location, Source, Sourced
from heliograph_metadata.domain.questions.question import (
    Answer,
    Named,
    Never,
    No,
    NotSure,
    Off,
    Several,
    Skip,
    When,
    Where,
    Which,
    Yes,
)
from heliograph_metadata.service.answer_progress import AnswerStatus
from heliograph_metadata.service.answers import Given
from heliograph_metadata.service.jobs import Asked
from tests.builders import LISBON, NOON, OWNER, a_photo
from tests.unit.metadata.answering import MINUTE, AnswerStage, a_trip, ids, step_of, values
from tests.unit.metadata.test_questions_state_machine import library
from tests.unit.metadata.trips import two_trips

PARIS = Location(48.857, 2.352)
STRANGER = OwnerId("stranger")


async def test_an_answer_changes_the_photos_that_its_question_reaches_and_no_other() -> None:
    lost, placed = a_trip()
    later = [a_photo(200 + number, taken_at=NOON + timedelta(days=9, minutes=number)) for number in range(3)]
    stage = AnswerStage(*lost, *placed, *later)
    question = await stage.find("place")

    begun = await stage.say(question, Where(Location(38.7, -9.1)))
    assert (begun.status, begun.changed, begun.answered.photos) == (AnswerStatus.WORKING, 0, 5)
    await stage.work()

    done = await stage.service.get(OWNER, begun.answered.answer_id)
    assert (done.status, done.changed, done.failed, done.can_undo) == (AnswerStatus.DONE, 5, 0, True)
    assert set(done.photo_ids) == ids(lost)
    assert stage.changed([*lost, *placed, *later]) == ids(lost)
    location = stage.photo(lost[0]).location
    assert location is not None
    assert (location.value, location.source) == (Location(38.7, -9.1, LISBON.place), Source.PERSON)
    assert 0.8 < location.confidence < 1
    assert question.question_id not in {one.question_id for one in await stage.asked.all(OWNER)}


async def test_yes_to_a_question_that_takes_a_place_is_the_place_that_it_offers() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    question = await stage.find("place")

    done = await stage.answered(question, Yes())

    assert isinstance(question.default, Where)
    assert isinstance(done.answered.answer, Where)
    assert done.answered.answer.location.latitude == question.default.location.latitude
    assert done.changed == 5


async def test_undo_leads_back_to_the_exact_former_state_and_the_question_comes_back() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    before = values(stage, lost)
    question = await stage.find("place")
    done = await stage.answered(question, Where(LISBON))

    undone = await stage.undone(done.answered.answer_id)

    assert (undone.status, undone.can_undo) == (AnswerStatus.UNDONE, False)
    assert values(stage, lost) == before
    assert (await stage.find("place")).question_id == question.question_id
    again = await stage.undone(done.answered.answer_id)
    assert again.status is AnswerStatus.UNDONE
    assert len(stage.answers.events) == 2


async def test_an_answer_can_be_taken_back_before_any_of_it_is_done() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    begun = await stage.say(await stage.find("place"), Where(LISBON))

    undoing = await stage.service.undo(OWNER, begun.answered.answer_id)
    assert undoing.status is AnswerStatus.UNDOING
    await stage.work()

    assert (await stage.service.get(OWNER, begun.answered.answer_id)).status is AnswerStatus.UNDONE
    assert stage.changed([*lost, *placed]) == set()


async def test_an_answer_can_be_taken_back_while_it_is_made() -> None:
    lost, placed = a_trip(without=230)
    lost = [replace(photo, taken_at=Sourced(NOON + timedelta(seconds=n), Source.EXIF)) for n, photo in enumerate(lost)]
    stage = AnswerStage(*lost, *placed)
    before = values(stage, lost)
    begun = await stage.say(await stage.find("place"), Where(LISBON))
    [selecting] = await stage.queue.receive(wait_seconds=0)
    await stage.runner.step(step_of(selecting.body))
    [first, *_] = await stage.queue.receive(wait_seconds=0)
    await stage.runner.step(step_of(first.body))
    assert 0 < len(stage.changed(lost)) < len(lost)

    await stage.service.undo(OWNER, begun.answered.answer_id)
    stage.queue.redeliver()
    await stage.work()

    assert (await stage.service.get(OWNER, begun.answered.answer_id)).status is AnswerStatus.UNDONE
    assert values(stage, lost) == before


async def test_what_was_mended_by_hand_meanwhile_is_left_alone() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    begun = await stage.say(await stage.find("place"), Where(LISBON))
    [selecting] = await stage.queue.receive(wait_seconds=0)
    await stage.runner.step(step_of(selecting.body))
    by_hand = replace(stage.photo(lost[0]), location=Sourced(PARIS, Source.PERSON), version=2)
    await stage.photos.replace(by_hand, stored=stage.photo(lost[0]))

    await stage.work()

    assert stage.photo(lost[0]) == by_hand
    assert (await stage.service.get(OWNER, begun.answered.answer_id)).changed == 4


async def test_the_same_key_answers_once_and_another_request_may_not_use_it() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    question = await stage.find("place")

    first = await stage.say(question, Where(LISBON), key="k")
    await stage.work()
    second = await stage.say(question, Where(LISBON), key="k")

    assert second.answered.answer_id == first.answered.answer_id
    assert len(stage.answers.events) == 1
    with pytest.raises(IdempotencyKeyReusedError):
        await stage.say(question, Where(PARIS), key="k")
    await stage.service.undo_last(OWNER, question.reference, key="u")
    await stage.service.undo_last(OWNER, question.reference, key="u")
    assert len(stage.answers.events) == 2
    with pytest.raises(IdempotencyKeyReusedError):
        await stage.service.undo(OWNER, first.answered.answer_id, key="k")


async def test_a_question_that_was_just_answered_is_not_answered_again_before_the_first_answer_is_made() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    question = await stage.find("place")
    await stage.say(question, Where(LISBON))

    with pytest.raises(QuestionAnsweredError):
        await stage.say(question, Where(PARIS))
    with pytest.raises(QuestionAnsweredError):
        await stage.say(question, Where(LISBON))

    await stage.work()
    with pytest.raises(QuestionNotFoundError):
        await stage.say(question, Where(LISBON))


async def test_a_question_of_a_book_that_is_behind_is_answered_once() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    question = await stage.find("place")
    stage.asked.fixed = [question]
    done = await stage.answered(question, Where(LISBON))

    with pytest.raises(QuestionAnsweredError, match="no photo is left"):
        await stage.say(question, Where(PARIS))

    await stage.undone(done.answered.answer_id)
    assert (await stage.answered(question, Where(LISBON))).changed == 5


async def test_somebody_elses_question_and_answer_are_not_there() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    question = await stage.find("place")
    done = await stage.answered(question, Where(LISBON))

    with pytest.raises(QuestionNotFoundError):
        await stage.service.answer(STRANGER, question.reference, Given(answer=Where(LISBON)))
    for use in (stage.service.get, stage.service.undo):
        with pytest.raises(AnswerNotFoundError):
            await use(STRANGER, done.answered.answer_id)
    with pytest.raises(AnswerNotFoundError):
        await stage.service.undo_last(STRANGER, question.reference)
    assert await stage.service.newest(STRANGER, before=None, limit=9) == []


@pytest.mark.parametrize(
    ("kind", "answer", "sentence"),
    [
        ("place", No(), "This question takes a place, or that you are not sure; not no."),
        ("place", Yes(("x",)), "This question takes a place"),
        ("place", Named("home"), "not a name"),
        ("places", Yes(("2001-01-01T00~2001-01-01T01",)), "Only what was asked about"),
        ("label", Yes((PhotoId("a" * 26),)), "Only what was asked about"),
        ("label", Where(LISBON), "This question takes yes, no"),
        ("date", When(NOON.replace(year=1700)), "Photos are taken between 1826 and today."),
        ("date", When(NOON + timedelta(days=900)), "Photos are taken between 1826 and today."),
        ("clock", Off(timedelta()), "A shift of nothing"),
        ("two-labels", Which("dog"), "It is one of these: castle, palace."),
        ("event", Named("…"), "A name needs a letter"),
        ("event", Named("Mid\x00summer"), "nothing that can't be written"),
        ("missing", Named("fog", but_not=(PhotoId("a" * 26),)), "Only photos that were shown can be left out."),
    ],
)
async def test_an_answer_that_the_question_does_not_take_is_told_why(kind: str, answer: Answer, sentence: str) -> None:
    stage = AnswerStage(*library())
    question = await stage.find(kind)

    with pytest.raises(AnswerNotTakenError, match=sentence):
        await stage.say(question, answer)

    assert stage.answers.events == {}


async def test_a_grid_is_answered_about_the_photos_that_were_shown() -> None:
    stage = AnswerStage(*library(), a_photo(900, owner_id=STRANGER))
    question = await stage.find("label")
    theirs = a_photo(900, owner_id=STRANGER).photo_id

    for shown, sentence in [
        ((), "Say which photos were shown"),
        ((theirs,), "not there"),
        ((PhotoId("a" * 26),), "not there"),
        (tuple(a_photo(number).photo_id for number in range(40)), "at most"),
    ]:
        with pytest.raises(AnswerNotTakenError, match=sentence):
            await stage.service.answer(OWNER, question.reference, Given(answer=Yes(), shown=shown))

    first, second, third, *_ = question.shown
    by_hand = stage.photos.photos[third]
    stage.photos.photos[third] = replace(by_hand, labels=(Label("dog", 1.0, Source.PERSON),))
    with pytest.raises(QuestionChangedError):
        await stage.service.answer(OWNER, question.reference, Given(answer=Yes(), shown=(third,)))
    begun = await stage.service.answer(OWNER, question.reference, Given(answer=Yes((second,)), shown=(first, second)))
    await stage.work()
    assert stage.photos.photos[first].labels[0].source is Source.PERSON
    assert stage.photos.photos[second].labels == ()
    done = await stage.service.get(OWNER, begun.answered.answer_id)
    assert (done.changed, len(done.jobs)) == (2, 2)


async def test_of_several_things_only_those_that_were_shown_are_confirmed() -> None:
    stage = AnswerStage(*library())
    question = await stage.find("places")
    first, *_ = question.items

    with pytest.raises(QuestionChangedError):
        await stage.service.answer(OWNER, question.reference, Given(answer=Yes(), items=["2001-01-01T00"]))
    begun = await stage.service.answer(OWNER, question.reference, Given(answer=Yes(), items=[first.key]))
    await stage.work()

    assert len(begun.jobs) == 1
    assert (await stage.service.get(OWNER, begun.answered.answer_id)).changed == first.photos


async def test_the_name_of_an_event_makes_an_album_that_goes_with_the_answer() -> None:
    stage = AnswerStage(*library())
    question = await stage.find("event")

    done = await stage.answered(question, Named("Midsummer"))

    [album] = (await stage.albums.shelf(OWNER)).albums
    assert album.name == "Midsummer"
    assert done.changed == question.reach.photos
    assert all(stage.photos.photos[photo_id].album_ids == (album.album_id,) for photo_id in done.photo_ids)
    await stage.undone(done.answered.answer_id)
    assert [one for one in (await stage.albums.shelf(OWNER)).albums if not one.is_deleted] == []
    assert all(photo.album_ids == () for photo in stage.photos.photos.values())


async def test_a_grid_of_trips_makes_the_albums_of_those_that_are_left_ticked_and_they_go_with_the_answer() -> None:
    stage = AnswerStage(*two_trips())
    question = await stage.find("events")
    paris, _ = question.items

    done = await stage.answered(question, Yes(but_not=(paris.key,)))

    [album] = (await stage.albums.shelf(OWNER)).albums
    assert (album.name, done.changed) == ("Porto 2024", 14)
    assert sum(photo.album_ids == (album.album_id,) for photo in stage.photos.photos.values()) == 14
    await stage.undone(done.answered.answer_id)
    assert [one for one in (await stage.albums.shelf(OWNER)).albums if not one.is_deleted] == []
    assert all(photo.album_ids == () for photo in stage.photos.photos.values())


async def test_an_event_of_a_known_name_goes_into_that_album_which_stays() -> None:
    stage = AnswerStage(*library())
    there = await stage.album_service.create(OWNER, {"name": "Midsummer"})

    done = await stage.answered(await stage.find("event"), Named("midsummer"))
    [album] = (await stage.albums.shelf(OWNER)).albums
    assert done.changed > 0
    assert album.album_id == there.album.album_id

    await stage.undone(done.answered.answer_id)
    [album] = (await stage.albums.shelf(OWNER)).albums
    assert not album.is_deleted


async def test_an_album_that_somebody_has_put_other_photos_into_stays_when_the_answer_is_taken_back() -> None:
    photos = library()
    stage = AnswerStage(*photos)
    done = await stage.answered(await stage.find("event"), Named("Midsummer"))
    [album] = (await stage.albums.shelf(OWNER)).albums
    other = next(photo for photo in photos if not stage.photo(photo).album_ids)
    await stage.album_service.change_photos(OWNER, album.album_id, add=[other.photo_id], remove=[])

    await stage.undone(done.answered.answer_id)

    [album] = (await stage.albums.shelf(OWNER)).albums
    assert not album.is_deleted
    assert [one.photo_id for one in stage.photos.photos.values() if one.album_ids] == [other.photo_id]


async def test_an_album_stays_for_a_photo_put_into_it_by_hand_that_another_answer_had_once_changed() -> None:
    photos = library()
    stage = AnswerStage(*photos)
    placed = await stage.answered(await stage.find("place"), Where(LISBON))
    await stage.undone(placed.answered.answer_id)
    marked = next(photo for photo in photos if photo.photo_id in placed.photo_ids)
    elsewhere = await stage.album_service.create(OWNER, {"name": "Elsewhere"})
    await stage.album_service.change_photos(OWNER, elsewhere.album.album_id, add=[marked.photo_id], remove=[])
    done = await stage.answered(await stage.find("event"), Named("Midsummer"))
    [album] = [one for one in (await stage.albums.shelf(OWNER)).albums if one.name == "Midsummer"]
    asked = Asked(photo_ids=[marked.photo_id])
    await stage.job_service.start(OWNER, BulkEdit(add_albums=(album.album_id,)), asked)
    await stage.work()

    await stage.undone(done.answered.answer_id)

    [album] = [one for one in (await stage.albums.shelf(OWNER)).albums if one.name == "Midsummer"]
    assert not album.is_deleted
    assert album.album_id in stage.photo(marked).album_ids


async def test_a_word_for_what_no_network_knows_becomes_the_persons_own_label() -> None:
    stage = AnswerStage(*library())
    question = await stage.find("missing")

    done = await stage.answered(question, Named("fog"))

    assert done.changed == len(question.shown)
    for photo_id in question.shown:
        [label] = stage.photos.photos[photo_id].labels
        assert (label.name, label.source) == ("fog", Source.PERSON)


async def test_skip_never_and_not_sure_change_no_photo_and_can_be_taken_back() -> None:
    photos = library()
    stage = AnswerStage(*photos)
    for answer in (Skip(), Never(), NotSure()):
        question = await stage.find("place")
        done = await stage.answered(question, answer)
        assert (done.status, done.changed, done.jobs) == (AnswerStatus.DONE, 0, ())
        assert question.question_id not in {one.question_id for one in await stage.asked.all(OWNER)}

        undone = await stage.service.undo_last(OWNER, question.reference)

        assert undone.answered.answer_id == done.answered.answer_id
        assert (await stage.find("place")).question_id == question.question_id
    assert stage.changed(photos) == set()


async def test_photos_that_do_not_belong_together_are_asked_about_in_parts() -> None:
    morning = [a_photo(number, taken_at=NOON - timedelta(hours=4) + number * MINUTE) for number in range(4)]
    evening = [a_photo(10 + number, taken_at=NOON + timedelta(hours=5) + number * MINUTE) for number in range(4)]
    stage = AnswerStage(*morning, *evening)
    whole = await stage.find("place")
    assert whole.reach.photos == 8

    done = await stage.answered(whole, Several())

    assert (done.status, done.changed) == (AnswerStatus.DONE, 0)
    parts = [one for one in await stage.asked.all(OWNER) if one.kind == "place"]
    assert [one.reach.photos for one in parts] == [4, 4]


async def test_never_can_be_taken_back_after_years_but_changed_photos_only_for_a_month() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed, *library()[-4:])
    never = await stage.service.never(OWNER, (await stage.find("two-labels")).reference)
    done = await stage.answered(await stage.find("place"), Where(LISBON))
    stage.now += UNDO_LIVES

    assert not (await stage.service.get(OWNER, done.answered.answer_id)).can_undo
    with pytest.raises(AnswerNotUndoableError):
        await stage.service.undo(OWNER, done.answered.answer_id)
    stage.now += timedelta(days=700)
    assert (await stage.service.undo(OWNER, never.answered.answer_id)).status is AnswerStatus.UNDONE


async def test_a_photo_that_could_not_be_given_back_what_it_was_is_left_out() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    for number in range(16):
        job = await stage.job_service.start(OWNER, BulkEdit(caption=f"{number}"), Asked([lost[0].photo_id]))
        await stage.work()
        assert (await stage.job_service.get(OWNER, job.job_id)).status is JobStatus.DONE

    done = await stage.answered(await stage.find("place"), Where(LISBON))

    assert set(done.photo_ids) == ids(lost[1:])
    assert stage.photo(lost[0]).location is None


async def test_the_job_of_an_answer_is_undone_with_the_answer_only() -> None:
    lost, placed = a_trip()
    stage = AnswerStage(*lost, *placed)
    done = await stage.answered(await stage.find("place"), Where(LISBON))

    with pytest.raises(JobNotUndoableError):
        await stage.job_service.undo(OWNER, done.jobs[0])


async def test_the_last_answers_are_listed_newest_first_those_taken_back_too() -> None:
    stage = AnswerStage(*library())
    given = []
    for kind in ("place", "label", "event"):
        stage.now += MINUTE
        given.append(await stage.service.skip(OWNER, (await stage.find(kind)).reference))
    await stage.undone(given[1].answered.answer_id)
    newest_first = [one.answered.answer_id for one in reversed(given)]

    page = await stage.service.newest(OWNER, before=None, limit=2)
    rest = await stage.service.newest(OWNER, before=page[-1].answered.answer_id, limit=2)

    assert [one.answered.answer_id for one in (*page, *rest)] == newest_first
    assert [one.status for one in (*page, *rest)] == [AnswerStatus.DONE, AnswerStatus.UNDONE, AnswerStatus.DONE]
