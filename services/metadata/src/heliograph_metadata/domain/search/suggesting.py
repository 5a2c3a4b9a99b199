"""What a search can go on with: the part that is being typed, completed by a library's own words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import nlargest
from typing import Final

from heliograph_metadata.domain.search.query import FIELDS, Field
from heliograph_metadata.domain.search.values import month_named
from heliograph_metadata.domain.search.vocabulary import Name, Vocabulary
from heliograph_metadata.domain.search.writing import filter_text, quoted
from heliograph_metadata.domain.terms import Term, folded, tokens

MOST_SUGGESTIONS: Final = 12
_MOST_WORDS: Final = 4
_QUOTES: Final = '"“”„'

_KIND_OF: Final = {
    Field.LABEL: "label",
    Field.CONFIRMED: "confirmed",
    Field.PLACE: "place",
    Field.CAMERA: "camera",
    Field.LENS: "lens",
    Field.ALBUM: "album",
    Field.TYPE: "type",
    Field.WORD: "word",
}
_MONTHLY: Final = frozenset({Field.MONTH, Field.DATE, Field.FROM, Field.TO, Field.AFTER, Field.BEFORE, Field.DAY})
FREE_KINDS: Final = ("label", "place", "camera", "lens", "album", "type")
_OPERATORS: Final = (
    *(f"{field}:" for field in Field if field not in {Field.BBOX, Field.STATUS, Field.IS, Field.HAS}),
    "is:favourite",
    "is:trashed",
    "is:confirmed",
    "has:location",
    "status:ready",
    "status:prepared",
    "status:failed",
)


@dataclass(frozen=True, slots=True)
class Typed:
    """The part of a search that is being typed."""

    start: int
    end: int
    """What a suggestion takes the place of."""
    field: Field | None
    text: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of names that can stand here."""
        if self.field is None:
            return (*FREE_KINDS, "time")
        if self.field in _MONTHLY or self.field is Field.YEAR:
            return ("time",)
        return (_KIND_OF[self.field],) if self.field in _KIND_OF else ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A way to go on."""

    kind: str
    value: str
    name: str
    photos: int | None
    text: str
    """To be put in the place of what was typed."""


def typed_at(text: str, position: int) -> list[Typed]:
    """Return what may be being typed at a place of a text: a few words that end there, the most first."""
    begins, is_quoted = _boundaries(text[:position])
    if position and text[position - 1].isspace() and not is_quoted:
        return []
    end = position
    while end < len(text) and not text[end].isspace() and text[end] not in f"(){_QUOTES}":
        end += 1
    if is_quoted:
        closing = [at for at in range(position, len(text)) if text[at] in _QUOTES]
        end = closing[0] + 1 if closing else end
    last = begins[-1]
    while last < position and text[last] == "-":
        last += 1
    written = text[last:position]
    name, colon, value = written.partition(":")
    if colon and (field := FIELDS.get(name.lower())):
        return [Typed(last, end, field, value.strip(_QUOTES))]
    found = []
    for start in begins[-_MOST_WORDS:-1]:
        run = text[start:position]
        if not any(one in f'():<>="-|{_QUOTES}' for one in run) and not set(run.split()) & {"OR", "or", "AND", "NOT"}:
            found.append(Typed(start, end, None, run))
    return [*found, Typed(last, end, None, written.strip(_QUOTES))]


def _boundaries(text: str) -> tuple[list[int], bool]:
    """Return where the words of a text begin, the last one even if it is empty, and whether a quote is open."""
    begins, is_open = [0], False
    for at, character in enumerate(text):
        if character in _QUOTES:
            is_open = not is_open
        elif not is_open and (character.isspace() or character in "()|"):
            if begins[-1] == at:
                begins[-1] = at + 1
            else:
                begins.append(at + 1)
    return begins, is_open


def suggestions(typed: Typed, vocabulary: Vocabulary) -> list[Suggestion]:
    """Return the ways to go on with what is being typed, the most likely first; none where nothing is typed."""
    start = folded(typed.text)
    if typed.field is None and not start:
        return []
    found: dict[tuple[str, str], tuple[bool, int, Suggestion]] = {}

    def add(kind: str, names: Iterable[tuple[bool, Name]]) -> None:
        for begins, name in names:
            shown = Suggestion(kind, name.term.value, name.name, name.photos, _text_of(name, vocabulary))
            found.setdefault((kind, name.term.value), (not begins, -name.photos, shown))

    for kind in typed.kinds:
        if kind == "time":
            times = [(True, name) for name in _times(typed, start, vocabulary)]
            add("year" if typed.field is Field.YEAR else "month", times)
        else:
            add("label" if kind == "confirmed" else kind, _named(kind, start, vocabulary))
    if " " not in start and typed.field in {None, Field.WORD}:
        add("word", [(True, one) for one in vocabulary.words.get(start, ()) if one.term.value.startswith(start)])
    best = sorted(found.values(), key=lambda one: (one[0], one[1], one[2].name))
    ways = [one for _, _, one in best[:MOST_SUGGESTIONS]]
    operators = list(_operators(typed))
    return [*ways[: MOST_SUGGESTIONS - len(operators[:4])], *operators[:4]] if operators else ways


def _named(kind: str, start: str, vocabulary: Vocabulary) -> list[tuple[bool, Name]]:
    """Return the names of a kind that begin so, or that have each of several words begin so."""
    names = vocabulary.of(kind)
    first, *others = tokens(start) or [start]
    if not others:
        return names.best(first, MOST_SUGGESTIONS)
    suiting = [
        name
        for name in dict.fromkeys(names.beginning(first))
        if all(any(word.startswith(other) for word in tokens(name.own)) for other in others)
    ]
    best = nlargest(MOST_SUGGESTIONS, suiting, key=lambda name: name.photos)
    return [(folded(name.own).startswith(start), name) for name in best]


def _times(typed: Typed, start: str, vocabulary: Vocabulary) -> Iterator[Name]:
    if typed.field is Field.YEAR:
        years: dict[str, int] = {}
        for month, photos in vocabulary.months:
            years[month[:4]] = years.get(month[:4], 0) + photos
        yield from (Name(Term("year", year), year, n) for year, n in years.items() if year.startswith(start))
        return
    number = month_named(start)
    for month, photos in vocabulary.months:
        if month.startswith(start) or (number and month.endswith(f"-{number:02}")):
            yield Name(Term("time", month), month, photos)


def _operators(typed: Typed) -> Iterator[Suggestion]:
    if typed.field is None and " " not in typed.text:
        start = typed.text.lower()
        for one in _OPERATORS:
            if one.startswith(start):
                yield Suggestion("operator", one, one, None, one if one.endswith(":") else f"{one} ")
    elif typed.field is not None and not typed.kinds:
        start = f"{typed.field}:{typed.text.lower()}"
        for one in _OPERATORS:
            if one.startswith(start) and not one.endswith(":"):
                yield Suggestion("operator", one, one, None, f"{one} ")


def _text_of(name: Name, vocabulary: Vocabulary) -> str:
    return f"{term_text(name.term, name.name, vocabulary)} "


def term_text(term: Term, name: str, vocabulary: Vocabulary | None = None) -> str:
    """Return the filter that finds what bears a term."""
    match term.kind:
        case "album":
            named = vocabulary.of("album").called(folded(name)) if vocabulary else ()
            return f"album:{quoted(name if len(named) == 1 and name else term.value)}"
        case "time":
            return f"date:{term.value}"
        case "word":
            return filter_text(Field.WORD, term.value)
        case _:
            return filter_text(Field(term.kind), term.value)
