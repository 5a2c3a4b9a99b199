"""What a bulk edit does to one photo, that it does it once, and that undoing it brings back what was there."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph_metadata.domain.bulk_edit import MOST_KEYWORDS, BulkEdit, Zone, applied, checked, zone_of
from heliograph_metadata.domain.document import document_of, fields_of
from heliograph_metadata.domain.errors import (
    DateOutOfRangeError,
    InvalidEditError,
    NoDateError,
    NoRoomInAlbumsError,
    TooManyKeywordsError,
)
from heliograph_metadata.domain.former_values import (
    MOST_FORMERS,
    UNDO_LIVES,
    Part,
    former_of,
    has_room,
    reverted,
    undone,
)
from heliograph_metadata.domain.photo import Label, Location, Photo, Source, Sourced, edited, restored
from heliograph_metadata.schemas.jobs import BulkEditBody
from tests.builders import LISBON, NOON, a_photo

NOW = NOON + timedelta(days=400)
HOUR = timedelta(hours=1)
WEST = timezone(timedelta(hours=1))


def made(photo: Photo, edit: BulkEdit, job_id: str = "job") -> Photo:
    for part in edit.parts:
        photo = applied(photo, edit, part, job_id=job_id, at=NOW)
    return photo


def unmade(photo: Photo, edit: BulkEdit, job_id: str = "job") -> Photo:
    for part in reversed(edit.parts):
        photo = undone(photo, part, job_id=job_id, at=NOW)
    return photo


def known_of(photo: Photo) -> dict[str, object]:
    names = ["taken_at", "location", "caption", "keywords", "favourite", "album_ids", "trashed_at"]
    return fields_of(photo, names)


def test_a_shifted_date_is_a_person_s_and_is_shifted_once() -> None:
    photo = a_photo(taken_at=NOON)
    edit = BulkEdit(shift=2 * HOUR)

    once = made(photo, edit)

    assert once.taken_at == Sourced(NOON + 2 * HOUR, Source.PERSON)
    assert once.version == photo.version + 1
    assert made(once, edit) is once


@pytest.mark.parametrize(
    ("keep", "expected"),
    [("clock", datetime(2024, 6, 15, 12, tzinfo=WEST)), ("instant", datetime(2024, 6, 15, 13, tzinfo=WEST))],
)
def test_another_time_zone_keeps_the_clock_or_the_instant(keep: str, expected: datetime) -> None:
    zone = Zone("Europe/Lisbon", "clock" if keep == "clock" else "instant")

    photo = made(a_photo(taken_at=NOON), BulkEdit(zone=zone))

    assert photo.taken.isoformat() == expected.isoformat()


def test_a_time_zone_knows_its_summers_and_its_winters() -> None:
    edit = BulkEdit(zone=Zone("Europe/Lisbon"))

    winter = made(a_photo(taken_at=NOON.replace(month=1)), edit)

    assert winter.taken.isoformat() == "2024-01-15T12:00:00+00:00"


@pytest.mark.parametrize("name", ["+25:00", "+01:75", "Lisbon or so", "../../etc/passwd", "", "Europe", "Z" * 60])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidEditError):
        zone_of(name)


def test_keywords_are_added_once_however_they_are_written_and_removed() -> None:
    photo = a_photo(keywords=("Sea", "sun"))

    changed = made(photo, BulkEdit(add_keywords=("SEA", "Süd"), remove_keywords=("Sun",)))

    assert changed.keywords == ("Sea", "Süd")
    assert made(photo, BulkEdit(keywords=("only",))).keywords == ("only",)
    assert made(photo, BulkEdit(keywords=())).keywords == ()


def test_what_does_not_fit_is_refused_and_says_why() -> None:
    with pytest.raises(NoDateError):
        made(a_photo(), BulkEdit(shift=HOUR))
    with pytest.raises(DateOutOfRangeError):
        made(a_photo(taken_at=NOON), BulkEdit(shift=timedelta(days=-100_000)))
    with pytest.raises(DateOutOfRangeError):
        made(a_photo(taken_at=NOON), BulkEdit(shift=timedelta(days=3_000_000)))
    with pytest.raises(TooManyKeywordsError):
        made(a_photo(keywords=tuple(map(str, range(MOST_KEYWORDS)))), BulkEdit(add_keywords=("one more",)))
    with pytest.raises(NoRoomInAlbumsError):
        made(a_photo(album_ids=tuple(f"{n:02}" for n in range(12))), BulkEdit(add_albums=("one more",)))


def test_an_edit_that_is_there_already_leaves_the_very_same_photo() -> None:
    photo = a_photo(favourite=True, keywords=("sea",), album_ids=("summer",))

    edit = BulkEdit(favourite=True, add_keywords=("sea",), add_albums=("summer",), trash=False)

    assert made(photo, edit) is photo


EVERYTHING = BulkEdit(
    shift=HOUR,
    zone=Zone("Asia/Tokyo", "instant"),
    location=LISBON,
    add_keywords=("trip",),
    caption="Together",
    favourite=True,
    add_albums=("new",),
    remove_albums=("old",),
    trash=True,
)


def test_undoing_brings_back_every_value_with_its_source_and_confidence() -> None:
    photo = a_photo(
        taken_at=Sourced(NOON, Source.FILE_NAME, 0.7),
        location=Sourced(Location(1.5, 2.5), Source.ESTIMATE, 0.3),
        caption=Sourced("As it was", Source.XMP),
        keywords=("b", "a"),
        album_ids=("old",),
    )

    changed = made(photo, EVERYTHING)
    back = unmade(changed, EVERYTHING)

    assert known_of(changed) != known_of(photo)
    assert known_of(back) == known_of(photo)
    assert back.taken_at == photo.taken_at
    assert all(not former.kept for former in back.formers)


def test_undoing_twice_or_making_it_again_after_that_changes_nothing() -> None:
    changed = made(a_photo(taken_at=NOON), EVERYTHING)
    back = unmade(changed, EVERYTHING)

    assert unmade(back, EVERYTHING) is back
    assert made(back, EVERYTHING) is back


def test_what_somebody_changed_since_is_left_alone_and_named() -> None:
    edit = BulkEdit(favourite=True, caption="Together")
    changed = edited(made(a_photo(), edit), {"caption": "My own"}, at=NOW)

    back = unmade(changed, edit)

    assert back.caption is not None
    assert (back.caption.value, back.favourite) == ("My own", False)
    former = former_of(back, "job", Part.WORDS)
    assert former is not None
    assert former.kept == ("caption",)


def test_what_somebody_has_brought_back_by_hand_is_not_named() -> None:
    edit = BulkEdit(trash=True)
    back = unmade(restored(made(a_photo(), edit), at=NOW), edit)

    assert back.trashed_at is None
    assert [former.kept for former in back.formers] == [()]


def test_albums_are_undone_one_by_one() -> None:
    first, second = BulkEdit(add_albums=("a",)), BulkEdit(add_albums=("b",))
    both = made(made(a_photo(), first, "first"), second, "second")

    assert unmade(both, first, "first").album_ids == ("b",)


def test_a_photo_keeps_so_many_former_values_and_none_that_is_too_old() -> None:
    photo = a_photo()
    for number in range(MOST_FORMERS + 4):
        photo = made(photo, BulkEdit(caption=str(number)), f"job {number}")
    assert len(photo.formers) == MOST_FORMERS

    much_later = applied(photo, BulkEdit(favourite=True), Part.WORDS, job_id="late", at=NOW + UNDO_LIVES)

    assert [former.job_id for former in much_later.formers] == ["late"]


@pytest.mark.parametrize(
    "edit",
    [
        BulkEdit(),
        BulkEdit(purge=True, favourite=True),
        BulkEdit(keywords=("a",), add_keywords=("b",)),
        BulkEdit(location=LISBON, clears_location=True),
        BulkEdit(add_albums=("a",), remove_albums=("a",)),
        BulkEdit(zone=Zone("nowhere")),
    ],
)
def test_an_edit_that_says_nothing_or_contradicts_itself_is_refused(edit: BulkEdit) -> None:
    with pytest.raises(InvalidEditError):
        checked(edit)


EDITS = st.builds(
    BulkEdit,
    shift=st.timedeltas(min_value=timedelta(days=-9000), max_value=timedelta(days=9000)),
    zone=st.none()
    | st.builds(Zone, st.sampled_from(["Asia/Kathmandu", "-03:30"]), st.sampled_from(["clock", "instant"])),
    location=st.none() | st.just(LISBON),
    caption=st.none() | st.text(max_size=5),
    favourite=st.none() | st.booleans(),
    add_keywords=st.lists(st.sampled_from(["a", "b", "c"]), max_size=2).map(tuple),
    remove_keywords=st.lists(st.sampled_from(["a", "d"]), max_size=2).map(tuple),
    add_albums=st.lists(st.sampled_from(["x", "y"]), max_size=2).map(tuple),
    trash=st.none() | st.booleans(),
)


@given(edits=st.lists(EDITS, min_size=1, max_size=3))
def test_undoing_all_edits_in_turn_leads_back_to_where_it_began(edits: list[BulkEdit]) -> None:
    photo = a_photo(taken_at=NOON, keywords=("a", "d"), album_ids=("x",), location=LISBON)
    changed = photo
    for number, edit in enumerate(edits):
        changed = made(changed, edit, str(number))
    back = changed
    for number, edit in reversed(list(enumerate(edits))):
        back = unmade(back, edit, str(number))

    assert known_of(back) == known_of(photo)


def test_former_values_are_part_of_the_document() -> None:
    photo = made(a_photo(taken_at=NOON), BulkEdit(shift=HOUR))

    [former] = json.loads(document_of(photo))["formers"]

    assert json.loads(former["before"])["taken_at"]["source"] == "exif"
    assert "formers" not in json.loads(document_of(replace(photo, formers=())))


def test_a_word_on_labels_keeps_what_the_networks_saw_and_undoing_brings_it_back() -> None:
    photo = a_photo(labels=(Label("Dog", 0.8, Source.MODEL), Label("cat", 0.6, Source.MODEL)))
    edit = BulkEdit(add_labels=("dog", "Rex"), reject_labels=("cat",), confidence=0.9)

    changed = made(photo, edit)
    back = unmade(changed, edit)

    assert [(one.name, one.source, one.confidence) for one in changed.labels] == [
        ("Dog", Source.PERSON, 0.9),
        ("Rex", Source.PERSON, 0.9),
    ]
    assert {one.name for one in changed.overruled} == {"Dog", "cat"}
    assert changed.rejected_labels == ("cat",)
    assert (back.labels, back.overruled, back.rejected_labels) == (photo.labels, (), ())


def test_undoing_a_word_on_a_label_leaves_a_network_s_later_look_alone() -> None:
    edit = BulkEdit(reject_labels=("cat",))
    changed = made(a_photo(labels=(Label("cat", 0.6, Source.MODEL),)), edit)
    later = replace(changed, overruled=(Label("cat", 0.95, Source.MODEL),))

    assert unmade(later, edit).labels == (Label("cat", 0.95, Source.MODEL),)


def test_a_date_for_all_of_them_is_as_sure_as_is_said() -> None:
    photo = made(a_photo(taken_at=NOON), BulkEdit(taken_at=NOON + HOUR, confidence=0.8))

    assert photo.taken_at == Sourced(NOON + HOUR, Source.PERSON, 0.8)


def test_edits_of_one_field_undone_in_any_order_end_where_it_began() -> None:
    photo = a_photo(taken_at=NOON)
    first, second, third = (BulkEdit(taken_at=NOON + number * HOUR) for number in (1, 2, 3))
    changed = made(made(made(photo, first, "1"), second, "2"), third, "3")

    without_second = unmade(changed, second, "2")
    without_first = unmade(without_second, first, "1")

    assert without_first.taken == NOON + 3 * HOUR
    assert unmade(without_first, third, "3").taken_at == photo.taken_at


def test_an_edit_taken_back_by_another_is_made_again_by_undoing_that_and_gone_by_undoing_both() -> None:
    photo, edit = a_photo(taken_at=NOON), BulkEdit(location=LISBON)
    changed = made(photo, edit, "said")
    back = reverted(changed, Part.PLACE, of="said", job_id="check", at=NOW)
    assert back.location is None

    assert undone(back, Part.PLACE, job_id="check", at=NOW).point == LISBON
    neither = undone(undone(back, Part.PLACE, job_id="said", at=NOW), Part.PLACE, job_id="check", at=NOW)
    assert neither.location is None


def test_marks_of_what_is_undone_make_room_first() -> None:
    photo = a_photo()
    for number in range(MOST_FORMERS):
        photo = made(photo, BulkEdit(caption=str(number)), f"job {number}")
    assert not has_room(photo, at=NOW)
    photo = unmade(photo, BulkEdit(caption="7"), "job 7")
    assert has_room(photo, at=NOW)

    photo = made(photo, BulkEdit(favourite=True), "last")

    assert {one.job_id for one in photo.formers} == {f"job {n}" for n in range(MOST_FORMERS) if n != 7} | {"last"}


@pytest.mark.parametrize(
    "edit",
    [BulkEdit(taken_at=NOON, shift=HOUR), BulkEdit(add_labels=("dog",), reject_labels=("Dog",))],
)
def test_dates_and_labels_that_do_not_go_together_are_refused(edit: BulkEdit) -> None:
    with pytest.raises(InvalidEditError):
        checked(edit)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"taken_at": "2024-06-15T12:00:00Z", "shift_seconds": 60}, "Dates are either set or moved."),
        ({"taken_at": "1500-06-15T12:00:00Z"}, "The year has to lie between"),
        ({"add_labels": ["dog"], "reject_labels": ["Dog"]}, "A label can't be both given and rejected."),
        ({"add_labels": ["\u0301"]}, "A label needs a letter"),
    ],
)
def test_dates_and_labels_that_people_give_to_many_photos_have_to_make_sense(
    said: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidEditError, match=sentence):
        checked(BulkEditBody.model_validate(said).edit())


def test_dates_and_labels_in_bulk_are_told_as_they_were_given() -> None:
    said = {"taken_at": "1987-07-01T12:00:00+01:00", "add_labels": ["Rex"], "reject_labels": ["cat"]}

    body = BulkEditBody.of(checked(BulkEditBody.model_validate(said).edit()))

    assert body.model_dump(mode="json", exclude_unset=True) == said
