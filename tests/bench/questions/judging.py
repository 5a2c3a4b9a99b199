"""A library against what is true of it: which fields say something, which are right, and how many bits are missing."""

import math
from collections import Counter
from collections.abc import Collection
from typing import Final

from heliograph_metadata.domain.photo import Photo, Source
from heliograph_metadata.domain.terms import folded
from tests.bench.answering import date_is_right, is_near
from tests.bench.people import PET_NAMES, Life, Truth

_SURE: Final = 0.5
_TINY: Final = 1e-4
_SAID: Final = 0.95
"""How sure an album or a keyword is: they state nothing of their own."""
_DATE_BITS: Final = math.log2(3650)
_CLOCK_BITS: Final = math.log2(97)
_WORD_BITS: Final = math.log2(1000)
_PLACE_NAME_BITS: Final = math.log2(4)
_PET_BITS: Final = math.log2(8)
_TAKE_BITS: Final = 1.0
WEIGHTS: Final = {
    "place": 0.25, "date": 0.20, "label": 0.30, "word": 0.20, "event": 0.10, "name": 0.10, "pet": 0.15, "take": 0.03,
}  # fmt: skip
"""In which shares such fields are searched for, as the engine takes it."""

Field = tuple[str, bool, bool, float]
"""Its name, whether it says something, whether that is right, and the bits by which the truth would surprise."""


class Judge:
    """Compares a library with what is true."""

    def __init__(self, life: Life) -> None:
        self._truth = life.truth
        towns = Counter(
            life.truth[photo.photo_id].location.place for photo in life.photos if photo.location is not None
        )
        total = towns.total() + len(towns) + 1
        self._event_bits = math.log2(len(life.names) + 1)
        self._unseen = {photo.photo_id for photo in life.photos if not photo.labels}
        """Photos on which no network saw anything."""
        self._towns = {truth.location.place: (towns[truth.location.place] + 1) / total for truth in life.truth.values()}

    def fields(self, photo: Photo) -> list[Field]:
        """Return the fields of a photo: place, date, and each label that a network or a person has seen."""
        truth = self._truth[photo.photo_id]
        found = [self._place(photo, truth), self._date(photo, truth), *self._labels(photo, truth)]
        if truth.event_name or photo.album_ids:
            found.append(_named("event", truth.event_name, photo.album_ids, self._event_bits))
        if truth.place_name or photo.keywords:
            found.append(_named("name of place", truth.place_name, photo.keywords, _PLACE_NAME_BITS))
        if truth.takes:
            is_out = photo.trashed_at is not None
            surprise = -math.log2(_SAID if is_out != truth.is_best else 1 - _SAID) if is_out else _TAKE_BITS
            found.append(("take", is_out, is_out and not truth.is_best, surprise))
        return found

    def _pet(self, photo: Photo, truth: Truth) -> Field | None:
        called = {folded(name) for name in PET_NAMES.values()}
        names = {folded(one.name) for one in photo.labels} & called
        return _named("pet", folded(truth.pet), names, _PET_BITS) if truth.pet or names else None

    def _place(self, photo: Photo, truth: Truth) -> Field:
        share = self._towns[truth.location.place]
        if photo.location is None:
            return "place", False, False, -math.log2(share)
        sure = min(photo.location.confidence, 1 - _TINY)
        if is_near(photo.point, truth.location):
            return "place", True, True, -math.log2(sure)
        return "place", True, False, -math.log2((1 - sure) * share)

    def _date(self, photo: Photo, truth: Truth) -> Field:
        taken = photo.taken_at
        if taken is None or taken.source is Source.DEFAULT:
            return "date", False, False, _DATE_BITS
        sure = min(taken.confidence, 1 - _TINY)
        if date_is_right(taken.value, truth):
            return "date", True, True, -math.log2(sure)
        choice = _DATE_BITS if taken.source is Source.PERSON or taken.value.year == 2000 else _CLOCK_BITS
        return "date", True, False, choice - math.log2(1 - sure)

    def _labels(self, photo: Photo, truth: Truth) -> list[Field]:
        pet = self._pet(photo, truth)
        called = {folded(name) for name in PET_NAMES.values()}
        shown = {folded(one.name): one for one in photo.labels if folded(one.name) not in called}
        if photo.photo_id in self._unseen:
            names = {folded(name) for name in truth.shows} & shown.keys()
            word = _named("word", min(names, default="-"), set(shown), _WORD_BITS)
            return [word, pet] if pet else [word]
        chances = {name: min(one.confidence, 1 - _TINY) for name, one in shown.items()}
        chances |= dict.fromkeys(photo.rejected_labels, 0.05)
        true = {folded(name) for name in truth.shows}
        found = []
        for name, chance in sorted(chances.items()):
            is_right = (chance >= _SURE) == (name in true)
            found.append((f"label {name}", True, is_right, -math.log2(chance if name in true else 1 - chance)))
        return [*found, pet] if pet else found


def _named(field: str, true: str, said: Collection[str], unknown: float) -> Field:
    """Return a field of names: right where all that is said is true."""
    if not said:
        return field, False, False, unknown
    is_right = set(said) == {true}
    return field, True, is_right, -math.log2(_SAID) if is_right else unknown - math.log2(1 - _SAID)
