"""The detector says what Ultralytics' own predictor says of the same files with the same weights."""

import hashlib

import pytest

from tests.reference.parity import MODELS, RECORDING, Canvas, compared, recording
from tests.reference.photos import MADE, PHOTOS
from tools.test_photos import photo_path


@pytest.mark.parametrize("canvas", ["snug", "square"])
def test_no_photo_is_outside_the_tolerance(canvas: Canvas) -> None:
    outside = [parity for parity in compared(canvas) if not parity.holds]

    assert outside == []


def test_the_recording_is_of_these_photos_and_these_weights() -> None:
    document = recording()

    assert list(document["photos"]) == [*PHOTOS, *MADE]
    weights = (MODELS / f"{RECORDING.stem}.onnx").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == document["weights_sha256"]
    for name in PHOTOS:
        assert hashlib.sha256(photo_path(name).read_bytes()).hexdigest() == document["photos"][name]["sha256"]


def test_the_recording_holds_enough_to_compare() -> None:
    photos = recording()["photos"].values()

    assert len(photos) >= 30
    assert sum(len(photo["snug"]["boxes"]) for photo in photos) >= 50
