"""Networks swapped in by nothing but the manifest: made by the fetcher, verified and run by the service."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from heliograph_inference.domain import Label, NetworkError
from heliograph_inference.exports import Export, WrongNetworkError, verify_input, verify_output
from heliograph_inference.manifest import InputSpec, ManifestUnreadableError, ModelSpec, read_manifest
from heliograph_inference.providers import Execution
from heliograph_inference.vision import NetworkVision, load_models
from tests.onnx_exports import AnExport, boxes_of
from tests.seeing import seen as seen_by
from tools.models.__main__ import main

CATS = AnExport(boxes_of(2, (0, 0.9)), ("cat", "dog"))
OPEN_IMAGES = AnExport(boxes_of(600, (599, 0.8), (3, 0.6)), [f"thing {i}" for i in range(600)], side_px=320)


def a_preview() -> bytes:
    content = BytesIO()
    Image.new("RGB", (640, 480), (90, 90, 90)).save(content, "JPEG")
    return content.getvalue()


def made(folder: Path, *entries: str) -> Path:
    (folder / "manifest.toml").write_text("\n".join(entries))
    assert main(["--manifest", str(folder / "manifest.toml")]) == 0
    return folder


def refused(folder: Path, capsys: pytest.CaptureFixture[str], *entries: str) -> str:
    """Return in which sentence `make models` refuses a manifest."""
    (folder / "manifest.toml").write_text("\n".join(entries))
    assert main(["--manifest", str(folder / "manifest.toml")]) == 1
    error = capsys.readouterr().err.strip()
    assert "\n" not in error
    return error


def seen(folder: Path) -> tuple[Label, ...]:
    models = load_models(folder, Execution("cpu"), label_threshold=None)
    (looked,) = seen_by(NetworkVision(models, batch_size=8), a_preview())
    return looked


def test_several_networks_of_any_size_look_at_once_and_each_label_says_whose_it_is(tmp_path: Path) -> None:
    classifier = AnExport(np.array([3, 0, 1], np.float32), ("Sea_shore", "espresso", "palace"), side_px=32)

    labels = seen(
        made(
            tmp_path,
            CATS.entry(tmp_path, "cats"),
            OPEN_IMAGES.entry(tmp_path, "open-images", version=7),
            classifier.entry(tmp_path, "scenes", task="classification"),
        ),
    )

    assert [(label.name, label.model, len(label.boxes)) for label in labels] == [
        ("cat", "cats@1", 1),
        ("sea shore", "scenes@1", 0),
        ("thing 599", "open-images@7", 1),
        ("thing 3", "open-images@7", 1),
    ]


def test_two_networks_that_see_the_same_both_say_so_the_surer_one_first(tmp_path: Path) -> None:
    larger = AnExport(boxes_of(2, (0, 0.95)), ("cat", "dog"))

    cats = seen(made(tmp_path, CATS.entry(tmp_path, "small"), larger.entry(tmp_path, "large")))

    assert [(cat.name, cat.model, len(cat.boxes)) for cat in cats] == [("cat", "large@1", 1), ("cat", "small@1", 1)]


def test_names_may_come_from_a_file_instead(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("Katze\nHund\n")

    (label,) = seen(made(tmp_path, CATS.entry(tmp_path, "cats", class_names="names.txt")))

    assert label.name == "katze"


@pytest.mark.parametrize("task", ["detection", "classification"])
def test_an_export_for_one_picture_at_a_time_is_made_to_take_any_number(tmp_path: Path, task: str) -> None:
    output = boxes_of(2, (0, 0.9)) if task == "detection" else np.array([0.9, 0.1], np.float32)
    fixed = AnExport(output, ("cat", "dog"), batch=1)

    folder = made(tmp_path, fixed.entry(tmp_path, "cats", task=task, convert="dynamic-batch"))

    (model,) = load_models(folder, Execution("cpu"), label_threshold=None)
    assert len(model.network.run(np.zeros((5, 3, 64, 64), np.float32))) == 5
    assert [label.name for label in seen(folder)] == ["cat"]


def test_a_networks_calibration_lies_beside_the_manifest(tmp_path: Path) -> None:
    folder = made(tmp_path, CATS.entry(tmp_path, "cats"))
    (folder / "calibration").mkdir()
    (folder / "calibration" / "cats@1.json").write_text('{"model": "cats@1", "temperature": 2, "fitted_on": "a test"}')

    (label,) = seen(folder)

    assert label.raw_confidence == pytest.approx(0.9)
    assert label.confidence == pytest.approx(0.75)  # odds of 9, their root 3


SEGMENTING = AnExport(boxes_of(34, (0, 0.9)), ("cat", "dog"), task="segment", more_outputs=1)
POSING = AnExport(boxes_of(52, (0, 0.9)), ("person",))
END_TO_END = AnExport(np.zeros((300, 6), np.float32), ("cat", "dog"))


@pytest.mark.parametrize(
    ("export", "fields", "says"),
    [
        (SEGMENTING, {}, "exported for the task `segment`, but the manifest says `detection`"),
        (AnExport(boxes_of(34), ("cat", "dog"), more_outputs=1), {}, "has 2 outputs, as segmentation exports have"),
        (END_TO_END, {}, "the output has 296 classes, but there are 2 names"),
        (POSING, {}, "the output has 52 classes, but there are 1 names"),
        (AnExport(boxes_of(2), ("cat", "dog"), batch=1), {}, 'say `convert = "dynamic-shape"`'),
        (AnExport(boxes_of(3), ("cat", "dog")), {}, "the output has 3 classes, but there are 2 names"),
        (AnExport(boxes_of(2), ("cat", "dog"), metadata={"names": "?"}), {}, "`names` cannot be read"),
        (CATS, {"convert": "dynamic-shape"}, 'takes any number already: say `convert = "none"`'),
        (CATS, {"task": "segmentation"}, "`task` is 'segmentation'; it can be 'detection' or 'classification'"),
        (CATS, {"task": "classification"}, "is none of the task `classification`"),
        (CATS, {"convert": "magic"}, "`convert` is 'magic'; it can be none, dynamic-shape"),
        (CATS, {"source_sha256": None}, "'source_sha256' is missing; `sha256sum FILE` says what it is"),
        (CATS, {"source_sha256": "0" * 64}, "instead of " + "0" * 64),
        (CATS, {"source": "file:elsewhere.onnx"}, r"elsewhere\.onnx cannot be read: No such file"),
        (CATS, {"class_names": "none.txt"}, "there is no file .*none.txt of class names"),
    ],
)
def test_what_cannot_be_swapped_in_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], export: AnExport, fields: dict[str, Any], says: str
) -> None:
    error = refused(tmp_path, capsys, export.entry(tmp_path, "net", **fields))

    assert re.search(says, error)
    assert "net" in error
    assert not list(tmp_path.glob("*.onnx"))


def test_the_same_name_and_version_twice_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = (CATS.entry(tmp_path, "net"), OPEN_IMAGES.entry(tmp_path, "net"))

    assert "net@1 is there twice" in refused(tmp_path, capsys, *entries)
    with pytest.raises(ManifestUnreadableError, match="net@1 is there twice"):
        read_manifest(tmp_path)


def test_a_file_that_changed_since_it_was_made_is_refused_with_both_hashes(tmp_path: Path) -> None:
    folder = made(tmp_path, CATS.entry(tmp_path, "cats"))
    path = folder / "cats@1.onnx"
    path.write_bytes(path.read_bytes() + b"x")

    with pytest.raises(
        WrongNetworkError, match=r"cats@1\.onnx has SHA-256 [0-9a-f]{64} instead of [0-9a-f]{64}.*`make models`"
    ):
        load_models(folder, Execution("cpu"), label_threshold=None)


@pytest.mark.parametrize("missing", ["cats@1.onnx", "cats@1.json"])
def test_a_file_that_is_not_there_is_named_with_what_to_do(tmp_path: Path, missing: str) -> None:
    folder = made(tmp_path, CATS.entry(tmp_path, "cats"))
    (folder / missing).unlink()

    with pytest.raises(NetworkError, match=f"{missing} is not there: `make models`"):
        load_models(folder, Execution("cpu"), label_threshold=None)


def test_a_record_that_says_nothing_is_named(tmp_path: Path) -> None:
    folder = made(tmp_path, CATS.entry(tmp_path, "cats"))
    (folder / "cats@1.json").write_text("{}")

    with pytest.raises(WrongNetworkError, match=r"cats@1\.json says nothing of a hash"):
        load_models(folder, Execution("cpu"), label_threshold=None)


def test_a_network_made_from_other_weights_than_the_manifest_lists_is_refused(tmp_path: Path) -> None:
    folder = made(tmp_path, CATS.entry(tmp_path, "cats"))
    other = AnExport(boxes_of(2, (1, 0.9)), ("cat", "dog"))
    (folder / "manifest.toml").write_text(other.entry(tmp_path, "cats"))

    with pytest.raises(WrongNetworkError, match=r"but the manifest lists [0-9a-f]{64}: `make models` makes it anew"):
        load_models(folder, Execution("cpu"), label_threshold=None)


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("task = 'detection'", "task = 'pose'", "cats@1: `task` is 'pose'; it can be 'detection' or 'classification'"),
        ("task = 'detection'", "", "cats@1: `task` is missing"),
        ("fit = 'letterbox'", "fit = 'crop'", 'cats@1: a detector\'s input has `fit = "letterbox"`'),
        ("side_px = 64", "side_px = 8", "cats@1: `input.side_px` is 8: input should be greater than or equal to 32"),
        ("version = 1", "version = 1\nlabel_treshold = 0.5", "cats@1: there is no field `label_treshold`"),
        ("version = 1", "version = 'one'", "cats@one: `version` is 'one'"),
        ("[[models]]", "modells = 1\n[[models]]", "there is no field `modells`"),
        ("[[models]]", "[[models]", "manifest.toml is not TOML"),
    ],
)
def test_the_service_tells_what_is_wrong_in_a_manifest_in_one_sentence(
    tmp_path: Path, right: str, wrong: str, says: str
) -> None:
    (tmp_path / "manifest.toml").write_text(CATS.entry(tmp_path, "cats").replace(right, wrong))

    with pytest.raises(ManifestUnreadableError) as refusal:
        read_manifest(tmp_path)

    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("export", "shape", "says"),
    [
        (Export("pose", 1, ("batch", 3, "h", "w"), 1), (1, 56, 9), "task `pose`.*not used here"),
        (Export("", 2, (1, 3, 640, 640), 1), (1, 6, 9), r"1 picture\(s\) at a time"),
        (Export("", 2, ("batch", 3, 320, 320), 1), (1, 6, 9), "pictures of 320x320 pixels.*`side_px = 640`"),
        (Export("", 2, ("batch", 1, 640, 640), 1), (1, 6, 9), r"instead of \(batch, 3, h, w\)"),
        (Export("", 2, ("batch", 3, None, None), 2), (1, 38, 9), "as segmentation exports have"),
        (Export("", 2, ("batch", 3, None, None), 1), (1, 300, 6), "suppressed already; export it with `nms=False`"),
        (Export("", 2, ("batch", 3, None, None), 1), (1, 25200, 7), "as YOLOv5's has"),
        (Export("", 2, ("batch", 3, None, None), 1), (1, 7, 8400), "the output has 3 classes, but there are 2 names"),
        (Export("", 2, ("batch", 3, None, None), 1), (1, 2), r"a detector gives \(1, 4 \+ classes, anchors\)"),
    ],
)
def test_what_is_no_detector_is_told_by_the_shapes_of_what_goes_in_and_out(
    export: Export, shape: tuple[int, ...], says: str
) -> None:
    spec = ModelSpec(name="net", version=1, task="detection", input=InputSpec(side_px=640, fit="letterbox"))

    def verify() -> None:
        verify_input(spec, export)
        verify_output(spec, export, shape)

    with pytest.raises(WrongNetworkError, match=says):
        verify()


@pytest.mark.parametrize("shape", [(1, 3), (1, 2, 1)])
def test_what_is_no_classifier_is_told_by_the_shape_of_its_output(shape: tuple[int, ...]) -> None:
    spec = ModelSpec(name="net", version=1, task="classification", input=InputSpec(side_px=224, fit="crop"))

    with pytest.raises(WrongNetworkError, match="classe"):
        verify_output(spec, Export("", 2, ("batch", 3, None, None), 1), shape)
