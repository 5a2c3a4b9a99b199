"""Records what Ultralytics' own predictor says of the test photos: `python -m tests.reference.record`.

It needs `ultralytics==8.4.190`, CPU `torch==2.13.0` (hundreds of MB) and `onnx` in an environment of its own, with this
checkout on the path; nothing else in the project does. It writes yolov8n@1.json and efficientnet-lite0@1.json
beside this file; with `--classifier FILE --name NAME` instead NAME.json, of a YOLOv8 classification export.
"""

import argparse
import hashlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

# The torchvision that fits this torch lacks its compiled operators; Ultralytics has the same suppression in torch.
library = torch.library.Library("torchvision", "DEF")
library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import torchvision  # noqa: E402
import ultralytics  # noqa: E402
from ultralytics import YOLO  # noqa: E402
from ultralytics.utils.nms import TorchNMS  # noqa: E402

from tests.reference.made import made_picture  # noqa: E402
from tests.reference.photos import CLASSIFIER, DETECTOR, MADE, OTHER_CLASSIFIERS, PHOTOS  # noqa: E402
from tools.test_photos import photo_path  # noqa: E402

library.impl("nms", TorchNMS.nms, "CPU")
torchvision.ops.nms = TorchNMS.nms

CLASSIFIER_MEAN, CLASSIFIER_SCALE = 127, 128
"""What our classifier was trained to be fed, as in models/manifest.toml; YOLOv8 classifiers have 0 and 255."""

CLASSIFIER_SIDE_PX = 224
"""Of every YOLOv8 classifier as it comes, and of ours."""


def recorded(path: Path, model: YOLO, *, snug: bool) -> dict[str, object]:
    """Return the canvas (width, height) and each box: class, confidence, x1, y1, x2, y2 in pixels of the photo."""
    if model.predictor is not None:
        model.predictor = None
    shapes: list[tuple[int, ...]] = []

    def seen(predictor: object) -> None:
        backend = predictor.model  # type: ignore[attr-defined]
        backend.dynamic = snug
        if hasattr(backend, "backend"):
            backend.backend.dynamic = snug
        before = predictor.preprocess  # type: ignore[attr-defined]

        def preprocess(images: object) -> torch.Tensor:
            tensor: torch.Tensor = before(images)
            shapes.append(tuple(tensor.shape))
            return tensor

        predictor.preprocess = preprocess  # type: ignore[attr-defined]

    model.callbacks["on_predict_start"] = [seen]
    (result,) = model.predict(str(path), imgsz=640, rect=snug, verbose=False)
    _, _, height, width = shapes[-1]
    boxes = [
        [result.names[int(c)], round(s, 5), *(round(edge, 3) for edge in box)]
        for c, s, box in zip(
            result.boxes.cls.tolist(), result.boxes.conf.tolist(), result.boxes.xyxy.tolist(), strict=True
        )
    ]
    return {"canvas_px": [width, height], "boxes": boxes}


def classified(path: Path, model: YOLO, side_px: int) -> dict[str, object]:
    """Return the five surest classes, each as its number and name, and its confidence."""
    (result,) = model.predict(str(path), imgsz=side_px, verbose=False)
    surest = zip(result.probs.top5, result.probs.top5conf.tolist(), strict=True)
    return {"classes": [[f"{number} {result.names[number]}", round(sure, 5)] for number, sure in surest]}


def fed_from_0_to_1(weights: Path, folder: Path, mean: float, scale: float) -> Path:
    """Return a classifier that takes pixels as Ultralytics feeds them, and scales them for the network itself."""
    model = onnx.load(weights)
    given = model.graph.input[0].name
    for node in model.graph.node:
        node.input[:] = ["scaled" if name == given else name for name in node.input]
    for value, name in ((255 / scale, "slope"), (mean / scale, "offset")):
        model.graph.initializer.append(numpy_helper.from_array(np.array(value, np.float32), name))
    model.graph.node.insert(0, helper.make_node("Sub", ["steep", "offset"], ["scaled"]))
    model.graph.node.insert(0, helper.make_node("Mul", [given, "slope"], ["steep"]))
    path = folder / weights.name
    onnx.save(model, path)
    return path


def of_all_photos(folder: Path, said_of: Callable[[Path], dict[str, object]]) -> dict[str, object]:
    """Return what is said of each photo, and what the photo hashes to."""
    photos: dict[str, object] = {}
    for name in (*PHOTOS, *MADE):
        path = made_picture(name, folder) if name in MADE else photo_path(name)
        sha256 = {} if name in MADE else {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        photos[name] = said_of(path) | sha256
    return photos


def write(name: str, weights: Path, fed: dict[str, object], photos: dict[str, object]) -> None:
    """Write one network's recording."""
    document = {
        "reference": f"ultralytics {ultralytics.__version__}, torch {torch.__version__}",
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        **fed,
        "photos": photos,
    }
    Path(__file__).with_name(f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")


def write_classifier(name: str, weights: Path, folder: Path, mean: float, scale: float) -> None:
    """Record a classifier, fed by Ultralytics' own transforms."""
    model = YOLO(str(fed_from_0_to_1(weights, folder, mean, scale)), task="classify")
    photos = of_all_photos(folder, lambda path: classified(path, model, CLASSIFIER_SIDE_PX))
    write(name, weights, {"side_px": CLASSIFIER_SIDE_PX, "mean": mean, "scale": scale}, photos)


def main() -> None:
    """Write the recordings."""
    parser = argparse.ArgumentParser(prog="python -m tests.reference.record")
    parser.add_argument("--classifier", type=Path, metavar="FILE", help="record this classifier and nothing else")
    parser.add_argument("--name", default=OTHER_CLASSIFIERS[0], help="what its recording is called")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        if options.classifier:
            write_classifier(options.name, options.classifier, folder, 0, 255)
            return
        weights = Path("models") / f"{DETECTOR}.onnx"
        model = YOLO(str(weights), task="detect")
        photos = of_all_photos(
            folder,
            lambda path: {"square": recorded(path, model, snug=False), "snug": recorded(path, model, snug=True)},
        )
        write(DETECTOR, weights, {}, photos)
        weights = Path("models") / f"{CLASSIFIER}.onnx"
        write_classifier(CLASSIFIER, weights, folder, CLASSIFIER_MEAN, CLASSIFIER_SCALE)


if __name__ == "__main__":
    main()
