"""A library's own words: the names of its terms, and which of them a word can mean."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Final

from heliograph_metadata.domain.search.conditions import How, Sense
from heliograph_metadata.domain.search.lexicon import forms, is_known, labels_meant
from heliograph_metadata.domain.terms import Term, folded, tokens

_ABBREVIATED: Final = frozenset({"camera", "lens"})
"""Kinds whose names people cut short: fuji."""
_FEWEST_LETTERS: Final = 3
LAST: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Name:
    """A term that a library has, what people call it, and how many photos bear it."""

    term: Term
    name: str
    photos: int

    @property
    def own(self) -> str:
        """The name without that of the country in which a place lies."""
        return self.name.rsplit(",", 1)[0] if self.term.kind == "place" else self.name

    def meant(self, how: How) -> Sense:
        """Return this as one of the things that a word can mean."""
        return Sense(self.term, self.name, how, self.photos)


class Names:
    """Names that can be asked for by their words."""

    def __init__(self, names: Iterable[Name] = ()) -> None:
        self.all: Sequence[Name] = tuple(names)
        self._exact: dict[str, list[Name]] = {}
        by_word: dict[str, list[Name]] = {}
        for name in self.all:
            own = name.term.value if name.term.kind == "label" else folded(name.own)
            self._exact.setdefault(own, []).append(name)
            for word in {own, *tokens(own)} if not own.isalpha() else (own,):
                by_word.setdefault(word, []).append(name)
        self._by_word = by_word
        self._words = sorted(by_word)

    def called(self, text: str) -> Sequence[Name]:
        """Return the names that are just this folded text."""
        return self._exact.get(text, ())

    def with_word(self, word: str) -> Sequence[Name]:
        """Return the names that have this word."""
        return self._by_word.get(word, ())

    def beginning(self, start: str) -> Iterator[Name]:
        """Yield the names that have a word that begins so; a name with two of them twice."""
        at = bisect_left(self._words, start)
        while at < len(self._words) and self._words[at].startswith(start):
            yield from self._by_word[self._words[at]]
            at += 1

    def best(self, start: str, most: int) -> list[tuple[bool, Name]]:
        """Return the names with a word that begins so: those that begin so themselves first, then the most borne.

        Each comes with whether it begins so itself. It is asked at every key that is pressed.
        """
        whole: dict[Term, Name] = {}
        others: dict[Term, Name] = {}
        at = bisect_left(self._words, start)
        while at < len(self._words) and self._words[at].startswith(start):
            word = self._words[at]
            begun = {name.term for name in self._exact.get(word, ())}
            for name in self._by_word[word]:
                (whole if name.term in begun else others)[name.term] = name
            at += 1
        first = nlargest(most, whole.values(), key=_borne)
        rest = (name for term, name in others.items() if term not in whole)
        return [(True, name) for name in first] + [
            (False, name) for name in nlargest(most - len(first), rest, key=_borne)
        ]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a library's own that a search can mean."""

    names: Mapping[str, Names] = field(default_factory=dict)
    """By kind: label, confirmed, place, camera, lens, album, type."""
    months: Sequence[tuple[str, int]] = ()
    """The months in which photos were taken, oldest first, with how many."""
    words: Mapping[str, Sequence[Name]] = field(default_factory=dict)
    """For the beginning of a word, the words of captions, keywords and file names that begin with it."""

    def of(self, kind: str) -> Names:
        """Return the names of a kind."""
        return self.names.get(kind, _NONE)

    @property
    def photos(self) -> int:
        """How many photos the library has."""
        return sum(photos for _, photos in self.months)

    def named(self, kind: str, text: str) -> list[Sense]:
        """Return what a text means that is the value or the whole name of terms of a kind."""
        plain = folded(text)
        names = self.of(kind)
        found = [name.meant(How.EXACT) for form in _text_forms(plain) for name in names.called(form)]
        if not found:
            found = [
                name.meant(How.EXACT) for name in names.all if plain in {folded(name.term.value), folded(name.name)}
            ]
        return list(dict.fromkeys(found))

    def meaning(self, kind: str, text: str) -> list[Sense]:
        """Return what a text means among the names of a kind: all of its words must be met."""
        if exact := self.named(kind, text):
            return self._with_kinds(kind, folded(text), exact)
        parts = tokens(text)
        if len(parts) == 1 or (kind == "label" and labels_meant(folded(text))):
            return self._one(kind, folded(text) if len(parts) > 1 else parts[0])
        meant: list[set[Name]] = [
            {name for form in forms(part) for name in self.of(kind).with_word(form)}
            | set(self.of(kind).beginning(part))
            for part in parts
        ]
        return [name.meant(How.PREFIX) for name in self.of(kind).all if meant and all(name in one for one in meant)]

    def _with_kinds(self, kind: str, plain: str, exact: list[Sense]) -> list[Sense]:
        if kind != "label":
            return exact
        known = {sense.term for sense in exact}
        return exact + [sense for sense in self.synonyms(plain) if sense.term not in known]

    def synonyms(self, plain: str) -> list[Sense]:
        """Return the labels that a folded text is another word for, or of which it names the kind."""
        labels = self.of("label")
        return [
            name.meant(How.SYNONYM) for label in sorted(labels_meant(plain)) for name in labels.called(folded(label))
        ]

    def _one(self, kind: str, word: str) -> list[Sense]:
        """Return what one word means among the names of a kind, each term once, the best reason first."""
        names, found = self.of(kind), dict[Term, Sense]()
        for form in forms(word):
            for name in names.called(form):
                found.setdefault(name.term, name.meant(How.EXACT))
        is_known_label = kind == "label" and is_known(word)
        for form in forms(word):
            for name in names.with_word(form):
                # A hot dog is no dog, which is known; a wine glass has to do with wine.
                if not (is_known_label and name.own.lower().endswith(form)):
                    found.setdefault(name.term, name.meant(How.PREFIX))
        if kind == "label":
            for sense in self.synonyms(word):
                found.setdefault(sense.term, sense)
        if not found or (kind in _ABBREVIATED and len(word) >= _FEWEST_LETTERS):
            for name in names.beginning(word) if not is_known_label else ():
                found.setdefault(name.term, name.meant(How.PREFIX))
        return list(found.values())

    def written(self, text: str) -> list[Sense]:
        """Return the words of captions, keywords and file names that are this word."""
        return [
            name.meant(How.EXACT)
            for start in dict.fromkeys(map(shortest_form, [text]))
            for name in self.words.get(start, ())
            if name.term.value in forms(text) or text in forms(name.term.value)
        ]

    def free(self, word: str) -> list[Sense]:
        """Return everything that a free word means in this library.

        A name that merely begins with it counts only where the word means nothing else: who writes `cat` is not
        looking for Catalonia. Cameras and lenses are the exception, as people cut their names short.
        """
        found = self.written(word)
        late: list[Sense] = []
        for kind in ("label", "place", "camera", "lens", "album"):
            for sense in self._one(kind, word):
                begins = sense.how is How.PREFIX and not any(form in tokens(_own(sense)) for form in forms(word))
                (late if begins and kind not in _ABBREVIATED else found).append(sense)
        if not found:
            late += [
                name.meant(How.PREFIX)
                for name in self.words.get(shortest_form(word), ())
                if name.term.value.startswith(word)
            ]
            found = late
        return found


def _borne(name: Name) -> int:
    return name.photos


_NONE: Final = Names()


def _own(sense: Sense) -> str:
    return sense.name.rsplit(",", 1)[0] if sense.term.kind == "place" else sense.name


def shortest_form(word: str) -> str:
    """Return the form of a word with which all the others begin, as far as there is one."""
    return min((form for form in forms(word) if word.startswith(form)), key=len, default=word)


def _text_forms(plain: str) -> Iterator[str]:
    """Yield a folded text with each form of its last word."""
    rest, gap, last = plain.rpartition(" ")
    for form in forms(last):
        yield f"{rest}{gap}{form}"
