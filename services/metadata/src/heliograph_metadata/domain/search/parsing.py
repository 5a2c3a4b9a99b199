"""Reads the search box: text to a tree, or one error that points at a character."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Any as Anything
from typing import Final

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError
from lark.tree import Meta

from heliograph_metadata.domain.errors import InvalidQueryError
from heliograph_metadata.domain.search.query import (
    FIELDS,
    UNCERTAIN,
    All,
    Any,
    Certainty,
    Field,
    Filter,
    Negation,
    Part,
    Query,
    Span,
    Words,
    clauses,
)
from heliograph_metadata.domain.search.values import bounds_of, certainty_of, circle_of, time_of
from heliograph_metadata.domain.terms import MOST_CHARACTERS

MOST_QUERY_CHARACTERS: Final = 2_000
MOST_CLAUSES: Final = 40
DEEPEST_PARENTHESES: Final = 10
_MOST_TRIES: Final = 4

_QUOTES: Final = '"“”„'
_NO_TEXT: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
"""Control characters, halves of surrogate pairs, and what no writing has."""

STATUSES: Final = ("ready", "prepared", "failed", "trashed")
_WORDS_OF: Final[dict[Field, dict[str, str]]] = {
    Field.IS: {
        "favourite": "favourite",
        "favorite": "favourite",
        "starred": "favourite",
        "trashed": "trashed",
        "confirmed": "confirmed",
    },
    Field.HAS: {"location": "location", "gps": "location", "place": "location"},
    Field.STATUS: {status: status for status in STATUSES},
}
_TYPES: Final = {"jpg": "jpeg", "heif": "heic", "tif": "tiff"}
TIME_FIELDS: Final = frozenset(
    {Field.FROM, Field.TO, Field.AFTER, Field.BEFORE, Field.DATE, Field.YEAR, Field.MONTH, Field.DAY}
)


@lru_cache(maxsize=512)
def parse(text: str) -> Query:
    """Return what a text of the search box asks for.

    Raises:
        InvalidQueryError: It can't be understood, or asks for too much; `position` says at which character.
    """
    _check_characters(text)
    _check_parentheses(text)
    try:
        root = _Builder().transform(_parser().parse(text))
    except VisitError as error:
        raise error.orig_exc from None  # its own refusal of a value
    except UnexpectedInput as error:
        raise _refusal(text, error) from None
    for number, clause in enumerate(clauses(root), 1):
        if number > MOST_CLAUSES:
            raise InvalidQueryError(f"A search may have {MOST_CLAUSES} parts at most.", clause.span.start)
    return Query(text, root)


def parse_beginning(text: str) -> tuple[Query, InvalidQueryError | None]:
    """Return what a text asks for, or as much as can be read before its first error, and that error."""
    try:
        return parse(text), None
    except InvalidQueryError as error:
        before = _up_to_a_gap(text[: error.position or 0])
        for _ in range(_MOST_TRIES):
            try:
                return parse(before), error
            except InvalidQueryError as earlier:
                before = _up_to_a_gap(before[: min(earlier.position or 0, len(before) - 1)])
        return Query(text), error


def _up_to_a_gap(text: str) -> str:
    """Return a text without the word that its end may have cut."""
    while text and not text[-1].isspace() and text[-1] not in "()":
        text = text[:-1]
    return text


def value_of(clause: Filter) -> str:
    """Return the one way to write the value of a field with few of them: `jpg` is `jpeg`."""
    lower = clause.value.lower()
    if clause.field is Field.TYPE:
        return _TYPES.get(lower, lower)
    return _WORDS_OF[clause.field][lower] if clause.field in _WORDS_OF else clause.value


def _check_characters(text: str) -> None:
    for position, character in enumerate(text[: MOST_QUERY_CHARACTERS + 1]):
        if unicodedata.category(character) in _NO_TEXT and character not in "\t\n\r":
            raise InvalidQueryError("There is a character that is no text.", position)
    if len(text) > MOST_QUERY_CHARACTERS:
        raise InvalidQueryError(f"A search may have {MOST_QUERY_CHARACTERS} characters at most.", MOST_QUERY_CHARACTERS)


def _outside_quotes(text: str) -> list[tuple[int, str]]:
    """Return the characters that don't stand in quotes.

    Raises:
        InvalidQueryError: A quote is never closed.
    """
    outside, opened, escaped = [], -1, False
    for position, character in enumerate(text):
        if opened < 0:
            outside.append((position, character))
            opened = position if character in _QUOTES else -1
        elif escaped:
            escaped = False
        elif character in _QUOTES:
            opened = -1
        else:
            escaped = character == "\\"
    if opened >= 0:
        raise InvalidQueryError("This quote is not closed.", opened)
    return outside


def _check_parentheses(text: str) -> None:
    opened: list[int] = []
    for position, character in _outside_quotes(text):
        if character == "(":
            opened.append(position)
            if len(opened) > DEEPEST_PARENTHESES:
                raise InvalidQueryError(
                    f"Parentheses may stand within one another {DEEPEST_PARENTHESES} deep at most.", position
                )
        elif character == ")":
            if not opened:
                raise InvalidQueryError("This parenthesis closes none.", position)
            opened.pop()
    if opened:
        raise InvalidQueryError("This parenthesis is not closed.", opened[-1])


def _refusal(text: str, error: UnexpectedInput) -> InvalidQueryError:
    position = error.pos_in_stream if error.pos_in_stream is not None and error.pos_in_stream >= 0 else len(text)
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return InvalidQueryError("Something is missing at the end.", len(text.rstrip()))
    character = text[position : position + 1]
    said = {
        ":": "A colon stands after a filter's name, as in label:dog. Put text with a colon into quotes.",
        ")": "Something must stand before this parenthesis.",
    }
    if character in said:
        return InvalidQueryError(said[character], position)
    if isinstance(error, UnexpectedToken) and error.token.type in {"_OR", "_AND"}:
        return InvalidQueryError(f"{error.token} must stand between two parts.", position)
    if character and character in "<>=":
        return InvalidQueryError("A confidence stands after a label, as in label:dog>0.8.", position)
    if isinstance(error, UnexpectedCharacters) or not character:
        return InvalidQueryError("This is not understood.", position)
    return InvalidQueryError(
        f"“{error.token if isinstance(error, UnexpectedToken) else character}” can't stand here.", position
    )


def _unquoted(token: Token) -> tuple[str, bool]:
    if token.type != "QUOTED":
        return str(token), False
    inner, plain, escaped = str(token)[1:-1], "", False
    for character in inner:
        if character == "\\" and not escaped:
            escaped = True
        else:
            plain += character
            escaped = False
    return plain, True


def _certainty(token: Token | None) -> Certainty | None:
    if token is None:
        return None
    certainty = certainty_of(str(token))
    if certainty is None:
        raise InvalidQueryError(
            "A confidence lies between 0 and 1: write >0.8, >=0.8, <0.5 or =0.5..0.8.", token.start_pos
        )
    return certainty


def _span(meta: Meta) -> Span:
    return Span(meta.start_pos, meta.end_pos) if not meta.empty else Span()


class _Builder(Transformer[Token, Part | None]):
    """Makes the tree while the text is read."""

    @v_args(inline=True)
    def start(self, root: Part | None = None) -> Part | None:
        return root

    @v_args(meta=True)
    def either(self, meta: Meta, parts: list[Part]) -> Part:
        return Any(parts=tuple(parts), span=_span(meta))

    @v_args(meta=True)
    def every(self, meta: Meta, parts: list[Part]) -> Part:
        return All(parts=tuple(parts), span=_span(meta))

    @v_args(meta=True)
    def negation(self, meta: Meta, parts: list[Anything]) -> Part:
        signs, part = parts[:-1], parts[-1]
        inner: Words | Filter | Negation | All | Any = part
        if isinstance(part, Negation):  # -(-dog)
            signs, inner = [*signs, signs[0]], part.part
        if len(signs) % 2 == 0:
            return replace(inner, span=_span(meta))
        return Negation(part=inner, span=_span(meta))

    @v_args(meta=True)
    def group(self, meta: Meta, parts: list[Part]) -> Part:
        [part] = parts
        if isinstance(part, All | Any):
            return replace(part, span=_span(meta), grouped=True)
        return replace(part, span=_span(meta))

    @v_args(meta=True)
    def words(self, meta: Meta, tokens: list[Token]) -> Part:
        value, quoted = _unquoted(tokens[0])
        certainty = _certainty(tokens[1] if len(tokens) > 1 else None)
        return Words(value=value, quoted=quoted, certainty=certainty, span=_span(meta))

    @v_args(meta=True)
    def filter(self, meta: Meta, tokens: list[Token]) -> Part:
        name, token = tokens[0], tokens[1]
        field = FIELDS.get(str(name)[:-1].lower())
        if field is None:
            raise InvalidQueryError(
                f"There is no filter “{str(name)[:-1]}”. The filters are {', '.join(Field)}.", name.start_pos
            )
        value, quoted = _unquoted(token)
        certainty = _certainty(tokens[2] if len(tokens) > 2 else None)  # noqa: PLR2004 - name, value, certainty
        if certainty and field not in UNCERTAIN:
            raise InvalidQueryError(f"{name} has no confidence.", tokens[2].start_pos)
        clause = Filter(field=field, value=value, quoted=quoted, certainty=certainty, span=_span(meta))
        _check_value(clause, token.start_pos or 0)
        return clause


def _check_value(clause: Filter, position: int) -> None:
    """Refuse a value that its field can't have."""
    if not clause.value.strip():
        raise InvalidQueryError(f"{clause.field}: needs a value.", position)
    if len(clause.value) > 2 * MOST_CHARACTERS:
        raise InvalidQueryError(f"A value may have {2 * MOST_CHARACTERS} characters at most.", position)
    if clause.field in _WORDS_OF and clause.value.lower() not in _WORDS_OF[clause.field]:
        known = dict.fromkeys(_WORDS_OF[clause.field].values())
        raise InvalidQueryError(f"After {clause.field}: stands {' or '.join(known)}.", position)
    checks: dict[Field, Callable[[str], object]] = {Field.NEAR: circle_of, Field.BBOX: bounds_of}
    try:
        if clause.field in TIME_FIELDS:
            time_of(clause)
        elif clause.field in checks:
            checks[clause.field](clause.value)
    except InvalidQueryError as error:
        raise InvalidQueryError(str(error), position) from None


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = files("heliograph_metadata.domain.search").joinpath("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)
