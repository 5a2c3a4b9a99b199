"""Fitting temperatures: a known one is found again, too little is left alone, truths are matched as they should be."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from heliograph_inference.calibration import Calibration, read_calibration
from tests.onnx_exports import AnExport, boxes_of
from tools.calibrate.__main__ import calibration
from tools.calibrate.__main__ import main as calibrate
from tools.calibrate.fitting import bins, expected_calibration_error, fitted, temperature_of
from tools.calibrate.plot import reliability_svg
from tools.calibrate.samples import ClassifierSamples, DetectorSamples
from tools.calibrate.teacher import main as teach
from tools.calibrate.truth import Thing, TruthUnreadableError, coco_photos, csv_photos, judged, overlap
from tools.models.__main__ import main as make_models


def a_detector(temperature: float, *, answers: int = 4000, photos: int = 400, seed: int = 1) -> DetectorSamples:
    """Return answers of a detector that would be right as often as it says if it were at this temperature."""
    chance = np.random.default_rng(seed)
    truly = chance.uniform(0.05, 0.95, answers)
    odds = (truly / (1 - truly)) ** temperature
    return DetectorSamples(
        scores=odds / (1 + odds),
        right=(chance.random(answers) < truly).astype(np.float64),
        photos=chance.integers(0, photos, answers),
        names=np.array(["cat", "dog"])[chance.integers(0, 2, answers)],
    )


def a_classifier(temperature: float, *, photos: int = 3000, classes: int = 5) -> ClassifierSamples:
    chance = np.random.default_rng(2)
    logits = chance.normal(0, 2, (photos, classes))
    truly = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    said = np.exp(logits * temperature)
    of = np.array([chance.choice(classes, p=row) for row in truly])
    return ClassifierSamples(said / said.sum(axis=1, keepdims=True), np.eye(classes)[of], np.arange(photos))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_a_detectors_known_temperature_is_found_again(temperature: float) -> None:
    assert temperature_of(a_detector(temperature)) == pytest.approx(temperature, rel=0.1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_a_classifiers_known_temperature_is_found_again(temperature: float) -> None:
    assert temperature_of(a_classifier(temperature)) == pytest.approx(temperature, rel=0.1)


def test_at_the_fitted_temperature_a_network_is_off_by_less_and_the_interval_holds_the_true_one() -> None:
    fit = fitted(a_detector(2.5), rounds=60)

    assert fit.why_not == ""
    assert fit.temperature_interval.low <= 2.5 <= fit.temperature_interval.high
    assert fit.error_after < 0.03 < fit.error_before
    assert fit.loss_held_out < fit.loss_before


def test_a_network_that_is_right_as_often_as_it_says_is_left_as_it_is() -> None:
    samples = a_detector(1.0)
    fit = fitted(samples, rounds=60)

    said = calibration("m@1", "a set", samples, fit, per_class=True)

    assert fit.why_not == "the interval of the temperature holds 1"
    assert (said["temperature"], "temperature_of_class" in said) == (1.0, False)
    assert "left as it is" in said["fitted_on"]


def test_a_few_answers_move_nothing() -> None:
    samples = a_detector(3.0, answers=60, photos=20)

    assert "are too few" in fitted(samples, rounds=20).why_not
    assert abs(np.log(temperature_of(samples.chosen(np.arange(2))))) < abs(np.log(temperature_of(samples)))


def test_classes_that_are_seen_often_may_have_a_temperature_each_and_the_service_reads_the_file() -> None:
    samples = a_detector(2.0)
    said = calibration("m@1", "a set", samples, fitted(samples, rounds=40), per_class=True)

    read = Calibration.model_validate_json(json.dumps(said))

    assert read.temperature_for("dog") == pytest.approx(2, rel=0.15)
    assert read.temperature_of_class.keys() == {"cat", "dog"}


def test_the_calibration_error_is_the_mean_distance_of_the_bins() -> None:
    sure, right = np.array([0.95, 0.95, 0.15, 0.15]), np.array([1.0, 0.0, 0.0, 0.0])

    assert expected_calibration_error(sure, right) == pytest.approx((0.45 + 0.15) / 2)
    assert bins(sure, right)[9] == pytest.approx((2, 0.95, 0.5))


SQUARE, SHIFTED, ELSEWHERE = (0.0, 0.0, 0.4, 0.4), (0.1, 0.0, 0.5, 0.4), (0.6, 0.6, 0.9, 0.9)


def test_each_thing_makes_the_surest_box_of_its_name_right_and_no_second() -> None:
    found = [("cat", 0.6, SHIFTED), ("cat", 0.9, SQUARE), ("dog", 0.8, SQUARE), ("cat", 0.5, ELSEWHERE)]

    assert judged(found, [Thing("cat", SQUARE)]) == [
        ("cat", 0.9, 1.0),
        ("dog", 0.8, 0.0),
        ("cat", 0.6, 0.0),
        ("cat", 0.5, 0.0),
    ]
    assert overlap(SQUARE, SHIFTED) == pytest.approx(0.6)


def test_a_truth_that_is_unsure_counts_in_part_and_a_crowd_not_at_all() -> None:
    unsure, crowd = Thing("cat", SQUARE, 0.7), Thing("cat", ELSEWHERE, crowd=True)

    assert judged([("cat", 0.9, SQUARE), ("cat", 0.4, ELSEWHERE)], [unsure, crowd]) == [("cat", 0.9, 0.7)]


@pytest.mark.parametrize("content", ["{", "{}", '{"images": [{"id": 1}], "categories": [], "annotations": []}'])
def test_what_is_no_labelled_set_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "set").write_text(content)

    with pytest.raises(TruthUnreadableError, match="no COCO annotation"):
        coco_photos(tmp_path / "set", tmp_path)
    with pytest.raises(TruthUnreadableError, match="`image` and `label`"):
        csv_photos(tmp_path, tmp_path)


def a_labelled_set(folder: Path, *, photos: int, right_in: int) -> Path:
    """Write photos of which one in `right_in` shows a cat in the middle."""
    Image.new("RGB", (64, 64), (90, 90, 90)).save(folder / "photo.png")
    said: dict[str, Any] = {
        "categories": [{"id": 7, "name": "cat"}],
        "images": [{"id": i, "file_name": "photo.png", "width": 64, "height": 64} for i in range(photos)],
        "annotations": [
            {"image_id": i, "category_id": 7, "bbox": [22, 22, 20, 20]} for i in range(0, photos, right_in)
        ],
    }
    (folder / "annotations.json").write_text(json.dumps(said))
    return folder / "annotations.json"


def test_a_network_of_the_manifest_is_calibrated_from_cocos_annotations_to_the_file_that_the_service_reads(
    tmp_path: Path,
) -> None:
    export = AnExport(boxes_of(2, (0, 0.9)), ("cat", "dog"))
    (tmp_path / "manifest.toml").write_text(export.entry(tmp_path, "cats"))
    assert make_models(["--manifest", str(tmp_path / "manifest.toml")]) == 0
    truth = a_labelled_set(tmp_path, photos=120, right_in=2)
    given = ["--model", "cats@1", "--truth", str(truth), "--images", str(tmp_path), "--models", str(tmp_path)]

    assert calibrate([*given, "--plot", str(tmp_path / "plot.svg")]) == 0

    read = read_calibration(tmp_path, "cats@1", ("cat", "dog"))
    assert read.temperature > 2  # it says 0.9 and is right in half of all cases
    assert read.of_score("cat", 0.9) < 0.7
    ET.parse(tmp_path / "plot.svg")  # noqa: S314 - our own


def test_a_classifier_is_calibrated_from_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = AnExport(np.array([0.9, 0.1], np.float32), ("cat", "dog"))
    (tmp_path / "manifest.toml").write_text(export.entry(tmp_path, "cls", task="classification"))
    assert make_models(["--manifest", str(tmp_path / "manifest.toml")]) == 0
    a_labelled_set(tmp_path, photos=1, right_in=1)
    rows = "".join(f"photo.png,{'Cat' if i % 2 else 'dog'}\n" for i in range(120))
    (tmp_path / "labels.csv").write_text("image,label\n" + rows)
    given = ["--model", "cls@1", "--images", str(tmp_path), "--models", str(tmp_path), "--truth"]

    assert calibrate([*given, str(tmp_path / "labels.csv")]) == 0
    assert read_calibration(tmp_path, "cls@1", ("cat", "dog")).temperature > 2

    (tmp_path / "labels.csv").write_text("image,label\nphoto.png,horse\n")
    assert calibrate([*given, str(tmp_path / "labels.csv")]) == 1
    assert "the network knows no 'horse'" in capsys.readouterr().err


def test_a_plot_says_what_it_shows() -> None:
    svg = reliability_svg("m@1", bins(np.array([0.9, 0.5]), np.array([1.0, 0.0])), None)

    assert "m@1" in svg
    assert svg.count("<circle") == 2
    assert "calibrated" not in svg


@pytest.mark.parametrize(("sure_from", "scores"), [([], [0.8, 0.3]), (["--sure-from", "0.5"], [1.0])])
def test_a_larger_network_stands_in_for_a_truth_and_says_so(
    tmp_path: Path, sure_from: list[str], scores: list[float]
) -> None:
    export = AnExport(boxes_of(2, (0, 0.8), (1, 0.3)), ("cat", "dog"))
    (tmp_path / "manifest.toml").write_text(export.entry(tmp_path, "large"))
    assert make_models(["--manifest", str(tmp_path / "manifest.toml")]) == 0
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (100, 80), (90, 90, 90)).save(tmp_path / "photos" / "one.png")
    given = ["--models", str(tmp_path), "--teacher", "large@1", "--images", str(tmp_path / "photos")]

    assert teach([*given, "--out", str(tmp_path / "set"), *sure_from]) == 0

    source, photos = coco_photos(tmp_path / "set" / "annotations.json", tmp_path / "set")
    assert "a pseudo-truth: what large@1 sees" in source
    assert {(photo.group, photo.path.is_file()) for photo in photos} == {("one.png", True)}
    assert [[round(thing.certainty, 2) for thing in photo.things] for photo in photos] == [scores] * 5
