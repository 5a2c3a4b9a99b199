"""Fit a temperature, say how far it can be trusted, and what it is good for.

Source: Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks (2017), for the temperature and the
expected calibration error. Intervals are percentiles of a bootstrap over photos, not over answers: what is seen on one
photo is seen in the same light.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log
from typing import Final

import numpy as np

from tools.calibrate.samples import Floats, Ints, Samples

BINS: Final = 10
_LOWEST, _HIGHEST = log(0.1), log(10)
_PRIOR_DEVIATION: Final = 0.5
"""Of the temperature's logarithm around its prior's: a few answers alone don't move it far."""

_STEPS: Final = 40
_GOLDEN: Final = (5**0.5 - 1) / 2
_LEAST_PHOTOS: Final = 30
_LEAST_ANSWERS: Final = 100
_FOLDS: Final = 5


@dataclass(frozen=True)
class Interval:
    """The middle 95 % of a bootstrap."""

    low: float
    high: float


@dataclass(frozen=True)
class Fit:
    """A temperature with all that says whether to use it."""

    temperature: float
    temperature_interval: Interval
    answers: int
    photos: int
    loss_before: float
    loss_held_out: float
    """Of each fifth of the photos at the temperature of the others."""
    error_before: float
    error_before_interval: Interval
    error_after: float
    error_after_interval: Interval

    @property
    def why_not(self) -> str:
        """Return why this temperature should not be used; empty where it should."""
        if self.photos < _LEAST_PHOTOS or self.answers < _LEAST_ANSWERS:
            return f"{self.answers} answers on {self.photos} photos are too few"
        if self.temperature_interval.low <= 1 <= self.temperature_interval.high:
            return "the interval of the temperature holds 1"
        if self.loss_held_out >= self.loss_before:
            return "on photos that it was not fitted on, it makes things worse"
        return ""


def temperature_of(samples: Samples, *, prior: float = 1.0) -> float:
    """Return the temperature of least negative log-likelihood, drawn towards `prior` where there are few samples."""

    def loss(log_temperature: float) -> float:
        drawn = (log_temperature - log(prior)) ** 2 / (2 * _PRIOR_DEVIATION**2)
        return float(samples.losses(exp(log_temperature)).sum() + drawn)

    return exp(_least(loss))


def _least(loss: Callable[[float], float]) -> float:
    """Return where a function with one valley is least, by golden sections."""
    low, high = _LOWEST, _HIGHEST
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = loss(left), loss(right)
    for _ in range(_STEPS):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = loss(right)
    return (low + high) / 2


def bins(confidences: Floats, right: Floats) -> list[tuple[int, float, float]]:
    """Return for each tenth of confidence how many answers, their mean confidence and how many of them are right."""
    number = np.minimum((confidences * BINS).astype(np.intp), BINS - 1)
    found = []
    for i in range(BINS):
        inside = number == i
        if count := int(inside.sum()):
            found.append((count, float(confidences[inside].mean()), float(right[inside].mean())))
        else:
            found.append((0, 0.0, 0.0))
    return found


def expected_calibration_error(confidences: Floats, right: Floats) -> float:
    """Return by how much confidences are off on average, over bins of a tenth."""
    found = bins(confidences, right)
    return sum(count * abs(sure - truth) for count, sure, truth in found) / max(1, sum(count for count, *_ in found))


def fitted(samples: Samples, *, rounds: int = 300, seed: int = 0) -> Fit:
    """Return the temperature of the samples, cross-validated and with intervals.

    Raises:
        ValueError: There are fewer than two photos.
    """
    of_photo = [np.flatnonzero(samples.photos == photo) for photo in np.unique(samples.photos)]
    if len(of_photo) <= 1:
        raise ValueError("a temperature cannot be fitted to fewer than two photos with answers")
    temperature = temperature_of(samples)
    chance = np.random.default_rng(seed)
    temperatures, before, after = [], [], []
    for _ in range(rounds):
        drawn = samples.chosen(np.concatenate([of_photo[i] for i in chance.integers(0, len(of_photo), len(of_photo))]))
        temperatures.append(temperature_of(drawn))
        before.append(expected_calibration_error(drawn.confidences(1), drawn.right))
        after.append(expected_calibration_error(drawn.confidences(temperature), drawn.right))
    return Fit(
        temperature=temperature,
        temperature_interval=_interval(temperatures),
        answers=len(samples.photos),
        photos=len(of_photo),
        loss_before=float(samples.losses(1).mean()),
        loss_held_out=_loss_held_out(samples, of_photo, chance),
        error_before=expected_calibration_error(samples.confidences(1), samples.right),
        error_before_interval=_interval(before),
        error_after=expected_calibration_error(samples.confidences(temperature), samples.right),
        error_after_interval=_interval(after),
    )


def _interval(values: list[float]) -> Interval:
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(float(low), float(high))


def _loss_held_out(samples: Samples, of_photo: list[Ints], chance: np.random.Generator) -> float:
    folds = np.array_split(chance.permutation(len(of_photo)), min(_FOLDS, len(of_photo)))
    total = 0.0
    for fold in folds:
        held = set(fold.tolist())
        others = samples.chosen(np.concatenate([one for i, one in enumerate(of_photo) if i not in held]))
        those = samples.chosen(np.concatenate([of_photo[i] for i in fold]))
        total += float(those.losses(temperature_of(others)).sum())
    return total / len(samples.photos)
