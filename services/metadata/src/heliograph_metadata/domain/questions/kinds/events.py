"""Were these trips? Several stretches of days at once, each with the name that it probably has.

Whoever says that they were in a town on those days says also where photos of those days were taken that have no place,
as far as other photos of the same days show it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Location, Photo
from heliograph_metadata.domain.questions.guesses import Guesses
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.kinds.event import NAMES_BITS, SEPARATOR, EventKind, events, is_nameless
from heliograph_metadata.domain.questions.kinds.place import PlaceKind, years_of
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.named_days import item_key
from heliograph_metadata.domain.questions.question import (
    TURNING_SECONDS,
    Answer,
    Fill,
    Item,
    Named,
    Question,
    Reach,
    Worth,
    Yes,
    are_held,
    as_it_begins,
    certainty_of,
)
from heliograph_metadata.domain.questions.sketch import (
    Hour,
    Mark,
    Sketches,
    hours,
    middle,
    months_of_year,
    years_around,
)
from heliograph_metadata.domain.questions.stays import Stay, stays
from heliograph_metadata.domain.questions.towns import LEAST_PHOTOS, Towns, month_of, town_of
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, POINT_SECONDS, PRIORS, agreed, entropy
from heliograph_metadata.domain.questions.wording import mended, to_tick

MOST_ITEMS: Final = 20
LEAST_ITEMS: Final = 4
_EVERYDAY: Final = "everyday_"
"""With a year: the fact that names the towns in which nobody is on a trip then."""
_ONE: Final = "Is this a trip, and is this what it is called?"
_SEVERAL: Final = "Are these trips, and is this what they are called?"
_NAME_SECONDS: Final = 0.5
"""To read a name and the days."""
_FILL_SECONDS: Final = 0.3
"""To see what else gets a place by it."""
_SURE_ENOUGH: Final = 0.9
"""What is less sure than that is asked about by itself."""


class EventsKind(Kind):
    """Asks about the trips of all years together; its sketches are those of the event kind."""

    name: ClassVar[str] = "events"
    alone: ClassVar[str] = EventKind.name

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield nothing: the event kind has what is needed."""
        del photo
        yield from ()

    def affected(self, kind: str, group: str) -> Iterable[str]:
        """Return the years that a month touches."""
        if kind == self.name:  # a trip over New Year is named in one year, and offered the name in the other
            return tuple(dict.fromkeys(years_around(f"{group}-01") + years_around(f"{group}-12")))
        if kind == EventKind.name:
            return years_around(month_of(group))
        return years_of(kind, group)

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a grid of the stretches of a year that can be called by a town."""
        towns = Towns(sketches, group)
        where = _Where(sketches, group, memory)
        items = []
        found = events(sketches, months_of_year(group), towns, memory)
        for stay, guess in zip(found, towns.names_of(found, memory), strict=True):
            if stay.missing < LEAST_PHOTOS or f"{stay.since:%Y}" != group or not guess or not guess.is_offered:
                continue
            key = item_key(self.name, stay.span, guess.name)
            if memory.is_out(key, now) or memory.is_out(f"{self.name} {stay.span}", now):  # a key of before has no name
                continue
            name, fills = Named(guess.name), where.fills(stay)
            items.append(Item(key, stay.span, stay.missing, name, guess.certainty, NAMES_BITS, fills))
        if items:
            yield _question(group, items, memory, {f"{_EVERYDAY}{group}": SEPARATOR.join(sorted(towns.everyday))})

    def joined(self, questions: Sequence[Question], memory: Memory) -> Question | None:
        """Return one grid of the best of all years."""
        items = [item for one in questions for item in one.items]
        items.sort(key=lambda one: (-_gain(one), one.key))
        everyday = {fact: what for one in questions for fact, what in one.facts.items()}
        return _question("all", _worthwhile(items[:MOST_ITEMS]), memory, everyday)

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether it was taken on one of the trips, nowhere that is no trip, and is still in no album."""
        year, facts = photo.taken.year, question.facts  # a trip that begins in one year may end in the next
        everyday = str(facts.get(f"{_EVERYDAY}{year}") or facts.get(f"{_EVERYDAY}{year - 1}", "")).split(SEPARATOR)
        is_away = (town := town_of(photo)) == "" or town not in everyday
        return is_away and is_nameless(photo) and are_held(photo, question.reach.spans)

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that the photos of those left ticked are in the albums that were made of the names."""
        if not isinstance(answer, Yes):
            return ()
        return tuple(
            edit
            for one in question.items
            if one.key not in answer.but_not and isinstance(one.answer, Named) and one.answer.album_id
            for edit in _edits(one, one.answer, confidence)
        )


class _Where:
    """Where photos of a year were taken, by those of the same days that have a place."""

    def __init__(self, sketches: Sketches, year: str, memory: Memory) -> None:
        self._memory = memory
        self._hours: list[Hour] = hours(sketches, PlaceKind.name, months_of_year(year))
        self._guesses = Guesses(sketches, year, memory)

    def fills(self, trip: Stay) -> tuple[Fill, ...]:
        """Return what gets a place where somebody says that they were on that trip."""
        there = [hour for hour in self._hours if trip.since <= hour.at <= trip.until]
        found = []
        for stay in stays(there, lambda at: self._memory.fineness(PlaceKind.name, at)):
            tile, certainty = self._guesses.where(stay)
            if stay.missing and tile and certainty >= _SURE_ENOUGH:
                place = Location(*middle(tile))
                found.append(Fill(stay.span, stay.missing, place, certainty, self._guesses.bits(tile)))
        return tuple(found)


def _edits(item: Item, named: Named, confidence: float) -> Iterator[Edit]:
    """Yield that the photos of a trip are in its album, and that those without a place were taken where it led."""
    yield Edit(BulkEdit(add_albums=(named.album_id,), confidence=agreed(item.certainty, confidence)), span=item.span)
    for fill in item.fills:
        sure = agreed(fill.certainty, confidence)
        yield Edit(BulkEdit(location=fill.location, only_where_none=True, confidence=sure), span=fill.span)


def _gain(item: Item) -> float:
    """Return the weighted bits that an item is expected to bring, whoever lets it stand."""
    named = item.photos * item.certainty * item.bits * PRIORS[EventsKind.name].weight
    return named + sum(one.photos * one.certainty * one.bits for one in item.fills) * PRIORS[PlaceKind.name].weight


def _takes(item: Item) -> float:
    """Return the seconds that it takes to look at an item, and to tick or untick it."""
    looks = GLANCE_SECONDS + _NAME_SECONDS + (_FILL_SECONDS if item.fills else 0.0)
    return looks + item.to_touch * POINT_SECONDS


def _worthwhile(items: Sequence[Item]) -> list[Item]:
    """Return those, best first, that bring no less in their seconds than the grid does without them."""
    kept: list[Item] = []
    gained, seconds = 0.0, TURNING_SECONDS + PRIORS[EventsKind.name].seconds
    for item in items:
        gain = _gain(item)
        takes = _takes(item)
        if len(kept) >= LEAST_ITEMS and gain / takes < gained / seconds:
            break
        kept.append(item)
        gained, seconds = gained + gain, seconds + takes
    return kept


def _question(group: str, items: Sequence[Item], memory: Memory, everyday: Mapping[str, str | int | float]) -> Question:
    items = tuple(sorted(items, key=lambda one: one.span.since))
    photos = sum(one.photos for one in items)
    prior = PRIORS[EventsKind.name]
    certainty, default = certainty_of(items), as_it_begins(items)
    ticked = [one for one in items if one.key not in default.but_not]
    filled = sum(fill.photos for one in ticked for fill in one.fills)
    return Question(
        kind=EventsKind.name,
        group=group,
        key=f"{items[0].span.since}|{items[-1].span.since}|{photos}",
        joins="all",
        prompt=_ONE if len(items) == 1 else f"{_SEVERAL} {to_tick(default)}",
        why="Many photos in a few days, in a town where you seldom are.",
        mends=mended(sum(one.photos for one in ticked), "get into an album")
        + (f", {filled} of them a place" if filled else ""),
        reach=Reach(
            tuple(dict.fromkeys(f"time:{at[:7]}" for one in items for at in (one.span.since, one.span.until))),
            photos,
            tuple(one.span for one in items),
        ),
        worth=Worth(
            sum(_gain(one) * _kept(one, memory.trust) for one in items),
            memory.knows(EventsKind.name),
            prior.seconds + sum(map(_takes, items)),
        ),
        facts=everyday,
        default=default,
        certainty=certainty,
        alternatives=NAMES_BITS,
        items=items,
        confidence=certainty,
    )


def _kept(item: Item, trust: float) -> float:
    """Return which part of its bits an item brings: some doubt is left whoever answers."""
    return 1 - entropy(agreed(item.certainty, trust), item.bits) / item.bits
