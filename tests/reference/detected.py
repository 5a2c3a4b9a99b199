"""How far the detector is from the recorded reference."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from heliograph_inference.detection import Letterbox, detections
from heliograph_inference.domain import Detection
from heliograph_inference.imaging import Floats, Pixels
from heliograph_inference.manifest import ModelSpec, read_manifest
from heliograph_inference.onnx import OnnxNetwork
from heliograph_inference.providers import Execution
from heliograph_inference.vision import PhotoModel
from tests.reference.photos import DETECTOR
from tests.reference.recordings import (
    BATCH,
    CONFIDENCE_TOLERANCE,
    MODELS,
    InBatches,
    pictures,
    recording,
)

Canvas = Literal["snug", "square"]

BOX_TOLERANCE_PX = 1.0


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


def detector(canvas: Canvas) -> tuple[ModelSpec, PhotoModel]:
    """Return the recorded network: snug canvases one by one as on a CPU, squares in batches as on a GPU."""
    spec = next(spec for spec in read_manifest(MODELS) if spec.key == DETECTOR)
    path = MODELS / f"{spec.key}.onnx"
    kind = OnnxNetwork if canvas == "snug" else InBatches
    network = kind(path, Execution("cpu"), side_px=spec.input.side_px)
    return spec, PhotoModel(spec, network)


def compared(canvas: Canvas) -> list[Parity]:
    """Return every recorded photo's comparison, from the bytes of its file on."""
    spec, model = detector(canvas)
    document = recording(DETECTOR)
    expected = document["photos"]
    prepared = [(name, picture, model.prepared(picture)) for name, picture in pictures(document)]
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
