"""When was this? Photos without a date, and those of a camera whose clock had been reset."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.dates import is_reset, is_undated
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import HOUR, Answer, Question, Reach, When, are_held
from heliograph_metadata.domain.questions.runs import UNDATED, Run, is_of_run, numbered, run_mark, runs_of
from heliograph_metadata.domain.questions.sketch import NOTHING, Hour, Mark, Sketch, Sketches
from heliograph_metadata.domain.questions.stays import Stay, stays
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, remembering, spread, worth
from heliograph_metadata.domain.questions.wording import mended
from heliograph_metadata.domain.terms import camera_name, folded

_RESET: Final = "reset"
_DAYS: Final = "days"
_NUMBERS: Final = "numbers"
_TENS: Final = 10
_GROUP_TENS: Final = 100
"""Dates are kept for every ten files' numbers of a camera, a thousand numbers in a group."""
_NEAR: Final = timedelta(days=20)
"""Whoever is shown dates so near remembers the right one."""
_RECOGNISES: Final = 0.9
_YEARS_AGO: Final = {_RESET: 0.0, UNDATED: 15.0}
"""That photos are old which no camera has dated, as those on film are. Our own estimate."""
_NO_CAMERA: Final = "no camera"
_BEYOND_DAYS: Final = 12.0
"""Bits of choice among days on which nothing was taken yet: some ten years."""
_CERTAINTY: Final = {_RESET: 0.0, UNDATED: 0.05}
_COHESION: Final = {_RESET: 0.97, UNDATED: 0.93}


class DateKind(Kind):
    """Asks for the date of photos that were taken, or numbered, one after another."""

    name: ClassVar[str] = "date"
    takes: ClassVar[tuple[type[Answer], ...]] = (When,)

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield its hour on a clock that was reset, or its number among files without a date; else its month."""
        prefix, number = numbered(photo)
        if is_reset(photo):
            yield f"{_RESET}|{_camera(photo)}|{photo.taken:%Y-%m}", f"{photo.taken:%d%H}|{prefix}~{number // _TENS}"
        elif is_undated(photo):
            yield run_mark(photo)
        else:
            yield _DAYS, f"{photo.taken:%Y-%m}"
            if number and photo.camera:
                group = f"{_NUMBERS}|{prefix}|{number // _TENS // _GROUP_TENS}"
                yield group, f"{number // _TENS}|{photo.taken:%Y-%m-%d}"

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
            cells = sketches.sketch(self.name, group)
            there = _hours_of(second, cells)
            for stay in stays(there, lambda at: memory.fineness(self.name, at)):
                around = _dates_around(stay, second, cells, sketches)
                yield _of_reset(group, first, stay, around, unknown, memory)
        else:
            for run in runs_of(group, sketches.sketch(self.name, group), memory.parted):
                yield _of_run(run, unknown, memory)

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether its date is still the clock's, or none, and it belongs to the stretch or the run."""
        facts = question.facts
        if facts["how"] == _RESET:
            holds = are_held(photo, question.reach.spans)
            return is_reset(photo) and holds and _camera(photo) == facts["camera"]
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


def _hours_of(month: str, cells: Sketch) -> list[Hour]:
    found: dict[datetime, Hour] = {}
    for cell, count in cells.items():
        at = _hour_of(month, cell)
        found.setdefault(at, Hour(at)).cells[NOTHING] += count
    return [found[at] for at in sorted(found)]


def _hour_of(month: str, cell: str) -> datetime:
    return datetime.strptime(f"{month}-{cell[:2]}T{cell[2:4]}", HOUR).replace(tzinfo=UTC)


def _dates_around(stay: Stay, month: str, cells: Sketch, sketches: Sketches) -> tuple[datetime, datetime] | None:
    """Return the dates of the files that are numbered before and after those of a stretch, if there are both."""
    numbers = [
        (prefix, int(tens))
        for cell in cells
        if stay.since <= _hour_of(month, cell) <= stay.until
        for prefix, _, tens in [cell.partition("|")[2].rpartition("~")]
    ]
    prefix, low = min(numbers)
    high = max(tens for other, tens in numbers if other == prefix)
    before = [one for one in _dated(prefix, low // _GROUP_TENS, sketches) if one[0] <= low]
    after = [one for one in _dated(prefix, high // _GROUP_TENS, sketches) if one[0] >= high]
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
    group: str, camera: str, stay: Stay, around: tuple[datetime, datetime] | None, unknown: float, memory: Memory
) -> Question:
    return _question(
        group,
        key=f"{_RESET}|{camera}|{stay.span.since}",
        photos=stay.missing,
        reach=Reach((f"time:{stay.since:%Y-%m}",), stay.missing, (stay.span,)),
        why="The camera's clock had been reset: it says a day long before there were such cameras.",
        default=When(around[0] + (around[1] - around[0] - (stay.until - stay.since)) / 2) if around else None,
        is_near=around is not None and around[1] - around[0] <= _NEAR + (stay.until - stay.since),
        facts={"how": _RESET, "camera": camera, "scope": f"{_RESET}|{camera}", **_neighbours(around)},
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
    default: When | None = None,
    is_near: bool = False,
) -> Question:
    how = str(facts["how"])
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
            knows=_RECOGNISES if is_near else memory.knows("date") * remembering(_YEARS_AGO[how]),
            seconds=min(photos, 6) * GLANCE_SECONDS,
        ),
        facts=facts,
        default=default,
        certainty=_CERTAINTY[how],
        alternatives=unknown,
        cohesion=_COHESION[how],
        confidence=0.1,
    )
