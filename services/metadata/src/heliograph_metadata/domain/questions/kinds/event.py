"""What was this? A stretch of days with many photos gets a name, and an album of that name."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.dates import is_dated
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import Answer, Named, Question, Reach, are_held
from heliograph_metadata.domain.questions.sketch import NOTHING, Mark, Sketches, hour_mark, hours, months_around
from heliograph_metadata.domain.questions.stays import Stay, stays
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, remembering, worth

_LEAST_PHOTOS: Final = 12
_GAPS: Final = (timedelta(hours=20), timedelta(hours=8), timedelta(hours=2))
_NAMES_BITS: Final = 7.0
"""Of choice among the events of a life that have a name: about a hundred."""
_COHESION: Final = 0.97


class EventKind(Kind):
    """Asks for the name of a stretch of days whose photos are in no album."""

    name: ClassVar[str] = "event"
    takes: ClassVar[tuple[type[Answer], ...]] = (Named,)

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield its hour, where it is in no album and has no caption."""
        if is_dated(photo) and _has_no_name(photo):
            yield hour_mark(photo, NOTHING)

    def affected(self, kind: str, group: str) -> Iterable[str]:
        """Return the month and its neighbours, into which stretches reach."""
        return months_around(group) if kind == self.name else ()

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a question for each stretch with many photos that begins in the month."""
        there = hours(sketches, self.name, months_around(group))
        for stay in stays(there, lambda at: memory.fineness(self.name, at), gaps=_GAPS):
            if stay.missing >= _LEAST_PHOTOS and f"{stay.since:%Y-%m}" == group:
                yield _question(group, stay, memory, now)

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether it was taken then and is still in no album."""
        return is_dated(photo) and _has_no_name(photo) and are_held(photo, question.reach.spans)

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that all of them are in the album that was made of the name."""
        del question
        if not isinstance(answer, Named) or not answer.album_id:
            return ()
        return (Edit(BulkEdit(add_albums=(answer.album_id,), confidence=confidence)),)


def _has_no_name(photo: Photo) -> bool:
    return not photo.album_ids and not (photo.caption and photo.caption.value)


def _question(group: str, stay: Stay, memory: Memory, now: datetime) -> Question:
    years = (now - stay.since).days / 365
    return Question(
        kind=EventKind.name,
        group=group,
        key=stay.span.since,
        prompt=f"What was this, {stay.since:%-d %B %Y}?",
        why="Many photos in a short time, and none of them is in an album.",
        mends=f"{stay.missing} photos get into an album",
        reach=Reach(
            tuple(dict.fromkeys(f"time:{at:%Y-%m}" for at in (stay.since, stay.until))), stay.missing, (stay.span,)
        ),
        worth=worth(
            EventKind.name,
            photos=stay.missing,
            certainty=0.0,
            alternatives=_NAMES_BITS,
            confidence=memory.trust * _COHESION,
            knows=memory.knows(EventKind.name) * remembering(years),
            seconds=6 * GLANCE_SECONDS,
        ),
        alternatives=_NAMES_BITS,
        cohesion=_COHESION,
        can_be_parted=memory.fineness(EventKind.name, stay.span.since) < len(_GAPS) - 1,
    )
