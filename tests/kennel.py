"""Photos of dogs with features as a network would see them: each dog has a look of its own."""

import base64
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heliograph_metadata.domain.photo import Features, Label, Photo, Source
from tests.builders import NOON, a_photo

SPACE = "net@1/1"
DIMENSIONS = 64
DOG = Label("dog", 0.9, Source.MODEL, model="net@1")


class Kennel:
    """Dogs, each with a look of its own: photos of one vary about it, and all dogs have something in common."""

    def __init__(self, seed: int = 1, *, noise: float = 0.6) -> None:
        self._random = np.random.default_rng(seed)
        self._common = self._random.normal(0, 1, DIMENSIONS)
        self._looks: dict[str, NDArray[np.float64]] = {}
        self._noise = noise
        self._number = 0

    def photo(self, dog: str, **changes: Any) -> Photo:
        look = self._looks.setdefault(dog, self._random.normal(0, 1, DIMENSIONS))
        values = self._common + look + self._noise * self._random.normal(0, 1, DIMENSIONS)
        self._number += 1
        known: dict[str, Any] = {"labels": [DOG], "features": features(values)}
        return a_photo(self._number, taken_at=NOON + timedelta(hours=self._number), **known | changes)

    def photos(self, dog: str, count: int, **changes: Any) -> list[Photo]:
        return [self.photo(dog, **changes) for _ in range(count)]


def features(values: NDArray[np.float64]) -> Features:
    rounded = np.rint(values * 127 / np.abs(values).max()).astype(np.int8)
    return Features(SPACE, base64.b64encode(rounded.tobytes()).decode())
