"""What a network of the manifest says of photos before any calibration."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from heliograph_inference.calibration import identity
from heliograph_inference.classification import probabilities, readable
from heliograph_inference.manifest import read_manifest
from heliograph_inference.providers import Execution
from heliograph_inference.vision import PhotoModel, load_models
from tools.calibrate.samples import ClassifierSamples, DetectorSamples
from tools.calibrate.truth import Corners, Photo, judged

_LONG_SIDE_PX = 1440
"""As previews are, which is what the networks look at in service."""


class Uncalibrated:
    """One network of a manifest, taken at its word."""

    def __init__(self, directory: Path, key: str) -> None:
        spec = next((spec for spec in read_manifest(directory) if spec.key == key), None)
        if spec is None:
            raise ValueError(f"{directory / 'manifest.toml'} lists no {key}")
        models = load_models(directory, Execution("cpu"), label_threshold=0)
        loaded = next(model for model in models if model.key == key)
        self.task = spec.task
        self.names = tuple(readable(name) for name in loaded.network.class_names)
        self._model = PhotoModel(spec, loaded.network, label_threshold=0, calibration=identity(key))

    def boxes(self, image: Image.Image) -> list[tuple[str, float, Corners]]:
        """Return a detector's (name, score, corners)."""
        (labels,) = self._model.labels([np.asarray(image)])
        return [
            (label.name, box.confidence, (box.x1, box.y1, box.x2, box.y2)) for label in labels for box in label.boxes
        ]

    def detector_samples(self, photos: Sequence[Photo]) -> DetectorSamples:
        """Return each box it finds, judged by what is there."""
        groups = {group: i for i, group in enumerate(dict.fromkeys(photo.group for photo in photos))}
        found = [
            (groups[photo.group], *one)
            for photo in photos
            for one in judged(self.boxes(opened(photo.path)), photo.things)
        ]
        return DetectorSamples(
            scores=np.array([score for _, _, score, _ in found], np.float64),
            right=np.array([right for *_, right in found], np.float64),
            photos=np.array([group for group, *_ in found], np.intp),
            names=np.array([name for _, name, _, _ in found], np.str_),
        )

    def classifier_samples(self, photos: Sequence[tuple[Path, str]]) -> ClassifierSamples:
        """Return a classifier's probabilities and which classes are the photo's label."""
        rows = []
        for path, label in photos:
            if label not in self.names:
                raise ValueError(f"{path}: the network knows no {label!r}")
            tensor, _ = self._model.prepared(np.asarray(opened(path)))
            rows.append(probabilities(self._model.network.run(tensor[None])[0]))
        return ClassifierSamples(
            probabilities=np.stack(rows),
            truth=np.array([[name == label for name in self.names] for _, label in photos], np.float64),
            photos=np.arange(len(photos)),
        )


def opened(path: Path) -> Image.Image:
    """Return a photo upright, in RGB and at the size of a preview."""
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((_LONG_SIDE_PX, _LONG_SIDE_PX))
    return upright
