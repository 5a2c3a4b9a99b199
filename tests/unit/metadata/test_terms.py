"""What a photo can be found by."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from heliograph_metadata.domain.index import Card, card_of, index_change, postings, sort_key
from heliograph_metadata.domain.looks import Look
from heliograph_metadata.domain.photo import Camera, Label, Location, Photo, Place, Source
from heliograph_metadata.domain.questions.kinds.thing import nameable
from heliograph_metadata.domain.terms import (
    JPEG,
    KINDS,
    LOCATED,
    MOST_LABELS,
    MOST_WORDS,
    PRESENT,
    Term,
    folded,
    is_counted,
    is_listed,
    terms,
    tokens,
    words,
)
from heliograph_metadata.dynamodb.index_writer import MOST_COUNTS
from tests.builders import LISBON, NOON, a_photo


def found_by(photo: Photo, *, tiles: bool = False) -> set[str]:
    return {str(term) for term in terms(photo) if tiles or not term.kind.startswith(("tile", "area", "spot"))}


def test_a_photo_is_found_by_everything_that_is_known_of_it() -> None:
    photo = a_photo(
        labels=[Label("Dog", 1.0, Source.PERSON), "traffic light"],
        location=LISBON,
        taken_at=NOON,
        camera=Camera("FUJIFILM", "X-T4", "XF35mmF2 R WR"),
        favourite=True,
        album_ids=("summer",),
        caption="By the Sea",
        keywords=("Río",),
        filename="IMG_1234_beach.jpg",
    )

    assert found_by(photo) == {
        "is:present",
        "is:favourite",
        "status:ready",
        "time:2024-06",
        "day:2024-06-15",
        "label:dog",
        "confirmed:dog",
        "label:traffic light",
        "place:PT",
        "place:PT/Lisboa",
        "place:PT/Lisboa/Lisbon",
        "camera:fujifilm x-t4",
        "lens:xf35mmf2 r wr",
        "type:jpeg",
        "album:summer",
        "has:location",
        "word:rio",
        "word:by",
        "word:the",
        "word:sea",
        "word:beach",
    }


def test_a_photo_that_is_not_to_be_seen_is_found_by_one_term() -> None:
    everything: dict[str, Any] = {"labels": ["dog"], "location": LISBON, "favourite": True, "album_ids": ("a",)}
    assert found_by(a_photo(trashed_at=NOON, **everything), tiles=True) == {"is:trashed"}
    assert found_by(a_photo(status="failed", **everything), tiles=True) == {"status:failed"}
    assert found_by(a_photo(status="awaiting_upload"), tiles=True) == set()


def test_a_photo_on_the_equator_at_greenwich_has_a_location() -> None:
    assert {"has:location", "area:300000"} <= found_by(a_photo(location=Location(0.0, 0.0)), tiles=True)


def test_the_month_is_that_of_the_place_s_clock() -> None:
    new_year = datetime(2024, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=9)))
    photo = a_photo(taken_at=new_year)

    assert "time:2024-01" in found_by(photo)
    assert sort_key(photo).startswith("2024-01-01T00:30:00.000#")
    [posting] = {posting for (term, _), posting in postings(photo).items() if term.kind == "time"}
    assert posting.taken_at == new_year
    assert posting.photo_id == photo.photo_id


def test_a_place_without_a_region_or_a_city_is_found_by_what_is_known() -> None:
    inland = a_photo(location=Location(1.0, 1.0, Place("FJ", "Fiji", "", "Labasa/East")))
    assert {term for term in found_by(inland) if term.startswith("place")} == {"place:FJ", "place:FJ//Labasa East"}
    at_sea = a_photo(location=Location(1.0, 1.0))
    assert not {term for term in found_by(at_sea) if term.startswith("place")}


@pytest.mark.parametrize(
    ("make", "model", "term"),
    [
        ("Canon", "Canon EOS R6", "camera:canon eos r6"),
        ("NIKON CORPORATION", "NIKON Z 6_2", "camera:nikon corporation nikon z 6_2"),
        ("", "Pixel 7", "camera:pixel 7"),
        ("Leica", "", "camera:leica"),
        (" ", "", None),
    ],
)
def test_a_camera_is_named_by_its_make_once(make: str, model: str, term: str | None) -> None:
    cameras = {one for one in found_by(a_photo(camera=Camera(make, model))) if one.startswith("camera")}
    assert cameras == ({term} if term else set())


def test_what_a_file_says_at_length_or_without_a_letter_makes_no_key_that_is_refused() -> None:
    photo = a_photo(
        camera=Camera("", "\u00bd\ufdfa" * 5000),
        labels=["x" * 5000, "\u0301", " "],
        keywords=("y" * 5000,),
        location=Location(0.0, 0.0, Place("PT", "", "", "")),
    )
    assert all(0 < len(term.value.encode()) <= 1024 for term in terms(photo))
    assert not any(term.kind == "camera" for term in terms(a_photo(camera=Camera("\u0301", " "))))


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("IMG_20240612_101112.jpg", []),
        ("DSCF2041.JPG", []),
        ("PXL_20240612_101112123~2.jpg", []),
        ("Été à Nîmes (3).JPEG", ["ete", "nimes"]),
        ("Grandma's_birthday-2019.png", ["grandma", "birthday"]),
        ("a.b.c", []),
        (".hidden", []),
    ],
)
def test_a_file_s_name_is_found_by_its_words_alone(filename: str, expected: list[str]) -> None:
    assert words(a_photo(filename=filename)) == expected


def test_words_are_compared_without_case_and_accents() -> None:
    assert folded("  ÀÇÉ  Straße ") == "ace strasse"
    assert tokens("São Tomé, X-T4") == ["sao", "tome", "x", "t4"]


def test_no_photo_bears_more_terms_of_a_kind_than_its_kind_allows() -> None:
    photo = a_photo(
        labels=[f"label {n}" for n in range(40)],
        keywords=tuple(f"word{n}" for n in range(40)),
        album_ids=tuple(f"album{n}" for n in range(40)),
        location=LISBON,
        favourite=True,
    )
    borne = [term.kind for term in terms(photo)]
    assert all(borne.count(kind) <= KINDS[kind].most for kind in KINDS)
    assert borne.count("label") == MOST_LABELS
    assert borne.count("word") == MOST_WORDS


def test_becoming_ready_leaves_the_postings_that_are_there() -> None:
    waiting = a_photo(status="prepared", location=LISBON)
    ready = a_photo(status="ready", location=LISBON, labels=["dog"])

    change = index_change(waiting, ready)

    assert {str(term) for term, _ in change.put} == {"label:dog"}
    assert {str(term) for term in change.touched} == {"time:2025-06"}
    assert change.delete == set()
    assert {str(term): count.photos for term, count in change.counts.items()} == {
        "status:prepared": -1,
        "status:ready": 1,
        "label:dog": 1,
    }


def test_saving_the_same_again_changes_nothing() -> None:
    photo = a_photo(location=LISBON, labels=["dog"])
    assert len(index_change(photo, photo)) == 0


def test_a_move_within_a_tile_moves_its_centre_of_gravity_alone() -> None:
    change = index_change(a_photo(location=LISBON), a_photo(location=Location(38.710001, -9.14, LISBON.place)))
    assert {count.photos for count in change.counts.values()} == {0}
    assert {count.latitude for count in change.counts.values()} == {1}


def test_what_other_lists_or_cards_say_is_counted_and_not_listed() -> None:
    photo = a_photo(location=LISBON)
    scan = a_photo(content_type="image/png")

    listed = {term for term, _ in postings(photo)}

    assert not listed & {PRESENT, LOCATED, JPEG}
    assert terms(photo).keys() >= {PRESENT, LOCATED, JPEG}
    assert all(map(is_counted, (PRESENT, LOCATED, JPEG)))
    assert is_listed(PRESENT)
    assert not is_listed(LOCATED)
    assert Term("type", "png") in {term for term, _ in postings(scan)}
    assert (card_of(photo).file_type, card_of(scan).file_type) == ("jpeg", "png")
    assert Card.from_json('[1.5,null,false,"a.jpg",true,0,null,null]').file_type == ""


def test_a_label_that_is_written_in_two_ways_is_posted_with_the_better_confidence() -> None:
    photo = a_photo(labels=[Label("Dog", 0.9, Source.MODEL), Label("dog", 0.4, Source.MODEL)])
    [posting] = [posting for (term, _), posting in postings(photo).items() if term == Term("label", "dog")]
    assert posting.confidence == 0.9


def test_a_card_survives_being_written_down() -> None:
    card = card_of(a_photo(location=LISBON, filename="“Été” 🌊.jpg"))
    assert Card.from_json(card.to_json(), card.file_type) == card


def test_all_counts_of_a_photo_fit_into_one_transaction() -> None:
    photo = a_photo(
        labels=[Label(name, 0.61, Source.MODEL) for name in sorted(nameable())[:40]],
        keywords=tuple(f"word{n}" for n in range(40)),
        album_ids=tuple(f"album{n}" for n in range(40)),
        location=LISBON,
        favourite=True,
        taken_at=NOON,
        camera=Camera("Fuji", "X100", "23mm"),
        look=Look("ab" * 32, (), 3.5),
    )
    assert len(index_change(None, photo).counts) <= MOST_COUNTS
