"""What is on this? Photos of one scene that no label describes; the word becomes the person's own label."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import ClassVar, Final

from heliograph.photos import PhotoStatus
from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.dates import is_dated
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import Answer, Named, Question, Reach, are_held
from heliograph_metadata.domain.questions.sketch import NOTHING, Mark, Sketches, hour_mark, hours, months_around
from heliograph_metadata.domain.questions.stays import Stay, stays
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, worth
from heliograph_metadata.domain.questions.wording import mended
from heliograph_metadata.domain.terms import folded

_LEAST_PHOTOS: Final = 3
MOST_SHOWN: Final = 24
_GAPS: Final = (timedelta(hours=2), timedelta(hours=1))
_WORDS_BITS: Final = 9.0
"""Of choice among what can be on a photo: about a thousand things have a name in the networks."""
_COHESION: Final = 0.9


class MissingKind(Kind):
    """Asks for a word for photos that were looked at and on which nothing was seen; a grid."""

    name: ClassVar[str] = "missing"
    takes: ClassVar[tuple[type[Answer], ...]] = (Named,)

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield its hour, where nothing says what is on it."""
        if is_dated(photo) and _says_nothing(photo):
            yield hour_mark(photo, NOTHING)

    def affected(self, kind: str, group: str) -> Iterable[str]:
        """Return the month and its neighbours, into which stretches reach."""
        return months_around(group) if kind == self.name else ()

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a question for each scene of the month."""
        del now
        there = hours(sketches, self.name, months_around(group))
        for stay in stays(there, lambda at: memory.fineness(self.name, at), gaps=_GAPS):
            if stay.missing >= _LEAST_PHOTOS and f"{stay.since:%Y-%m}" == group:
                yield _question(group, stay, memory)

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether it is of that scene, and still nothing says what is on it."""
        return is_dated(photo) and _says_nothing(photo) and are_held(photo, question.reach.spans)

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that it is on those that were shown and left ticked."""
        if not isinstance(answer, Named) or not folded(answer.name):
            return ()
        shown = tuple(photo_id for photo_id in question.shown if photo_id not in answer.but_not)
        return (Edit(BulkEdit(add_labels=(answer.name,), confidence=confidence), shown),) if shown else ()


def _says_nothing(photo: Photo) -> bool:
    return photo.status is PhotoStatus.READY and not photo.labels and not photo.keywords


def _question(group: str, stay: Stay, memory: Memory) -> Question:
    photos = min(stay.missing, MOST_SHOWN)
    return Question(
        kind=MissingKind.name,
        group=group,
        key=stay.span.since,
        prompt="What is on these?",
        why="The networks have seen nothing on them that they know.",
        mends=mended(photos, "are found by the word"),
        reach=Reach(tuple(dict.fromkeys(f"time:{at:%Y-%m}" for at in (stay.since, stay.until))), photos, (stay.span,)),
        worth=worth(
            MissingKind.name,
            photos=photos,
            certainty=0.0,
            alternatives=_WORDS_BITS,
            confidence=memory.trust * _COHESION,
            knows=memory.knows(MissingKind.name),
            seconds=photos * GLANCE_SECONDS,
        ),
        alternatives=_WORDS_BITS,
        cohesion=_COHESION,
        can_be_parted=memory.fineness(MissingKind.name, stay.span.since) < len(_GAPS) - 1,
        most=MOST_SHOWN,
    )
