"""Where what could be asked is kept, and where it is noted whose questions are to be made again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from heliograph.photos import OwnerId
from heliograph_metadata.domain.questions.engine import Group
from heliograph_metadata.domain.questions.question import Question
from heliograph_metadata.domain.questions.sketch import Sketch


@dataclass(frozen=True, slots=True)
class StaleGroup:
    """A group that has been marked: its sketch has changed, or an answer is about it."""

    group: Group
    mark: str
    """Another one each time that it is marked."""
    is_settled: bool = True
    """Whether what it was marked for can be read already. If not, the mark stays for the next who looks."""


@dataclass(frozen=True, slots=True)
class StaleGroups:
    """Some of a library's stale groups."""

    generation: int
    """Of the index that has the sketches."""
    groups: tuple[StaleGroup, ...] = ()


class SketchStore(Protocol):
    """Sketches as the index counts them. tests/contract/test_sketch_store.py is its specification.

    Kept by `PhotoStore.replace`. Every method raises `UnavailableError` where the store does not answer.
    """

    async def stale(self, owner_id: OwnerId, *, limit: int) -> StaleGroups:
        """Return up to `limit` marks: those of the kinds that bring most first. Of late ones some may be missing."""

    async def sketches(self, owner_id: OwnerId, generation: int, groups: Collection[Group]) -> dict[Group, Sketch]:
        """Return the sketches of these groups with all that is settled now, empty ones too."""

    async def mark_stale(self, owner_id: OwnerId, groups: Iterable[Group]) -> None:
        """Have the questions of these groups, and of those that depend on them, made again."""

    async def clear(self, owner_id: OwnerId, generation: int, marks: Iterable[StaleGroup]) -> None:
        """Remove settled marks; a group that has been marked again meanwhile stays marked."""


@dataclass(frozen=True, slots=True)
class Book:
    """All that could be asked of one person, by group."""

    version: int = 0
    """Of the book; 0 where there is none."""
    generation: int = 0
    """Of the index that the questions were made from."""
    questions: Mapping[Group, tuple[Question, ...]] = field(default_factory=dict)


class QuestionBook(Protocol):
    """Books by owner. tests/contract/test_question_book.py is its specification.

    Every method raises `UnavailableError` where the store does not answer.
    """

    async def read(self, owner_id: OwnerId) -> Book:
        """Return the book with all that was written so far. It must not be changed."""

    async def replace(
        self, owner_id: OwnerId, made: Mapping[Group, Sequence[Question]], *, book: Book, generation: int
    ) -> Book | None:
        """Replace the questions of some groups, and with another generation all others by none.

        Args:
            owner_id: Who is asked.
            made: Questions by group; groups without any are forgotten.
            book: As it was read before the questions were made.
            generation: Of the index that they were made from; not less than the book's.

        Returns:
            The book as it is now. None, having changed nothing, where somebody has changed it meanwhile.
        """
