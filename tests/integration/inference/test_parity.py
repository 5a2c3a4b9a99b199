"""The networks say what Ultralytics' own predictors say of the same files with the same weights."""

import hashlib
from pathlib import Path

import onnx
import pytest

from tests.reference.classified import SUREST, classified
from tests.reference.detected import Canvas, compared
from tests.reference.photos import CLASSIFIER, DETECTOR, MADE, OTHER_CLASSIFIERS, PHOTOS
from tests.reference.recordings import (
    MODELS,
    recording,
    recording_of_file,
)
from tools.test_photos import photo_path


@pytest.mark.parametrize("canvas", ["snug", "square"])
def test_no_photo_is_outside_the_detectors_tolerance(canvas: Canvas) -> None:
    outside = [parity for parity in compared(canvas) if not parity.holds]

    assert outside == []


@pytest.mark.parametrize("in_batches", [False, True], ids=["alone", "in batches"])
def test_no_photo_is_outside_the_classifiers_tolerance(*, in_batches: bool) -> None:
    path = MODELS / f"{CLASSIFIER}.onnx"

    outside = [
        parity for parity in classified(path, recording_of_file(path), in_batches=in_batches) if not parity.holds
    ]

    assert outside == []


def test_a_classifier_that_ends_in_logits_says_the_same(tmp_path: Path) -> None:
    model = onnx.load(MODELS / f"{CLASSIFIER}.onnx")
    softmax = model.graph.node.pop()
    assert (softmax.op_type, list(softmax.output)) == ("Softmax", [model.graph.output[0].name])
    model.graph.output[0].name = softmax.input[0]
    onnx.save(model, tmp_path / "logits.onnx")

    results = classified(tmp_path / "logits.onnx", recording(CLASSIFIER), in_batches=False)

    assert [parity for parity in results if not parity.holds] == []


@pytest.mark.parametrize("network", [DETECTOR, CLASSIFIER, *OTHER_CLASSIFIERS])
def test_a_recording_is_of_these_photos(network: str) -> None:
    photos = recording(network)["photos"]

    assert list(photos) == [*PHOTOS, *MADE]
    for name in PHOTOS:
        assert hashlib.sha256(photo_path(name).read_bytes()).hexdigest() == photos[name]["sha256"]


@pytest.mark.parametrize("network", [DETECTOR, CLASSIFIER])
def test_a_recording_is_of_these_weights(network: str) -> None:
    weights = (MODELS / f"{network}.onnx").read_bytes()

    assert hashlib.sha256(weights).hexdigest() == recording(network)["weights_sha256"]


def test_of_another_classifier_nothing_is_recorded() -> None:
    with pytest.raises(ValueError, match="nothing is recorded"):
        recording_of_file(MODELS / f"{DETECTOR}.onnx")


def test_the_recordings_hold_enough_to_compare() -> None:
    photos = recording(DETECTOR)["photos"].values()

    assert len(photos) >= 30
    assert sum(len(photo["snug"]["boxes"]) for photo in photos) >= 50
    for network in (CLASSIFIER, *OTHER_CLASSIFIERS):
        assert {len(photo["classes"]) for photo in recording(network)["photos"].values()} == {SUREST}
