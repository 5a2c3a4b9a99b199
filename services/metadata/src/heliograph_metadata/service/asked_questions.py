"""A question with what is shown of it: photos, and the places and trips that it is about by their names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from heliograph_metadata.domain.photo import Location
from heliograph_metadata.domain.questions.question import Named, Question, Where
from heliograph_metadata.service.photos import Places
from heliograph_metadata.service.question_photos import Shown

DEFAULT: Final = ""
"""Stands where items have their keys for the default of the question itself."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question with what is shown of it."""

    question: Question
    shown: Shown
    places: Mapping[str, str] = field(default_factory=dict)
    """By the key of an item, or `DEFAULT`, the name of the place that it probably was, or of the trip."""
    choices: Mapping[str, Location] = field(default_factory=dict)
    """By their names, other places that it may have been, likeliest first."""


def asked(question: Question, shown: Shown, places: Places) -> AskedQuestion:
    """Return the question with its places by name; a choice that has no name of its own is left out."""
    named = _named(question, places)
    choices: dict[str, Location] = {}
    for one in question.choices:
        name = _name_at(one.location, places)
        if name and name != named.get(DEFAULT):
            choices.setdefault(name, one.location)
    return AskedQuestion(question, shown, named, choices)


def _named(question: Question, places: Places) -> dict[str, str]:
    names = {item.key: item.answer.name for item in question.items if isinstance(item.answer, Named)}
    points = {item.key: item.answer.location for item in question.items if isinstance(item.answer, Where)}
    if isinstance(question.default, Where):
        points[DEFAULT] = question.default.location
    found = {key: _name_at(point, places) for key, point in points.items()}
    return names | {key: name for key, name in found.items() if name}


def _name_at(point: Location, places: Places) -> str:
    """Return the town and the country; empty at sea."""
    place = places.place_at(point.latitude, point.longitude)
    return ", ".join(filter(None, (place.city, place.country))) if place else ""
