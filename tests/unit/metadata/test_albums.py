"""Albums over a library in memory: their order, their covers, smart ones, and what is left of deleted ones."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.albums import (
    MOST_SMART_ALBUMS,
    AlbumSort,
    NotInManualOrderError,
    NotSmartAlbumError,
    SmartAlbumError,
    TooManyShelvedError,
)
from heliograph_metadata.domain.errors import (
    AlbumNotFoundError,
    InvalidCursorError,
    InvalidQueryError,
    PhotoNotFoundError,
)
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.photo import Photo, edited, in_albums, restored, trashed
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.service.album_contents import TooManyAlbumsError
from heliograph_metadata.service.album_listing import Cover
from heliograph_metadata.service.album_moves import SenselessMoveError
from heliograph_metadata.service.album_order import AlbumRef
from heliograph_metadata.service.albums import AlbumService
from heliograph_metadata.service.saved_searches import SearchedAlbums
from heliograph_metadata.service.search import Search
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_access_records import InMemoryAccessRecords
from tests.fakes.in_memory_album_order import InMemoryAlbumOrder
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_link_store import InMemoryLinkStore
from tests.fakes.in_memory_member_store import InMemoryMemberStore
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NOBODY = PhotoId("")


class Shelf(InMemoryPhotoStore):
    """May keep its lists, so that a large album answers quickly as long as no photo changes."""

    kept: dict[Term, list[Posting]] | None = None

    def _postings(self, owner_id: OwnerId, wanted: Term) -> list[Posting]:
        if self.kept is None:
            return super()._postings(owner_id, wanted)
        if wanted not in self.kept:
            self.kept[wanted] = super()._postings(owner_id, wanted)
        return self.kept[wanted]


def some_albums(
    *photos: Photo,
) -> tuple[AlbumService, Shelf, InMemoryAlbumStore, InMemoryAlbumOrder]:
    store, albums, order = Shelf(photos), InMemoryAlbumStore(), InMemoryAlbumOrder()
    searches = SearchedAlbums(Search(store, albums, store))
    service = AlbumService(
        albums,
        store,
        store,
        order=order,
        members=InMemoryMemberStore(),
        links=InMemoryLinkStore(),
        accounts=InMemoryAccessRecords(),
        searches=searches,
        now=lambda: NOW,
    )
    return service, store, albums, order


class Hung:
    """An album with photos in it, the newest first: number 0 is the newest."""

    def __init__(self, count: int) -> None:
        shelf = [a_photo(number, taken_at=NOON - timedelta(minutes=number // 2)) for number in range(count)]
        self.ids = [photo.photo_id for photo in sorted(shelf, key=lambda one: (one.taken, one.photo_id), reverse=True)]
        self.service, self.store, self.albums, self.order = some_albums(*shelf)
        self.album_id = ""

    async def hang(self, sort: str = "newest") -> "Hung":
        self.album_id = (await self.service.create(OWNER, {"name": "Wall", "sort": AlbumSort(sort)})).album.album_id
        await self.service.change_photos(OWNER, self.album_id, add=self.ids, remove=[])
        return self

    async def sorted(self, sort: str) -> None:
        await self.service.change(OWNER, self.album_id, {"sort": AlbumSort(sort)})

    async def move(self, photo_ids: list[PhotoId], *, before: PhotoId = NOBODY, after: PhotoId = NOBODY) -> None:
        anchor = before or after
        await self.service.move_photos(OWNER, self.album_id, photo_ids, anchor=anchor, before=bool(before))

    async def seen(self, *, limit: int = 200) -> list[PhotoId]:
        """Return the whole album, page by page."""
        found: list[PhotoId] = []
        cursor = None
        for _ in range(500):
            page = await self.service.photos(OWNER, self.album_id, cursor=cursor, limit=limit)
            found += [one.posting.photo_id for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return found
        raise AssertionError("the pages have no end")

    async def step(self, photo_id: PhotoId, step: Any, **arguments: Any) -> None:
        photo = self.store.photos[photo_id]
        assert await self.store.replace(step(photo, **arguments), stored=photo)


def moved(line: list[PhotoId], photo_ids: list[PhotoId], anchor: PhotoId, *, before: bool) -> list[PhotoId]:
    """Say without positions what a move does to a list."""
    rest = [one for one in line if one not in photo_ids]
    at = rest.index(anchor) + (0 if before else 1)
    return rest[:at] + photo_ids + rest[at:]


moves = st.lists(
    st.tuples(st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True), st.integers(0, 9), st.booleans()),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(moves, st.sampled_from(["newest", "oldest"]), st.integers(1, 9))
async def test_an_album_in_manual_order_is_the_list_that_its_moves_make(
    steps: list[tuple[list[int], int, bool]], first: str, limit: int
) -> None:
    hung = await Hung(10).hang(first)
    await hung.sorted("manual")
    line = hung.ids if first == "newest" else hung.ids[::-1]
    assert await hung.seen(limit=limit) == line

    for numbers, anchor, before in steps:
        photo_ids = [hung.ids[number] for number in numbers if number != anchor]
        if not photo_ids:
            continue
        await hung.move(photo_ids, **{"before" if before else "after": hung.ids[anchor]})
        line = moved(line, photo_ids, hung.ids[anchor], before=before)

    assert await hung.seen(limit=limit) == line


async def test_a_move_in_an_album_of_any_size_writes_what_was_moved() -> None:
    hung = await Hung(900).hang("manual")

    await hung.move([hung.ids[700]], before=hung.ids[0])

    assert len(hung.order.moved[AlbumRef(OWNER, hung.album_id)]) == 1
    assert (await hung.seen())[:3] == [hung.ids[700], hung.ids[0], hung.ids[1]]


async def test_an_order_that_was_made_is_there_again_after_a_look_at_the_album_by_date() -> None:
    hung = await Hung(4).hang("oldest")
    await hung.sorted("manual")
    await hung.move([hung.ids[0]], before=hung.ids[3])
    made = await hung.seen()

    await hung.sorted("newest")
    assert await hung.seen() == hung.ids
    await hung.sorted("manual")

    assert await hung.seen() == made == [hung.ids[0], hung.ids[3], hung.ids[2], hung.ids[1]]


async def test_a_photo_keeps_its_place_in_the_trash_and_for_a_day_out_of_the_album() -> None:
    hung = await Hung(4).hang("manual")
    newest = hung.ids[0]
    await hung.move([newest], after=hung.ids[3])

    await hung.step(newest, trashed, at=NOW)
    assert await hung.seen() == hung.ids[1:]
    await hung.step(newest, restored, at=NOW)
    assert await hung.seen() == [*hung.ids[1:], newest]

    await hung.service.change_photos(OWNER, hung.album_id, add=[], remove=[newest])
    assert await hung.seen() == hung.ids[1:]
    await hung.service.change_photos(OWNER, hung.album_id, add=[newest], remove=[])
    assert await hung.seen() == [*hung.ids[1:], newest]


async def test_the_place_of_a_photo_that_left_long_ago_or_is_gone_is_forgotten() -> None:
    hung = await Hung(4).hang("manual")
    left, gone = hung.ids[0], hung.ids[1]
    await hung.move([left, gone], after=hung.ids[3])
    long_ago = NOW - timedelta(days=2)
    hung.store.photos[left] = replace(
        in_albums(hung.store.photos[left], remove=[hung.album_id], at=NOW), updated_at=long_ago
    )
    del hung.store.photos[gone]

    assert await hung.seen() == hung.ids[2:]
    assert hung.order.moved[AlbumRef(OWNER, hung.album_id)] == {}


async def test_a_moved_photo_stays_where_it_is_when_its_date_is_corrected() -> None:
    hung = await Hung(4).hang("manual")
    await hung.move([hung.ids[0]], after=hung.ids[3])

    await hung.step(hung.ids[0], edited, edits={"taken_at": NOON - timedelta(days=9)}, at=NOW)

    assert await hung.seen() == [*hung.ids[1:], hung.ids[0]]
    assert await hung.seen(limit=1) == [*hung.ids[1:], hung.ids[0]]


async def test_a_stretch_from_which_everything_was_moved_away_makes_short_pages_that_go_on() -> None:
    hung = await Hung(1300).hang("manual")
    hung.store.kept = {}
    for start in range(0, 1250, 250):
        await hung.move(hung.ids[start : start + 250], after=hung.ids[-1])

    page = await hung.service.photos(OWNER, hung.album_id, cursor=None, limit=10)

    assert page.items == []
    assert page.next_cursor is not None
    assert (await hung.seen())[:50] == hung.ids[1250:]
    assert len(await hung.seen()) == 1300


async def test_a_cursor_of_another_order_is_refused() -> None:
    hung = await Hung(4).hang("oldest")
    cursor = (await hung.service.photos(OWNER, hung.album_id, cursor=None, limit=1)).next_cursor
    for sort in ("newest", "manual"):
        await hung.sorted(sort)
        with pytest.raises(InvalidCursorError):
            await hung.service.photos(OWNER, hung.album_id, cursor=cursor, limit=1)


async def test_a_move_that_makes_no_sense_changes_nothing() -> None:
    hung = await Hung(4).hang()
    first, second, *_ = hung.ids
    with pytest.raises(NotInManualOrderError):
        await hung.move([first], after=second)
    await hung.sorted("manual")
    stranger = a_photo(99).photo_id
    refused: list[tuple[list[PhotoId], PhotoId, type[Exception]]] = [
        ([first, second], first, SenselessMoveError),
        ([first, stranger], second, PhotoNotFoundError),
        ([first], stranger, PhotoNotFoundError),
        ([first, PhotoId("\ud800")], second, PhotoNotFoundError),
    ]
    for photo_ids, anchor, error in refused:
        with pytest.raises(error):
            await hung.move(photo_ids, after=anchor)
    with pytest.raises(AlbumNotFoundError):
        await hung.service.move_photos(OwnerId("stranger"), hung.album_id, [first], anchor=second, before=True)

    assert await hung.seen() == hung.ids


async def test_the_cover_is_the_first_photo_until_one_is_chosen_and_again_when_that_one_is_gone() -> None:
    hung = await Hung(4).hang("manual")
    newest, second, third, oldest = hung.ids

    async def cover() -> PhotoId | None:
        listed = await hung.service.get(OWNER, hung.album_id)
        return listed.cover.photo_id if listed.cover else None

    assert await cover() == newest
    await hung.move([third], before=newest)
    assert await cover() == third
    await hung.service.change(OWNER, hung.album_id, {"cover_photo_id": second})
    assert await cover() == second
    await hung.step(second, trashed, at=NOW)
    assert await cover() == third
    await hung.step(second, restored, at=NOW)
    assert await cover() == second
    with pytest.raises(PhotoNotFoundError):
        await hung.service.change(OWNER, hung.album_id, {"cover_photo_id": a_photo(99).photo_id})
    await hung.service.change(OWNER, hung.album_id, {"cover_photo_id": None})
    await hung.sorted("oldest")
    assert await cover() == oldest


async def test_a_smart_album_has_what_its_search_finds_at_any_time() -> None:
    dog, cat = a_photo(1, labels=["dog"]), a_photo(2, labels=["cat"])
    service, store, _, _ = some_albums(dog, cat)
    made = await service.create(OWNER, {"name": "Dogs", "query": "dog"})
    assert (made.count, made.cover) == (1, Cover(OWNER, dog.photo_id))

    store.photos |= {photo.photo_id: photo for photo in (a_photo(number, labels=["dog"]) for number in range(3, 80))}
    listed = await service.get(OWNER, made.album.album_id)
    assert (listed.count, listed.at_least) == (None, 60)

    other = await service.change(OWNER, made.album.album_id, {"query": "cat"})
    assert (other.count, other.cover) == (1, Cover(OWNER, cat.photo_id))
    page = await service.photos(OWNER, made.album.album_id, cursor=None, limit=60)
    assert [one.posting.photo_id for one in page.items] == [cat.photo_id]


async def test_a_smart_album_is_neither_filled_nor_sorted_by_hand_and_no_album_becomes_smart() -> None:
    dog = a_photo(1, labels=["dog"])
    service, store, _, _ = some_albums(dog)
    smart = (await service.create(OWNER, {"name": "Dogs", "query": "dog"})).album.album_id
    plain = (await service.create(OWNER, {"name": "Picked"})).album.album_id

    with pytest.raises(SmartAlbumError):
        await service.change_photos(OWNER, smart, add=[dog.photo_id], remove=[])
    with pytest.raises(SmartAlbumError):
        await service.change(OWNER, smart, {"sort": AlbumSort.MANUAL})
    with pytest.raises(SmartAlbumError):
        await service.create(OWNER, {"name": "Dogs", "query": "dog", "sort": AlbumSort.OLDEST})
    with pytest.raises(SmartAlbumError):
        await service.move_photos(OWNER, smart, [dog.photo_id], anchor=dog.photo_id, before=True)
    with pytest.raises(NotSmartAlbumError):
        await service.change(OWNER, plain, {"query": "dog"})
    with pytest.raises(InvalidQueryError):
        await service.change(OWNER, smart, {"query": " "})
    assert store.photos[dog.photo_id].album_ids == ()


async def test_there_is_an_end_to_smart_albums() -> None:
    service, _, _, _ = some_albums()
    for number in range(MOST_SMART_ALBUMS):
        await service.create(OWNER, {"name": str(number), "query": "dog"})

    with pytest.raises(TooManyShelvedError):
        await service.create(OWNER, {"name": "One more", "query": "dog"})
    assert await service.create(OWNER, {"name": "Of picked photos"})


async def test_asking_again_with_the_same_key_makes_no_second_album() -> None:
    service, _, albums, _ = some_albums()

    once = await service.create(OWNER, {"name": "Summer"}, key="k")
    again = await service.create(OWNER, {"name": "Summer"}, key="k")
    other = await service.create(OwnerId("stranger"), {"name": "Summer"}, key="k")

    assert once == again
    assert other.album.album_id != once.album.album_id
    assert len(albums.albums) == 2


async def test_a_photo_that_comes_back_from_the_trash_forgets_an_album_that_was_deleted_meanwhile() -> None:
    hung = await Hung(3).hang("manual")
    await hung.move([hung.ids[0]], after=hung.ids[2])
    await hung.step(hung.ids[0], trashed, at=NOW)
    await hung.service.delete(OWNER, hung.album_id)
    assert (hung.albums.albums, hung.order.moved) == ({}, {})

    await hung.step(hung.ids[0], restored, at=NOW)
    await hung.service.all(OWNER)

    assert not any(photo.album_ids for photo in hung.store.photos.values())


async def test_a_deletion_that_broke_off_is_gone_on_with() -> None:
    service, store, albums, _ = some_albums(*(a_photo(number) for number in range(450)))
    made = (await service.create(OWNER, {"name": "Big"})).album
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
    service, store, _, _ = some_albums(full, other)
    made = (await service.create(OWNER, {"name": "One more"})).album

    with pytest.raises(TooManyAlbumsError):
        await service.change_photos(OWNER, made.album_id, add=[other.photo_id, full.photo_id], remove=[])

    assert store.photos == {full.photo_id: full, other.photo_id: other}


async def test_two_who_fill_a_photos_last_place_at_once_cannot_both_have_it() -> None:
    photo = a_photo(0, album_ids=tuple(f"a{number:02}" for number in range(11)))
    service, store, _, _ = some_albums(photo)
    albums = [(await service.create(OWNER, {"name": name})).album for name in ("One", "Another")]

    done = await asyncio.gather(
        *(service.change_photos(OWNER, album.album_id, add=[photo.photo_id], remove=[]) for album in albums),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in done) == ["ListedAlbum", "TooManyAlbumsError"]
    assert len(store.photos[photo.photo_id].album_ids) == 12
