"""Folders of albums: a tree without loops and not too deep, from which nothing is lost when a part is taken out."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from heliograph.photos import OwnerId
from heliograph_metadata.domain.albums import (
    MOST_DEPTH,
    FolderLoopError,
    FolderNotFoundError,
    FolderTooDeepError,
    path_of,
)
from heliograph_metadata.domain.errors import EditConflictError
from heliograph_metadata.service.album_folders import AlbumFolderService
from heliograph_metadata.service.albums import TOP, AlbumService
from heliograph_metadata.service.saved_searches import SearchedAlbums
from heliograph_metadata.service.search import Search
from tests.builders import OWNER, a_photo
from tests.fakes.in_memory_access_records import InMemoryAccessRecords
from tests.fakes.in_memory_album_order import InMemoryAlbumOrder
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_link_store import InMemoryLinkStore
from tests.fakes.in_memory_member_store import InMemoryMemberStore
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore

NOW = datetime(2026, 6, 1, tzinfo=UTC)
STRANGER = OwnerId("stranger")


class Shelf:
    """Folders and albums by name."""

    def __init__(self, store: InMemoryAlbumStore | None = None) -> None:
        self.store = store or InMemoryAlbumStore()
        self.photos = InMemoryPhotoStore([a_photo(1)])
        self.folders = AlbumFolderService(self.store, now=lambda: NOW)
        self.albums = AlbumService(
            self.store,
            self.photos,
            self.photos,
            order=InMemoryAlbumOrder(),
            members=InMemoryMemberStore(),
            links=InMemoryLinkStore(),
            accounts=InMemoryAccessRecords(),
            searches=SearchedAlbums(Search(self.photos, self.store, self.photos)),
            now=lambda: NOW,
        )
        self.ids: dict[str | None, str | None] = {None: None}

    async def folder(self, name: str, inside: str | None = None) -> str:
        made = await self.folders.create(OWNER, name, self.ids[inside])
        self.ids[name] = made.folder.folder_id
        return made.folder.folder_id

    async def album(self, name: str, inside: str | None = None) -> str:
        said = {"name": name, "parent_id": self.ids[inside]}
        made = await self.albums.create(OWNER, said)
        self.ids[name] = made.album.album_id
        return made.album.album_id

    async def move(self, name: str, inside: str | None) -> None:
        await self.folders.change(OWNER, self.ids[name] or "", {"parent_id": self.ids[inside]})

    async def paths(self) -> list[str]:
        """Return where all albums lie: Trips/Lisbon/Day one."""
        folders = {listed.folder.folder_id: listed.folder for listed in await self.folders.all(OWNER)}
        return sorted(
            "/".join([*(folder.name for folder in path_of(folders, listed.album.parent_id)), listed.album.name])
            for listed in await self.albums.all(OWNER)
        )


async def a_shelf() -> Shelf:
    shelf = Shelf()
    await shelf.folder("Trips")
    await shelf.folder("Lisbon", "Trips")
    await shelf.folder("Sintra", "Lisbon")
    await shelf.album("All", "Trips")
    await shelf.album("Tram", "Lisbon")
    await shelf.album("Palace", "Sintra")
    await shelf.album("Loose")
    return shelf


async def test_albums_lie_in_folders_and_are_listed_by_folder() -> None:
    shelf = await a_shelf()

    assert await shelf.paths() == ["Loose", "Trips/All", "Trips/Lisbon/Sintra/Palace", "Trips/Lisbon/Tram"]
    for inside, names in {"Lisbon": ["Tram"], "Trips": ["All"]}.items():
        listed = await shelf.albums.all(OWNER, parent_id=shelf.ids[inside])
        assert [one.album.name for one in listed] == names
    assert [one.album.name for one in await shelf.albums.all(OWNER, parent_id=TOP)] == ["Loose"]
    trips = await shelf.folders.get(OWNER, shelf.ids["Trips"] or "")
    assert (trips.albums, trips.folders) == (1, 1)


async def test_a_folder_moves_with_all_that_lies_in_it() -> None:
    shelf = await a_shelf()

    await shelf.move("Lisbon", None)

    assert await shelf.paths() == ["Lisbon/Sintra/Palace", "Lisbon/Tram", "Loose", "Trips/All"]


async def test_a_folder_lies_neither_in_itself_nor_in_what_lies_in_it() -> None:
    shelf = await a_shelf()
    for name, inside in (("Trips", "Trips"), ("Trips", "Sintra"), ("Lisbon", "Sintra")):
        with pytest.raises(FolderLoopError):
            await shelf.move(name, inside)


async def test_folders_lie_only_so_deep_in_one_another() -> None:
    shelf = Shelf()
    names = [f"Level {number}" for number in range(MOST_DEPTH)]
    for outer, name in zip([None, *names], names, strict=False):
        await shelf.folder(name, outer)
    await shelf.album("Deep", names[-1])

    with pytest.raises(FolderTooDeepError):
        await shelf.folder("Too deep", names[-1])
    await shelf.folder("Pair")
    await shelf.folder("Inner", "Pair")
    with pytest.raises(FolderTooDeepError):
        await shelf.move("Pair", names[-2])
    await shelf.move("Inner", names[-2])


async def test_what_lies_in_a_deleted_folder_moves_up() -> None:
    shelf = await a_shelf()

    await shelf.folders.delete(OWNER, shelf.ids["Lisbon"] or "", with_albums=False)

    assert await shelf.paths() == ["Loose", "Trips/All", "Trips/Sintra/Palace", "Trips/Tram"]


async def test_a_folder_is_deleted_with_its_albums_and_never_with_photos() -> None:
    shelf = await a_shelf()
    tram = shelf.ids["Tram"] or ""
    await shelf.albums.change_photos(OWNER, tram, add=[a_photo(1).photo_id], remove=[])

    await shelf.folders.delete(OWNER, shelf.ids["Trips"] or "", with_albums=True)

    assert await shelf.paths() == ["Loose"]
    assert await shelf.folders.all(OWNER) == []
    assert [photo.album_ids for photo in shelf.photos.photos.values()] == [()]
    assert len(shelf.store.albums) == 1


async def test_hundreds_of_folders_are_taken_out_of_one() -> None:
    shelf = Shelf()
    await shelf.folder("Years")
    for number in range(210):
        await shelf.folder(f"Year {number}", "Years")

    await shelf.folders.delete(OWNER, shelf.ids["Years"] or "", with_albums=False)

    left = await shelf.folders.all(OWNER)
    assert len(left) == 210
    assert all(listed.folder.parent_id is None for listed in left)


async def test_an_album_whose_folder_is_gone_lies_at_the_top() -> None:
    shelf = Shelf()
    album_id = await shelf.album("Lost")
    key = (OWNER, album_id)
    shelf.store.albums[key] = replace(shelf.store.albums[key], parent_id="gone")

    assert [one.album.name for one in await shelf.albums.all(OWNER, parent_id=TOP)] == ["Lost"]


async def test_a_stranger_has_none_of_these_folders() -> None:
    shelf = await a_shelf()
    folder_id = shelf.ids["Trips"] or ""

    assert await shelf.folders.all(STRANGER) == []
    calls: list[Any] = [
        shelf.folders.get(STRANGER, folder_id),
        shelf.folders.change(STRANGER, folder_id, {"name": "Mine"}),
        shelf.folders.delete(STRANGER, folder_id, with_albums=True),
        shelf.folders.create(STRANGER, "Mine", folder_id),
        shelf.albums.create(STRANGER, {"name": "Mine", "parent_id": folder_id}),
    ]
    for call in calls:
        with pytest.raises(FolderNotFoundError):
            await call
    assert len(await shelf.folders.all(OWNER)) == 3


async def test_a_folder_made_twice_with_one_key_is_one() -> None:
    shelf = Shelf()

    once = await shelf.folders.create(OWNER, "Trips", None, key="k")
    again = await shelf.folders.create(OWNER, "Trips", None, key="k")

    assert once == again
    assert len(await shelf.folders.all(OWNER)) == 1


async def test_two_folders_that_are_put_into_each_other_at_once_make_no_loop() -> None:
    class Interrupted(InMemoryAlbumStore):
        """Lets somebody else act between reading the shelf and changing it."""

        between: Any = None

        async def change_folders(self, *arguments: Any, **named: Any) -> bool:
            if self.between:
                step, self.between = self.between, None
                await step
            return await super().change_folders(*arguments, **named)

    store = Interrupted()
    shelf = Shelf(store)
    await shelf.folder("One")
    await shelf.folder("Other")
    store.between = shelf.move("Other", "One")

    with pytest.raises(FolderLoopError):
        await shelf.move("One", "Other")


async def test_those_who_always_come_too_late_are_told_so() -> None:
    class Busy(InMemoryAlbumStore):
        async def change_folders(self, *_: Any, **__: Any) -> bool:
            return False

    with pytest.raises(EditConflictError):
        await Shelf(Busy()).folder("Trips")
