"""Was the camera's clock wrong? A camera's photos that are all off by the same shift against other cameras' there."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Photo, Source
from heliograph_metadata.domain.questions.dates import has_sure_clock, is_dated
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import HOUR, Answer, No, Off, Question, Reach, Span, Yes, are_held
from heliograph_metadata.domain.questions.sketch import Hour, Mark, Sketches, hours, months_around, months_between
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, worth
from heliograph_metadata.domain.questions.wording import mended
from heliograph_metadata.domain.terms import camera_name, folded

_OWN, _SURE = "c", "s"
_RIGHT: Final = "right"
"""The fact that names the hours in which the clock was right."""
MOST_HOURS: Final = 48
"""Shifts are looked for up to so many hours: zones that were not set, noon for midnight, a day too many."""
_LEAST_HOURS: Final = 6
"""So many different hours with photos at least, or nothing can be said."""
_PARTS: Final = timedelta(days=3)
"""A camera that rests so long may have been set meanwhile."""
_FITS: Final = 0.65
_BETTER: Final = 0.3
"""Shifted, so many of its hours must have photos of a sure clock beside them, and so many more than unshifted."""
_SMALL: Final = 2
"""Hours of which a shift says nothing: photos of the same day lie so near to one another anyway."""
_SHIFT_BITS: Final = 6.6
"""Of choice among all shifts: 97 of them."""
_COHESION: Final = 0.99
_NIGHT: Final = range(1, 6)
_AWAKE: Final = range(8, 23)
_NIGHTLY: Final = 0.15
_LEAST_NIGHTS: Final = 3
"""So many of a camera's hours lie in the night when its clock is wrong, hardly ever else."""
_GUESSED: Final = 0.3
"""How much that says, as a gain in fit."""


@dataclass(frozen=True, slots=True)
class _Fit:
    shift: int
    before: float
    after: float
    photos: int
    span: Span
    right: tuple[str, ...] = ()
    """Hours of days of which some fit as they are, and none only when shifted: the clock was right then."""
    is_guess: bool = False
    """Whether only the hours of the day speak for it."""


class ClockKind(Kind):
    """Asks whether a camera's clock was wrong by what other cameras say."""

    name: ClassVar[str] = "clock"
    gain: ClassVar[str] = "get the right time"
    takes: ClassVar[tuple[type[Answer], ...]] = (Yes, No, Off)

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield its hour, its camera, and whether its clock was set by satellites, a network or a person."""
        taken = photo.taken_at
        if taken is None or photo.camera is None or not is_dated(photo):
            return
        is_sure = has_sure_clock(photo)
        if is_sure or taken.source is Source.EXIF:
            name = folded(camera_name(photo.camera))
            yield f"{taken.value:%Y-%m}", f"{taken.value:%d%H}|{_SURE if is_sure else _OWN}{name}"

    def affected(self, kind: str, group: str) -> Iterable[str]:
        """Return the month and its neighbours, into which stretches reach."""
        return months_around(group) if kind == self.name else ()

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a question for each camera and stretch that fits the sure clocks much better when shifted."""
        del now
        by_hour = hours(sketches, self.name, months_around(group))
        sure = _sure_of(by_hour)
        cameras: dict[str, Counter[datetime]] = {}
        for hour in by_hour:
            for cell, count in hour.cells.items():
                if cell.startswith(_OWN):
                    cameras.setdefault(cell[1:], Counter())[hour.at] += count
        for camera, own in cameras.items():
            for stretch in _stretches(own):
                if f"{min(stretch):%Y-%m}" == group and (fit := _fit(stretch, sure) or _by_daylight(stretch, sure)):
                    yield _question(group, camera, fit, memory)

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether that camera took it then, by a clock that nobody has corrected."""
        return (
            photo.taken_at is not None
            and photo.taken_at.source is Source.EXIF
            and photo.camera is not None
            and folded(camera_name(photo.camera)) == question.facts["camera"]
            and not has_sure_clock(photo)
            and photo.taken.strftime(HOUR) not in str(question.facts.get(_RIGHT, "")).split()
            and are_held(photo, question.reach.spans)
        )

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that all of them are shifted."""
        shift = question.default.shift if isinstance(answer, Yes) and isinstance(question.default, Off) else None
        if isinstance(answer, Off):
            shift = answer.shift
        return (Edit(BulkEdit(shift=shift, confidence=confidence)),) if shift else ()

    def joined(self, questions: Sequence[Question], memory: Memory) -> Question | None:
        """Return one question about the stretches that fit the same shift, but not of hours that fit as they are."""
        one = super().joined(questions, memory)
        right = " ".join(str(part.facts.get(_RIGHT, "")) for part in questions)
        return one and replace(one, facts={**one.facts, _RIGHT: right})

    def contradicts(self, question: Question, answer: Answer, memory: Memory) -> str:
        """Return that another shift fits the other cameras."""
        del memory
        default = question.default
        if question.facts["is_guess"]:
            return ""
        if isinstance(answer, Off) and isinstance(default, Off) and answer.shift != default.shift:
            return f"The other cameras say {int(default.shift / timedelta(hours=1)):+} hours."
        return ""


def sure_hours(sketches: Sketches, months: Iterable[str]) -> set[datetime]:
    """Return the hours of some months with photos of a clock that is sure."""
    return _sure_of(hours(sketches, ClockKind.name, months))


def _sure_of(by_hour: Iterable[Hour]) -> set[datetime]:
    return {hour.at for hour in by_hour if any(cell.startswith(_SURE) for cell in hour.cells)}


def _stretches(own: Counter[datetime]) -> list[Counter[datetime]]:
    found: list[Counter[datetime]] = []
    last: datetime | None = None
    for at in sorted(own):
        if last is None or at - last > _PARTS:
            found.append(Counter())
        found[-1][at] = own[at]
        last = at
    return found


def _fit(own: Counter[datetime], sure: set[datetime]) -> _Fit | None:
    """Return the shift that fits best, if it fits well and much better than none."""
    first, last = min(own), max(own)
    reach = timedelta(hours=MOST_HOURS)
    there = {at for at in sure if first - reach <= at <= last + reach}
    if len(own) < _LEAST_HOURS or len(there) < _LEAST_HOURS:
        return None

    def overlap(shift: int) -> float:
        by = timedelta(hours=shift)
        return sum(at + by in there for at in own) / len(own)

    shifts = range(-MOST_HOURS, MOST_HOURS + 1)
    exact = {shift: overlap(shift) for shift in shifts}
    smooth = {shift: exact[shift] + 0.25 * (exact.get(shift - 1, 0) + exact.get(shift + 1, 0)) for shift in shifts}
    best = max(shifts, key=lambda shift: (smooth[shift], -abs(shift)))
    if abs(best) <= _SMALL or exact[best] < _FITS or exact[best] - exact[0] < _BETTER:
        return None
    by = timedelta(hours=best)
    shifted = {at.date() for at in own if at + by in there and at not in there}
    right = [at for at in own if at in there and at + by not in there and at.date() not in shifted]
    photos = own.total() - sum(own[at] for at in right)
    span = Span(first.strftime(HOUR), last.strftime(HOUR))
    return _Fit(best, exact[0], exact[best], photos, span, tuple(at.strftime(HOUR) for at in right))


def _by_daylight(own: Counter[datetime], sure: set[datetime]) -> _Fit | None:
    """Return the smallest shift that puts most into waking hours, of a camera that nothing can be compared with."""
    first, last = min(own), max(own)
    nights = [at for at in own if at.hour in _NIGHT]
    is_alone = not any(first - _PARTS <= at <= last + _PARTS for at in sure)
    if len(own) < _LEAST_HOURS or not is_alone or len(nights) < max(_LEAST_NIGHTS, len(own) * _NIGHTLY):
        return None

    def awake(shift: int) -> float:
        return sum((at + timedelta(hours=shift)).hour in _AWAKE for at in own) / len(own)

    best = max(range(-12, 13), key=lambda shift: (awake(shift), -abs(shift)))
    if awake(best) < _FITS or abs(best) <= _SMALL:
        return None
    return _Fit(best, 0.0, _GUESSED, own.total(), Span(first.strftime(HOUR), last.strftime(HOUR)), is_guess=True)


def _question(group: str, camera: str, fit: _Fit, memory: Memory) -> Question:
    shift = timedelta(hours=fit.shift)
    certainty = 0.5 + 0.45 * min(1.0, fit.after - fit.before)
    later = f"{abs(fit.shift)} hours {'later' if fit.shift > 0 else 'earlier'}"
    begins, ends = (datetime.strptime(at, HOUR).replace(tzinfo=UTC) for at in (fit.span.since, fit.span.until))
    return Question(
        kind="clock",
        group=group,
        key=f"{camera}|{fit.span.since}",
        prompt=f"Was the clock of {camera} wrong from {begins:%-d %B %Y} on? The photos seem to be {later}.",
        why="Many of them say that it was night." if fit.is_guess else "Photos of other cameras at that time fit then.",
        mends=mended(fit.photos, "get the right time"),
        reach=Reach(tuple(f"time:{month}" for month in months_between(begins, ends)), fit.photos, (fit.span,)),
        worth=worth(
            "clock",
            photos=fit.photos,
            certainty=1 - certainty,
            alternatives=_SHIFT_BITS,
            confidence=memory.trust * _COHESION,
            knows=memory.knows("clock"),
            seconds=4 * GLANCE_SECONDS,
        ),
        facts={
            "camera": camera,
            "shift_hours": fit.shift,
            "scope": camera,
            "once": 1,
            "is_guess": fit.is_guess,
            _RIGHT: " ".join(fit.right),
        },
        default=Off(shift),
        certainty=certainty,
        alternatives=_SHIFT_BITS,
        cohesion=_COHESION,
        confidence=1 - certainty,
        joins="" if fit.is_guess else f"{camera}|{fit.shift}",
    )
