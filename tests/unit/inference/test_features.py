"""Features of photos: small, the same everywhere, and as like one another as what the network says."""

import base64

import numpy as np
import numpy.typing as npt
import pytest

from heliograph_inference.classification import probabilities
from heliograph_inference.domain import Features
from heliograph_inference.features import DIMENSIONS, features_of

CLASSES = 1000
_random = np.random.default_rng(5)


def some_logits(like: npt.NDArray[np.float64] | None = None, noise: float = 1.0) -> npt.NDArray[np.float64]:
    drawn = _random.normal(0, 2, CLASSES)
    return drawn if like is None else like + noise * drawn


def small(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    found = features_of(probabilities(logits.astype(np.float32)), model="n@1")
    assert found
    values = np.frombuffer(base64.b64decode(found.values), np.int8).astype(np.float64)
    return values / np.linalg.norm(values)


def test_features_take_64_bytes_and_name_their_network_and_scheme() -> None:
    found = features_of(probabilities(some_logits().astype(np.float32)), model="efficientnet-lite0@1")

    assert found
    assert found.space == "efficientnet-lite0@1/1"
    assert len(base64.b64decode(found.values)) == DIMENSIONS


def test_features_are_the_same_on_every_machine() -> None:
    row = np.arange(1, 11) / 55

    found = features_of(row, model="n@1")

    assert found == Features(
        "n@1/1", "WRDV8//y2TStJygTKFnDge0IM7DH7RQbqAf9nPPm8ydZQE0SccETGd8DRjo+ABLZ/woHxekABycM9BNKKTMKMQ=="
    )


def test_it_is_the_same_whether_a_network_ends_in_a_softmax() -> None:
    logits = some_logits().astype(np.float32)

    assert features_of(probabilities(logits), model="n@1") == features_of(
        probabilities(probabilities(logits).astype(np.float32)), model="n@1"
    )


def test_a_network_that_cannot_tell_anything_gives_none() -> None:
    assert features_of(np.full(CLASSES, 1 / CLASSES), model="n@1") is None


@pytest.mark.parametrize("noise", [0.2, 0.5, 1.0])
def test_angles_are_kept(noise: float) -> None:
    pairs = [(one, some_logits(one, noise)) for one in (some_logits() for _ in range(50))]

    exact = [np.dot(a - a.mean(), b - b.mean()) / (np.std(a) * np.std(b) * CLASSES) for a, b in pairs]
    kept = [small(a) @ small(b) for a, b in pairs]

    assert np.abs(np.subtract(exact, kept)).mean() < 0.1
