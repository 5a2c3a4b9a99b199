"""What the networks see on a photo, and how it becomes labels. Pure; boxes are fractions of the upright image."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from heliograph.errors import HeliographError, UnavailableError

BATCH_SIZES = (1, 2, 4, 8, 16, 32)
"""The only sizes that a network is run with where batches gain; others are padded. Each size of its own would have the
provider plan anew and keep memory for it."""


class UnreadablePreviewError(HeliographError):
    """A preview is missing or no picture; looking again would not help."""

    status = 422
    title = "Unreadable preview"
    code = "unreadable-preview"


class PreviewUnavailableError(UnavailableError):
    """A preview could not be read just now; looking again may help."""

    code = "preview-unavailable"


class NetworkError(UnavailableError):
    """A network could not be run on a batch."""

    code = "network-failed"


class OutOfMemoryError(NetworkError):
    """A network could not be run on so many pictures at once; fewer may do."""

    code = "out-of-memory"


@dataclass(frozen=True)
class Box:
    """Corners as fractions (0-1) of the upright image, and how sure the network is."""

    x1: float
    y1: float
    x2: float
    y2: float
    confidence: float


@dataclass(frozen=True)
class Label:
    """Something that a model saw; without boxes where it says only that it is there.

    `confidence` is calibrated, and so are its boxes'; `raw_confidence` is what the network said, if that differs.
    """

    name: str
    confidence: float
    model: str
    boxes: tuple[Box, ...] = ()
    raw_confidence: float | None = None


@dataclass(frozen=True)
class Features:
    """What a classifier sees on a whole picture, to be compared with that of others; see features.py."""

    space: str
    """The network and the way in which they were made, `efficientnet-lite0@1/1`: within one they can be compared."""
    values: str
    """Base64 of signed bytes."""


@dataclass(frozen=True)
class Seen:
    """All that networks see on a picture."""

    labels: tuple[Label, ...] = ()
    features: Features | None = None
    """Of the first network that classifies."""


@dataclass(frozen=True)
class Detection:
    """One thing that a detector found, and where."""

    name: str
    box: Box


def as_said(_name: str, score: float) -> float:
    """Return a score as it is, for a network that is not calibrated."""
    return score


def labels_of_detections(
    detections: Iterable[Detection],
    *,
    model: str,
    threshold: float,
    calibrated: Callable[[str, float], float] = as_said,
) -> list[Label]:
    """Return one label for each name whose best box reaches `threshold`, with all of its boxes, best first.

    Args:
        detections: With the network's own scores.
        model: Its name and version.
        threshold: Of calibrated confidences.
        calibrated: A class's score (0-1) as its calibrated confidence; never reorders scores of one class.
    """
    boxes: dict[str, list[Box]] = {}
    for detection in detections:
        if not detection.name:  # a class without a name that people could read
            continue
        boxes.setdefault(detection.name, []).append(detection.box)
    labels = []
    for name, found in boxes.items():
        found.sort(key=lambda box: box.confidence, reverse=True)
        raw = found[0].confidence
        confidence = calibrated(name, raw)
        if confidence >= threshold:
            sure = tuple(replace(box, confidence=calibrated(name, box.confidence)) for box in found)
            labels.append(Label(name, confidence, model, sure, None if confidence == raw else raw))
    return labels


def surest_first(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Return what all networks saw, also where several name the same thing: metadata knows which of them it shows."""
    return tuple(sorted(labels, key=lambda label: (-label.confidence, label.name, label.model)))
