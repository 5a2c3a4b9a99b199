"""Writes searches: trees and names as text that is read as the same again."""

import re
from typing import Final

from heliograph_metadata.domain.search.query import All, Any, Certainty, Field, Filter, Negation, Part, Words
from heliograph_metadata.domain.search.values import certainty_text

_PLAIN_VALUE: Final = re.compile(r"[^\s()\"“”„<>=|\\]+")
_PLAIN_WORD: Final = re.compile(r"[^\s()\"“”„<>=|:\\-][^\s()\"“”„<>=|:\\]*")
_OPERATORS: Final = frozenset({"AND", "OR", "or", "NOT"})


def quoted(value: str) -> str:
    """Return a text in quotes."""
    escaped = re.sub(r"([\"“”„\\])", r"\\\1", value)
    return f'"{escaped}"'


def filter_text(field: Field, value: str) -> str:
    """Return a filter, in quotes where its value needs them."""
    return f"{field}:{value if _PLAIN_VALUE.fullmatch(value) else quoted(value)}"


def written(part: Part) -> str:
    """Return the text of a part of a search."""
    match part:
        case Words():
            plain = not part.quoted and _PLAIN_WORD.fullmatch(part.value) and part.value not in _OPERATORS
            return (part.value if plain else quoted(part.value)) + _certainty(part.certainty)
        case Filter():
            value = quoted(part.value) if part.quoted else part.value
            return f"{part.field}:{value}{_certainty(part.certainty)}"
        case Negation():
            return (
                f"-{_grouped(part.part)}" if not isinstance(part.part, Words | Filter) else f"NOT {written(part.part)}"
            )
        case All():
            return " ".join(_grouped(one) for one in part.parts)
        case Any():
            return " OR ".join(_grouped(one) for one in part.parts)


def _grouped(part: Part) -> str:
    return f"({written(part)})" if isinstance(part, All | Any) else written(part)


def _certainty(certainty: Certainty | None) -> str:
    return certainty_text(certainty) if certainty else ""
