"""A search that finds nothing, asked for a little less: each of its parts loosened, or left out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any as Anything
from typing import Final

from heliograph_metadata.domain.search.needs import Filters
from heliograph_metadata.domain.search.query import Certainty, Field, Filter, Part, Query, Words
from heliograph_metadata.domain.search.values import EVER, date_span, is_time
from heliograph_metadata.domain.search.vocabulary import Vocabulary
from heliograph_metadata.domain.search.writing import filter_text, written

MOST_WAYS: Final = 16
"""Of loosening one search; more are not tried."""

_LIKELY: Final = 0.5
_DATES: Final = frozenset({Field.DATE, Field.YEAR, Field.MONTH, Field.DAY})
_SINCE: Final = frozenset({Field.FROM, Field.AFTER})
_UNTIL: Final = frozenset({Field.TO, Field.BEFORE})
_YEAR_DIGITS: Final = 4
_MONTH_DIGITS: Final = 7

_OUTSIDE: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "labels": (("label",), "the labels"),
    "min_confidence": (("min_confidence",), "the least confidence"),
    "time": (("from", "to"), "the dates"),
    "place": (("place",), "the place"),
    "camera": (("camera",), "the camera"),
    "near": (("near",), "the distance"),
    "bbox": (("bbox",), "the part of the map"),
    "album_id": (("album",), "the album"),
    "status": (("status",), "the state"),
    "favourite": (("favourite",), "favourites"),
}
"""Of each filter outside the text: its parameters, and what people call it."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to ask for less."""

    says: str
    """What becomes of which part, as `without “beach”`."""
    text: str
    filters: Filters
    leaves_out: tuple[str, ...] = ()
    """Parameters beside the text that are no longer asked for."""
    harm: int = 0
    """How much of what was asked for is lost: 0 a part is loosened, 1 left out, 2 all parts but one are."""


def ways(query: Query, filters: Filters, vocabulary: Vocabulary) -> list[Way]:
    """Return the ways to ask for less than a search does, the mildest first, `MOST_WAYS` at most."""
    found = list(_ways(query, filters, vocabulary))
    asked = (query.text.strip(), filters)
    own: dict[tuple[str, Filters], Way] = {}
    for way in sorted(found, key=lambda way: way.harm):
        if (way.text, way.filters) != asked and (way.text or way.filters != Filters()):
            own.setdefault((way.text, way.filters), way)
    return list(own.values())[:MOST_WAYS]


def _ways(query: Query, filters: Filters, vocabulary: Vocabulary) -> Iterator[Way]:
    texts = [query.text[part.span.start : part.span.end] for part in query.parts]
    for number, part in enumerate(query.parts):
        rest = [*texts[:number], *texts[number + 1 :]]
        yield Way(f"without “{texts[number]}”", " ".join(rest), filters, harm=1)
        if len(texts) > 2:  # noqa: PLR2004 - of two parts, one is what is left without the other
            yield Way(f"only “{texts[number]}”", texts[number], filters, harm=2)
        if looser := _looser(part, vocabulary):
            yield Way(f"“{looser}”", " ".join([*texts[:number], looser, *texts[number + 1 :]]), filters)
    plain = Filters()
    for name, (parameters, called) in _OUTSIDE.items():
        if getattr(filters, name) != getattr(plain, name):
            freed: dict[str, Anything] = {name: EVER if name == "time" else getattr(plain, name)}
            yield Way(f"without {called}", query.text.strip(), replace(filters, **freed), parameters, harm=1)


def _looser(part: Part, vocabulary: Vocabulary) -> str:
    """Return the text of a part that asks for less of the same; empty where there is none."""
    if not isinstance(part, Words | Filter):
        return ""
    if part.certainty and part.certainty.least > 0:
        least = _LIKELY if part.certainty.least > _LIKELY else 0.0
        return written(replace(part, certainty=Certainty(least=least) if least else None))
    field = part.field if isinstance(part, Filter) else None
    if field in _DATES or (field is None and date_span(part.value)):
        return _wider(part.value)
    if field in _SINCE:
        return f"from:{_coarser(part.value)}"
    if field in _UNTIL:
        return f"to:{_coarser(part.value, later=True)}"
    return _around(part, vocabulary) if field in {Field.PLACE, None} else ""


def _wider(value: str) -> str:
    """Return the months around some days, the year around some months, or a year more on both sides of some years."""
    first, _, last = value.partition("..")
    last = last or first
    if not (is_time(first) and is_time(last)):  # month:june
        return ""
    if len(first) == len(last) == _YEAR_DIGITS:
        return f"year:{int(first) - 1:04}..{int(last) + 1:04}"
    since, until = _coarser(first), _coarser(last)
    return f"date:{since}" if since == until else f"date:{since}..{until}"


def _coarser(value: str, *, later: bool = False) -> str:
    """Return the month of a day, the year of a month, the year beside a year."""
    if len(value) > _MONTH_DIGITS:
        return value[:_MONTH_DIGITS]
    if len(value) > _YEAR_DIGITS:
        return value[:_YEAR_DIGITS]
    return f"{int(value) + (1 if later else -1):04}"


def _around(part: Words | Filter, vocabulary: Vocabulary) -> str:
    """Return the place in which a place lies."""
    senses = vocabulary.named("place", part.value) or (
        vocabulary.meaning("place", part.value) if isinstance(part, Filter) else []
    )
    values = {name.term.value for name in vocabulary.of("place").all}
    best = max(senses, key=lambda sense: sense.photos or 0, default=None)
    outer = best.term.value.rpartition("/")[0] if best else ""
    return filter_text(Field.PLACE, outer) if outer in values else ""
