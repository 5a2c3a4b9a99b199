"""When was this? Photos without a date, and those of a camera whose clock had been reset."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.dates import is_reset, is_undated
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.kinds.clock import sure_hours
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import HOUR, Answer, Question, Reach, When, are_held
from heliograph_metadata.domain.questions.resets import TENS, Reset, is_of_reset, number_cell, resets_of
from heliograph_metadata.domain.questions.rhythm import begin_of
from heliograph_metadata.domain.questions.runs import UNDATED, Run, is_of_run, numbered, run_mark, runs_of
from heliograph_metadata.domain.questions.sketch import Mark, Sketch, Sketches, months_between
from heliograph_metadata.domain.questions.stays import GAPS, LONGEST, Stay, stays
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, PRIORS, remembering, spread, worth
from heliograph_metadata.domain.questions.wording import mended
from heliograph_metadata.domain.terms import camera_name, folded

_RESET: Final = "reset"
_DAYS: Final = "days"
_NUMBERS: Final = "numbers"
_GROUP_TENS: Final = 100
"""Dates are kept for every ten files' numbers of a camera, a thousand numbers in a group."""
_NEAR: Final = timedelta(days=20)
"""Whoever is shown dates so near remembers the right one."""
_RECOGNISES: Final = 0.9
_YEARS_AGO: Final = {_RESET: 0.0, UNDATED: 15.0}
"""That photos are old which no camera has dated, as those on film are. Our own estimate."""
_NO_CAMERA: Final = "no camera"
_RESET_WHY: Final = "The camera's clock had been reset: it says a day long before there were such cameras."
_FIT_WHY: Final = "The camera's clock had been reset; photos of other cameras were taken at the same hours then."
_BEYOND_DAYS: Final = 12.0
"""Bits of choice among days on which nothing was taken yet: some ten years."""
_CERTAINTY: Final = {_RESET: 0.0, UNDATED: 0.05}
_COHESION: Final = {_RESET: 0.97, UNDATED: 0.93}
_MOST_CERTAIN: Final = 0.9
"""So sure is a begin where all hours are those of other clocks: who was apart may have had the same hours."""
_THAT_DAY: Final = timedelta(hours=12)
_LONGEST: Final = timedelta(days=400)
"""A camera that was not used for longer may have been anywhere between two files."""
_GAPS_OF_RESETS: Final = (LONGEST, *GAPS[1:])
"""A clock goes on while nobody takes photos: one answer puts all right, unless somebody says that it does not."""
_SETTING_SECONDS: Final = PRIORS["date"].seconds - PRIORS["place"].seconds
"""What a date that is there already saves."""


@dataclass(frozen=True, slots=True)
class _Begin:
    """When a stretch probably began."""

    at: datetime
    certainty: float
    is_near: bool
    """Whether it is so near that somebody will remember the right day."""


class DateKind(Kind):
    """Asks for the date of photos that were taken, or numbered, one after another."""

    name: ClassVar[str] = "date"
    takes: ClassVar[tuple[type[Answer], ...]] = (When,)

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield its hour on a clock that was reset, or its number among files without a date; else its month."""
        if is_reset(photo):
            yield f"{_RESET}|{_camera(photo)}|{photo.taken:%Y-%m}", f"{photo.taken:%d%H}|{number_cell(photo)}"
        elif is_undated(photo):
            yield run_mark(photo)
        else:
            yield _DAYS, f"{photo.taken:%Y-%m}"
            prefix, number = numbered(photo)
            if number and photo.camera:
                group = f"{_NUMBERS}|{prefix}|{number // TENS // _GROUP_TENS}"
                yield group, f"{number // TENS}|{photo.taken:%Y-%m-%d}"

    def affected(self, kind: str, group: str) -> Iterable[str]:
        """Return the group, unless it is of what is usual: that changes all defaults a little."""
        return () if kind != self.name or group.startswith((_DAYS, _NUMBERS)) else (group,)

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a question for each stretch of a reset clock, and for each run of numbers."""
        del now
        if group.startswith((_DAYS, _NUMBERS)):
            return
        how, _, rest = group.partition("|")
        unknown = spread(sketches.sketch(self.name, _DAYS).values(), beyond=_BEYOND_DAYS) + 5.0  # bits of a month
        if how == _RESET:
            first, _, second = rest.rpartition("|")
            by_hour = _by_hour(second, sketches.sketch(self.name, group))
            for reset in resets_of(by_hour, partial(_is_interrupted, sketches)):
                around = _dates_around(reset, sketches)
                fits = _fit(reset, around, sketches) if around else None
                for stay in stays(reset.hours, lambda at: memory.fineness(self.name, at), gaps=_GAPS_OF_RESETS):
                    begin = _begin_of(stay, reset, around, fits) if around else None
                    yield _of_reset(group, first, reset, stay, around, begin, unknown, memory)
        else:
            for run in runs_of(group, sketches.sketch(self.name, group), memory.parted):
                yield _of_run(run, unknown, memory)

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether its date is still the clock's, or none, and it belongs to the stretch or the run."""
        facts = question.facts
        if facts["how"] == _RESET:
            holds = are_held(photo, question.reach.spans)
            return is_reset(photo) and holds and _camera(photo) == facts["camera"] and is_of_reset(photo, facts)
        return is_undated(photo) and is_of_run(photo, dict(facts))

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that all are taken then; of a reset clock, the first of them, the others as long after as they say."""
        if not isinstance(answer, When):
            return ()
        if question.facts["how"] == _RESET:
            begins = datetime.strptime(question.reach.spans[0].since, HOUR).replace(tzinfo=UTC)
            # the shift is one of clocks on walls, whatever zone the answer names
            return (Edit(BulkEdit(shift=answer.at.replace(tzinfo=UTC) - begins, confidence=confidence)),)
        return (Edit(BulkEdit(taken_at=answer.at, confidence=confidence)),)

    def is_default(self, question: Question, answer: Answer) -> bool:
        """Whether it is the day that was set already."""
        default = question.default
        return isinstance(answer, When) and isinstance(default, When) and _apart(answer, default) <= _THAT_DAY


def _apart(one: When, other: When) -> timedelta:
    return abs(one.at.replace(tzinfo=UTC) - other.at.replace(tzinfo=UTC))  # clocks on walls, whatever zone is named


def _fit(reset: Reset, around: tuple[datetime, datetime], sketches: Sketches) -> tuple[datetime, float] | None:
    """Return when a reset was by the hours of other cameras' clocks, and how well they fit, 0-1."""
    first, last = around[0], around[1] + timedelta(days=1)
    if last - first > _LONGEST:
        return None
    sure = sure_hours(sketches, months_between(first, last))
    return begin_of([hour.at for hour in reset.hours], sure, since=first, until=last)


def _begin_of(
    stay: Stay, reset: Reset, around: tuple[datetime, datetime], fits: tuple[datetime, float] | None
) -> _Begin:
    """Return when a stretch began: where the hours of other cameras' clocks fit, else halfway between two days."""
    if fits:
        return _Begin(fits[0] + (stay.since - reset.hours[0].at), _MOST_CERTAIN * fits[1], is_near=True)
    lasts = stay.until - stay.since
    halfway = around[0] + (around[1] - around[0] - lasts) / 2
    return _Begin(halfway, 0.0, is_near=around[1] - around[0] <= _NEAR + lasts)


def _is_interrupted(sketches: Sketches, prefix: str, before: int, after: int) -> bool:
    """Whether files that have a date are numbered between two tens; it looks a thousand numbers far from each."""
    groups = {before // _GROUP_TENS, after // _GROUP_TENS}
    return any(before < tens < after for group in groups for tens, _ in _dated(prefix, group, sketches))


def _by_hour(month: str, sketch: Sketch) -> dict[tuple[datetime, str], int]:
    """Return how many photos there are by hour, and by what the rest of a cell says."""
    return {
        (datetime.strptime(f"{month}-{cell[:2]}T{cell[2:4]}", HOUR).replace(tzinfo=UTC), cell.partition("|")[2]): count
        for cell, count in sketch.items()
    }


def _dates_around(reset: Reset, sketches: Sketches) -> tuple[datetime, datetime] | None:
    """Return the dates of the files that are numbered before and after those of a reset, if there are both."""
    before = [one for one in _dated(reset.prefix, reset.first // _GROUP_TENS, sketches) if one[0] <= reset.first]
    after = [one for one in _dated(reset.prefix, reset.last // _GROUP_TENS, sketches) if one[0] >= reset.last]
    if not before or not after:
        return None
    first, last = max(before)[1], min(after)[1]
    return (first, last) if first <= last else None


def _dated(prefix: str, group: int, sketches: Sketches) -> Iterator[tuple[int, datetime]]:
    for number in (group - 1, group, group + 1):
        for cell in sketches.sketch(DateKind.name, f"{_NUMBERS}|{prefix}|{number}"):
            tens, day = cell.split("|")
            yield int(tens), datetime.fromisoformat(day).replace(tzinfo=UTC)


def _camera(photo: Photo) -> str:
    return folded(camera_name(photo.camera)) if photo.camera else _NO_CAMERA


def _of_reset(
    group: str,
    camera: str,
    reset: Reset,
    stay: Stay,
    around: tuple[datetime, datetime] | None,
    begin: _Begin | None,
    unknown: float,
    memory: Memory,
) -> Question:
    is_told = reset.apart_from is None  # by its numbers, of which more may come
    scope = f"{_RESET}|{camera}" + (f"|{reset.prefix}|{reset.first // _GROUP_TENS}" if is_told else "")
    key = f"{_RESET}|{camera}" + (f"|{reset.prefix}|{reset.first}" if is_told else "")
    return _question(
        group,
        key=f"{key}|{stay.span.since}",
        photos=stay.missing,
        reach=Reach((f"time:{stay.since:%Y-%m}",), stay.missing, (stay.span,)),
        why=_FIT_WHY if begin and begin.certainty else _RESET_WHY,
        begin=begin,
        facts={"how": _RESET, "camera": camera, "scope": scope, **reset.facts(), **_neighbours(around)},
        unknown=unknown,
        memory=memory,
    )


def _neighbours(around: tuple[datetime, datetime] | None) -> dict[str, str | int | float]:
    """Return, for a page to offer, the days between which the photos were taken, where they are known."""
    return {"after": f"{around[0]:%Y-%m-%d}", "before": f"{around[1]:%Y-%m-%d}"} if around else {}


def _of_run(run: Run, unknown: float, memory: Memory) -> Question:
    return _question(
        run.group,
        key=run.key,
        photos=run.photos,
        reach=Reach((run.term,), run.photos),
        why="Neither the files nor their names say when they were taken.",
        facts={"how": UNDATED, **run.facts()},
        unknown=unknown,
        memory=memory,
    )


def _question(
    group: str,
    *,
    key: str,
    photos: int,
    reach: Reach,
    why: str,
    facts: dict[str, str | int | float],
    unknown: float,
    memory: Memory,
    begin: _Begin | None = None,
) -> Question:
    how = str(facts["how"])
    certainty = begin.certainty if begin else _CERTAINTY[how]
    return Question(
        kind="date",
        group=group,
        key=key,
        can_be_parted=True,
        prompt="When was this taken?",
        why=why,
        mends=mended(photos, "get a date"),
        reach=reach,
        worth=worth(
            "date",
            photos=photos,
            certainty=_CERTAINTY[how],
            alternatives=unknown,
            confidence=memory.trust * _COHESION[how],
            knows=_RECOGNISES if begin and begin.is_near else memory.knows("date") * remembering(_YEARS_AGO[how]),
            seconds=min(photos, 6) * GLANCE_SECONDS - (begin.certainty * _SETTING_SECONDS if begin else 0.0),
        ),
        facts=facts,
        default=When(begin.at) if begin else None,
        certainty=certainty,
        alternatives=unknown,
        cohesion=_COHESION[how],
        confidence=0.1,
    )
