"""What a kind of question is: one class, with one line in registry.py."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from heliograph.photos import PhotoId
from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.memory import Answered, Memory
from heliograph_metadata.domain.questions.question import Answer, No, Question, Span, Yes
from heliograph_metadata.domain.questions.sketch import Mark, Sketches
from heliograph_metadata.domain.questions.wording import mended


@dataclass(frozen=True, slots=True)
class Edit:
    """What an answer does to some photos: a bulk edit, so that it is made, kept and undone as those are."""

    edit: BulkEdit
    photo_ids: tuple[PhotoId, ...] | None = None
    """None: all that the question reaches."""
    span: Span | None = None
    """Of them, those of this time; None for any time."""


class Kind(ABC):
    """One kind of question: what it keeps of photos, what it asks, and what answers do."""

    name: ClassVar[str]
    takes: ClassVar[tuple[type[Answer], ...]] = (Yes, No)
    """The answers that say something to such a question; that one is not sure, or not now, can be said to all."""
    gain: ClassVar[str] = ""
    """What becomes of several photos, as `mended` takes it, where questions are joined as they are here."""
    alone: ClassVar[str] = ""
    """The kind that asks about one of several things by itself, in the groups of its months."""

    @abstractmethod
    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield what this kind keeps of a photo that is to be seen: groups and cells of their sketches."""

    def affected(self, kind: str, group: str) -> Iterable[str]:
        """Return the groups of this kind whose questions may change when that sketch does."""
        return (group,) if kind == self.name else ()

    @abstractmethod
    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield what could be asked about a group."""

    @abstractmethod
    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether a photo of the question's lists is one of those that it is about, as the photo is now."""

    def may_reach(self, question: Question, point: tuple[float, float] | None, confidence: float | None) -> bool:
        """Whether a photo can be one of those, by the little that a list says of it; what can't be is not read.

        Args:
            question: Of this kind.
            point: Its latitude and longitude, if it has any.
            confidence: In a label's list, how sure the label is.
        """
        del question, point, confidence
        return True

    @abstractmethod
    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return what an answer does; nothing, where such a question has no such answer."""

    def joined(self, questions: Sequence[Question], memory: Memory) -> Question | None:
        """Return questions that join as one question, worded as the largest of them; None where it is to wait."""
        del memory
        first = max(questions, key=lambda one: (one.reach.photos, one.key))
        reach = first.reach
        for one in questions:
            if one is not first:
                reach |= one.reach
        worth = replace(first.worth, bits=sum(one.worth.bits for one in questions))
        return replace(first, reach=reach, worth=worth, mends=mended(reach.photos, self.gain))

    def contradicts(self, question: Question, answer: Answer, memory: Memory) -> str:
        """Return what is known that an answer contradicts, in a sentence; empty where it contradicts nothing."""
        del question, answer, memory
        return ""

    def is_default(self, question: Question, answer: Answer) -> bool:
        """Whether an answer is the common one, which was likely before it was given."""
        return isinstance(answer, Yes) or answer == question.default

    def by_mistake(self, question: Question, answer: Answer) -> float:
        """Return how likely a mistake is to look like this answer, 0-1: less, where the answer fits what is known."""
        del question, answer
        return 1.0

    def at_odds(self, question: Question, answer: Answer, memory: Memory) -> tuple[Answered, ...]:
        """Return the earlier answers that hardly hold together with this one."""
        del question, answer, memory
        return ()
