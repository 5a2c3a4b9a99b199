"""A person's own labels, learned from their ticks: Rex is told from other dogs by what a network sees on whole photos.

Each own label has a linear classifier: the direction in which the ticked photos lie apart from the others of their
kind, by the way in which those are spread (Fisher's discriminant, shrunk towards the identity, so that five ticks in 64
dimensions are enough). Its confidence is the chance by two normal distributions of the score: of the ticked photos,
each scored without itself, and of the others, by their median, as some of them are Rex, too. Nobody else's photos are
used, and nothing leaves the account.

Sources: Fisher, "The use of multiple measurements in taxonomic problems", 1936; Ledoit and Wolf, "A well-conditioned
estimator for large-dimensional covariance matrices", 2004, for shrinking; the share of doubt is ours.
"""

import base64
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from heliograph_metadata.domain.labelling import with_looks
from heliograph_metadata.domain.photo import Features, Label, Photo, Source
from heliograph_metadata.domain.search.lexicon import is_known
from heliograph_metadata.domain.terms import folded

OWN_LABELS: Final = "own-labels@1"
"""What stands as the model of a label that was found so; higher with every change of how it is."""

LEAST_TICKS: Final = 5
MOST_TICKS: Final = 64
"""The newest; of more, little is learned."""
LEAST_CONFIDENCE: Final = 0.35
MOST_CONFIDENCE: Final = 0.84
"""A likeness is never as sure as a person, and stays doubtful: it is asked about."""

_LEAST_OTHERS: Final = 5
_PRIOR: Final = 0.2
"""How many photos of the kind are of the one, before anything is known of it; our own estimate."""
_SHRINKING: Final = 0.3
_LEAST_APART: Final = 1.0
"""Spreads between the two means; whoever lies closer can't be told apart."""
_NORMAL_MAD: Final = 1.4826
"""Of a normal distribution: its standard deviation by the median of the distances to its median."""

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OwnLabel:
    """How one of a person's own labels is told from other photos of its kind."""

    name: str
    """As the person writes it."""
    base: str
    """The network's label that all have, folded: dog; empty where they have none in common."""
    space: str
    """Of the features."""
    weights: tuple[float, ...]
    offset: float
    """The logarithm of the odds is weights · features + offset."""
    ticks: int
    """It was learned from."""

    def confidence(self, features: Features | None) -> float:
        """Return how sure it is that a photo is one, 0-1; 0 where its features can't be compared."""
        odds = self.odds(features)
        return 0.0 if odds is None else min(MOST_CONFIDENCE, 1 / (1 + math.exp(-max(-50.0, min(50.0, odds)))))

    def odds(self, features: Features | None) -> float | None:
        """Return the logarithm of the odds that a photo is one; None where its features can't be compared."""
        point = _point(features, self.space)
        if point is None or len(point) != len(self.weights):
            return None
        return float(np.dot(self.weights, point)) + self.offset


def is_own(name: str) -> bool:
    """Whether a label is of the person's making: none that a network gives, or that means one."""
    return bool(folded(name)) and not is_known(folded(name))


def says(photo: Photo, name: str) -> bool:
    """Whether a person has said that a label is on a photo."""
    return any(one.source is Source.PERSON and folded(one.name) == folded(name) for one in photo.labels)


def base_of(ticked: Sequence[Photo]) -> str:
    """Return the network's label that most of the ticked photos share, folded; empty where fewer than half do."""
    counts = Counter(name for photo in ticked for name in _seen_on(photo))
    best = min(counts.items(), key=lambda one: (-one[1], one[0]), default=("", 0))
    return best[0] if 2 * best[1] >= len(ticked) else ""


def learned(name: str, ticked: Sequence[Photo], others: Iterable[Photo]) -> OwnLabel | None:
    """Return how a label is told from others; None where too little is known, or they can't be told apart.

    Args:
        name: The label.
        ticked: Photos that the person has said it is on, the newest first.
        others: Photos of the kind; those that are ticked are passed over.
    """
    spaces = Counter(photo.features.space for photo in ticked if photo.features)
    if not spaces:
        return None
    space = max(spaces, key=lambda one: (spaces[one], one))
    is_ticked = {photo.photo_id for photo in ticked}
    points = _points(ticked[:MOST_TICKS], space)
    beside = _points((photo for photo in others if photo.photo_id not in is_ticked), space)
    if len(points) < LEAST_TICKS or len(beside) < _LEAST_OTHERS or points.shape[1:] != beside.shape[1:]:
        return None
    found = _discriminant(points, beside)
    if found is None:
        return None
    weights, offset = found
    names = [one.name for photo in ticked for one in photo.labels if folded(one.name) == folded(name)]
    return OwnLabel(
        name=names[0] if names else name,
        base=base_of(ticked),
        space=space,
        weights=tuple(round(float(one), 5) for one in weights),
        offset=round(offset, 5),
        ticks=len(points),
    )


def likened(photo: Photo, own: Iterable[OwnLabel], *, at: datetime) -> Photo:
    """Return the photo with the own labels that it seems to bear, in place of those that it seemed to bear before.

    What a person has said of a label stands: one that they rejected is kept beside, and never shown. The same photo
    where nothing changes.
    """
    looks = [
        Label(label.name, round(confidence, 3), Source.MODEL, model=OWN_LABELS)
        for label in own
        if (confidence := _confidence(label, photo)) >= LEAST_CONFIDENCE
    ]
    return with_looks(photo, OWN_LABELS, looks, at=at)


def _confidence(label: OwnLabel, photo: Photo) -> float:
    if label.base and label.base not in _seen_on(photo):
        return 0.0
    return label.confidence(photo.features)


def _seen_on(photo: Photo) -> set[str]:
    looks = (*photo.labels, *photo.overruled)
    seen = {folded(one.name) for one in looks if one.source is Source.MODEL and one.model != OWN_LABELS}
    return seen | {folded(one.name) for one in photo.labels if not is_own(one.name)}


def _points(photos: Iterable[Photo], space: str) -> Vector:
    found = [point for photo in photos if (point := _point(photo.features, space)) is not None]
    same = [point for point in found if len(point) == len(found[0])]
    return np.array(same) if same else np.empty((0, 0))


def _point(features: Features | None, space: str) -> Vector | None:
    """Return features as a point of the unit sphere; None where they are of another space, or none."""
    if features is None or features.space != space:
        return None
    values = np.frombuffer(base64.b64decode(features.values), np.int8).astype(np.float64)
    length = float(np.linalg.norm(values))
    return values / length if length else None


def _discriminant(points: Vector, beside: Vector) -> tuple[Vector, float] | None:
    """Return weights and offset of the logarithm of the odds.

    Many of the others may be of the one, too, and would hide by their spread what tells it apart. So the first look is
    along the line between the means alone, and each look leaves out those that the one before took for it.

    Args:
        points: (ticked, dimensions).
        beside: (others, dimensions).
    """
    found, others = None, beside
    for shrinking in (1.0, _SHRINKING, _SHRINKING):
        found = _look(points, others, shrinking)
        if found is None:
            return None
        weights, offset = found
        others = beside[beside @ weights + offset < 0]
        if len(others) < _LEAST_OTHERS:
            return None
    return found


def _look(points: Vector, beside: Vector, shrinking: float) -> tuple[Vector, float] | None:
    mean, middle = points.mean(axis=0), beside.mean(axis=0)
    spread = np.cov(beside, rowvar=False)  # (dimensions, dimensions)
    dimensions = len(mean)
    scale = float(np.trace(spread)) / dimensions
    if scale <= 0:
        return None
    shrunk = (1 - shrinking) * spread + shrinking * scale * np.eye(dimensions)
    direction = np.linalg.solve(shrunk, mean - middle)
    alone = (len(points) * mean - points) / (len(points) - 1)  # (ticked, dimensions): the mean of all but one
    scores = np.einsum("ij,ij->i", np.linalg.solve(shrunk, (alone - middle).T).T, points - middle)
    away = (beside - middle) @ direction
    centre = float(np.median(away))
    deviation = max(
        _NORMAL_MAD * float(np.median(np.abs(away - centre))),
        float(scores.std(ddof=1)),
        1e-9,
    )
    gap = float(scores.mean()) - centre
    if gap < _LEAST_APART * deviation:
        return None
    steepness = gap / deviation**2
    halfway = centre + gap / 2
    offset = math.log(_PRIOR / (1 - _PRIOR)) - steepness * (halfway + float(direction @ middle))
    return steepness * direction, offset
