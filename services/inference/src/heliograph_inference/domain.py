"""What the networks see on a photo, and how it becomes labels. Pure; boxes are fractions of the upright image."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from heliograph.errors import HeliographError, UnavailableError


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
    """Something that a model saw; without boxes where it says only that it is there."""

    name: str
    confidence: float
    model: str
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True)
class Detection:
    """One thing that a detector found, and where."""

    name: str
    box: Box


def labels_of_detections(detections: Iterable[Detection], *, model: str, threshold: float) -> list[Label]:
    """Return one label for each name whose best box reaches `threshold`, with all of its boxes, best first."""
    boxes: dict[str, list[Box]] = {}
    for detection in detections:
        boxes.setdefault(detection.name, []).append(detection.box)
    labels = []
    for name, found in boxes.items():
        found.sort(key=lambda box: box.confidence, reverse=True)
        if found[0].confidence >= threshold:
            labels.append(Label(name=name, confidence=found[0].confidence, model=model, boxes=tuple(found)))
    return labels


def united(labels: Sequence[Label]) -> tuple[Label, ...]:
    """Return the labels with each name once, surest first.

    Where two models name the same thing, the one that says where it is wins, then the surer one.
    """
    best: dict[str, Label] = {}
    for label in labels:
        known = best.get(label.name)
        if known is None or (bool(label.boxes), label.confidence) > (bool(known.boxes), known.confidence):
            best[label.name] = label
    return tuple(sorted(best.values(), key=lambda label: (-label.confidence, label.name)))
