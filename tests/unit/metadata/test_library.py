"""Lists, searches, albums and events over a library in memory: what they answer, and how much they read for it."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.errors import AlbumNotFoundError, EditConflictError, InvalidCursorError
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.photo import Label, Location, Photo, Source, edited, trashed
from heliograph_metadata.domain.search import SearchQuery
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.domain.tiles import Bounds, Circle
from heliograph_metadata.service.albums import AlbumService, TooManyAlbumsError
from heliograph_metadata.service.library import MOST_CLUSTERS, Library
from heliograph_metadata.service.library_index import Count
from heliograph_metadata.service.listing import MOST_EXAMINED
from heliograph_metadata.service.photo_store import change
from heliograph_metadata.service.progress import Pace, changes_since
from heliograph_metadata.service.timeline import Timeline
from tests.builders import LISBON, NOON, OWNER, a_photo
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore


class MeteredIndex(InMemoryPhotoStore):
    """Counts what is read; lists are kept, so that a large library answers quickly."""

    def __init__(self, photos: Sequence[Photo] = ()) -> None:
        super().__init__(photos)
        self.requests = 0
        self.postings_read = 0
        self._lists: dict[Term, list[Posting]] = {}

    def _postings(self, owner_id: OwnerId, wanted: Term) -> list[Posting]:
        if wanted not in self._lists:
            self._lists[wanted] = super()._postings(owner_id, wanted)
        return self._lists[wanted]

    async def postings(
        self, owner_id: OwnerId, term: Term, *, before: str | None, since: str | None, limit: int
    ) -> Sequence[Posting]:
        found = await super().postings(owner_id, term, before=before, since=since, limit=limit)
        self.requests += 1
        self.postings_read += len(found)
        return found

    async def bearing(self, owner_id: OwnerId, term: Term, sort_keys: Sequence[str]) -> dict[str, Posting]:
        self.requests += 1
        wanted = set(sort_keys)
        return {one.sort_key: one for one in self._postings(owner_id, term) if one.sort_key in wanted}

    async def counts_of(self, owner_id: OwnerId, wanted: Collection[Term]) -> dict[Term, int]:
        self.requests += 1
        return await super().counts_of(owner_id, wanted)


def a_library(*photos: Photo) -> tuple[Library, MeteredIndex]:
    index = MeteredIndex(photos)
    return Library(index, InMemoryAlbumStore()), index


async def found(library: Library, query: SearchQuery, *, limit: int = 60) -> list[PhotoId]:
    """Return everything that a search finds, page by page."""
    photo_ids: list[PhotoId] = []
    cursor = None
    for _ in range(1000):
        page = await library.search(OWNER, query, cursor=cursor, limit=limit)
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
                Label(name, draw(st.sampled_from([0.3, 0.9])), Source.MODEL)
                for name in draw(st.sets(st.sampled_from(LABELS)))
            ],
            location=draw(st.sampled_from(SPOTS)),
            taken_at=NOON + timedelta(days=draw(st.integers(0, 90))),
            favourite=draw(st.booleans()),
            trashed_at=draw(st.sampled_from([None, None, None, NOON])),
        )
        for number in range(draw(st.integers(0, 25)))
    ]


queries = st.builds(
    SearchQuery,
    text=st.sampled_from(["", "dog", "lis", "2024", "july bus", "d"]),
    labels=st.sampled_from([(), ("dog",), ("cat", "bus")]),
    min_confidence=st.sampled_from([0.0, 0.5]),
    since=st.sampled_from(["", "2024-07", "2024-06-20"]),
    until=st.sampled_from(["", "2024-07", "2024-09"]),
    near=st.sampled_from([None, Circle(38.71, -9.14, 10), Circle(-17.0, 180.0, 30)]),
    bbox=st.sampled_from([None, Bounds(-10, 38, -9, 39), Bounds(170, -20, -170, 0)]),
    favourite=st.sampled_from([None, True, False]),
)


def holds(query: SearchQuery, photo: Photo) -> bool:
    """Say without an index whether a photo is one that is looked for."""
    sure = {label.name for label in photo.labels if label.confidence >= query.min_confidence}
    words = {
        "": True,
        "dog": "dog" in sure,
        "lis": photo.point is not None and photo.point.place is not None,
        "2024": True,
        "july bus": photo.taken.month == 7 and "bus" in sure,
        "d": "dog" in sure,
    }
    day, point = photo.taken.date().isoformat(), photo.point
    return (
        photo.status in {"ready", "prepared"}
        and photo.trashed_at is None
        and words[query.text]
        and set(query.labels) <= sure
        and (not query.since or day >= query.since)
        and (not query.until or day[: len(query.until)] <= query.until)
        and all(
            point is not None and area.holds(point.latitude, point.longitude)
            for area in (query.near, query.bbox)
            if area is not None
        )
        and (query.favourite is None or photo.favourite is query.favourite)
    )


@settings(max_examples=150, deadline=None)
@given(photos(), queries, st.integers(1, 7))
async def test_a_search_finds_just_the_photos_that_hold_newest_first(
    shelf: list[Photo], query: SearchQuery, limit: int
) -> None:
    library, _ = a_library(*shelf)

    expected = sorted((one for one in shelf if holds(query, one)), key=lambda one: one.photo_id, reverse=True)
    expected.sort(key=lambda one: one.taken, reverse=True)

    assert await found(library, query, limit=limit) == [photo.photo_id for photo in expected]


@pytest.fixture(scope="module")
def crowd() -> list[Photo]:
    """Many photos, of which every second shows a dog, every other a cat, and three both."""
    return [
        a_photo(
            number,
            labels=["dog", "cat"] if number in {1500, 4000, 6000} else ["dog"] if number % 2 else ["cat"],
            taken_at=NOON - timedelta(minutes=number),
            location=Location(38.0 + number % 100 / 100, -9.0 + number // 100 / 100),
        )
        for number in range(6001)
    ]


async def test_a_page_of_one_list_reads_the_page(crowd: list[Photo]) -> None:
    index = MeteredIndex(crowd)

    await Timeline(index).month(OWNER, "2024-06", cursor=None, limit=60)

    assert (index.requests, index.postings_read) == (2, 61)


async def test_two_frequent_terms_with_a_rare_intersection_cost_a_bounded_page(crowd: list[Photo]) -> None:
    library, index = a_library(*crowd)
    query = SearchQuery(labels=("dog", "cat"))

    page = await library.search(OWNER, query, cursor=None, limit=60)

    assert index.postings_read <= MOST_EXAMINED + 200
    assert index.requests <= 40
    assert page.next_cursor is not None
    assert len(await found(library, query)) == 3


async def test_a_search_starts_from_the_rarest_term() -> None:
    many = [a_photo(number, labels=["dog"], taken_at=NOON - timedelta(hours=number)) for number in range(900)]
    rare = a_photo(1000, labels=["dog", "owl"], taken_at=NOON - timedelta(days=300))
    library, index = a_library(*many, rare)

    page = await library.search(OWNER, SearchQuery(labels=("dog", "owl")), cursor=None, limit=60)

    assert [one.posting.photo_id for one in page.items] == [rare.photo_id]
    assert page.next_cursor is None
    assert index.postings_read == 1


async def test_the_map_s_answer_is_bounded_at_each_zoom(crowd: list[Photo]) -> None:
    library, _ = a_library(*crowd[::6])
    for zoom in (0, 3, 8, 11, 22):
        world = await library.clusters(OWNER, Bounds(-180, -85, 180, 85), zoom)
        town = await library.clusters(OWNER, Bounds(-9.0, 38.0, -8.0, 39.0), zoom)
        assert sum(cluster.photos for cluster in world) == len(crowd[::6])
        assert len(world) <= MOST_CLUSTERS
        assert 1 <= len(town) <= MOST_CLUSTERS
        assert all(cluster.photo_id for cluster in town)


async def test_a_cursor_of_another_list_is_refused() -> None:
    library, _ = a_library(a_photo(1, labels=["dog"]), a_photo(2, labels=["dog"]))
    page = await library.search(OWNER, SearchQuery(labels=("dog",)), cursor=None, limit=1)
    assert page.next_cursor is not None
    for query, owner_id in ((SearchQuery(), OWNER), (SearchQuery(labels=("dog",)), OwnerId("stranger"))):
        with pytest.raises(InvalidCursorError):
            await library.search(owner_id, query, cursor=page.next_cursor, limit=1)


async def test_those_who_always_come_too_late_are_told_so() -> None:
    class Busy(InMemoryPhotoStore):
        async def replace(self, photo: Photo, *, stored: Photo) -> bool:
            return False

    store = Busy([a_photo()])
    with pytest.raises(EditConflictError):
        await change(store, a_photo().photo_id, lambda photo: trashed(photo, at=NOON))


async def test_a_step_is_taken_on_the_photo_that_is_there() -> None:
    there = edited(a_photo(), {"favourite": True}, at=NOON)
    store = InMemoryPhotoStore([there])

    stepped = await change(store, there.photo_id, lambda photo: trashed(photo, at=NOON), known=a_photo())

    assert stepped is not None
    assert (stepped.favourite, stepped.version, stepped.trashed_at) == (True, 3, NOON)


def some_albums(*photos: Photo) -> tuple[AlbumService, InMemoryPhotoStore, InMemoryAlbumStore]:
    store, albums = InMemoryPhotoStore(photos), InMemoryAlbumStore()
    return AlbumService(albums, store, store, now=lambda: datetime.now(UTC)), store, albums


async def test_a_deletion_that_broke_off_is_gone_on_with() -> None:
    service, store, albums = some_albums(*(a_photo(number) for number in range(450)))
    made = (await service.create(OWNER, "Big")).album
    await service.change_photos(OWNER, made.album_id, add=list(store.photos), remove=[])

    await service.delete(OWNER, made.album_id)

    with pytest.raises(AlbumNotFoundError):
        await service.get(OWNER, made.album_id)
    assert 0 < sum(bool(photo.album_ids) for photo in store.photos.values()) < 450
    for _ in range(2):
        assert await service.all(OWNER) == []
    assert not any(photo.album_ids for photo in store.photos.values())
    assert albums.albums == {}
    assert len(store.photos) == 450


async def test_a_photo_that_is_in_too_many_albums_stays_as_it_is() -> None:
    full = a_photo(1, album_ids=tuple(f"album{n:02}" for n in range(12)))
    other = a_photo(2)
    service, store, _ = some_albums(full, other)
    made = (await service.create(OWNER, "One more")).album

    with pytest.raises(TooManyAlbumsError):
        await service.change_photos(OWNER, made.album_id, add=[other.photo_id, full.photo_id], remove=[])

    assert store.photos == {full.photo_id: full, other.photo_id: other}


async def test_two_who_fill_a_photos_last_place_at_once_cannot_both_have_it() -> None:
    photo = a_photo(0, album_ids=tuple(f"a{number:02}" for number in range(11)))
    service, store, _ = some_albums(photo)
    albums = [(await service.create(OWNER, name)).album for name in ("One", "Another")]

    done = await asyncio.gather(
        *(service.change_photos(OWNER, album.album_id, add=[photo.photo_id], remove=[]) for album in albums),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in done) == ["ListedAlbum", "TooManyAlbumsError"]
    assert len(store.photos[photo.photo_id].album_ids) == 12


async def test_each_change_is_told_once_however_often_it_is_looked_for() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    shelf = [a_photo(number, updated_at=start + timedelta(milliseconds=number)) for number in range(7)]
    store, stopping = InMemoryPhotoStore(shelf), asyncio.Event()
    told: list[tuple[str, int]] = []
    looks = 0
    pace = Pace(most=3, busy_seconds=0.0, idle_seconds=0.0)
    async for changes in changes_since(store, OWNER, start, stopping=stopping, pace=pace):
        told += [(one.photo_id, one.version) for one in changes]
        looks += 1
        if looks == 5:  # a change while somebody watches, with the same clock
            store.photos[shelf[6].photo_id] = replace(shelf[6], version=2)
        if looks == 8:
            stopping.set()

    assert sorted(told) == sorted([*((photo.photo_id, 1) for photo in shelf), (shelf[6].photo_id, 2)])


class AskedFor(InMemoryPhotoStore):
    """Notes the ranges of counts that are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.first: list[str] = []

    async def counts(
        self, owner_id: OwnerId, kind: str, *, first: str = "", last: str | None = None
    ) -> Sequence[Count]:
        self.first.append(first)
        return await super().counts(owner_id, kind, first=first, last=last)


async def test_a_word_longer_than_any_that_is_indexed_is_not_looked_up_and_found_nowhere() -> None:
    index = AskedFor()

    page = await Library(index, InMemoryAlbumStore()).search(
        OWNER, SearchQuery(text="dog " + "\N{CJK UNIFIED IDEOGRAPH-20000}" * 400), cursor=None, limit=60
    )

    assert page.items == []
    assert max(len(first.encode()) for first in index.first) <= 1024
