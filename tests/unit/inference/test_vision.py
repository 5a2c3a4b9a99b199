"""What networks are fed and how their outputs are read, for detection and classification exports alike."""

from io import BytesIO

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from heliograph_inference.domain import Label, UnreadablePreviewError
from heliograph_inference.manifest import InputSpec, ModelSpec
from heliograph_inference.vision import NetworkVision, PhotoModel
from tests.fakes.fixed_network import FixedNetwork
from tests.seeing import seen

A_CAT: npt.NDArray[np.float32] = np.array([[320, 320, 100, 100, 0.9, 0.1]], np.float32).T
"""(4 + 2 classes, 1 anchor)"""

DETECTOR = ModelSpec(name="d", version=2, task="detection", input=InputSpec(side_px=640, fit="letterbox"))
YOLOV8_CLS = ModelSpec(
    name="yolov8n-cls",
    version=1,
    task="classification",
    input=InputSpec(side_px=224, fit="crop", resize_px=224),
    label_threshold=0.3,
    most_labels=2,
)


def a_preview(width_px: int, height_px: int) -> bytes:
    content = BytesIO()
    Image.new("RGB", (width_px, height_px), (90, 90, 90)).save(content, "JPEG")
    return content.getvalue()


def names(looked: tuple[Label, ...]) -> list[str]:
    return [label.name for label in looked]


def test_on_the_cpu_each_picture_is_run_alone_and_padded_little() -> None:
    network = FixedNetwork(A_CAT, ("cat", "dog"))
    vision = NetworkVision([PhotoModel(DETECTOR, network)], batch_size=8)

    seen(vision, a_preview(1440, 1080), a_preview(1080, 1440))

    assert vision.most_at_once == 1
    assert network.shapes == [(1, 3, 480, 640), (1, 3, 640, 480)]


def test_where_batches_gain_all_pictures_go_in_one_run_of_squares() -> None:
    network = FixedNetwork(A_CAT, ("cat", "dog"), gains_from_batches=True)
    vision = NetworkVision([PhotoModel(DETECTOR, network)], batch_size=8)

    seen(vision, a_preview(1440, 1080), a_preview(1080, 1440))

    assert vision.most_at_once == 8
    assert network.shapes == [(2, 3, 640, 640)]


def test_a_network_of_one_size_gets_squares_on_the_cpu_too() -> None:
    network = FixedNetwork(A_CAT, ("cat", "dog"), takes_any_size=False)
    vision = NetworkVision([PhotoModel(DETECTOR, network)], batch_size=8)

    seen(vision, a_preview(1440, 1080))

    assert network.shapes == [(1, 3, 640, 640)]


def test_a_yolov8_classification_export_fits_the_classifiers_slot() -> None:
    row = np.array([0.35, 0.05, 0.6], np.float32)
    network = FixedNetwork(row, ("Egyptian_cat", "tench", "sports_car"))
    vision = NetworkVision([PhotoModel(YOLOV8_CLS, network)], batch_size=8)

    (looked,) = seen(vision, a_preview(600, 400))

    assert names(looked) == ["sports car", "egyptian cat"]
    assert network.shapes == [(1, 3, 224, 224)]


def test_both_networks_labels_come_together_under_their_models_names() -> None:
    detector = PhotoModel(DETECTOR, FixedNetwork(A_CAT, ("cat", "dog")))
    classifier = PhotoModel(YOLOV8_CLS, FixedNetwork(np.array([0.7, 0.3], np.float32), ("tabby", "cat")))
    vision = NetworkVision([detector, classifier], batch_size=8)

    (looked,) = seen(vision, a_preview(640, 640))

    assert [(label.name, label.model, len(label.boxes)) for label in looked] == [
        ("cat", "d@2", 1),
        ("tabby", "yolov8n-cls@1", 0),
        ("cat", "yolov8n-cls@1", 0),
    ]
    assert vision.models == ("d@2", "yolov8n-cls@1")


def test_one_threshold_for_all_labels_can_be_set() -> None:
    network = FixedNetwork(A_CAT, ("cat", "dog"))
    vision = NetworkVision([PhotoModel(DETECTOR, network, label_threshold=0.95)], batch_size=8)

    assert seen(vision, a_preview(640, 640)) == [()]


def test_only_the_networks_that_are_wanted_look() -> None:
    detector, classifier = (
        FixedNetwork(A_CAT, ("cat", "dog")),
        FixedNetwork(np.array([0.7, 0.3], np.float32), ("tabby", "cat")),
    )
    vision = NetworkVision([PhotoModel(DETECTOR, detector), PhotoModel(YOLOV8_CLS, classifier)], batch_size=8)
    preview = a_preview(640, 640)

    looked = vision.look_at([vision.prepared(preview, ["yolov8n-cls@1"]), vision.prepared(preview, vision.models)])

    assert [{label.model for label in seen.labels} for seen in looked] == [{"yolov8n-cls@1"}, {"d@2", "yolov8n-cls@1"}]
    assert (len(detector.shapes), len(classifier.shapes)) == (1, 2)


def test_what_is_no_picture_is_not_prepared() -> None:
    vision = NetworkVision([PhotoModel(DETECTOR, FixedNetwork(A_CAT, ("cat", "dog")))], batch_size=8)

    with pytest.raises(UnreadablePreviewError, match="cannot be decoded"):
        vision.prepared(b"no picture", vision.models)
