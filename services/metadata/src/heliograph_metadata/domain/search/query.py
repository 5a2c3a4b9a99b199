"""A search as it was written: a tree whose every part knows where in the text it stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as of_class
from enum import StrEnum
from typing import Final


class Field(StrEnum):
    """What a filter can ask for."""

    LABEL = "label"
    CONFIRMED = "confirmed"
    PLACE = "place"
    CAMERA = "camera"
    LENS = "lens"
    ALBUM = "album"
    WORD = "word"
    FILENAME = "filename"
    TYPE = "type"
    STATUS = "status"
    IS = "is"
    HAS = "has"
    FROM = "from"
    TO = "to"
    AFTER = "after"
    BEFORE = "before"
    DATE = "date"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    NEAR = "near"
    BBOX = "bbox"


FIELDS: Final[dict[str, Field]] = {
    **{one.value: one for one in Field},
    "tag": Field.LABEL,
    "in": Field.PLACE,
    "caption": Field.WORD,
    "keyword": Field.WORD,
    "file": Field.FILENAME,
    "since": Field.FROM,
    "until": Field.TO,
}
"""Each name of each field."""

UNCERTAIN: Final = frozenset({Field.LABEL})
"""Fields whose values come with a confidence."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a part stands in the text: its first character and the one behind its last, counted from 0."""

    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Certainty:
    """What a confidence must lie within."""

    least: float = 0.0
    most: float = 1.0
    with_least: bool = True
    with_most: bool = True

    def holds(self, confidence: float) -> bool:
        """Whether a confidence lies within."""
        above = confidence >= self.least if self.with_least else confidence > self.least
        return above and (confidence <= self.most if self.with_most else confidence < self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A free word, or a name in quotes."""

    value: str
    quoted: bool = False
    certainty: Certainty | None = None
    span: Span = of_class(default=Span(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A field and what it must be."""

    field: Field
    value: str
    quoted: bool = False
    certainty: Certainty | None = None
    span: Span = of_class(default=Span(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Negation:
    """What must not hold; never of another negation."""

    part: "Part"
    span: Span = of_class(default=Span(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """Parts that must all hold; two at least."""

    parts: tuple["Part", ...]
    grouped: bool = of_class(default=False, compare=False)
    """Whether parentheses stand around it."""
    span: Span = of_class(default=Span(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Any:
    """Parts of which one must hold; two at least."""

    parts: tuple["Part", ...]
    grouped: bool = of_class(default=False, compare=False)
    span: Span = of_class(default=Span(), compare=False)


Clause = Words | Filter
Part = Clause | Negation | All | Any


@dataclass(frozen=True, slots=True)
class Query:
    """What was written, read."""

    text: str
    root: Part | None = None
    """None where nothing is asked for: all photos."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """What must all hold, as it stands in the text."""
        if self.root is None:
            return ()
        if isinstance(self.root, All) and not self.root.grouped:
            return self.root.parts
        return (self.root,)


def clauses(part: Part | None) -> Iterator[Clause]:
    """Yield the words and filters of a tree, in order."""
    match part:
        case Words() | Filter():
            yield part
        case Negation():
            yield from clauses(part.part)
        case All() | Any():
            for one in part.parts:
                yield from clauses(one)
