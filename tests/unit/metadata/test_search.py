"""Searches over a library in memory: what they find, in which order, and how much they read for it."""

import asyncio
from datetime import timedelta
from typing import Any as Anything

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.cursor import cursor as cursor_of
from heliograph_metadata.domain.cursor import fingerprint
from heliograph_metadata.domain.errors import InvalidCursorError, InvalidQueryError
from heliograph_metadata.domain.photo import Label, Location, Photo, Source
from heliograph_metadata.domain.search.conditions import How
from heliograph_metadata.domain.search.needs import Filters
from heliograph_metadata.domain.search.parsing import parse
from heliograph_metadata.domain.search.query import All, Any, Filter, Negation, Part, Words, clauses
from heliograph_metadata.domain.search.values import between, circle_of
from heliograph_metadata.domain.tiles import Bounds, Circle
from heliograph_metadata.service.budget import MOST_LOOKUPS, MOST_POSTINGS, MOST_REQUESTS
from heliograph_metadata.service.search import Search, Sort
from heliograph_metadata.service.vocabularies import Vocabularies
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
            content_type=draw(st.sampled_from(["image/jpeg", "image/jpeg", "image/png"])),
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
    to:2024-06-30 confirmed:dog is:confirmed vehicle unicorn place:pt type:jpg type:png
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
        "type:jpg": photo.content_type == "image/jpeg",
        "type:png": photo.content_type == "image/png",
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


def hits(*labels: Label, number: int = 0, **changes: Anything) -> Photo:
    return a_photo(number, labels=labels, taken_at=NOON - timedelta(days=number), **changes)


def seen(name: str, confidence: float) -> Label:
    return Label(name, confidence, Source.MODEL)


BEAGLE = hits(seen("beagle", 0.95), number=0)
UNSURE = hits(seen("dog", 0.3), number=1)
LIKELY = hits(seen("dog", 0.6), number=2)
NAMED = hits(number=3, caption="A dogged walk with a dog")
SURE = hits(seen("dog", 0.9), number=4)
SAID = hits(Label("dog", 1.0, Source.PERSON), seen("beagle", 0.9), number=5)
HOUND = hits(seen("beagle", 0.2), number=6)
KENNEL = [SURE, HOUND, BEAGLE, SAID, LIKELY, UNSURE, NAMED]
RANKED = [SAID, NAMED, SURE, LIKELY, UNSURE, BEAGLE, HOUND]


@pytest.mark.parametrize("gathered", [0, 500])
async def test_what_a_person_said_comes_first_then_the_very_name_by_confidence_then_its_kinds(
    gathered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heliograph_metadata.service.listing.GATHERED", gathered)
    search, _ = a_search(*KENNEL)

    for limit in (1, 2, 60):
        assert await found(search, "dog", limit=limit) == [photo.photo_id for photo in RANKED]
    newest_first = sorted(KENNEL, key=lambda photo: photo.taken, reverse=True)
    assert await found(search, "dog", sort="date") == [photo.photo_id for photo in newest_first]


async def test_each_hit_says_why_it_is_one() -> None:
    search, _ = a_search(*KENNEL, hits(seen("dog", 0.7), number=9, location=LISBON, favourite=True))

    page = await search.find(OWNER, "dog")
    said = {one.posting.photo_id: one.matches for one in page.items}
    assert [(m.kind, m.name, m.how, m.confidence) for m in said[SAID.photo_id]] == [
        ("label", "dog", How.CONFIRMED, 1.0)
    ]
    assert [(m.name, m.how, m.confidence) for m in said[BEAGLE.photo_id]] == [("beagle", How.SYNONYM, 0.95)]
    assert [(m.kind, m.how) for m in said[NAMED.photo_id]] == [("word", How.EXACT)]

    [hit] = (await search.find(OWNER, "dog place:portugal is:favourite 2024 -cat")).items
    assert [(m.kind, m.name, m.how) for m in hit.matches] == [
        ("label", "dog", How.EXACT),
        ("place", "Portugal", How.FILTER),
        ("is", "Favourites", How.FILTER),
        ("date", "2024", How.FILTER),
    ]


async def test_nothing_is_ranked_where_nothing_is_asked_for_by_name() -> None:
    search, _ = a_search(*KENNEL)
    assert await found(search, "2024") == await found(search, "2024", sort="date")
    assert len(await found(search)) == len(KENNEL)


@pytest.fixture(scope="module")
def crowd() -> list[Photo]:
    """Many photos, of which every second shows a dog, every other a cat, and three both."""
    return [
        a_photo(
            number,
            labels=["dog", "cat"] if number in {1500, 4000, 6000} else ["dog"] if number % 2 else ["cat"],
            taken_at=NOON - timedelta(minutes=number),
        )
        for number in range(6001)
    ]


async def pages(search: Search, text: str, *, sort: Sort | None = None) -> list[tuple[int, bool]]:
    """Return for each page how many hits it has, and whether it is the last."""
    told, cursor = [], None
    for _ in range(200):
        page = await search.find(OWNER, text, sort=sort, cursor=cursor)
        cursor = page.next_cursor
        told.append((len(page.items), cursor is None))
        if cursor is None:
            return told
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("sort", ["date", "relevance"])
async def test_two_frequent_terms_with_a_rare_intersection_cost_a_bounded_page(crowd: list[Photo], sort: Sort) -> None:
    search, index = a_search(*crowd)

    page = await search.find(OWNER, "label:dog label:cat", sort=sort)

    assert page.next_cursor is not None
    assert index.postings_read <= MOST_POSTINGS + 500
    assert index.looked_up <= MOST_LOOKUPS + 500
    assert index.requests <= MOST_REQUESTS
    assert sum(number for number, _ in await pages(search, "label:dog label:cat", sort=sort)) == 3


async def test_a_purely_negative_search_walks_all_photos_page_by_page(crowd: list[Photo]) -> None:
    search, index = a_search(*crowd)

    page = await search.find(OWNER, "-dog -cat")

    assert page.items == []
    assert page.next_cursor is not None
    assert index.postings_read <= MOST_POSTINGS + 500
    assert await found(search, "-dog -cat") == []
    assert len(await found(search, "-dog")) == 2998


@pytest.mark.parametrize("text", ["dog owl", "owl dog -cat", "owl (dog OR cat)", "owl 2023 dog", "dogs owls"])
async def test_a_search_costs_in_proportion_to_its_rarest_term(crowd: list[Photo], text: str) -> None:
    rare = [
        a_photo(100 * n, labels=["dog", "owl"], taken_at=NOON - timedelta(days=n), caption="hoot")
        for n in range(300, 305)
    ]
    search, index = a_search(*crowd, *rare)
    await search.find(OWNER, "dog cat owl hoot 2024", limit=1)  # the names are known
    index.requests = index.postings_read = index.looked_up = 0

    page = await search.find(OWNER, text)

    assert [one.posting.photo_id for one in page.items] == [one.photo_id for one in rare]
    assert page.next_cursor is None
    assert index.postings_read + index.looked_up <= 60
    assert index.requests <= 12


async def test_what_is_still_prepared_is_met_among_all_photos_at_a_bounded_cost_per_page() -> None:
    many = MOST_LOOKUPS + 400
    waiting = {1, many - 2, many - 1}
    shelf = [
        a_photo(n, status="prepared" if n in waiting else "ready", taken_at=NOON - timedelta(minutes=n))
        for n in range(many)
    ]
    search, index = a_search(*shelf)

    first = await search.find(OWNER, "", filters=Filters(status="prepared"), sort=None, cursor=None, limit=2)

    assert [one.posting.photo_id for one in first.items] == [shelf[1].photo_id]
    assert [one.status for one in first.items] == ["prepared"]
    assert first.next_cursor
    assert index.looked_up <= MOST_LOOKUPS + 201
    assert await found(search, "status:prepared", limit=2) == [shelf[n].photo_id for n in sorted(waiting)]


async def test_where_nothing_is_prepared_a_search_for_it_reads_a_count_and_no_list() -> None:
    search, index = a_search(*(a_photo(n) for n in range(50)))

    assert await found(search, "status:prepared") == []
    assert (index.postings_read, index.looked_up) == (0, 0)


async def test_a_page_of_a_frequent_label_costs_about_the_page(crowd: list[Photo]) -> None:
    search, index = a_search(*crowd)
    await search.find(OWNER, "dog", limit=1)
    cursor, costs = None, []
    for _ in range(10):
        before = index.postings_read
        page = await search.find(OWNER, "dog", cursor=cursor)
        cursor = page.next_cursor
        costs.append(index.postings_read - before)
        assert len(page.items) == 60
    assert max(costs) <= 300


async def test_a_month_of_every_year_reads_those_months_alone() -> None:
    shelf = [a_photo(n, labels=["dog"], taken_at=NOON - timedelta(days=20 * n)) for n in range(300)]
    search, index = a_search(*shelf)

    hits_ = await found(search, "dog june", sort="date", limit=200)

    expected = [photo for photo in shelf if photo.taken.month == 6]
    assert hits_ == [photo.photo_id for photo in expected]
    assert index.postings_read <= len(expected) + 60


async def test_a_cursor_of_another_search_or_account_is_refused() -> None:
    search, _ = a_search(hits(seen("dog", 0.9), number=1), hits(seen("dog", 0.8), number=2))
    page = await search.find(OWNER, "dog", limit=1)
    assert page.next_cursor is not None
    others: list[tuple[OwnerId, str, Sort | None]] = [
        (OWNER, "cat", None),
        (OWNER, "", None),
        (OWNER, "dog", "date"),
        (OwnerId("stranger"), "dog", None),
    ]
    for owner_id, text, sort in others:
        with pytest.raises(InvalidCursorError):
            await search.find(owner_id, text, sort=sort, cursor=page.next_cursor, limit=1)
    for made_up in ("", "x", "9|", "|"):
        forged = cursor_of(fingerprint(OWNER, "dog", Filters(), "relevance"), made_up)
        with pytest.raises(InvalidCursorError):
            await search.find(OWNER, "dog", cursor=forged)


async def test_what_cannot_be_read_is_refused_before_anything_is_read() -> None:
    search, index = a_search()
    with pytest.raises(InvalidQueryError) as error:
        await search.find(OWNER, "dog month:13")
    assert error.value.position == 10
    assert index.requests == 0


async def test_a_word_longer_than_any_that_is_indexed_is_found_nowhere() -> None:
    search, _ = a_search(hits(seen("dog", 0.9)))
    assert await found(search, "dog " + "\N{CJK UNIFIED IDEOGRAPH-20000}" * 400) == []


async def test_names_are_kept_for_a_moment_and_read_again_where_a_word_is_not_among_them() -> None:
    now = 0.0
    index = MeteredIndex([hits(seen("dog", 0.9), number=1)])
    search = Search(index, InMemoryAlbumStore(), index, Vocabularies(index, InMemoryAlbumStore(), clock=lambda: now))
    await found(search, "dog")
    before = index.requests
    await found(search, "label:dog")
    assert index.requests - before <= 2  # no names

    fresh = MeteredIndex([hits(seen("dog", 0.9), number=1), hits(seen("owl", 0.9), number=2)])
    index.photos, index._lists, index._counts = fresh.photos, {}, {}
    assert await found(search, "label:owl") == []
    now = 2.0
    assert len(await found(search, "label:owl")) == 1


async def test_suggestions_do_with_older_names_while_newer_ones_are_read() -> None:
    now = 0.0
    index = MeteredIndex([hits(seen("dog", 0.9), number=1)])
    search = Search(index, InMemoryAlbumStore(), index, Vocabularies(index, InMemoryAlbumStore(), clock=lambda: now))
    await search.suggest(OWNER, "", 0)  # the box is entered
    index.photos, index._lists, index._counts = MeteredIndex([hits(seen("dove", 0.9))]).photos, {}, {}
    now = 60.0

    shown = [(await search.suggest(OWNER, "label:do", 8))[1][0].name]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    shown.append((await search.suggest(OWNER, "label:do", 8))[1][0].name)

    assert shown == ["dog", "dove"]


async def test_suggestions_come_from_the_librarys_own_words_also_where_there_are_many() -> None:
    names = [f"thing {number:05}" for number in range(2000)]
    shelf = [a_photo(n, labels=names[12 * n : 12 * n + 12]) for n in range(167)]
    search, index = a_search(*shelf, a_photo(999, caption="thistle", location=LISBON))
    typed, ways = await search.suggest(OWNER, "dog thi", 7)
    assert typed is not None
    assert (typed.start, typed.end) == (4, 7)
    assert len(ways) == 12
    before = index.requests
    _, ways = await search.suggest(OWNER, "dog this", 8)
    assert [one.text for one in ways] == ["word:thistle "]
    assert index.requests - before == 1  # the words that begin so; the names are known


async def test_a_text_is_read_with_what_its_words_mean() -> None:
    search, _ = a_search(*KENNEL)
    read = await search.read(OWNER, "dog -(beagle OR unicorn) month:13")
    assert read.error is not None
    assert [len(read.senses[clause]) for clause in clauses(read.query.root)] == [4, 1, 0]


async def test_facets_within_a_search_say_how_far_they_looked() -> None:
    shelf = [
        a_photo(n, labels=["dog", "owl" if n % 3 == 0 else "cat"], taken_at=NOON - timedelta(days=n))
        for n in range(600)
    ]
    search, _ = a_search(*shelf)

    some = await search.facets_within(OWNER, "dog")
    assert (some.examined, some.is_complete) == (500, False)
    every = await search.facets_within(OWNER, "owl")
    assert (every.examined, every.is_complete) == (200, True)
    assert [(one.value, one.photos, one.text) for one in every.by_kind["label"]] == [
        ("dog", 200, "label:dog"),
        ("owl", 200, "label:owl"),
    ]
    assert [one.text for one in every.by_kind["year"]] == ["year:2024", "year:2023", "year:2022"]


async def test_facets_of_the_library_come_in_pages_and_by_their_beginning() -> None:
    search, _ = a_search(*(a_photo(n, labels=[f"l{n % 7}", "dog"], location=LISBON) for n in range(20)))
    first = await search.facets(OWNER, "label", prefix="", cursor=None, limit=3)
    assert [one.photos for one in first.items] == [20, 3, 3]
    assert first.next_cursor is not None
    rest = await search.facets(OWNER, "label", prefix="", cursor=first.next_cursor, limit=60)
    assert (len(rest.items), rest.next_cursor) == (5, None)
    with pytest.raises(InvalidCursorError):
        await search.facets(OWNER, "place", prefix="", cursor=first.next_cursor, limit=3)
    begun = await search.facets(OWNER, "label", prefix="Do", cursor=None, limit=3)
    assert [one.value for one in begun.items] == ["dog"]
    years = await search.facets(OWNER, "year", prefix="", cursor=None, limit=3)
    assert [(one.value, one.text) for one in years.items] == [("2025", "year:2025")]
