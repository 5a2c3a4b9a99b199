"""Were these taken where the others were? Photos without a place, of the same hours as photos that have one.

A camera without GPS beside a phone with it: nearly all of them were taken at one place, so that one answer holds for
the days of all years. A clock that is wrong shows in that most of its photos are of hours in which nobody else took
any.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar, Final

from heliograph_metadata.domain.photo import Location
from heliograph_metadata.domain.questions.guesses import Guesses
from heliograph_metadata.domain.questions.kinds.place import PlaceKind
from heliograph_metadata.domain.questions.kinds.stretches import NAME_SECONDS, StretchesKind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import (
    Item,
    Question,
    Reach,
    Where,
    Worth,
    Yes,
)
from heliograph_metadata.domain.questions.sketch import (
    Sketches,
    hours,
    kilometres,
    middle,
    months_of_year,
)
from heliograph_metadata.domain.questions.stays import Stay, stays
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, PRIORS, agreed, entropy
from heliograph_metadata.domain.questions.wording import mended

MOST_ITEMS: Final = 200
LOOKED_AT: Final = 8
"""So many of them are shown; the others are there for whoever wants to see them."""
_ONE_PLACE_KM: Final = 10.0
_APART_KM: Final = 0.5
"""Whoever has gone so far is at another place here: what was taken in the same town is not said to be of the house."""
_AT_THE_SAME_HOURS: Final = 0.7


class BesideKind(StretchesKind):
    """Asks about all such stretches together; its sketches are those of the place kind."""

    name: ClassVar[str] = "beside"
    alone: ClassVar[str] = PlaceKind.name

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a question about the stretches of a year."""
        there = hours(sketches, PlaceKind.name, months_of_year(group))
        guesses = Guesses(sketches, group, memory)
        items = []
        for stay in stays(there, lambda at: memory.fineness(PlaceKind.name, at), far_km=_APART_KM):
            key = str(stay.span)
            if not stay.missing or f"{stay.since:%Y}" != group or memory.is_out(key, now):
                continue
            tile, certainty = guesses.where(stay)
            if tile and _is_beside(stay, tile):
                place = Where(Location(*middle(tile)))
                items.append(Item(key, stay.span, stay.missing, place, certainty, guesses.bits(tile)))
        if items:
            yield _question(group, items, memory)

    def joined(self, questions: Sequence[Question], memory: Memory) -> Question:
        """Return one question about those of all years that it says most of."""
        return _question("all", [item for one in questions for item in one.items], memory)


def _is_beside(stay: Stay, tile: str) -> bool:
    """Whether what has a place was all taken in one, at the hours of nearly all that has none."""
    is_one = all(kilometres(middle(other), middle(tile)) <= _ONE_PLACE_KM for other in stay.known)
    return bool(stay.known) and is_one and stay.beside >= _AT_THE_SAME_HOURS * stay.missing


def _these(photos: int) -> str:
    return "Was this photo" if photos == 1 else f"Were these {photos} photos"


def _question(group: str, items: Sequence[Item], memory: Memory) -> Question:
    best = sorted(items, key=lambda one: (-one.photos * one.bits, one.key))[:MOST_ITEMS]
    spans = [one.span for one in sorted(best, key=lambda one: one.key)]
    photos = sum(one.photos for one in best)
    trust, prior = memory.trust, PRIORS[BesideKind.name]
    gained = sum(
        one.photos * one.certainty * max(0.0, one.bits - entropy(agreed(one.certainty, trust), one.bits))
        for one in best
    )
    shown = min(len(best), LOOKED_AT)
    certainty = sum(one.certainty for one in best) / len(best)
    return Question(
        kind=BesideKind.name,
        group=group,
        key=f"{spans[0]}|{spans[-1]}|{photos}",
        joins="all",
        prompt=f"{_these(photos)} taken where the others of the same hours were?",
        why="They have no place; photos that were taken in the same hours have one.",
        mends=mended(photos, "get a place"),
        reach=Reach(
            tuple(dict.fromkeys(f"time:{at[:7]}" for one in spans for at in (one.since, one.until))),
            photos,
            tuple(spans),
        ),
        worth=Worth(
            prior.weight * gained,
            memory.knows(BesideKind.name),
            prior.seconds + shown * (GLANCE_SECONDS + NAME_SECONDS),
        ),
        facts={"looked_at": LOOKED_AT},
        default=Yes(),
        certainty=certainty,
        alternatives=max(one.bits for one in best),
        items=tuple(best),
        confidence=certainty,
    )
