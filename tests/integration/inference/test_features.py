"""Features of real photos by the network that is shipped: whose neighbours they keep, and what five ticks find."""

import base64
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from heliograph_inference.classification import probabilities
from heliograph_inference.features import features_of
from heliograph_inference.imaging import Pixels, decoded
from heliograph_inference.providers import Execution
from heliograph_inference.vision import PhotoModel, load_models
from heliograph_metadata.domain.labelling import labelled
from heliograph_metadata.domain.own_labels import LEAST_CONFIDENCE, LEAST_TICKS, learned
from heliograph_metadata.domain.photo import Features, Photo
from tests.builders import NOON, a_photo
from tools.test_photos import photo_path

MODELS = Path(__file__).resolve().parents[3] / "models"
SUBJECTS = (
    *("bus.jpg", "zidane.jpg", "chelsea.png", "coffee.png", "rocket.jpg", "astronaut.png", "horse.png", "coins.png"),
    *("motorcycle_left.png", "hubble_deep_field.jpg", "china.jpg", "flower.jpg", "biden.jpg", "brick.png"),
)
ONE_PERSON = ("obama.jpg", "obama2.jpg", "obama3.jpg", "obama_partial_face.jpg", "obama_partial_face2.jpg")
_CORNERS = ((0.0, 0.0), (0.4, 0.0), (0.0, 0.4), (0.4, 0.4), (0.2, 0.2))
_NEIGHBOURS = 10


class Seen:
    """What the network says of pictures, whole and in 64 bytes."""

    def __init__(self, model: PhotoModel) -> None:
        self._model = model
        self._rows: dict[tuple[str, int], NDArray[np.float64]] = {}

    def row(self, name: str, view: int) -> NDArray[np.float64]:
        """Return a probability for each class of one view of a photo: 0 is all of it."""
        if (name, view) not in self._rows:
            picture = decoded(photo_path(name).read_bytes())
            tensor, _ = self._model.prepared(picture if view == 0 else _part(picture, *_CORNERS[view - 1]))
            self._rows[name, view] = probabilities(self._model.network.run(tensor[None])[0])
        return self._rows[name, view]

    def photo(self, name: str, view: int) -> Photo:
        found = features_of(self.row(name, view), model=self._model.key)
        assert found
        number = 10 * (*SUBJECTS, *ONE_PERSON).index(name) + view
        return a_photo(number, features=Features(found.space, found.values))


def _part(picture: Pixels, left: float, top: float) -> Pixels:
    height, width = picture.shape[:2]
    y, x = int(top * height), int(left * width)
    return np.ascontiguousarray(picture[y : y + int(0.6 * height), x : x + int(0.6 * width)])


@pytest.fixture(scope="module")
def seen() -> Seen:
    models = load_models(MODELS, Execution("cpu"), label_threshold=None)
    return Seen(next(model for model in models if model.key.startswith("efficientnet")))


def ticked(photos: Sequence[Photo], name: str) -> list[Photo]:
    return [labelled(photo, add=[name], at=NOON) for photo in photos]


def _nearest(points: NDArray[np.float64]) -> NDArray[np.intp]:
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    likeness = unit @ unit.T
    np.fill_diagonal(likeness, -2)
    return np.argsort(-likeness, axis=1)[:, :_NEIGHBOURS]


def test_64_bytes_keep_most_of_a_photos_neighbours(seen: Seen) -> None:
    views = [(name, view) for name in (*SUBJECTS, *ONE_PERSON) for view in range(6)]
    logits = np.log(np.maximum([seen.row(*one) for one in views], 1e-7))
    small = np.array([_values(seen.photo(*one)) for one in views])

    exact, kept = _nearest(logits - logits.mean(axis=1, keepdims=True)), _nearest(small)

    recall = np.mean([len(set(one) & set(other)) / _NEIGHBOURS for one, other in zip(exact, kept, strict=True)])
    print(f"recall of the {_NEIGHBOURS} nearest of {len(views)}: {recall:.2f}")
    assert recall > 0.65


def _values(photo: Photo) -> NDArray[np.float64]:
    assert photo.features
    return np.frombuffer(base64.b64decode(photo.features.values), np.int8).astype(np.float64)


def test_five_views_of_one_thing_find_the_sixth_and_few_of_other_things(seen: Seen) -> None:
    found, wrong, others_seen = 0, 0, 0
    for name in SUBJECTS:
        others = [seen.photo(other, view) for other in SUBJECTS if other != name for view in range(6)]
        views = [seen.photo(name, view) for view in range(6)]
        own = learned("this one", ticked(views[1:], "this one"), others)
        found += bool(own and own.confidence(views[0].features) >= LEAST_CONFIDENCE)
        wrong += sum(bool(own and own.confidence(one.features) >= LEAST_CONFIDENCE) for one in others)
        others_seen += len(others)

    print(f"{found} of {len(SUBJECTS)} found, {wrong} of {others_seen} wrongly")
    assert found >= 0.75 * len(SUBJECTS)
    assert wrong < 0.05 * others_seen


def test_photos_of_one_person_find_others_of_the_same_person_before_those_of_other_people(seen: Seen) -> None:
    people = ("biden.jpg", "zidane.jpg", "astronaut.png")
    ticks = [seen.photo(name, view) for name in ONE_PERSON[:3] for view in (0, 5)]
    others = [seen.photo(name, view) for name in SUBJECTS for view in range(6)]
    assert len(ticks) >= LEAST_TICKS

    own = learned("him", ticked(ticks, "him"), others)

    assert own
    same = [own.odds(seen.photo(name, 0).features) or 0.0 for name in ONE_PERSON[3:]]
    beside = [own.odds(seen.photo(name, 0).features) or 0.0 for name in people]
    print(f"the same person {same}, other people {beside}")
    assert min(same) > max(beside)
