"""Searches over a library in memory: what they find, in which order, and how much they read for it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Label, Location, Photo, Source
from heliograph_metadata.domain.search.meaning import Filters
from heliograph_metadata.domain.search.parsing import parse
from heliograph_metadata.domain.search.query import All, Any, Filter, Negation, Part, Words
from heliograph_metadata.domain.search.values import between, circle_of
from heliograph_metadata.domain.tiles import Bounds, Circle
from heliograph_metadata.service.search import Search, Sort
from tests.builders import LISBON, NOON, OWNER, a_photo
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.metered_index import MeteredIndex


def a_search(*photos: Photo) -> tuple[Search, MeteredIndex]:
    index = MeteredIndex(photos)
    return Search(index, InMemoryAlbumStore(), index), index


async def found(
    search: Search,
    text: str = "",
    *,
    filters: Filters | None = None,
    sort: Sort | None = None,
    limit: int = 60,
) -> list[PhotoId]:
    """Return everything that a search finds, page by page."""
    photo_ids: list[PhotoId] = []
    cursor = None
    for _ in range(1000):
        page = await search.find(OWNER, text, filters=filters or Filters(), sort=sort, cursor=cursor, limit=limit)
        photo_ids += [one.posting.photo_id for one in page.items]
        assert len(page.items) <= limit
        cursor = page.next_cursor
        if cursor is None:
            return photo_ids
    raise AssertionError("the pages have no end")


LABELS = ["dog", "cat", "bus"]
SPOTS = [LISBON, Location(38.9, -9.3), Location(-17.0, 179.95), Location(-17.0, -179.95), None]


@st.composite
def photos(draw: st.DrawFn) -> list[Photo]:
    return [
        a_photo(
            number,
            status=draw(st.sampled_from(["ready", "ready", "prepared", "failed"])),
            labels=[
                Label(
                    name, draw(st.sampled_from([0.3, 0.6, 0.9])), draw(st.sampled_from([Source.MODEL, Source.PERSON]))
                )
                for name in sorted(draw(st.sets(st.sampled_from(LABELS))))
            ],
            location=draw(st.sampled_from(SPOTS)),
            taken_at=NOON + timedelta(days=draw(st.integers(0, 90))),
            favourite=draw(st.booleans()),
            trashed_at=draw(st.sampled_from([None, None, None, NOON])),
        )
        for number in range(draw(st.integers(0, 25)))
    ]


filters_drawn = st.builds(
    Filters,
    labels=st.sampled_from([(), ("dog",), ("cat", "bus")]),
    min_confidence=st.sampled_from([0.0, 0.5]),
    time=st.builds(
        between, st.sampled_from(["", "2024-07", "2024-06-20"]), st.sampled_from(["", "2024-07", "2024-09"])
    ),
    near=st.sampled_from([None, Circle(38.71, -9.14, 10), Circle(-17.0, 180.0, 30)]),
    bbox=st.sampled_from([None, Bounds(-10, 38, -9, 39), Bounds(170, -20, -170, 0)]),
    favourite=st.sampled_from([None, True, False]),
)
ATOMS = """
    dog lis 2024 july label:cat label:bus>0.5 is:favourite has:location near:38.71,-9.14,10km month:7 from:2024-07
    to:2024-06-30 confirmed:dog is:confirmed vehicle unicorn place:pt
"""
atoms = st.sampled_from(ATOMS.split())
texts = st.recursive(
    atoms,
    lambda inner: st.one_of(
        inner.map(lambda text: f"-({text})"),
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
    ),
    max_leaves=5,
) | st.just("")


def word_holds(word: str, photo: Photo, sure: set[str]) -> bool:
    day = photo.taken.date().isoformat()
    placed = photo.point is not None and photo.point.place is not None
    return {
        "dog": "dog" in sure,
        "lis": placed,
        "2024": True,
        "july": photo.taken.month == 7,
        "cat": "cat" in sure,
        "vehicle": "bus" in sure,
        "unicorn": False,
        "is:favourite": photo.favourite,
        "has:location": photo.point is not None,
        "near:38.71,-9.14,10km": photo.point is not None
        and circle_of("38.71,-9.14,10").holds(photo.point.latitude, photo.point.longitude),
        "month:7": photo.taken.month == 7,
        "from:2024-07": day >= "2024-07",
        "to:2024-06-30": day <= "2024-06-30",
        "confirmed:dog": any(one.name == "dog" and one.source is Source.PERSON for one in photo.labels),
        "is:confirmed": any(one.source is Source.PERSON for one in photo.labels),
        "label:cat": "cat" in sure,
        "label:bus": "bus" in sure and any(one.name == "bus" and one.confidence > 0.5 for one in photo.labels),
        "place:pt": placed,
    }[word]


def text_holds(part: Part | None, photo: Photo, least: float) -> bool:
    """Say without an index whether what was written holds."""
    match part:
        case None:
            return True
        case Words() | Filter():
            said = part.value if isinstance(part, Words) else f"{part.field}:{part.value}"
            sure = {one.name for one in photo.labels if one.confidence >= least}
            if said in {"confirmed:dog", "is:confirmed"}:
                kept = [one for one in photo.labels if one.confidence >= least and one.source is Source.PERSON]
                return any(one.name == "dog" for one in kept) if said == "confirmed:dog" else bool(kept)
            return word_holds(said, photo, sure)
        case Negation():
            return not text_holds(part.part, photo, least)
        case All():
            return all(text_holds(one, photo, least) for one in part.parts)
        case Any():
            return any(text_holds(one, photo, least) for one in part.parts)


def holds(text: str, query: Filters, photo: Photo) -> bool:
    """Say without an index whether a photo is one that is looked for."""
    sure = {label.name for label in photo.labels if label.confidence >= query.min_confidence}
    point = photo.point
    return (
        photo.status in {"ready", "prepared"}
        and photo.trashed_at is None
        and text_holds(parse(text).root, photo, query.min_confidence)
        and set(query.labels) <= sure
        and query.time.holds(photo.taken.isoformat())
        and all(
            point is not None and area.holds(point.latitude, point.longitude)
            for area in (query.near, query.bbox)
            if area is not None
        )
        and (query.favourite is None or photo.favourite is query.favourite)
    )


@settings(max_examples=100, deadline=None)
@given(photos(), texts, filters_drawn, st.integers(1, 7))
async def test_a_search_finds_just_the_photos_that_hold_newest_first(
    shelf: list[Photo], text: str, filters: Filters, limit: int
) -> None:
    search, _ = a_search(*shelf)

    expected = sorted((one for one in shelf if holds(text, filters, one)), key=lambda one: one.photo_id, reverse=True)
    expected.sort(key=lambda one: one.taken, reverse=True)

    assert await found(search, text, filters=filters, sort="date", limit=limit) == [one.photo_id for one in expected]


@settings(max_examples=60, deadline=None)
@given(photos(), texts, filters_drawn, st.integers(1, 7), st.sampled_from([0, 500]))
async def test_by_relevance_it_finds_the_same_photos_once_each(
    shelf: list[Photo], text: str, filters: Filters, limit: int, gathered: int
) -> None:
    search, _ = a_search(*shelf)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("heliograph_metadata.service.listing.GATHERED", gathered)  # so that both ways are gone
        by_relevance = await found(search, text, filters=filters, sort="relevance", limit=limit)

    assert sorted(by_relevance) == sorted(one.photo_id for one in shelf if holds(text, filters, one))


@settings(max_examples=60, deadline=None)
@given(photos(), texts, filters_drawn, st.integers(1, 7))
async def test_a_list_read_whole_and_one_walked_band_by_band_have_one_order(
    shelf: list[Photo], text: str, filters: Filters, limit: int
) -> None:
    search, _ = a_search(*shelf)
    whole = await found(search, text, filters=filters, sort="relevance", limit=limit)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("heliograph_metadata.service.listing.GATHERED", 0)
        assert await found(search, text, filters=filters, sort="relevance", limit=limit) == whole
