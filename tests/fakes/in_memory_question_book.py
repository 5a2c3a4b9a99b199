"""A `QuestionBook` in memory."""

from collections.abc import Mapping, Sequence

from heliograph.photos import OwnerId
from heliograph_metadata.domain.questions.engine import Group
from heliograph_metadata.domain.questions.question import Question
from heliograph_metadata.service.question_book import Book


class InMemoryQuestionBook:
    """Books by owner."""

    def __init__(self) -> None:
        self.books: dict[OwnerId, Book] = {}

    async def read(self, owner_id: OwnerId) -> Book:
        return self.books.setdefault(owner_id, Book())

    async def replace(
        self, owner_id: OwnerId, made: Mapping[Group, Sequence[Question]], *, book: Book, generation: int
    ) -> Book | None:
        if self.books.get(owner_id) is not book:
            return None
        before = book.questions if generation == book.generation else {}
        questions = {**before, **{group: tuple(found) for group, found in made.items()}}
        after = Book(book.version + 1, generation, {group: found for group, found in questions.items() if found})
        self.books[owner_id] = after
        return after
