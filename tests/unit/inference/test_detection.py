"""YOLOv8 detection without a network: geometry, suppression and decoding."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph_inference.detection import (
    MOST_DETECTIONS,
    boxes_on_canvas,
    boxes_on_image,
    detections,
    letterbox_geometry,
    suppressed,
)

SIDES = st.integers(1, 20_000)
FRACTIONS = st.floats(0, 1, allow_subnormal=False)


@given(width_px=SIDES, height_px=SIDES, stride_px=st.sampled_from([None, 32]))
def test_a_letterboxed_image_lies_whole_and_centred_on_the_canvas(
    width_px: int, height_px: int, stride_px: int | None
) -> None:
    letterbox = letterbox_geometry(width_px, height_px, 640, stride_px=stride_px)

    assert max(letterbox.width_px, letterbox.height_px) == 640
    for edge, before, canvas in (
        (letterbox.width_px, letterbox.left_px, letterbox.canvas_width_px),
        (letterbox.height_px, letterbox.top_px, letterbox.canvas_height_px),
    ):
        after = canvas - edge - before
        assert before >= 0
        assert after - before in (0, 1)
        assert canvas == 640 if stride_px is None else canvas % 32 == 0


@given(width_px=SIDES, height_px=SIDES)
def test_a_letterboxed_image_keeps_its_proportions_to_half_a_pixel(width_px: int, height_px: int) -> None:
    letterbox = letterbox_geometry(width_px, height_px, 640)

    scale = 640 / max(width_px, height_px)
    assert abs(letterbox.width_px - width_px * scale) <= 0.5 or letterbox.width_px == 1
    assert abs(letterbox.height_px - height_px * scale) <= 0.5 or letterbox.height_px == 1


@given(width_px=SIDES, height_px=SIDES, stride_px=st.sampled_from([None, 32]), corners=st.tuples(*[FRACTIONS] * 4))
def test_a_box_taken_to_the_canvas_and_back_is_where_it_was(
    width_px: int, height_px: int, stride_px: int | None, corners: tuple[float, ...]
) -> None:
    letterbox = letterbox_geometry(width_px, height_px, 640, stride_px=stride_px)
    box = np.array([corners])

    assert boxes_on_image(boxes_on_canvas(box, letterbox), letterbox) == pytest.approx(box, abs=1e-6)


@pytest.mark.parametrize(
    ("size_px", "canvas_px"),
    [
        ((1440, 1080), (640, 480)),
        ((1080, 1440), (480, 640)),
        ((1440, 960), (640, 448)),
        ((1440, 810), (640, 384)),
        ((500, 500), (640, 640)),
        ((1440, 1), (640, 32)),
        ((6000, 500), (640, 64)),
    ],
)
def test_a_snug_canvas_is_the_least_rectangle_of_whole_strides(
    size_px: tuple[int, int], canvas_px: tuple[int, int]
) -> None:
    letterbox = letterbox_geometry(*size_px, 640, stride_px=32)

    assert (letterbox.canvas_width_px, letterbox.canvas_height_px) == canvas_px


def test_a_picture_without_pixels_has_no_geometry() -> None:
    with pytest.raises(ValueError, match="0x5"):
        letterbox_geometry(0, 5, 640)


def naive_iou(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    intersection = width * height
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - intersection
    return float(intersection / union)


def naively_suppressed(
    xyxy: npt.NDArray[np.float32], confidences: npt.NDArray[np.float32], classes: npt.NDArray[np.intp], threshold: float
) -> list[int]:
    kept: list[int] = []
    for i in sorted(range(len(xyxy)), key=lambda i: (-confidences[i], i)):
        if all(classes[i] != classes[k] or naive_iou(xyxy[i], xyxy[k]) <= threshold for k in kept):
            kept.append(i)
    return kept


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(0, 60),
    class_count=st.integers(1, 5),
    threshold=st.sampled_from([0.3, 0.45, 0.7]),
)
def test_suppression_keeps_what_the_naive_reference_keeps(
    seed: int, count: int, class_count: int, threshold: float
) -> None:
    random = np.random.default_rng(seed)
    corners = random.uniform(-20, 600, (count, 2))
    xyxy = np.hstack([corners, corners + random.uniform(5, 200, (count, 2))]).astype(np.float32)
    confidences = random.random(count).astype(np.float32)
    classes = random.integers(0, class_count, count)

    kept = suppressed(xyxy, confidences, classes, iou_threshold=threshold)

    assert kept.tolist() == naively_suppressed(xyxy, confidences, classes, threshold)


def test_no_more_than_the_most_detections_stay() -> None:
    left = np.arange(400) * 20.0
    xyxy = np.stack([left, np.zeros(400), left + 10, np.full(400, 10.0)], axis=1).astype(np.float32)

    kept = suppressed(xyxy, np.linspace(1, 0.5, 400, dtype=np.float32), np.zeros(400, np.intp), iou_threshold=0.7)

    assert kept.tolist() == list(range(MOST_DETECTIONS))


def output_of(*boxes: tuple[float, float, float, float, float, float]) -> npt.NDArray[np.float32]:
    """Return an output (4 + 2 classes, anchors) with these (centre x, y, width, height, score 0, score 1)."""
    return np.array(boxes, np.float32).T.reshape(6, -1)


def test_an_output_is_decoded_to_named_boxes_on_the_image_surest_first() -> None:
    letterbox = letterbox_geometry(1280, 640, 640)  # 640x320 with 160 above and below
    output = output_of(
        (320, 320, 640, 320, 0.10, 0.60),  # the whole image
        (160, 240, 320, 160, 0.95, 0.20),  # its upper left quarter
        (162, 241, 320, 160, 0.80, 0.20),  # the same thing again
        (500, 300, 10, 10, 0.25, 0.25),  # not above the threshold
    )

    found = detections(output, letterbox, ("cat", "dog"), box_threshold=0.25, iou_threshold=0.7)

    assert [(detection.name, round(detection.box.confidence, 3)) for detection in found] == [
        ("cat", 0.95),
        ("dog", 0.6),
    ]
    cat, dog = (detection.box for detection in found)
    assert (cat.x1, cat.y1, cat.x2, cat.y2) == pytest.approx((0, 0, 0.5, 0.5))
    assert (dog.x1, dog.y1, dog.x2, dog.y2) == pytest.approx((0, 0, 1, 1))


def test_boxes_that_reach_into_the_padding_end_at_the_image() -> None:
    letterbox = letterbox_geometry(640, 320, 640)

    (found,) = detections(
        output_of((320, 320, 900, 600, 0.9, 0)), letterbox, ("cat", "dog"), box_threshold=0.25, iou_threshold=0.7
    )

    assert (found.box.x1, found.box.y1, found.box.x2, found.box.y2) == (0, 0, 1, 1)


def test_an_output_in_which_nothing_is_sure_shows_nothing() -> None:
    letterbox = letterbox_geometry(640, 640, 640)

    output = output_of((320, 320, 10, 10, 0.1, 0.2))

    assert detections(output, letterbox, ("cat", "dog"), box_threshold=0.25, iou_threshold=0.7) == []


def test_an_output_with_another_number_of_classes_is_refused() -> None:
    with pytest.raises(ValueError, match="2 classes, but there are 1 names"):
        detections(
            output_of((1, 1, 1, 1, 1, 1)),
            letterbox_geometry(1, 1, 640),
            ("cat",),
            box_threshold=0.25,
            iou_threshold=0.7,
        )
