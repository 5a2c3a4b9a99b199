"""When was this? Photos without a date, and those of a camera whose clock had been reset."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.dates import is_reset, is_undated
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import HOUR, Answer, Question, Reach, When
from heliograph_metadata.domain.questions.sketch import Mark, Sketch, Sketches, hours
from heliograph_metadata.domain.questions.stays import Stay, stays
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, spread, worth
from heliograph_metadata.domain.terms import camera_name, folded

_RESET: Final = "reset"
_UNDATED: Final = "undated"
_DAYS: Final = "days"
Run = list[tuple[int, int]]
"""Numbers of files, in order, and how many photos bear each."""

_NO_CAMERA: Final = "no camera"
_NUMBER: Final = re.compile(r"^(.*?)(\d{1,9})?$", re.DOTALL)
_RUN_GAP: Final = 30
"""Files whose numbers are so far apart were not numbered together."""
_BEYOND_DAYS: Final = 12.0
"""Bits of choice among days on which nothing was taken yet: some ten years."""
_CERTAINTY: Final = {_RESET: 0.0, _UNDATED: 0.05}
_COHESION: Final = {_RESET: 0.97, _UNDATED: 0.93}


class DateKind(Kind):
    """Asks for the date of photos that were taken, or numbered, one after another."""

    name: ClassVar[str] = "date"

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield its hour on a clock that was reset, or its number among files without a date; else its month."""
        if is_reset(photo):
            yield f"{_RESET}|{_camera(photo)}|{photo.taken:%Y-%m}", f"{photo.taken:%d%H}|-"
        elif is_undated(photo):
            prefix, number = numbered(photo)
            yield f"{_UNDATED}|{photo.taken:%Y-%m-%d}|{prefix}", f"{number:09}"
        else:
            yield _DAYS, f"{photo.taken:%Y-%m}"

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a question for each stretch of a reset clock, and for each run of numbers."""
        del now
        if group == _DAYS:
            return
        how, first, second = group.split("|", 2)
        unknown = spread(sketches.sketch(self.name, _DAYS).values(), beyond=_BEYOND_DAYS) + 5.0  # bits of a month
        if how == _RESET:
            months = [group]
            there = _Renamed(sketches, {second: group})
            for stay in stays(hours(there, self.name, [second]), lambda at: memory.fineness(self.name, at)):
                yield _of_reset(months[0], first, stay, unknown, memory)
        else:
            yield from _of_numbers(group, sketches.sketch(self.name, group), unknown, memory)

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether its date is still the clock's, or none, and it belongs to the stretch or the run."""
        facts = question.facts
        if facts["how"] == _RESET:
            holds = any(span.holds(photo) for span in question.reach.spans)
            return is_reset(photo) and holds and _camera(photo) == facts["camera"]
        prefix, number = numbered(photo)
        return (
            is_undated(photo)
            and prefix == facts["prefix"]
            and f"{photo.taken:%Y-%m-%d}" == facts["day"]
            and int(facts["first"]) <= number <= int(facts["last"])
        )

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that all are taken then; of a reset clock, the first of them, the others as long after as they say."""
        if not isinstance(answer, When):
            return ()
        if question.facts["how"] == _RESET:
            begins = datetime.strptime(question.reach.spans[0].since, HOUR).replace(tzinfo=UTC)
            return (Edit(BulkEdit(shift=answer.at - begins, confidence=confidence)),)
        return (Edit(BulkEdit(taken_at=answer.at, confidence=confidence)),)


class _Renamed:
    """A view of sketches in which a group goes by the name of its month."""

    def __init__(self, sketches: Sketches, names: dict[str, str]) -> None:
        self._sketches, self._names = sketches, names

    def sketch(self, kind: str, group: str) -> dict[str, int]:
        """Return the sketch of that name."""
        return dict(self._sketches.sketch(kind, self._names[group]))


def numbered(photo: Photo) -> tuple[str, int]:
    """Return what a photo's file name begins with, and the number that it ends with, 0 where there is none."""
    stem = photo.admission.filename.rsplit(".", 1)[0]
    found = _NUMBER.match(stem)
    prefix, number = (found.group(1), found.group(2)) if found else (stem, None)
    return folded(prefix), int(number or 0)


def _camera(photo: Photo) -> str:
    return folded(camera_name(photo.camera)) if photo.camera else _NO_CAMERA


def _of_reset(group: str, camera: str, stay: Stay, unknown: float, memory: Memory) -> Question:
    return _question(
        group,
        key=f"{_RESET}|{camera}|{stay.span.since}",
        photos=stay.missing,
        reach=Reach((f"time:{stay.since:%Y-%m}",), stay.missing, (stay.span,)),
        why="The camera's clock had been reset: it says a day long before there were such cameras.",
        facts={"how": _RESET, "camera": camera, "scope": f"{_RESET}|{camera}"},
        unknown=unknown,
        memory=memory,
    )


def _of_numbers(group: str, sketch: Sketch, unknown: float, memory: Memory) -> Iterator[Question]:
    _, day, prefix = group.split("|", 2)
    runs: list[Run] = []
    for number, count in sorted((int(cell), count) for cell, count in sketch.items()):
        if not runs or number - runs[-1][-1][0] > _RUN_GAP:
            runs.append([])
        runs[-1].append((number, count))
    for run in (part for whole in runs for part in _parts(group, whole, memory)):
        photos, first, last = sum(count for _, count in run), run[0][0], run[-1][0]
        yield _question(
            group,
            key=_key_of(group, run),
            photos=photos,
            reach=Reach((f"time:{day[:7]}",), photos),
            why="Neither the files nor their names say when they were taken.",
            facts={"how": _UNDATED, "prefix": prefix, "day": day, "first": first, "last": last},
            unknown=unknown,
            memory=memory,
        )


def _key_of(group: str, run: Run) -> str:
    return f"{group}|{run[0][0]}-{run[-1][0]}"


def _parts(group: str, run: Run, memory: Memory) -> list[Run]:
    """Return a run as it is, or the two halves of it where a person has said that it does not belong together."""
    if len(run) == 1 or _key_of(group, run) not in memory.parted:
        return [run]
    half = len(run) // 2
    return [part for one in (run[:half], run[half:]) for part in _parts(group, one, memory)]


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
) -> Question:
    how = str(facts["how"])
    return Question(
        kind="date",
        group=group,
        key=key,
        can_be_parted=True,
        prompt="When was this taken?",
        why=why,
        mends=f"{photos} photos get a date",
        reach=reach,
        worth=worth(
            "date",
            photos=photos,
            certainty=_CERTAINTY[how],
            alternatives=unknown,
            confidence=memory.trust * _COHESION[how],
            knows=memory.knows("date"),
            seconds=min(photos, 6) * GLANCE_SECONDS,
        ),
        facts=facts,
        certainty=_CERTAINTY[how],
        alternatives=unknown,
        cohesion=_COHESION[how],
        confidence=0.1,
    )
