"""Search: what is written into the box, found; what it means, suggested and counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from heliograph.photos import OwnerId
from heliograph_metadata.domain.cursor import cursor as cursor_of
from heliograph_metadata.domain.cursor import fingerprint, position
from heliograph_metadata.domain.errors import InvalidCursorError, InvalidQueryError
from heliograph_metadata.domain.search.conditions import Condition, Group, Sense, groups_of
from heliograph_metadata.domain.search.meaning import meaning_of, senses_of
from heliograph_metadata.domain.search.needs import Filters, asks_for_names, kinds_needed, word_starts
from heliograph_metadata.domain.search.parsing import parse, parse_beginning
from heliograph_metadata.domain.search.query import Clause, Query, clauses
from heliograph_metadata.domain.search.suggesting import FREE_KINDS, Suggestion, Typed, suggestions, term_text, typed_at
from heliograph_metadata.domain.search.vocabulary import Vocabulary
from heliograph_metadata.domain.terms import MOST_WORD_CHARACTERS, Term, folded, terms
from heliograph_metadata.service.album_store import AlbumStore
from heliograph_metadata.service.budget import Budget
from heliograph_metadata.service.library_index import Count, LibraryIndex
from heliograph_metadata.service.listing import Listed, Listing, Page, page_of
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.vocabularies import FRESH_SECONDS, KEPT_SECONDS, Vocabularies

Sort = Literal["relevance", "date"]

FACET_KINDS: Final = ("label", "place", "camera", "lens", "type", "year", "month")
MOST_EXAMINED: Final = 500
"""Photos of a search whose facets are counted."""
MOST_VALUES: Final = 12
"""Of one facet within a search."""
_PAGE: Final = 200
_NO_FILTERS: Final = Filters()


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that photos have, how many have it, and the text that finds them."""

    value: str
    name: str
    photos: int
    text: str


@dataclass(frozen=True, slots=True)
class FacetPage:
    """Some values of a kind, and where they go on."""

    items: Sequence[Facet]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class FacetsWithin:
    """What the photos of a search have in common, as far as they were looked at."""

    examined: int
    is_complete: bool
    by_kind: dict[str, list[Facet]]


@dataclass(frozen=True, slots=True)
class Read:
    """A search as it was read, with what its words mean in the library."""

    query: Query
    error: InvalidQueryError | None
    senses: dict[Clause, list[Sense]]


class Search:
    """The use cases of search."""

    def __init__(
        self, index: LibraryIndex, albums: AlbumStore, photos: PhotoStore, vocabularies: Vocabularies | None = None
    ) -> None:
        self._index = index
        self._photos = photos
        self._vocabularies = vocabularies or Vocabularies(index, albums)

    async def find(
        self,
        owner_id: OwnerId,
        text: str,
        *,
        filters: Filters = _NO_FILTERS,
        sort: Sort | None = None,
        cursor: str | None = None,
        limit: int = 60,
    ) -> Page:
        """Return photos that a search is about; a short page where a bound was met.

        Args:
            owner_id: Whose photos.
            text: What was written; see domain/search/grammar.lark.
            filters: What must hold besides.
            sort: By relevance, then date, or by date alone; see `sort_of` for what is meant by None.
            cursor: `next_cursor` of the page before.
            limit: The most photos of a page.

        Raises:
            InvalidQueryError: The text can't be understood.
            InvalidCursorError: The cursor is not one of this search's.
        """
        query = parse(text)
        used = sort or sort_of(query, filters)
        print_ = fingerprint(owner_id, query.text, filters, used)
        if cursor:
            position(print_, cursor)  # before anything is read
        listing = Listing(
            owner_id=owner_id,
            groups=[await self.meaning(owner_id, query, filters)],
            fingerprint=print_,
            by_relevance=used == "relevance",
        )
        return await page_of(self._index, listing, after=cursor, limit=limit)

    async def read(self, owner_id: OwnerId, text: str) -> Read:
        """Return what a text says, as far as it can be read, and what its words mean in the library."""
        query, error = parse_beginning(text)
        vocabulary = await self.vocabulary(owner_id, query, _NO_FILTERS, KEPT_SECONDS)
        return Read(query, error, {clause: senses_of(clause, vocabulary) for clause in clauses(query.root)})

    async def suggest(self, owner_id: OwnerId, text: str, at: int) -> tuple[Typed | None, list[Suggestion]]:
        """Return the part of a text that is being typed at a place, and ways to go on with it.

        Asked with no text, as when the search box is entered, it makes the names ready for the first key.
        """
        if not text:
            await self._vocabularies.of(owner_id, (*FREE_KINDS, "time"), may_be_stale=True)
        for typed in typed_at(text, at):
            start = folded(typed.text)
            looks_for_words = start and " " not in start and len(start) <= MOST_WORD_CHARACTERS
            kinds = [kind for kind in typed.kinds if kind != "word"]
            starts = [start] if looks_for_words and (typed.field is None or "word" in typed.kinds) else []
            vocabulary = await self._vocabularies.of(owner_id, kinds, starts=starts, may_be_stale=True)
            if found := suggestions(typed, vocabulary):
                return typed, found
        return None, []

    async def facets(self, owner_id: OwnerId, kind: str, *, prefix: str, cursor: str | None, limit: int) -> FacetPage:
        """Return the values of a kind in the whole library, the most borne first; months and years newest first.

        Raises:
            InvalidCursorError: The cursor is not one of these facets'.
        """
        print_ = fingerprint(owner_id, "facets", kind, prefix)
        begin = _number(position(print_, cursor)) if cursor else 0
        counts = list(await self._vocabularies.counts(owner_id, "time" if kind in {"month", "year"} else kind))
        if kind in {"month", "year"}:
            counts = _by_year(counts) if kind == "year" else counts[::-1]
        else:
            counts.sort(key=lambda count: (-count.photos, count.name))
        start = folded(prefix)
        suiting = [count for count in counts if not start or folded(count.name).startswith(start)]
        shown = suiting[begin : begin + limit]
        rest = cursor_of(print_, str(begin + limit)) if begin + limit < len(suiting) else None
        return FacetPage([_facet(kind, count.value, count.name, count.photos) for count in shown], rest)

    async def facets_within(
        self, owner_id: OwnerId, text: str, *, filters: Filters = _NO_FILTERS, kinds: Sequence[str] = FACET_KINDS
    ) -> FacetsWithin:
        """Return what the newest `MOST_EXAMINED` photos of a search have in common.

        Raises:
            InvalidQueryError: The text can't be understood.
        """
        condition = await self.meaning(owner_id, parse(text), filters)
        hits: list[Listed] = []
        place: str | None = None
        budget = Budget()
        while len(hits) < MOST_EXAMINED and not budget.is_spent:
            listing = Listing(owner_id=owner_id, groups=[condition], fingerprint="facets", budget=budget)
            page = await page_of(self._index, listing, after=place, limit=min(_PAGE, MOST_EXAMINED - len(hits)))
            hits += page.items
            place = page.next_cursor
            if place is None:
                break
        photos = await self._photos.get_many([hit.posting.photo_id for hit in hits])
        counted: dict[str, Counter[tuple[str, str]]] = {kind: Counter() for kind in kinds}
        for photo in photos.values():
            for term, name in terms(photo).items():
                if term.kind in counted:
                    counted[term.kind][term.value, name] += 1
                if term.kind == "time":
                    for kind, value in (("month", term.value), ("year", term.value[:4])):
                        if kind in counted:
                            counted[kind][value, value] += 1
        return FacetsWithin(len(hits), place is None, {kind: _most(kind, one) for kind, one in counted.items()})

    async def meaning(self, owner_id: OwnerId, query: Query, filters: Filters) -> Condition:
        """Return what a search means; where a word means nothing, by names that were read just now."""
        condition = meaning_of(query, await self.vocabulary(owner_id, query, filters, KEPT_SECONDS), filters)
        if any(_means_nothing(group) for group in groups_of(condition)):
            condition = meaning_of(query, await self.vocabulary(owner_id, query, filters, FRESH_SECONDS), filters)
        return condition

    async def months(self, owner_id: OwnerId) -> Sequence[Count]:
        """Return how many photos each month of a library has, the oldest first, as old as names may be."""
        return await self._vocabularies.counts(owner_id, "time")

    async def vocabulary(
        self, owner_id: OwnerId, query: Query, filters: Filters, age_seconds: float = KEPT_SECONDS
    ) -> Vocabulary:
        """Return the names of a library without which a search can't be understood."""
        kinds = kinds_needed(query, filters)
        return await self._vocabularies.of(owner_id, kinds, starts=word_starts(query), age_seconds=age_seconds)


def sort_of(query: Query, filters: Filters) -> Sort:
    """Return how a search is sorted where nobody says: by relevance where it asks for something by name."""
    return "relevance" if asks_for_names(query, filters) else "date"


def _means_nothing(group: Group) -> bool:
    return not group.terms and group.area is None and group.favourite is None


def _facet(kind: str, value: str, name: str, photos: int) -> Facet:
    term = Term("time" if kind == "month" else kind, value)
    return Facet(value, name, photos, f"year:{value}" if kind == "year" else term_text(term, name))


def _most(kind: str, counter: Counter[tuple[str, str]]) -> list[Facet]:
    """Return the values that most photos have; months and years newest first."""
    best = sorted(counter.items(), key=lambda one: (-one[1], one[0]))[:MOST_VALUES]
    if kind in {"month", "year"}:
        best.sort(reverse=True)
    return [_facet(kind, value, name, photos) for (value, name), photos in best]


def _by_year(counts: Sequence[Count]) -> list[Count]:
    years: Counter[str] = Counter()
    for count in counts:
        years[count.value[:4]] += count.photos
    return [Count(year, years[year], year) for year in sorted(years, reverse=True)]


def _number(place: str) -> int:
    if not place.isdigit() or len(place) > 6:  # noqa: PLR2004 - there are fewer names
        raise InvalidCursorError("The cursor is not one of this list's; begin again without a cursor.")
    return int(place)


__all__ = ["FACET_KINDS", "Facet", "FacetPage", "FacetsWithin", "Filters", "Read", "Search", "Sort"]
