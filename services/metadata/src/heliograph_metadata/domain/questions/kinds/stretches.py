"""What kinds have in common that ask about many stretches without a place at once, each with where it probably was."""

from collections.abc import Iterable, Iterator
from typing import Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.kinds.place import is_without_place, years_of
from heliograph_metadata.domain.questions.question import Answer, Question, Where, Yes, are_held
from heliograph_metadata.domain.questions.sketch import Mark
from heliograph_metadata.domain.questions.value import agreed

NAME_SECONDS: Final = 0.3
"""To read the name of a place under a picture."""


class StretchesKind(Kind):
    """Groups are years; the sketches are those of the place kind."""

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield nothing: the place kind has what is needed."""
        del photo
        yield from ()

    def affected(self, kind: str, group: str) -> Iterable[str]:
        """Return the years that a month touches."""
        return (group,) if kind == self.name else years_of(kind, group)

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether it has no place yet, and was taken in one of the stretches."""
        return is_without_place(photo) and are_held(photo, question.reach.spans)

    def may_reach(self, question: Question, point: tuple[float, float] | None, confidence: float | None) -> bool:
        """Whether it has no place yet."""
        del question, confidence
        return point is None

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that those left ticked were taken where it was guessed."""
        if not isinstance(answer, Yes):
            return ()
        return tuple(
            Edit(BulkEdit(location=one.answer.location, confidence=agreed(one.certainty, confidence)), span=one.span)
            for one in question.items
            if one.key not in answer.but_not and isinstance(one.answer, Where)
        )
