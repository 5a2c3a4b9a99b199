"""A photo's life: each step is taken once, forward, and what a stronger source said stays."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.messages import BoundingBox, ClassifiedLabel
from heliograph.photos import PhotoStatus
from heliograph_metadata.domain.document import ATTRIBUTES, document_of, photo_of
from heliograph_metadata.domain.errors import PhotoNotFailedError
from heliograph_metadata.domain.labelling import classified
from heliograph_metadata.domain.photo import (
    Box,
    Camera,
    Exposure,
    Label,
    Location,
    Photo,
    PhotoFailure,
    Preparation,
    Source,
    Sourced,
    edited,
    failed,
    in_albums,
    prepared,
    restored,
    retried,
    stronger,
    trashed,
)
from tests.builders import LISBON, NOON, a_photo

NOW = NOON + timedelta(days=400)
FAILURE = PhotoFailure("truncated-image", "It ends early.")


def a_preparation(**found: Any) -> Preparation:
    required: dict[str, Any] = {"content_type": "image/png", "width_px": 40, "height_px": 30, "thumbhash": "aa=="}
    return Preparation(**required | found)


def a_seen_label(name: str, confidence: float, *boxes: float) -> ClassifiedLabel:
    found = tuple(BoundingBox(x1=0, y1=0, x2=1, y2=1, confidence=one) for one in boxes)
    return ClassifiedLabel(name=name, confidence=confidence, model="m", boxes=found)


def test_a_photo_goes_from_its_bytes_to_its_labels() -> None:
    photo = a_photo(status="awaiting_upload")

    read = prepared(photo, a_preparation(location=Sourced(LISBON, Source.EXIF)), at=NOW)
    seen = classified(read, [a_seen_label("dog", 0.8)], at=NOW)

    assert (read.status, read.version, read.point, read.is_unfinished) == (PhotoStatus.PREPARED, 2, LISBON, True)
    assert (seen.status, seen.version, seen.is_unfinished) == (PhotoStatus.READY, 3, False)
    assert seen.labels == (Label("dog", 0.8, Source.MODEL, model="m"),)


@pytest.mark.parametrize("status", ["prepared", "ready", "failed"])
def test_an_original_that_is_told_of_again_changes_nothing(status: str) -> None:
    photo = a_photo(status=status)
    assert prepared(photo, a_preparation(), at=NOW) is photo


@pytest.mark.parametrize("status", ["awaiting_upload", "ready", "failed"])
def test_labels_that_nobody_waits_for_change_nothing(status: str) -> None:
    photo = a_photo(status=status)
    assert classified(photo, [a_seen_label("dog", 0.8)], at=NOW) is photo


@pytest.mark.parametrize("status", ["ready", "failed"])
def test_a_finished_photo_does_not_fail(status: str) -> None:
    photo = a_photo(status=status)
    assert failed(photo, FAILURE, at=NOW) is photo


def test_a_failed_photo_can_be_tried_again_and_no_other() -> None:
    broken = failed(a_photo(status="awaiting_upload"), FAILURE, at=NOW)
    assert (broken.status, broken.failure) == (PhotoStatus.FAILED, FAILURE)

    again = retried(broken, at=NOW)

    assert (again.status, again.failure) == (PhotoStatus.AWAITING_UPLOAD, None)
    with pytest.raises(PhotoNotFailedError):
        retried(a_photo(status="ready"), at=NOW)


def test_what_a_network_said_before_calibration_is_kept_with_its_label() -> None:
    calibrated = ClassifiedLabel(name="dog", confidence=0.7, raw_confidence=0.8, model="d@1")
    photo = classified(a_photo(status="prepared"), [calibrated, a_seen_label("cat", 0.6)], at=NOW)

    assert [(label.name, label.confidence, label.uncalibrated) for label in photo.labels] == [
        ("dog", 0.7, 0.8),
        ("cat", 0.6, 0.6),
    ]


def test_of_two_models_that_saw_the_same_the_surer_one_is_quoted() -> None:
    surer = ClassifiedLabel(name="dog", confidence=0.7, raw_confidence=0.8, model="d@1")
    photo = classified(a_photo(status="prepared"), [a_seen_label("dog", 0.6), surer], at=NOW)

    assert [(label.confidence, label.uncalibrated) for label in photo.labels] == [(0.7, 0.8)]


def test_a_document_from_before_calibration_reads_as_said_as_it_is_shown() -> None:
    photo = a_photo(status="ready")
    attributes = {name: getattr(photo, name) for name in ATTRIBUTES}
    older = '{"labels": [{"name": "dog", "confidence": 0.8, "source": "model", "boxes": []}]}'

    (label,) = photo_of(older, attributes).labels

    assert label.uncalibrated == 0.8


@given(st.sampled_from(Source), st.sampled_from(Source))
def test_only_a_source_as_strong_replaces_a_value(known: Source, found: Source) -> None:
    ranks = list(Source)
    kept = stronger(Sourced(1, known), Sourced(2, found))
    assert kept is not None
    assert kept.value == (2 if ranks.index(found) >= ranks.index(known) else 1)
    assert stronger(None, kept) is stronger(kept, None) is kept


def test_what_a_person_says_outlives_a_second_reading() -> None:
    photo = edited(a_photo(status="awaiting_upload"), {"location": None, "taken_at": NOON, "caption": "Sea"}, at=NOW)

    read = prepared(
        photo,
        a_preparation(
            location=Sourced(LISBON, Source.EXIF),
            taken_at=Sourced(NOW, Source.EXIF),
            caption=Sourced("OLYMPUS DIGITAL CAMERA", Source.EXIF),
        ),
        at=NOW,
    )

    assert (read.point, read.taken, read.caption) == (None, NOON, Sourced("Sea", Source.PERSON))


def test_an_edit_that_says_what_is_known_is_no_new_version() -> None:
    photo = edited(a_photo(), {"favourite": True, "keywords": ["a", "a"], "location": Location(0.0, 0.0)}, at=NOW)
    assert photo.point == Location(0.0, 0.0)
    assert edited(photo, {"favourite": True, "keywords": ["a"], "location": Location(0.0, 0.0)}, at=NOW) is photo


def test_a_person_who_confirms_a_guess_makes_it_known() -> None:
    photo = a_photo(taken_at=Sourced(NOON, Source.ESTIMATE, 0.3))
    assert edited(photo, {"taken_at": NOON}, at=NOW).taken_at == Sourced(NOON, Source.PERSON)


def test_a_trashed_photo_goes_on_through_the_pipeline_and_comes_back_finished() -> None:
    gone = trashed(a_photo(status="prepared"), at=NOW)
    assert not gone.is_unfinished
    assert trashed(gone, at=NOW + timedelta(days=1)) is gone

    back = restored(classified(gone, [], at=NOW), at=NOW)

    assert (back.status, back.trashed_at) == (PhotoStatus.READY, None)
    assert restored(back, at=NOW) is back


def test_albums_hold_a_photo_once() -> None:
    photo = in_albums(a_photo(), add=["b", "a", "a"], at=NOW)
    assert photo.album_ids == ("a", "b")
    assert in_albums(photo, add=["a"], remove=["c"], at=NOW) is photo
    assert in_albums(photo, remove=["a", "b"], at=NOW).album_ids == ()


def test_time_does_not_run_backwards_from_version_to_version() -> None:
    photo = a_photo(updated_at=NOW)
    assert trashed(photo, at=NOW - timedelta(days=1)).updated_at == NOW


@pytest.mark.parametrize(
    "photo",
    [
        a_photo(status="awaiting_upload"),
        a_photo(status="failed", failure=FAILURE),
        a_photo(
            labels=[Label("dog", 0.5, Source.MODEL, (Box(0.0, 0.25, 0.5, 1.0, 0.5),), 0.6)],
            location=LISBON,
            taken_at=NOON,
            camera=Camera("A", "B", "C"),
            exposure=Exposure(2.8, 0.01, 200, 35.0),
            caption="“Sea”\n",
            keywords=("a",),
            album_ids=("x",),
            favourite=True,
            trashed_at=NOW,
        ),
        edited(a_photo(), {"location": None, "caption": None}, at=NOW),
    ],
)
def test_a_document_and_its_attributes_are_the_photo(photo: Photo) -> None:
    attributes = {name: getattr(photo, name) for name in ATTRIBUTES}
    assert photo_of(document_of(photo), attributes) == photo
