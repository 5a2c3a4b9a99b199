"""Where was this? Photos without a place, in a stretch of time; the pin is set from what was taken around it."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Location, Photo
from heliograph_metadata.domain.questions.dates import is_dated, is_undated
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import Answer, Question, Reach, Where, are_held
from heliograph_metadata.domain.questions.runs import UNDATED, Run, is_of_run, run_mark, runs_of
from heliograph_metadata.domain.questions.sketch import (
    NOTHING,
    Mark,
    Sketches,
    hour_mark,
    hours,
    kilometres,
    middle,
    months_around,
)
from heliograph_metadata.domain.questions.stays import FAR_KM, Stay, stays
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, remembering, spread, surprise, worth
from heliograph_metadata.domain.questions.wording import mended
from heliograph_metadata.domain.tiles import quadkey

_LEVEL: Final = 18
"""Tiles about 150 metres wide: photos that get the place of others lie at the same house."""
_HOME_LEVEL: Final = 12
"""Tiles about as wide as a town: between which of them a person was is what is not known."""
HOMES: Final = "homes"
"""The group of what is usual, by the month; all others are months."""
_BEYOND_BITS: Final = 14.0
"""Of choice among places where the person has never been: some 16,000 towns."""

_WITHIN_BITS: Final = 3.0
"""Of choice within a town: a place says at least so much, though it be the usual one."""

_INSIDE: Final = 0.98
_APART, _APART_PER_DAY = 0.55, 0.8
"""Of a stretch whose photos without a place were mostly taken at other hours: on the way to where nobody's phone knew,
or by a clock that is wrong."""
_BESIDE: Final = 0.5
_BOTH_SIDES: Final = 0.7
_ONE_SIDE: Final = 0.4
_FADES_HOURS: Final = 48.0
"""How soon what was known before says little of what comes after. Our own estimates, all of them."""
_PER_DAY_AWAY: Final = 0.4
"""Whoever takes photos on several days running is mostly on a trip of which nothing else is known. Our own estimate."""
_MANY, _OF_MANY = 20, 0.5
"""So is whoever takes so many on one day."""
_SURE: Final = 0.8
_ONE_PLACE: Final = (0.985, 0.995, 0.998)
"""The chance that a photo of a day's stretch was taken where the others were, by fineness."""
_PER_DAY: Final = 0.985
_OF_A_RUN: Final = 0.95
"""The chance that a file was taken where those were that are numbered before and after it."""
_LONG_AGO: Final = 15.0
"""Years that scanned photos are old."""
_LOOKED_AT: Final = 2
"""Whoever was there knows the place at the first glance or the second. Our own estimate."""
_PIN_SECONDS: Final = 4.0
"""What it takes to set a pin elsewhere."""


class PlaceKind(Kind):
    """Asks for the place of a stretch of time."""

    name: ClassVar[str] = "place"
    takes: ClassVar[tuple[type[Answer], ...]] = (Where,)

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield in its month the hour, with the tile or that there is none; and its town for what is usual."""
        if point := photo.point:
            yield HOMES, f"{photo.taken:%Y-%m}|{quadkey(point.latitude, point.longitude, _HOME_LEVEL)}"
        if is_undated(photo) and photo.location is None:
            yield run_mark(photo)
        if not is_dated(photo):
            return
        if point:
            yield hour_mark(photo, quadkey(point.latitude, point.longitude, _LEVEL))
        elif photo.location is None:
            yield hour_mark(photo, NOTHING)

    def affected(self, kind: str, group: str) -> Iterable[str]:
        """Return the month and its neighbours, into which stretches reach; what is usual changes all a little."""
        if kind != self.name or group == HOMES:
            return ()
        return (group,) if group.startswith(UNDATED) else months_around(group)

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a question for each stretch that begins in the month."""
        if group == HOMES:
            return
        if group.startswith(UNDATED):
            unknown = unknown_bits(by_place(sketches))
            for run in runs_of(group, sketches.sketch(self.name, group), memory.parted):
                yield _of_run(run, unknown, memory)
            return
        found = stays(hours(sketches, self.name, months_around(group)), lambda at: memory.fineness(self.name, at))
        met = by_place(sketches)
        for stay in found:
            if stay.missing and stay.since.strftime("%Y-%m") == group:
                yield _question(stay, met, memory, now)

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether it has no place yet, and nobody has said that it has none."""
        if question.group.startswith(UNDATED):
            return photo.location is None and is_undated(photo) and is_of_run(photo, dict(question.facts))
        return is_without_place(photo) and are_held(photo, question.reach.spans)

    def may_reach(self, question: Question, point: tuple[float, float] | None, confidence: float | None) -> bool:
        """Whether it has no place yet."""
        del question, confidence
        return point is None

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that all of them were taken there."""
        del question
        if not isinstance(answer, Where):
            return ()
        return (Edit(BulkEdit(location=answer.location, confidence=confidence)),)

    def is_default(self, question: Question, answer: Answer) -> bool:
        """Whether it is where the pin was set already, or nearby."""
        default = question.default
        return isinstance(answer, Where) and isinstance(default, Where) and _apart(answer, default) <= FAR_KM

    def contradicts(self, question: Question, answer: Answer, memory: Memory) -> str:
        """Return that other photos of that time were taken far from there."""
        del memory
        default = question.default
        if not isinstance(answer, Where) or not isinstance(default, Where) or question.certainty < _SURE:
            return ""
        apart = _apart(answer, default)
        return f"Photos of that time were taken {apart:.0f} km from there." if apart > FAR_KM else ""


def years_of(kind: str, group: str) -> tuple[str, ...]:
    """Return the years whose stretches may change when that sketch does."""
    if kind != PlaceKind.name or group == HOMES or group.startswith(UNDATED):
        return ()
    return tuple(dict.fromkeys(month[:4] for month in months_around(group)))


def is_without_place(photo: Photo) -> bool:
    """Whether it has no place yet, nobody has said that it has none, and its date is good enough to ask by."""
    return photo.location is None and is_dated(photo)


def unknown_bits(met: Mapping[str, int]) -> float:
    """Return the bits that it takes to say any place where a person was: where they live is said by the way.

    A place that was met is as likely as any other, as somebody who has gone there has come from where they mostly are.

    Args:
        met: Photos of all years by tile, as `by_place` has them.
    """
    if not met:
        return _BEYOND_BITS
    seldom = sum(surprise(met, tile, beyond=_BEYOND_BITS) for tile in met) / len(met)
    return max(seldom, spread(met.values(), beyond=_BEYOND_BITS))


def bits_of(tile: str | None, certainty: float, unknown: float, met: Mapping[str, int]) -> float:
    """Return the bits that an answer is expected to say: few where it probably is where most photos were taken.

    Args:
        tile: Where they probably were taken, if that can be guessed.
        certainty: How sure that is.
        unknown: What it takes to say any place.
        met: Photos of all years by tile, as `by_place` has them.
    """
    if not tile:
        return unknown
    said = surprise(met, tile[:_HOME_LEVEL], beyond=_BEYOND_BITS)
    return certainty * max(said, _WITHIN_BITS) + (1 - certainty) * unknown


def by_place(sketches: Sketches) -> Counter[str]:
    """Return how many photos of all years were taken in each tile."""
    found: Counter[str] = Counter()
    for cell, count in sketches.sketch(PlaceKind.name, HOMES).items():
        found[cell.partition("|")[2]] += count
    return found


def _question(stay: Stay, met: Mapping[str, int], memory: Memory, now: datetime) -> Question:
    fineness = memory.fineness("place", stay.span.since)
    tile, certainty = default_of(stay)
    unknown = bits_of(tile, certainty, unknown_bits(met), met)
    cohesion = _ONE_PLACE[min(fineness, 2)] * _PER_DAY ** min(stay.days - 1, 6)
    confidence = memory.trust * cohesion
    years = (now - stay.since).days / 365
    point = middle(tile) if tile else None
    photos, span = stay.missing, stay.span
    when = f"{stay.since:%-d %B %Y}" + (f" to {stay.until:%-d %B %Y}" if stay.days > 1 else "")
    return Question(
        kind="place",
        group=stay.since.strftime("%Y-%m"),
        key=span.since,
        prompt=f"Where were you, {when}?",
        why=_why(stay, tile),
        mends=mended(photos, "get a place"),
        reach=Reach(_months(stay), photos, (span,)),
        worth=worth(
            "place",
            photos=photos,
            certainty=0.0,  # whatever may be guessed, until somebody says it nobody finds them by it
            alternatives=unknown,
            confidence=confidence,
            knows=memory.knows("place") * remembering(years),
            seconds=min(photos, _LOOKED_AT) * GLANCE_SECONDS + (1 - certainty) * _PIN_SECONDS,
        ),
        default=Where(Location(*point)) if point else None,
        certainty=certainty,
        alternatives=unknown,
        cohesion=cohesion,
        can_be_parted=fineness < len(_ONE_PLACE) - 1,
        confidence=certainty,
    )


def _of_run(run: Run, unknown: float, memory: Memory) -> Question:
    return Question(
        kind=PlaceKind.name,
        group=run.group,
        key=run.key,
        prompt="Where was this taken?",
        why="Nothing says where, nor when, these were taken.",
        mends=mended(run.photos, "get a place"),
        reach=Reach((run.term,), run.photos),
        worth=worth(
            PlaceKind.name,
            photos=run.photos,
            certainty=0.0,
            alternatives=unknown,
            confidence=memory.trust * _OF_A_RUN,
            knows=memory.knows(PlaceKind.name) * remembering(_LONG_AGO),
            seconds=min(run.photos, _LOOKED_AT) * GLANCE_SECONDS + _PIN_SECONDS,
        ),
        facts=run.facts(),
        alternatives=unknown,
        cohesion=_OF_A_RUN,
        can_be_parted=True,
    )


def _apart(one: Where, other: Where) -> float:
    here, there = one.location, other.location
    return kilometres((here.latitude, here.longitude), (there.latitude, there.longitude))


def default_of(stay: Stay) -> tuple[str | None, float]:
    """Return the tile where the photos probably were taken, and how sure that is."""
    if stay.known:
        tile, _ = max(stay.known.items(), key=lambda known: (known[1], known[0]))
        near = _near(stay.known, tile)
        if stay.beside >= _BESIDE * stay.missing:
            return tile, near * _INSIDE
        return tile, near * _APART * _APART_PER_DAY ** (stay.days - 1)
    around = [one for one in (stay.before, stay.after) if one]
    if not around:
        return None, 0.0
    tile, gap = min(around, key=lambda one: one[1])
    stays_put = chance_of_staying(stay)
    if len(around) == 2 and kilometres(middle(around[0][0]), middle(around[1][0])) <= FAR_KM:  # noqa: PLR2004 - sides
        return tile, stays_put * _BOTH_SIDES * math.exp(-max(one[1] for one in around) / _FADES_HOURS / 3)
    return tile, stays_put * _ONE_SIDE * math.exp(-gap / _FADES_HOURS)


def chance_of_staying(stay: Stay) -> float:
    """Return by what it is less likely that nobody has gone anywhere, of a stretch of which no place is known."""
    return _PER_DAY_AWAY ** (stay.days - 1) * (_OF_MANY if stay.missing >= _MANY else 1.0)


def _near(known: Counter[str], tile: str) -> float:
    near = sum(count for other, count in known.items() if kilometres(middle(other), middle(tile)) <= FAR_KM)
    return near / known.total()


def _why(stay: Stay, tile: str | None) -> str:
    if stay.known:
        return "Some photos of these days have a place, these don't."
    return "Photos from before or after have a place, these don't." if tile else "None of these photos has a place."


def _months(stay: Stay) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"time:{one:%Y-%m}" for one in (stay.since, stay.until)))
