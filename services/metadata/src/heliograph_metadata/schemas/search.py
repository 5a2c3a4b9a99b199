"""HTTP bodies of search: hits and why they are hits, a text's parts, suggestions and facets."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from heliograph.photos import OwnerId
from heliograph_metadata.domain.search import query as written
from heliograph_metadata.domain.search.conditions import Match, Sense
from heliograph_metadata.domain.search.suggesting import Suggestion, Typed
from heliograph_metadata.domain.search.values import certainty_text
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.schemas.grid import GridPhoto, grid_photo
from heliograph_metadata.service.listing import Page
from heliograph_metadata.service.search import Facet, FacetPage, FacetsWithin, Read

Offset = Field(description="In characters (code points) from the beginning of the text.")
MOST_MEANINGS = 6


class MatchResponse(BaseModel):
    kind: str = Field(examples=["label"])
    name: str
    confidence: float | None = Field(description="How sure the label is; null where that means nothing.")
    how: Literal["confirmed", "exact", "prefix", "synonym", "filter"] = Field(
        description="Said by a person; the very name; a name with the word in it; a synonym or a kind of it; a filter."
    )

    @classmethod
    def of(cls, match: Match) -> "MatchResponse":
        """Return the wire form."""
        return cls(kind=match.kind, name=match.name, confidence=match.confidence, how=match.how.value)


class SearchHit(GridPhoto):
    matches: list[MatchResponse] = Field(description="Why the photo was found, one reason for each part of the search.")


class SearchPage(BaseModel):
    sort: Literal["relevance", "date"]
    items: list[SearchHit]
    next_cursor: str | None = Field(
        description="Pass as `cursor` to go on; null at the end. A page that met a cost bound has one even where it "
        "is short or empty."
    )

    @classmethod
    def of(cls, page: Page, *, sort: Literal["relevance", "date"], owner_id: OwnerId, urls: MediaUrls) -> "SearchPage":
        """Return the wire form."""
        hits = [
            SearchHit(
                **grid_photo(one.posting, one.status, owner_id, urls).model_dump(),
                matches=[MatchResponse.of(match) for match in one.matches],
            )
            for one in page.items
        ]
        return cls(sort=sort, items=hits, next_cursor=page.next_cursor)


class MeaningResponse(BaseModel):
    kind: str
    name: str
    count: int | None

    @classmethod
    def of(cls, sense: Sense) -> "MeaningResponse":
        """Return the wire form."""
        return cls(kind=sense.term.kind, name=sense.name, count=sense.photos)


class PartResponse(BaseModel):
    kind: str = Field(
        description="`text`, a filter's name, `any` for parts joined by OR, `all` for parts in parentheses.",
        examples=["label"],
    )
    text: str = Field(description="As it stands in the search, `q[start:end]`.")
    start: int = Offset
    end: int = Offset
    negated: bool
    value: str
    quoted: bool
    operator: str = Field(description="`:`, or the confidence's: `>`, `>=`, `<`, `<=`, `=`.")
    min_confidence: float | None
    max_confidence: float | None
    name: str = Field(description="What a chip says.")
    meanings: list[MeaningResponse] = Field(
        description="What of the library's own it means, the best first, a few; empty where it finds nothing, or is "
        "no name."
    )
    parts: list["PartResponse"] = Field(description="Of `any` and `all`.")


class ReadingError(BaseModel):
    detail: str
    position: int = Offset


class ParseResponse(BaseModel):
    parts: list[PartResponse] = Field(
        description="They must all hold; in order. Where there is an error, those that stand before it."
    )
    error: ReadingError | None

    @classmethod
    def of(cls, read: Read) -> "ParseResponse":
        """Return the wire form."""
        error = read.error and ReadingError(detail=str(read.error), position=read.error.position or 0)
        return cls(parts=[_part(part, read) for part in read.query.parts], error=error)


def _part(part: written.Part, read: Read, *, span: written.Span | None = None) -> PartResponse:
    span = span or part.span
    if isinstance(part, written.Negation):
        inner = _part(part.part, read, span=span)
        return inner.model_copy(update={"negated": True, "name": f"not {inner.name}"})
    common: dict[str, Any] = {
        "text": read.query.text[span.start : span.end],
        "start": span.start,
        "end": span.end,
        "negated": False,
        "quoted": False,
        "operator": ":",
        "min_confidence": None,
        "max_confidence": None,
        "meanings": [],
        "parts": [],
    }
    if isinstance(part, written.All | written.Any):
        parts = [_part(one, read) for one in part.parts]
        joint = " or " if isinstance(part, written.Any) else " and "
        kind = "any" if isinstance(part, written.Any) else "all"
        name = joint.join(one.name for one in parts)
        return PartResponse(**common | {"kind": kind, "value": "", "name": name, "parts": parts})
    common["meanings"] = [MeaningResponse.of(sense) for sense in read.senses.get(part, [])[:MOST_MEANINGS]]
    common |= {"value": part.value, "quoted": part.quoted}
    name = part.value
    if part.certainty:
        operator = certainty_text(part.certainty)
        common |= {
            "operator": operator[:2] if operator[1:2] == "=" else operator[:1],
            "min_confidence": part.certainty.least,
            "max_confidence": part.certainty.most,
        }
        name = f"{part.value} {operator}"
    return PartResponse(**common | {"kind": part.field if isinstance(part, written.Filter) else "text", "name": name})


SuggestionKind = Literal["label", "place", "camera", "lens", "album", "month", "year", "type", "word", "operator"]


class SuggestionResponse(BaseModel):
    kind: SuggestionKind
    value: str
    name: str
    count: int | None = Field(description="How many photos; null of an operator.")
    text: str = Field(description="To be put in the place of `q[start:end]`.")

    @classmethod
    def of(cls, one: Suggestion) -> "SuggestionResponse":
        """Return the wire form."""
        kind: Any = one.kind
        return cls(kind=kind, value=one.value, name=one.name, count=one.photos, text=one.text)


class SuggestionsResponse(BaseModel):
    start: int = Offset
    end: int = Offset
    items: list[SuggestionResponse]

    @classmethod
    def of(cls, typed: Typed | None, found: Sequence[Suggestion], *, at: int) -> "SuggestionsResponse":
        """Return the wire form."""
        start, end = (typed.start, typed.end) if typed else (at, at)
        return cls(start=start, end=end, items=[SuggestionResponse.of(one) for one in found])


FacetKind = Literal["label", "place", "camera", "lens", "type", "year", "month"]


class FacetResponse(BaseModel):
    value: str
    name: str
    count: int
    text: str = Field(description="The filter that finds them, to be added to a search.")

    @classmethod
    def of(cls, facet: Facet) -> "FacetResponse":
        """Return the wire form."""
        return cls(value=facet.value, name=facet.name, count=facet.photos, text=facet.text)


class FacetsResponse(BaseModel):
    kind: FacetKind
    items: list[FacetResponse] = Field(description="The most borne first; months and years newest first.")
    next_cursor: str | None = None

    @classmethod
    def of(cls, kind: FacetKind, page: FacetPage) -> "FacetsResponse":
        """Return the wire form."""
        return cls(kind=kind, items=[FacetResponse.of(one) for one in page.items], next_cursor=page.next_cursor)


class FacetWithin(BaseModel):
    kind: FacetKind
    items: list[FacetResponse]


class FacetsWithinResponse(BaseModel):
    examined: int = Field(description="How many photos of the search were looked at, the newest; 500 at most.")
    complete: bool = Field(description="Whether those are all.")
    facets: list[FacetWithin]

    @classmethod
    def of(cls, found: FacetsWithin) -> "FacetsWithinResponse":
        """Return the wire form."""
        facets: Any = [
            {"kind": kind, "items": [FacetResponse.of(one) for one in items]} for kind, items in found.by_kind.items()
        ]
        return cls(examined=found.examined, complete=found.is_complete, facets=facets)
