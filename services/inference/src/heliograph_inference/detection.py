"""YOLOv8 detection in numpy: letterbox geometry, decoding, non-maximum suppression, boxes back to the image.

Source: Ultralytics 8 (LetterBox, non_max_suppression, scale_boxes), with its defaults for prediction.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heliograph_inference.domain import Box, Detection

Floats = npt.NDArray[np.float64]

MOST_DETECTIONS = 300
"""Ultralytics' `max_det`."""

_MOST_CANDIDATES = 30_000
"""Ultralytics' `max_nms`: what goes into the suppression at all."""

_CLASS_OFFSET_PX = 7680
"""Ultralytics' `max_wh`: each class gets a plane of its own, this far from the next."""


@dataclass(frozen=True)
class Letterbox:
    """How an image lies on the network's canvas: scaled to a width and height, shifted right and down."""

    width_px: int
    height_px: int
    left_px: int
    top_px: int
    canvas_width_px: int
    canvas_height_px: int


def letterbox_geometry(width_px: int, height_px: int, side_px: int, *, stride_px: int | None = None) -> Letterbox:
    """Return how an image is scaled and padded without changing its proportions.

    Args:
        width_px: Width of the upright image, at least 1.
        height_px: Height of the upright image, at least 1.
        side_px: Side of the square it must fit into, a multiple of the network's stride.
        stride_px: If given, the canvas is no square but the least rectangle whose sides are multiples of it.

    Raises:
        ValueError: A size below 1.

    Source: Ultralytics' LetterBox, with `auto=True` if `stride_px` is given; padding is split evenly, the odd pixel
    goes right and bottom.
    """
    if min(width_px, height_px, side_px) < 1:
        raise ValueError(f"no picture has {width_px}x{height_px} pixels")
    scale = min(side_px / width_px, side_px / height_px)
    width, height = max(1, round(width_px * scale)), max(1, round(height_px * scale))
    canvas_width, canvas_height = (
        side_px if stride_px is None else edge_px + (side_px - edge_px) % stride_px for edge_px in (width, height)
    )
    return Letterbox(
        width, height, (canvas_width - width) // 2, (canvas_height - height) // 2, canvas_width, canvas_height
    )


def boxes_on_image(xyxy: Floats, letterbox: Letterbox) -> Floats:
    """Return boxes (N, 4) of the network's canvas as fractions (0-1) of the image, clipped to it."""
    size = np.array([letterbox.width_px, letterbox.height_px] * 2, np.float64)
    shift = np.array([letterbox.left_px, letterbox.top_px] * 2, np.float64)
    return np.clip((xyxy - shift) / size, 0.0, 1.0)


def boxes_on_canvas(xyxy: Floats, letterbox: Letterbox) -> Floats:
    """Return boxes (N, 4), fractions of the image, in pixels of the network's canvas: the way back."""
    size = np.array([letterbox.width_px, letterbox.height_px] * 2, np.float64)
    shift = np.array([letterbox.left_px, letterbox.top_px] * 2, np.float64)
    return xyxy * size + shift


def suppressed(
    xyxy: npt.NDArray[np.float32],
    confidences: npt.NDArray[np.float32],
    classes: npt.NDArray[np.intp],
    *,
    iou_threshold: float,
) -> npt.NDArray[np.intp]:
    """Return the indices of the boxes that stay, surest first: greedy suppression within each class.

    Args:
        xyxy: Boxes (N, 4).
        confidences: One each (N).
        classes: One each (N); boxes of different classes never suppress one another.
        iou_threshold: A box that overlaps a surer one of its class by more than this goes.

    Source: Ultralytics' `TorchNMS.nms`, in its own order and precision, so that ties and close calls go its way.
    """
    order = np.argsort(-confidences, kind="stable")[:_MOST_CANDIDATES]
    apart = xyxy[order] + (classes[order] * np.float32(_CLASS_OFFSET_PX)).astype(np.float32)[:, None]
    areas = (apart[:, 2] - apart[:, 0]) * (apart[:, 3] - apart[:, 1])
    kept: list[np.intp] = []
    while order.size and len(kept) < MOST_DETECTIONS:
        kept.append(order[0])
        best, apart = apart[0], apart[1:]
        sides = np.minimum(best[2:], apart[:, 2:]) - np.maximum(best[:2], apart[:, :2])
        np.maximum(sides, 0, out=sides)
        intersections = sides[:, 0] * sides[:, 1]
        unions = areas[0] + areas[1:] - intersections
        ious = np.divide(intersections, unions, out=np.zeros_like(unions), where=unions > 0)
        stays = ious <= iou_threshold
        order, apart, areas = order[1:][stays], apart[stays], areas[1:][stays]
    return np.array(kept, np.intp)


def detections(
    output: npt.NDArray[np.float32],
    letterbox: Letterbox,
    class_names: tuple[str, ...],
    *,
    box_threshold: float,
    iou_threshold: float,
) -> list[Detection]:
    """Return what one image's output shows, surest first.

    Args:
        output: (4 + classes, anchors): centre x and y, width and height in pixels of the canvas, then the scores.
        letterbox: How the image lay on the canvas.
        class_names: The name of each class.
        box_threshold: Scores up to this count as nothing.
        iou_threshold: See `suppressed`.

    Raises:
        ValueError: The output has another number of classes than there are names.
    """
    if output.shape[0] != 4 + len(class_names):
        raise ValueError(f"the output has {output.shape[0] - 4} classes, but there are {len(class_names)} names")
    candidates = output[:, output[4:].max(axis=0) > box_threshold]  # (4 + classes, N)
    candidates = candidates[:, np.isfinite(candidates).all(axis=0)]
    classes = candidates[4:].argmax(axis=0)
    confidences = candidates[4:].max(axis=0, initial=0.0)
    centres, halves = candidates[:2].T, candidates[2:4].T / 2
    xyxy = np.hstack([centres - halves, centres + halves]).astype(np.float32)  # (N, 4)
    kept = suppressed(xyxy, confidences, classes, iou_threshold=iou_threshold)
    return [
        Detection(class_names[classes[i]], Box(x1, y1, x2, y2, float(confidences[i])))
        for i, (x1, y1, x2, y2) in zip(
            kept, boxes_on_image(xyxy[kept].astype(np.float64), letterbox).tolist(), strict=True
        )
    ]
