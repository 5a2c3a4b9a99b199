"""Where was this? Photos without a place, in a stretch of time; the pin is set from what was taken around it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Location, Photo
from heliograph_metadata.domain.questions.dates import is_dated, is_undated
from heliograph_metadata.domain.questions.guesses import HOME_LEVEL, HOMES, Guesses, unknown_anywhere
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
    years_around,
)
from heliograph_metadata.domain.questions.stays import FAR_KM, Stay, stays
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, remembering, worth
from heliograph_metadata.domain.questions.wording import mended
from heliograph_metadata.domain.tiles import quadkey

_LEVEL: Final = 18
"""Tiles about 150 metres wide: photos that get the place of others lie at the same house."""
_SURE: Final = 0.9
"""Photos of the same hours are."""
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
            yield HOMES, f"{photo.taken:%Y-%m}|{quadkey(point.latitude, point.longitude, HOME_LEVEL)}"
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
            unknown = unknown_anywhere(sketches)
            for run in runs_of(group, sketches.sketch(self.name, group), memory.parted):
                yield _of_run(run, unknown, memory)
            return
        found = stays(hours(sketches, self.name, months_around(group)), lambda at: memory.fineness(self.name, at))
        guesses = Guesses(sketches, group[:4], memory)
        for stay in found:
            if stay.missing and stay.since.strftime("%Y-%m") == group:
                yield _question(stay, guesses, memory, now)

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
    return years_around(group)


def is_without_place(photo: Photo) -> bool:
    """Whether it has no place yet, nobody has said that it has none, and its date is good enough to ask by."""
    return photo.location is None and is_dated(photo)


def _question(stay: Stay, guesses: Guesses, memory: Memory, now: datetime) -> Question:
    fineness = memory.fineness("place", stay.span.since)
    tile, certainty = guesses.where(stay)
    others = guesses.others(stay, besides=tile)
    unknown = guesses.bits(tile, certainty)
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
        choices=tuple(Where(Location(*middle(one))) for one in others),
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


def _why(stay: Stay, tile: str | None) -> str:
    if stay.known:
        return "Some photos of these days have a place, these don't."
    return "Photos from before or after have a place, these don't." if tile else "None of these photos has a place."


def _months(stay: Stay) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"time:{one:%Y-%m}" for one in (stay.since, stay.until)))
