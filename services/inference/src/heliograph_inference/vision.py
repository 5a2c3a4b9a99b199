"""The networks of the manifest at work: decode, prepare, run, read the outputs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL.Image import Resampling

from heliograph_inference.calibration import Calibration, identity, read_calibration
from heliograph_inference.classification import ClassNames, labels_of_classes, probabilities, readable
from heliograph_inference.detection import Letterbox, detections, letterbox_geometry
from heliograph_inference.domain import Label, Seen, labels_of_detections, surest_first
from heliograph_inference.exports import verify_file, verify_input, verify_output
from heliograph_inference.features import features_of
from heliograph_inference.imaging import Empty, Pixels, centre_cropped, decoded, letterboxed, normalised
from heliograph_inference.manifest import ModelSpec, read_manifest
from heliograph_inference.memory import RecycledArrays
from heliograph_inference.onnx import OnnxNetwork
from heliograph_inference.providers import Execution

Floats = npt.NDArray[np.float32]

_STRIDE_PX = 32
"""Of the coarsest grid of any YOLOv8. Pictures of a batch share one shape, the square; one alone needs not be padded
that far, which leaves out a fifth of the work for a 4:3 photo and two fifths for 16:9."""


class Network(Protocol):
    """A loaded network; `OnnxNetwork` or a fake."""

    class_names: tuple[str, ...]
    takes_any_size: bool
    """Whether height and width are free, up to the manifest's `side_px`."""

    @property
    def provider(self) -> str:
        """Where it runs."""

    @property
    def gains_from_batches(self) -> bool:
        """Whether one run on many pictures is faster than many runs on one."""

    def run(self, batch: Floats) -> Floats:
        """Return the output for a batch (N, 3, height, width)."""


class PhotoModel:
    """One network with what it was trained to be fed and how its output is read."""

    def __init__(
        self,
        spec: ModelSpec,
        network: Network,
        *,
        label_threshold: float | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        self.key = spec.key
        self.network = network
        self._spec = spec
        self._threshold = spec.label_threshold if label_threshold is None else label_threshold
        self._names = tuple(readable(name) for name in network.class_names)
        self._distinct_names = ClassNames(self._names)
        self._calibration = calibration or identity(spec.key)
        self._pads_to_stride = network.takes_any_size and not network.gains_from_batches
        self._mean = np.array(spec.input.mean, np.float32)
        self._scale = np.array(spec.input.scale, np.float32)

    def prepared(self, picture: Pixels, *, empty: Empty = np.empty) -> tuple[Floats, Letterbox | None]:
        """Return the network's input (3, height, width), and how the picture lies in it if it is letterboxed.

        Args:
            picture: RGB, (height, width, 3).
            empty: Where arrays come from.
        """
        spec = self._spec.input
        if spec.fit == "letterbox":
            stride_px = _STRIDE_PX if self._pads_to_stride else None
            letterbox = letterbox_geometry(picture.shape[1], picture.shape[0], spec.side_px, stride_px=stride_px)
            return letterboxed(picture, letterbox, self._mean, self._scale, empty=empty), letterbox
        resize_px, resampling = spec.resize_px or spec.side_px, Resampling[spec.resampling.upper()]
        pixels = centre_cropped(picture, side_px=spec.side_px, resize_px=resize_px, resampling=resampling)
        return normalised(pixels, self._mean, self._scale, empty=empty), None

    def labels(self, images: Sequence[Pixels]) -> list[list[Label]]:
        """Return what this network sees on each picture."""
        return [list(seen.labels) for seen in self.seen([self.prepared(image) for image in images])]

    def seen(self, prepared: Sequence[tuple[Floats, Letterbox | None]]) -> list[Seen]:
        """Return what this network sees on each prepared picture."""
        if self.network.gains_from_batches:
            outputs = list(self.network.run(np.stack([tensor for tensor, _ in prepared])))
        else:
            outputs = [self.network.run(tensor[None])[0] for tensor, _ in prepared]
        return [self._read(output, letterbox) for output, (_, letterbox) in zip(outputs, prepared, strict=True)]

    def try_out(self) -> None:
        """Run the network on a black square.

        Raises:
            NetworkError: It cannot be run.
        """
        self.network.run(np.zeros((1, 3, *[self._spec.input.side_px] * 2), np.float32))

    def _read(self, output: Floats, letterbox: Letterbox | None) -> Seen:
        if self._spec.task == "classification":
            most = self._spec.most_labels
            names = self._distinct_names
            labels = labels_of_classes(
                output, names, model=self.key, threshold=self._threshold, most=most, calibrated=self._probabilities
            )
            return Seen(tuple(labels), features_of(probabilities(output), model=self.key))
        if letterbox is None:
            raise ValueError(f"{self.key}: a detector's input is letterboxed")
        found = detections(
            output,
            letterbox,
            self._names,
            box_threshold=self._spec.box_threshold,
            iou_threshold=self._spec.iou_threshold,
        )
        labels = labels_of_detections(
            found, model=self.key, threshold=self._threshold, calibrated=self._calibration.of_score
        )
        return Seen(tuple(labels))

    def _probabilities(self, row: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return self._calibration.of_probabilities(row, self._names)


Prepared = dict[str, tuple[Floats, Letterbox | None]]
"""A picture laid out for each network that is to look, by the network's key."""


class NetworkVision:
    """A `Vision` over the networks of a manifest."""

    def __init__(self, models: Sequence[PhotoModel], *, batch_size: int) -> None:
        self._models = tuple(models)
        self._arrays = RecycledArrays()
        self.most_at_once = batch_size if any(model.network.gains_from_batches for model in models) else 1

    @property
    def models(self) -> tuple[str, ...]:
        """See `Vision.models`."""
        return tuple(model.key for model in self._models)

    @property
    def description(self) -> str:
        """The networks and where they run, for /readyz and the log."""
        return ", ".join(f"{model.key} on {model.network.provider}" for model in self._models) or "no models"

    def prepared(self, preview: bytes, models: Sequence[str]) -> Prepared:
        """See `Vision.prepared`."""
        empty = self._arrays.empty
        picture = decoded(preview, empty=empty)
        return {model.key: model.prepared(picture, empty=empty) for model in self._models if model.key in models}

    def try_out(self) -> None:
        """See `Networks.try_out`."""
        for model in self._models:
            model.try_out()

    def look_at(self, pictures: Sequence[Prepared]) -> list[Seen]:
        """See `Networks.look_at`; each network runs once, on the pictures that were prepared for it."""
        found: list[list[Seen]] = [[] for _ in pictures]
        for model in self._models:
            mine = [
                (looks, picture[model.key])
                for looks, picture in zip(found, pictures, strict=True)
                if model.key in picture
            ]
            if mine:
                for (looks, _), seen in zip(mine, model.seen([prepared for _, prepared in mine]), strict=True):
                    looks.append(seen)
        return [_together(looks) for looks in found]


def _together(looks: Sequence[Seen]) -> Seen:
    labels = surest_first(label for seen in looks for label in seen.labels)
    return Seen(labels, next((seen.features for seen in looks if seen.features), None))


def load_models(directory: Path, execution: Execution, *, label_threshold: float | None) -> list[PhotoModel]:
    """Return the networks of `directory`'s manifest, loaded.

    Raises:
        ManifestUnreadableError: The manifest is not there or wrong.
        NetworkError: A network is not there, is not the one that the manifest means, or cannot be loaded.
        CalibrationUnreadableError: A network's calibration is there but wrong.
    """
    models = []
    for spec in read_manifest(directory):
        network = OnnxNetwork(verify_file(directory, spec), execution, side_px=spec.input.side_px)
        verify_input(spec, network.export)
        network.warm_up()
        verify_output(spec, network.export, network.run(np.zeros((1, 3, *[spec.input.side_px] * 2), np.float32)).shape)
        names = tuple(readable(name) for name in network.class_names)
        calibration = read_calibration(directory, spec.key, names)
        models.append(PhotoModel(spec, network, label_threshold=label_threshold, calibration=calibration))
    return models
