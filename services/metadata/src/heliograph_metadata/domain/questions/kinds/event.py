"""What was this? A stretch of days with many photos gets a name, and an album of that name."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.dates import is_dated
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.named_days import EVERYDAY
from heliograph_metadata.domain.questions.question import Answer, Named, Question, Reach, are_held
from heliograph_metadata.domain.questions.sketch import NOTHING, Mark, Sketches, hour_mark, hours, months_around
from heliograph_metadata.domain.questions.stays import Stay, stays
from heliograph_metadata.domain.questions.towns import LEAST_PHOTOS, Guess, Towns, month_of, town_mark, town_of
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, PRIORS, remembering, worth
from heliograph_metadata.domain.questions.wording import mended

SEPARATOR: Final = "\n"
_GAPS: Final = (timedelta(hours=20), timedelta(hours=8), timedelta(hours=2))
_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)", re.ASCII)
NAMES_BITS: Final = 7.0
"""Of choice among the events of a life that have a name: about a hundred."""
_COHESION: Final = 0.97
_OF_ITS_YEAR: Final = 0.1
"""So many of the other names of a life say the same year. Our own estimate."""
_WRITING_SECONDS: Final = PRIORS["event"].seconds - PRIORS["events"].seconds
"""What a name that is there already saves."""


class EventKind(Kind):
    """Asks for the name of a stretch of days whose photos are in no album."""

    name: ClassVar[str] = "event"
    takes: ClassVar[tuple[type[Answer], ...]] = (Named,)

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield its hour, and the town, where it is in no album and has no caption."""
        if is_nameless(photo):
            yield hour_mark(photo, NOTHING)
            yield from town_mark(photo)

    def affected(self, kind: str, group: str) -> Iterable[str]:
        """Return the month and its neighbours, into which stretches reach."""
        return months_around(month_of(group)) if kind == self.name else ()

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a question for each stretch with many photos that begins in the month."""
        if month_of(group) != group:
            return
        towns = Towns(sketches, group[:4])
        found = events(sketches, months_around(group), towns, memory)
        for stay, guess in zip(found, towns.names_of(found, memory), strict=True):
            if stay.missing >= LEAST_PHOTOS and f"{stay.since:%Y-%m}" == group:
                facts = {EVERYDAY: SEPARATOR.join(sorted(towns.everyday))} if guess else {}
                offered = guess if guess and not guess.is_refused else None
                yield replace(_question(group, stay, offered, memory, now), facts=facts)

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether it was taken then and is still in no album; of days away, not where somebody else was at home."""
        everyday = str(question.facts.get(EVERYDAY, "")).split(SEPARATOR)
        is_there = (town := town_of(photo)) == "" or town not in everyday
        return is_there and is_nameless(photo) and are_held(photo, question.reach.spans)

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that all of them are in the album that was made of the name."""
        del question
        if not isinstance(answer, Named) or not answer.album_id:
            return ()
        return (Edit(BulkEdit(add_albums=(answer.album_id,), confidence=confidence)),)

    def by_mistake(self, question: Question, answer: Answer) -> float:
        """Return that a name which says the year of the photos was hardly meant for others."""
        return _OF_ITS_YEAR if _years(answer) & _years_of(question) else 1.0

    def contradicts(self, question: Question, answer: Answer, memory: Memory) -> str:
        """Return that the name is of another year."""
        del memory
        said, years = _years(answer), _years_of(question)
        if not said or not years or any(min(years) - 1 <= year <= max(years) + 1 for year in said):
            return ""
        return f"The name says {min(said)}, and the photos are of {min(years)}."


def _years(answer: Answer) -> set[int]:
    """Return the years that a name says."""
    return {int(year) for year in _YEAR.findall(answer.name)} if isinstance(answer, Named) else set()


def _years_of(question: Question) -> set[int]:
    return {int(at[:4]) for span in question.reach.spans for at in (span.since, span.until)}


def events(sketches: Sketches, months: Sequence[str], towns: Towns, memory: Memory) -> list[Stay]:
    """Return the stretches of days of some months whose photos are in no album, each away or where one mostly is."""
    there = hours(sketches, EventKind.name, months)
    towns.part(there)
    return stays(there, lambda at: memory.fineness(EventKind.name, at), gaps=_GAPS)


def is_nameless(photo: Photo) -> bool:
    """Whether it is in no album, has no caption, and its date is good enough to ask by."""
    return is_dated(photo) and not photo.album_ids and not (photo.caption and photo.caption.value)


def _question(group: str, stay: Stay, guess: Guess | None, memory: Memory, now: datetime) -> Question:
    years = (now - stay.since).days / 365
    return Question(
        kind=EventKind.name,
        group=group,
        key=stay.span.since,
        prompt=f"What was this, {stay.since:%-d %B %Y}?",
        why="Many photos in a short time, and none of them is in an album.",
        mends=mended(stay.missing, "get into an album"),
        reach=Reach(
            tuple(dict.fromkeys(f"time:{at:%Y-%m}" for at in (stay.since, stay.until))), stay.missing, (stay.span,)
        ),
        worth=worth(
            EventKind.name,
            photos=stay.missing,
            certainty=0.0,
            alternatives=NAMES_BITS,
            confidence=memory.trust * _COHESION,
            knows=memory.knows(EventKind.name) * remembering(years),
            seconds=6 * GLANCE_SECONDS - (guess.certainty * _WRITING_SECONDS if guess else 0.0),
        ),
        default=Named(guess.name) if guess else None,
        certainty=guess.certainty if guess else 0.0,
        alternatives=NAMES_BITS,
        cohesion=_COHESION,
        can_be_parted=memory.fineness(EventKind.name, stay.span.since) < len(_GAPS) - 1,
    )
