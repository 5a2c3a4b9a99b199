"""Were these days spent here? Many short stretches of a year at once, each with the place that it probably was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from heliograph_metadata.domain.photo import Location
from heliograph_metadata.domain.questions.guesses import Guesses, Home
from heliograph_metadata.domain.questions.kinds.place import PlaceKind
from heliograph_metadata.domain.questions.kinds.stretches import NAME_SECONDS, StretchesKind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import (
    TURNING_SECONDS,
    Item,
    Question,
    Reach,
    Where,
    Worth,
    as_it_begins,
    certainty_of,
)
from heliograph_metadata.domain.questions.sketch import (
    Sketches,
    hours,
    middle,
    months_of_year,
)
from heliograph_metadata.domain.questions.stays import Stay, stays
from heliograph_metadata.domain.questions.value import (
    GLANCE_SECONDS,
    POINT_SECONDS,
    PRIORS,
    agreed,
    entropy,
)
from heliograph_metadata.domain.questions.wording import mended, to_tick

MOST_ITEMS: Final = 30
_MOST_KEPT: Final = 2 * MOST_ITEMS
"""Of one year; the others come up when these are answered."""
_LEAST_ITEMS: Final = 4
_LEAST_CERTAINTY: Final = 0.45


@dataclass(frozen=True, slots=True)
class _Guess:
    stay: Stay
    tile: str
    certainty: float
    bits: float


class PlacesKind(StretchesKind):
    """Asks about the short stretches of a year together; its sketches are those of the place kind."""

    name: ClassVar[str] = "places"
    alone: ClassVar[str] = PlaceKind.name

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a grid of the stretches of a year of which the place can be guessed best."""
        where = Guesses(sketches, group, memory)
        there = hours(sketches, PlaceKind.name, months_of_year(group))
        found = stays(there, lambda at: memory.fineness(PlaceKind.name, at))
        guesses = []
        for stay in found:
            if not stay.missing or f"{stay.since:%Y}" != group or memory.is_out(str(stay.span), now):
                continue
            tile, certainty = where.where(stay)
            if tile and certainty >= _LEAST_CERTAINTY:
                guesses.append(_Guess(stay, tile, certainty, where.bits(tile)))
        guesses.sort(key=lambda one: (-one.stay.missing * one.certainty * one.bits, one.stay.since))
        if guesses:
            yield _question(group, [_item(one, where.home) for one in guesses[:_MOST_KEPT]], where.unknown, memory)

    def joined(self, questions: Sequence[Question], memory: Memory) -> Question:
        """Return one grid of the best of all years."""
        items = [item for one in questions for item in one.items]
        best = sorted(items, key=lambda one: (-_gain(one), one.key))[:MOST_ITEMS]
        return _question("all", _worthwhile(best), max(one.alternatives for one in questions), memory)


def _worthwhile(items: Sequence[Item]) -> list[Item]:
    """Return those, best first, that bring no less in their seconds than the grid does without them."""
    kept: list[Item] = []
    gained, seconds = 0.0, TURNING_SECONDS + PRIORS[PlacesKind.name].seconds
    for item in items:
        gain = _gain(item)
        takes = GLANCE_SECONDS + NAME_SECONDS + item.to_touch * POINT_SECONDS
        if len(kept) >= _LEAST_ITEMS and gain / takes < gained / seconds:
            break
        kept.append(item)
        gained, seconds = gained + gain, seconds + takes
    return kept


def _gain(item: Item) -> float:
    return item.photos * item.certainty * item.bits


def _item(guess: _Guess, home: Home | None) -> Item:
    stay = guess.stay
    is_usual = home is not None and guess.tile == home.tile and not stay.known
    place = Where(Location(*middle(guess.tile)))
    return Item(str(stay.span), stay.span, stay.missing, place, guess.certainty, guess.bits, is_usual=is_usual)


def _question(group: str, items: Sequence[Item], unknown: float, memory: Memory) -> Question:
    trust = memory.trust
    items = tuple(sorted(items, key=lambda one: one.key))
    photos = sum(one.photos for one in items)
    gained = sum(
        one.photos * one.certainty * max(0.0, one.bits - entropy(agreed(one.certainty, trust), one.bits))
        for one in items
    )
    prior = PRIORS["places"]
    certainty, default = certainty_of(items), as_it_begins(items)
    seconds = prior.seconds + len(items) * (GLANCE_SECONDS + NAME_SECONDS + (1 - certainty) * POINT_SECONDS)
    return Question(
        kind="places",
        group=group,
        key=f"{items[0].key}|{items[-1].key}|{photos}",
        joins="all",
        prompt="Were you here then?" if len(items) == 1 else f"Were you here on these days? {to_tick(default)}",
        why="Other photos of the time, or what is usual, say so; the photos themselves say nothing.",
        mends=mended(sum(one.photos for one in items if one.key not in default.but_not), "get a place"),
        reach=Reach(
            tuple(dict.fromkeys(f"time:{at[:7]}" for one in items for at in (one.span.since, one.span.until))),
            photos,
            tuple(one.span for one in items),
        ),
        worth=Worth(prior.weight * gained, memory.knows("places"), seconds),
        default=default,
        certainty=certainty,
        alternatives=unknown,
        items=items,
        confidence=certainty,
    )
