"""Calibration without a network: what temperatures do to scores, and files that say what cannot be."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from heliograph_inference.calibration import Calibration, CalibrationUnreadableError, identity, read_calibration
from heliograph_inference.classification import ClassNames, labels_of_classes
from heliograph_inference.domain import Box, Detection, labels_of_detections

NAMES = ("cat", "dog", "kite")
TEMPERATURES = st.floats(0.05, 20)


def a_calibration(temperature: float = 1.0, **of_class: float) -> Calibration:
    return Calibration(model="m@1", temperature=temperature, temperature_of_class=of_class, fitted_on="nothing")


def found(*scores: tuple[str, float]) -> list[Detection]:
    return [Detection(name, Box(0, 0, 1, 1, score)) for name, score in scores]


def test_a_temperature_divides_the_logit() -> None:
    assert a_calibration(2).of_score("cat", 0.8) == pytest.approx(2 / 3)  # logit ln 4, halved: ln 2
    assert a_calibration(0.5).of_score("cat", 2 / 3) == pytest.approx(0.8)
    assert a_calibration(7).of_score("cat", 0.5) == pytest.approx(0.5)


def test_of_probabilities_it_divides_the_logarithms() -> None:
    row = np.array([0.64, 0.32, 0.04])

    calibrated = a_calibration(2).of_probabilities(row, NAMES)

    roots = np.sqrt(row)
    assert calibrated == pytest.approx(roots / roots.sum())


@given(st.floats(0, 1))
def test_without_a_temperature_a_score_stays_as_it_is_to_the_bit(score: float) -> None:
    assert identity("m@1").of_score("cat", score) == score


@given(TEMPERATURES, st.floats(0, 1), st.floats(0, 1))
def test_a_surer_score_never_becomes_a_less_sure_one(temperature: float, one: float, other: float) -> None:
    calibration = a_calibration(temperature)
    low, high = sorted((one, other))

    assert 0 <= calibration.of_score("cat", low) <= calibration.of_score("cat", high) <= 1


@given(TEMPERATURES, arrays(np.float64, 3, elements=st.floats(1e-9, 1)))
def test_one_temperature_never_reorders_a_classifiers_classes(
    temperature: float, scores: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> None:
    row = scores / scores.sum()

    calibrated = a_calibration(temperature).of_probabilities(row, NAMES)

    assert calibrated.sum() == pytest.approx(1)
    assert (np.diff(calibrated[np.argsort(row, kind="stable")]) >= -1e-12).all()


@given(TEMPERATURES, st.lists(st.tuples(st.sampled_from(NAMES), st.floats(0, 1)), max_size=12))
def test_one_temperature_never_reorders_a_detectors_labels(temperature: float, scores: list[tuple[str, float]]) -> None:
    calibrated = a_calibration(temperature).of_score

    labels = labels_of_detections(found(*scores), model="m@1", threshold=0, calibrated=calibrated)

    by_raw = sorted(labels, key=lambda label: label.raw_confidence or label.confidence)
    confidences = [label.confidence for label in by_raw]
    assert confidences == sorted(confidences)


def test_a_class_may_have_a_temperature_of_its_own() -> None:
    calibration = a_calibration(2, dog=1.0)

    assert calibration.of_score("dog", 0.8) == 0.8
    assert calibration.of_score("cat", 0.8) == pytest.approx(2 / 3)


def test_a_labels_threshold_is_of_calibrated_confidences_and_what_the_network_said_is_kept() -> None:
    detections = found(("cat", 0.8), ("cat", 0.6), ("dog", 0.6))

    labels = labels_of_detections(detections, model="m@1", threshold=0.65, calibrated=a_calibration(2).of_score)

    (cat,) = labels
    assert (cat.name, cat.raw_confidence) == ("cat", 0.8)
    assert cat.confidence == pytest.approx(2 / 3)
    assert [box.confidence for box in cat.boxes] == pytest.approx([2 / 3, 0.5505], abs=1e-4)


def test_classes_of_one_name_are_summed_after_their_calibration() -> None:
    names = ("tabby cat", "tabby cat", "palace")
    output = np.array([0.4, 0.4, 0.2], np.float32)

    (label, *_) = labels_of_classes(
        output,
        ClassNames(names),
        model="m@1",
        threshold=0.1,
        most=1,
        calibrated=lambda row: a_calibration(0.5).of_probabilities(row, names),
    )

    assert label.name == "tabby cat"
    assert label.raw_confidence == pytest.approx(0.8)
    assert label.confidence == pytest.approx((0.16 + 0.16) / (0.16 + 0.16 + 0.04), abs=1e-6)


def written(folder: Path, content: str | dict[str, Any]) -> Path:
    (folder / "calibration").mkdir()
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "calibration" / "m@1.json").write_text(text)
    return folder


def test_a_calibration_lies_beside_the_manifest_under_its_networks_name(tmp_path: Path) -> None:
    said = {"model": "m@1", "temperature": 1.5, "temperature_of_class": {"dog": 2}, "fitted_on": "400 photos"}

    calibration = read_calibration(written(tmp_path, said), "m@1", NAMES)

    assert (calibration.temperature_for("cat"), calibration.temperature_for("dog")) == (1.5, 2)


def test_a_network_without_a_calibration_is_believed_as_it_is(tmp_path: Path) -> None:
    assert read_calibration(tmp_path, "m@1", NAMES).is_identity


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "the file: Invalid JSON"),
        ({"model": "m@1", "temperature": 0, "fitted_on": ""}, "temperature: Input should be greater"),
        ({"model": "m@1", "temperature": "warm", "fitted_on": ""}, "temperature: Input should be a valid number"),
        ({"model": "m@1", "temprature": 2, "fitted_on": ""}, "temprature: Extra inputs"),
        ({"model": "m@2", "temperature": 2, "fitted_on": ""}, "is the calibration of m@2, not of m@1"),
        ({"model": "m@1", "temperature_of_class": {"dgo": 2}, "fitted_on": ""}, "'dgo', which m@1 does not know"),
    ],
)
def test_a_calibration_that_cannot_be_is_told_in_one_sentence(
    tmp_path: Path, content: str | dict[str, Any], says: str
) -> None:
    with pytest.raises(CalibrationUnreadableError, match=says) as refused:
        read_calibration(written(tmp_path, content), "m@1", NAMES)

    assert "\n" not in str(refused.value)
