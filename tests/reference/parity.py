"""How far the inference service is from the recorded reference: `python -m tests.reference.parity` prints the table."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from heliograph_inference.detection import Letterbox, detections
from heliograph_inference.domain import Detection
from heliograph_inference.imaging import Floats, Pixels, decoded
from heliograph_inference.manifest import ModelSpec, read_manifest
from heliograph_inference.onnx import OnnxNetwork
from heliograph_inference.providers import Execution
from heliograph_inference.vision import PhotoModel
from tests.reference.made import made_picture
from tests.reference.photos import MADE
from tools.test_photos import photo_path

Canvas = Literal["snug", "square"]

CONFIDENCE_TOLERANCE = 0.01
BOX_TOLERANCE_PX = 1.0

MODELS = Path("models")
RECORDING = Path(__file__).with_name("yolov8n@1.json")
BATCH = 8


class InBatches(OnnxNetwork):
    """The real network, used as on a GPU: square canvases, several at once."""

    gains_from_batches = True


@dataclass(frozen=True)
class Parity:
    """One photo compared on one kind of canvas."""

    photo: str
    canvas: Canvas
    canvas_px: tuple[int, int]
    expected_canvas_px: tuple[int, int]
    classes: tuple[str, ...]
    expected_classes: tuple[str, ...]
    confidence_difference: float
    """The greatest of all boxes; 0 where there are none or the classes differ."""
    box_difference_px: float
    """The greatest of all edges, in pixels of the photo."""

    @property
    def holds(self) -> bool:
        """Whether nothing is outside the tolerance."""
        return (
            self.canvas_px == self.expected_canvas_px
            and self.classes == self.expected_classes
            and self.confidence_difference <= CONFIDENCE_TOLERANCE
            and self.box_difference_px <= BOX_TOLERANCE_PX
        )


def recording() -> dict[str, Any]:
    """Return what tests/reference/record.py wrote."""
    document: dict[str, Any] = json.loads(RECORDING.read_text(encoding="utf-8"))
    return document


def photos() -> Iterator[tuple[str, bytes]]:
    """Yield each recorded photo's name and bytes."""
    with tempfile.TemporaryDirectory() as folder:
        for name in recording()["photos"]:
            path = made_picture(name, Path(folder)) if name in MADE else photo_path(name)
            yield name, path.read_bytes()


def detector(canvas: Canvas) -> tuple[ModelSpec, PhotoModel]:
    """Return the recorded network: snug canvases one by one as on a CPU, squares in batches as on a GPU."""
    spec = next(spec for spec in read_manifest(MODELS) if spec.key == RECORDING.stem)
    path = MODELS / f"{spec.key}.onnx"
    kind = OnnxNetwork if canvas == "snug" else InBatches
    network = kind(path, Execution("cpu"), side_px=spec.input.side_px)
    return spec, PhotoModel(spec, network)


def compared(canvas: Canvas) -> list[Parity]:
    """Return every recorded photo's comparison, from the bytes of its file on."""
    spec, model = detector(canvas)
    expected = recording()["photos"]
    prepared = [(name, picture, model.prepared(picture)) for name, picture in _pictures()]
    size = 1 if canvas == "snug" else BATCH
    results: list[Parity] = []
    for start in range(0, len(prepared), size):
        run = prepared[start : start + size]
        outputs = model.network.run(np.stack([tensor for _, _, (tensor, _) in run]))
        for (name, picture, (_, letterbox)), output in zip(run, outputs, strict=True):
            if letterbox is None:
                raise TypeError("a detector's input is letterboxed")
            found = _detections(spec, model, output, letterbox)
            results.append(_parity(name, canvas, picture, letterbox, found, expected[name][canvas]))
    return results


def _pictures() -> Iterator[tuple[str, Pixels]]:
    for name, content in photos():
        yield name, decoded(content)


def _detections(spec: ModelSpec, model: PhotoModel, output: Floats, letterbox: Letterbox) -> list[Detection]:
    return detections(
        output,
        letterbox,
        model.network.class_names,
        box_threshold=spec.box_threshold,
        iou_threshold=spec.iou_threshold,
    )


def _parity(
    name: str, canvas: Canvas, picture: Pixels, letterbox: Letterbox, found: list[Detection], expected: dict[str, Any]
) -> Parity:
    height_px, width_px = picture.shape[:2]
    classes = tuple(detection.name for detection in found)
    expected_classes = tuple(box[0] for box in expected["boxes"])
    confidence = edge_px = 0.0
    if classes == expected_classes:
        size = (width_px, height_px, width_px, height_px)
        for detection, (_, sure, *edges) in zip(found, expected["boxes"], strict=True):
            box = detection.box
            ours = (box.x1, box.y1, box.x2, box.y2)
            confidence = max(confidence, abs(box.confidence - sure))
            edge_px = max(edge_px, *(abs(a * n - b) for a, n, b in zip(ours, size, edges, strict=True)))
    return Parity(
        name,
        canvas,
        (letterbox.canvas_width_px, letterbox.canvas_height_px),
        (expected["canvas_px"][0], expected["canvas_px"][1]),
        classes,
        expected_classes,
        confidence,
        edge_px,
    )


def main() -> None:
    """Print the table in Markdown."""
    print(
        "| photo | canvas | boxes | confidence, most | edge, most, px | within |\n| --- | --- | --- | --- | --- | --- |"
    )
    outside = 0
    for canvas in ("snug", "square"):
        for parity in compared(canvas):
            outside += not parity.holds
            size = "×".join(map(str, parity.canvas_px))
            print(
                f"| {parity.photo} | {canvas} {size} | {len(parity.expected_classes)} |"
                f" {parity.confidence_difference:.5f} | {parity.box_difference_px:.3f} |"
                f" {'yes' if parity.holds else 'NO'} |"
            )
    print(f"\n{outside} outside the tolerance ({CONFIDENCE_TOLERANCE}, {BOX_TOLERANCE_PX} px).")


if __name__ == "__main__":
    main()
