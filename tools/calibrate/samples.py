"""What a network said and what was so, as arrays; and how well one fits the other at a temperature."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

_LEAST = 1e-12


class Samples(Protocol):
    """Answers of a network, each with how right it was (0-1) and the photo that it is of."""

    @property
    def photos(self) -> Ints:
        """A number for the photo of each, (N): answers of one photo are not independent."""

    @property
    def right(self) -> Floats:
        """How right each is, (N): 1 or 0, or something between where even the truth is unsure."""

    def confidences(self, temperature: float) -> Floats:
        """Return how sure the network is of each, (N)."""

    def losses(self, temperature: float) -> Floats:
        """Return the negative log-likelihood of each, (N)."""

    def chosen(self, indices: Ints) -> Self:
        """Return some of them, in the order given, a few perhaps several times."""


@dataclass(frozen=True)
class DetectorSamples:
    """Boxes: a score each, and whether a thing of that name is there."""

    scores: Floats
    right: Floats
    photos: Ints
    names: npt.NDArray[np.str_]

    def confidences(self, temperature: float) -> Floats:
        """See `Samples`."""
        scores = np.clip(self.scores, _LEAST, 1 - _LEAST)
        return np.asarray(1 / (1 + ((1 - scores) / scores) ** (1 / temperature)), np.float64)

    def losses(self, temperature: float) -> Floats:
        """See `Samples`."""
        sure = np.clip(self.confidences(temperature), _LEAST, 1 - _LEAST)
        return np.asarray(-(self.right * np.log(sure) + (1 - self.right) * np.log(1 - sure)), np.float64)

    def chosen(self, indices: Ints) -> "DetectorSamples":
        """See `Samples`."""
        return DetectorSamples(self.scores[indices], self.right[indices], self.photos[indices], self.names[indices])


@dataclass(frozen=True)
class ClassifierSamples:
    """Photos: the probabilities of all classes (N, classes), and which classes would be right (N, classes), 0 or 1."""

    probabilities: Floats
    truth: Floats
    photos: Ints

    @property
    def right(self) -> Floats:
        """See `Samples`: whether the surest class is right."""
        surest = self.probabilities.argmax(axis=1)
        return np.asarray(self.truth[np.arange(len(surest)), surest], np.float64)

    def confidences(self, temperature: float) -> Floats:
        """See `Samples`."""
        return np.asarray(self._calibrated(temperature).max(axis=1), np.float64)

    def losses(self, temperature: float) -> Floats:
        """See `Samples`."""
        sure = (self._calibrated(temperature) * self.truth).sum(axis=1)
        return np.asarray(-np.log(np.maximum(sure, _LEAST)), np.float64)

    def chosen(self, indices: Ints) -> "ClassifierSamples":
        """See `Samples`."""
        return ClassifierSamples(self.probabilities[indices], self.truth[indices], self.photos[indices])

    def _calibrated(self, temperature: float) -> Floats:
        logits = np.log(np.maximum(self.probabilities, _LEAST)) / temperature
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), np.float64)
