"""How far classification is from the recorded reference: its resize, its crop, and how it reads an output."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heliograph_inference.classification import ClassNames, labels_of_classes
from heliograph_inference.domain import Label
from heliograph_inference.exports import verify_input
from heliograph_inference.manifest import InputSpec, ModelSpec
from heliograph_inference.onnx import OnnxNetwork
from heliograph_inference.providers import Execution
from heliograph_inference.vision import PhotoModel
from tests.reference.recordings import BATCH, CONFIDENCE_TOLERANCE, InBatches, pictures

SUREST = 5
"""As many as Ultralytics shows."""


@dataclass(frozen=True)
class ClassParity:
    """One photo compared."""

    photo: str
    classes: tuple[str, ...]
    """Each with its number before it, for some share a name; surest first."""
    expected_classes: tuple[str, ...]
    confidence_difference: float
    """The greatest of the surest; 0 where the classes differ."""

    @property
    def holds(self) -> bool:
        """Whether the same classes come in the same order, none outside the tolerance."""
        return self.classes == self.expected_classes and self.confidence_difference <= CONFIDENCE_TOLERANCE


def classified(path: Path, document: dict[str, Any], *, in_batches: bool) -> list[ClassParity]:
    """Return every recorded photo's comparison, from the bytes of its file on.

    Args:
        path: The network's file.
        document: What was recorded of it.
        in_batches: Whether it is run on several pictures at once, as on a GPU.
    """
    spec = _spec(document)
    network = (InBatches if in_batches else OnnxNetwork)(path, Execution("cpu"), side_px=spec.input.side_px)
    verify_input(spec, network.export)
    model = PhotoModel(spec, network)
    names = ClassNames(tuple(f"{number} {name}" for number, name in enumerate(network.class_names)))
    prepared = [(name, model.prepared(picture)[0]) for name, picture in pictures(document)]
    size = BATCH if in_batches else 1
    results: list[ClassParity] = []
    for start in range(0, len(prepared), size):
        run = prepared[start : start + size]
        for (name, _), output in zip(run, network.run(np.stack([tensor for _, tensor in run])), strict=True):
            labels = labels_of_classes(output, names, model=spec.key, threshold=0, most=SUREST)
            results.append(_parity(name, labels, document["photos"][name]["classes"]))
    return results


def _spec(document: dict[str, Any]) -> ModelSpec:
    mean, scale = document["mean"], document["scale"]
    fed = InputSpec(side_px=document["side_px"], fit="crop", mean=(mean,) * 3, scale=(scale,) * 3)
    return ModelSpec(name="classifier", version=1, task="classification", input=fed)


def _parity(name: str, labels: list[Label], expected: list[tuple[str, float]]) -> ClassParity:
    classes = tuple(label.name for label in labels)
    expected_classes = tuple(expected_name for expected_name, _ in expected)
    difference = 0.0
    if classes == expected_classes:
        difference = max(abs(label.confidence - sure) for label, (_, sure) in zip(labels, expected, strict=True))
    return ClassParity(name, classes, expected_classes, difference)
