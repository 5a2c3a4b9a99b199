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
        stride_px: If given, the canvas is no square: each side is the least multiple of it that leaves half a
            stride of padding (without any, what reaches the edge is seen less surely), at most `side_px`.

    Raises:
        ValueError: A size below 1.

    Source: Ultralytics' LetterBox, and the shapes of its validation (`rect=True`, `pad=0.5`) if `stride_px` is
    given; padding is split evenly, the odd pixel goes right and bottom.
    """
    if min(width_px, height_px, side_px) < 1:
        raise ValueError(f"no picture has {width_px}x{height_px} pixels")
    scale = min(side_px / width_px, side_px / height_px)
    width, height = max(1, round(width_px * scale)), max(1, round(height_px * scale))
    canvas_width, canvas_height = (
        side_px if stride_px is None else min(side_px, _with_margin(edge_px, stride_px)) for edge_px in (width, height)
    )
    return Letterbox(
        width, height, (canvas_width - width) // 2, (canvas_height - height) // 2, canvas_width, canvas_height
    )


def _with_margin(edge_px: int, stride_px: int) -> int:
    return -(-(2 * edge_px + stride_px) // (2 * stride_px)) * stride_px


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


def iou_with(box: Floats, others: Floats) -> Floats:
    """Return the intersection over union of one box (4) with others (N, 4), all xyxy; 0 where both are empty."""
    corners_min = np.maximum(box[:2], others[:, :2])
    corners_max = np.minimum(box[2:], others[:, 2:])
    intersection = np.clip(corners_max - corners_min, 0, None).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    union = (box[2:] - box[:2]).prod() + areas - intersection
    return np.asarray(np.divide(intersection, union, out=np.zeros_like(union), where=union > 0), np.float64)


def suppressed(
    xyxy: Floats, confidences: Floats, classes: npt.NDArray[np.intp], *, iou_threshold: float
) -> npt.NDArray[np.intp]:
    """Return the indices of the boxes that stay, surest first: greedy suppression within each class.

    Args:
        xyxy: Boxes (N, 4).
        confidences: One each (N).
        classes: One each (N); boxes of different classes never suppress one another.
        iou_threshold: A box that overlaps a surer one of its class by more than this goes.
    """
    order = np.argsort(-confidences, kind="stable")[:_MOST_CANDIDATES]
    extent = xyxy.max(initial=0.0) - xyxy.min(initial=0.0) + 1.0
    apart = xyxy + (classes * extent)[:, None]  # each class gets a plane of its own, so that classes never overlap
    kept: list[np.intp] = []
    while order.size and len(kept) < MOST_DETECTIONS:
        best, rest = order[0], order[1:]
        kept.append(best)
        order = rest[iou_with(apart[best], apart[rest]) <= iou_threshold]
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
    candidates = output[:, output[4:].max(axis=0) > box_threshold].astype(np.float64)  # (4 + classes, N)
    classes = candidates[4:].argmax(axis=0)
    confidences = candidates[4:].max(axis=0, initial=0.0)
    centres, halves = candidates[:2].T, candidates[2:4].T / 2
    xyxy = np.hstack([centres - halves, centres + halves])  # (N, 4)
    kept = suppressed(xyxy, confidences, classes, iou_threshold=iou_threshold)
    return [
        Detection(class_names[classes[i]], Box(x1, y1, x2, y2, float(confidences[i])))
        for i, (x1, y1, x2, y2) in zip(kept, boxes_on_image(xyxy[kept], letterbox).tolist(), strict=True)
    ]
