"""The real networks on real photos: the reference's own numbers, and labels that a person would agree with."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.Image import Resampling

from heliograph_inference.domain import Label, NetworkError
from heliograph_inference.imaging import Pixels, centre_cropped, decoded
from heliograph_inference.manifest import ManifestUnreadableError, read_manifest
from heliograph_inference.onnx import OnnxNetwork
from heliograph_inference.providers import Execution
from heliograph_inference.vision import NetworkVision, PhotoModel, load_models
from tests.seeing import seen
from tools.test_photos import photo_path

MODELS = Path("models")


class InBatches(OnnxNetwork):
    """The real network, run as on a device: square pictures, in batches of fixed sizes, from memory bound once."""

    gains_from_batches = True


def the_detector(network: type[OnnxNetwork], *, label_threshold: float) -> PhotoModel:
    spec = next(spec for spec in read_manifest(MODELS) if spec.task == "detection")
    loaded = network(MODELS / f"{spec.key}.onnx", Execution("cpu"), side_px=spec.input.side_px)
    return PhotoModel(spec, loaded, label_threshold=label_threshold)


@pytest.fixture(scope="module")
def vision() -> NetworkVision:
    return NetworkVision(load_models(MODELS, Execution("cpu"), label_threshold=None), batch_size=8)


def a_photo(name: str) -> Pixels:
    return decoded(photo_path(name).read_bytes())


def a_preview(name: str) -> bytes:
    """Return a photo as `prepare` leaves it: at most 1440 px long, JPEG."""
    image = Image.fromarray(a_photo(name))
    image.thumbnail((1440, 1440))
    content = BytesIO()
    image.save(content, "JPEG", quality=85)
    return content.getvalue()


def confidences(labels: list[Label]) -> dict[str, list[float]]:
    return {label.name: [box.confidence for box in label.boxes] for label in labels}


def test_boxes_lie_on_what_they_name() -> None:
    detector = the_detector(OnnxNetwork, label_threshold=0.5)

    (labels,) = detector.labels([a_photo("bus.jpg")])

    bus = next(label for label in labels if label.name == "bus").boxes[0]
    assert (bus.x1, bus.y1, bus.x2, bus.y2) == pytest.approx((0.02, 0.21, 0.99, 0.69), abs=0.03)


def test_photos_in_one_batch_are_seen_as_each_alone() -> None:
    detector = the_detector(InBatches, label_threshold=0.35)
    photos = [a_photo("bus.jpg"), a_photo("zidane.jpg"), a_photo("coffee.png")]

    together = detector.labels(photos)

    alone = [detector.labels([photo])[0] for photo in photos]
    for several, one in zip(together, alone, strict=True):
        assert confidences(several).keys() == confidences(one).keys()
        for label, boxes in confidences(one).items():
            assert confidences(several)[label] == pytest.approx(boxes, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bus.jpg", {"person", "bus"}),
        ("chelsea.png", {"cat", "tabby cat"}),
        ("coffee.png", {"espresso", "cup"}),
        ("motorcycle_left.png", {"motorcycle", "scooter"}),
        ("rocket.jpg", {"rocket"}),
        ("china.jpg", {"palace"}),
        ("biden.jpg", {"person", "tie", "suit"}),
        ("astronaut.png", {"person"}),
    ],
)
def test_a_previews_labels_are_what_a_person_would_say(vision: NetworkVision, name: str, expected: set[str]) -> None:
    (labels,) = seen(vision, a_preview(name))

    assert expected <= {label.name for label in labels}
    assert [label.confidence for label in labels] == sorted((label.confidence for label in labels), reverse=True)
    assert {label.model for label in labels} <= set(vision.models) == {"yolov8n@1", "efficientnet-lite0@1"}


@pytest.mark.parametrize("name", ["grass.png", "hubble_deep_field.jpg"])
def test_a_picture_of_nothing_in_particular_has_no_labels(vision: NetworkVision, name: str) -> None:
    assert seen(vision, a_preview(name)) == [()]


def test_the_classifiers_probabilities_are_a_distribution_over_its_classes() -> None:
    spec = next(spec for spec in read_manifest(MODELS) if spec.task == "classification")
    network = OnnxNetwork(MODELS / f"{spec.key}.onnx", Execution("cpu"), side_px=spec.input.side_px)
    pixels = centre_cropped(
        a_photo("coffee.png"),
        side_px=spec.input.side_px,
        resize_px=spec.input.resize_px,
        resampling=Resampling.BICUBIC,
    )

    tensor = (pixels.astype(np.float32) - np.float32(127)) / np.float32(128)
    (row,) = network.run(tensor.transpose(2, 0, 1)[None])

    assert row.sum() == pytest.approx(1, abs=1e-4)
    assert network.class_names[int(row.argmax())] == "espresso"


def test_without_models_every_photo_is_looked_at_and_has_no_labels(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text("# none\n")
    vision = NetworkVision(load_models(tmp_path, Execution("cpu"), label_threshold=None), batch_size=8)

    assert (seen(vision, a_preview("bus.jpg")), vision.models) == ([()], ())


def test_a_network_that_was_not_made_yet_says_how_to_make_it(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text((MODELS / "manifest.toml").read_text())

    with pytest.raises(NetworkError, match="make models"):
        load_models(tmp_path, Execution("cpu"), label_threshold=None)


def test_a_manifest_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestUnreadableError, match=r"manifest\.toml"):
        load_models(tmp_path, Execution("cpu"), label_threshold=None)
