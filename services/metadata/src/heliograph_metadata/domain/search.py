"""What somebody looks for, as groups of terms: a photo is found where it bears one term of each group."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from heliograph.photos import PhotoStatus
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.terms import (
    FAVOURITE,
    LOCATED,
    POSTED_LEVELS,
    PRESENT,
    TRASHED,
    Term,
    folded,
    label_term,
    status_term,
    tokens,
)
from heliograph_metadata.domain.tiles import Area, Bounds, Circle, tile_count, tiles

MOST_TOKENS: Final = 12
MOST_ALTERNATIVES: Final = 40
"""The most terms of one group: of more, those that most photos bear."""
_MOST_TILES: Final = 16
_FEWEST_MONTH_LETTERS: Final = 3

_MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DATE: Final = re.compile(r"\b(\d{4}-\d{2})(?:-\d{2})?\b")
_YEAR: Final = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """The filters of a search; all must hold."""

    text: str = ""
    labels: tuple[str, ...] = ()
    min_confidence: float = 0.0
    since: str = ""
    until: str = ""
    """Years, months, days or minutes as in ISO 8601, by the clock of the place; both inclusive."""
    place: str = ""
    camera: str = ""
    near: Circle | None = None
    bbox: Bounds | None = None
    album_id: str = ""
    status: str = ""
    favourite: bool | None = None


@dataclass(frozen=True, slots=True)
class Name:
    """A term that a library has, what people call it, and how many photos bear it."""

    term: Term
    name: str
    photos: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a library's own that a search can mean."""

    names: Sequence[Name] = ()
    """Of labels, places, cameras, albums and months."""
    words: Mapping[str, Sequence[Name]] = field(default_factory=dict)
    """For each token that was asked for, the words that begin with it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Terms of which a photo must bear one, and what must hold of its posting besides."""

    terms: tuple[Term, ...]
    min_confidence: float = 0.0
    area: Area | None = None
    favourite: bool | None = None

    def admits(self, posting: Posting) -> bool:
        """Whether a posting of one of the terms is good enough."""
        card = posting.card
        if self.favourite is not None and card.favourite is not self.favourite:
            return False
        if posting.confidence is not None and posting.confidence < self.min_confidence:
            return False
        return self.area is None or (
            card.latitude is not None and card.longitude is not None and self.area.holds(card.latitude, card.longitude)
        )

    def borne(self, posting: Posting) -> bool:
        """Whether any posting of the photo already shows that it belongs to the group."""
        if self.area or self.favourite is not None:
            return self.admits(posting)
        return any(term.kind == "time" and posting.sort_key.startswith(term.value) for term in self.terms)

    @property
    def is_picky(self) -> bool:
        """Whether `admits` can say no."""
        return bool(self.area or self.favourite is not None or self.min_confidence)

    @property
    def unsettled(self) -> tuple[Term, ...]:
        """The terms that have to be looked up where `borne` says no."""
        if self.area or self.favourite is not None:
            return ()
        return tuple(term for term in self.terms if term.kind != "time")


def groups(query: SearchQuery, vocabulary: Vocabulary) -> list[Group]:
    """Return the groups of a query; one without terms where nothing in the library can match.

    Args:
        query: What is looked for.
        vocabulary: The library's names, and its words that begin with each of `text_tokens(query.text)`.
    """
    found = [Group((label_term(label),), query.min_confidence) for label in query.labels]
    found += [Group((term,)) for term in _listed(query)]
    for kind, wanted in (("place", query.place), ("camera", query.camera)):
        if wanted:
            found.append(Group(_named(kind, wanted, vocabulary.names)))
    found += [_area_group(area) for area in (query.near, query.bbox) if area]
    dates = _DATE.findall(query.text)
    found += [Group(tuple(name.term for name in _months(vocabulary, month))) for month in dates]
    found += [Group(_meant(token, vocabulary), query.min_confidence) for token in text_tokens(query.text)]
    if query.favourite is False:
        found.append(Group((PRESENT,), favourite=False))
    return found or [Group((PRESENT,))]


def _listed(query: SearchQuery) -> Iterable[Term]:
    if query.album_id:
        yield Term("album", query.album_id)
    if query.status:
        yield TRASHED if query.status == "trashed" else status_term(PhotoStatus(query.status))
    if query.favourite:
        yield FAVOURITE


def text_tokens(text: str) -> list[str]:
    """Return the words of a free text that each must be met, without the dates in it."""
    return list(dict.fromkeys(tokens(_DATE.sub(" ", text))))[:MOST_TOKENS]


def _named(kind: str, wanted: str, names: Sequence[Name]) -> tuple[Term, ...]:
    """Return the term with just this value, or else those whose names have all the words."""
    of_kind = [name for name in names if name.term.kind == kind]
    exact = [name for name in of_kind if folded(name.term.value) == folded(wanted)]
    parts = tokens(wanted)
    return _most_borne(exact or [name for name in of_kind if parts and all(begins(part, name) for part in parts)])


def begins(token: str, name: Name) -> bool:
    """Whether a word of a name begins with `token`; of a place's, only its own name's, not its country's."""
    own = name.name.rsplit(",", 1)[0] if name.term.kind == "place" else name.name
    return any(word.startswith(token) for word in tokens(own))


def _meant(token: str, vocabulary: Vocabulary) -> tuple[Term, ...]:
    """Return every term that a word of free text can mean."""
    found = [name for name in vocabulary.names if name.term.kind != "time" and begins(token, name)]
    found += vocabulary.words.get(token, ())
    if _YEAR.fullmatch(token):
        found += _months(vocabulary, f"{token}-")
    elif len(token) >= _FEWEST_MONTH_LETTERS:
        found += [
            month
            for number, name in enumerate(_MONTHS, 1)
            if name.startswith(token)
            for month in vocabulary.names
            if month.term.kind == "time" and month.term.value.endswith(f"-{number:02}")
        ]
    return _most_borne(found)


def _months(vocabulary: Vocabulary, prefix: str) -> list[Name]:
    return [name for name in vocabulary.names if name.term.kind == "time" and name.term.value.startswith(prefix)]


def _most_borne(names: Iterable[Name]) -> tuple[Term, ...]:
    """Return the terms that most photos bear, without the places within a place that is there too."""
    by_term = {name.term: name for name in names}
    places = {term.value for term in by_term if term.kind == "place"}

    def is_inside(term: Term) -> bool:
        parts = term.value.split("/")
        return term.kind == "place" and any("/".join(parts[:end]) in places for end in range(1, len(parts)))

    best = sorted((name for name in by_term.values() if not is_inside(name.term)), key=lambda name: -name.photos)
    return tuple(name.term for name in best[:MOST_ALTERNATIVES])


def _area_group(area: Area) -> Group:
    """Return the few posted tiles that cover an area, or all photos with a location where it is too large."""
    box = area.bounds() if isinstance(area, Circle) else area
    for level in reversed(POSTED_LEVELS):
        if tile_count(box, level) <= _MOST_TILES:
            return Group(tuple(Term("area", key) for key in sorted(tiles(box, level))), area=area)
    return Group((LOCATED,), area=area)
