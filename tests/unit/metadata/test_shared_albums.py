"""Albums with photos of several owners are one list, in every order and from everybody's side."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.access import NotAllowedError, Role
from heliograph_metadata.domain.albums import AlbumSort
from heliograph_metadata.domain.errors import AlbumNotFoundError, PhotoNotFoundError
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.sharing import (
    MOST_CONTRIBUTORS,
    MOST_MEMBERS,
    MOST_MEMBERSHIPS,
    InvitationNotFoundError,
    MemberNotFoundError,
    ShareNotFoundError,
    ShareThrottledError,
    TooManySharesError,
    WrongSharePasswordError,
)
from heliograph_metadata.service.album_members import AlbumMembers
from heliograph_metadata.service.albums import AlbumService
from heliograph_metadata.service.saved_searches import SearchedAlbums
from heliograph_metadata.service.search import Search
from heliograph_metadata.service.share_links import ShareLinks
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_access_records import InMemoryAccessRecords
from tests.fakes.in_memory_album_order import InMemoryAlbumOrder
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_link_store import InMemoryLinkStore
from tests.fakes.in_memory_member_store import InMemoryMemberStore
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore

ANNA, BEN = OwnerId("anna"), OwnerId("ben")


class PlainPasswords:
    """`SharePasswords` that hash nothing."""

    async def hashed(self, password: str) -> str:
        return f"hash of {password}"

    async def match(self, password: str, password_hash: str) -> bool:
        return password_hash == f"hash of {password}"


class CrowdedPasswords(PlainPasswords):
    """Too many are waiting already."""

    async def match(self, password: str, password_hash: str) -> bool:
        raise UnavailableError


@dataclass
class Sharing:
    """An album of Olga's, to which Anna and Ben contribute."""

    photos: list[Photo] = field(default_factory=list)
    now: datetime = datetime(2026, 6, 1, tzinfo=UTC)
    album_id: str = ""

    def __post_init__(self) -> None:
        self.links, self.members = InMemoryLinkStore(), InMemoryMemberStore()
        store, albums = InMemoryPhotoStore(self.photos), InMemoryAlbumStore()
        self.albums = AlbumService(
            albums,
            store,
            store,
            order=InMemoryAlbumOrder(),
            members=self.members,
            links=self.links,
            accounts=InMemoryAccessRecords(),
            searches=SearchedAlbums(Search(store, albums, store)),
            now=lambda: self.now,
        )
        self.people = AlbumMembers(self.members, self.albums.access, now=lambda: self.now)
        self.sharing = ShareLinks(self.links, self.albums.access, PlainPasswords(), now=lambda: self.now)

    async def begin(self, sort: str = "newest", *, role: Role = Role.CONTRIBUTOR) -> "Sharing":
        made = await self.albums.create(OWNER, {"name": "Sea", "sort": AlbumSort(sort)})
        self.album_id = made.album.album_id
        for account_id in (ANNA, BEN):
            await self.join(account_id, role)
        for account_id in (OWNER, ANNA, BEN):
            mine = [photo.photo_id for photo in self.photos if photo.owner_id == account_id]
            if mine:
                await self.albums.change_photos(account_id, self.album_id, add=mine, remove=[])
        return self

    async def join(self, account_id: OwnerId, role: Role = Role.CONTRIBUTOR) -> str:
        said = {"role": role, "name": account_id, "owner_name": "Olga", "shows_location": False}
        made = await self.people.invite(OWNER, self.album_id, said)
        await self.people.accept(account_id, made.secret)
        return made.secret

    async def seen(self, account_id: OwnerId = OWNER, *, limit: int = 200) -> list[PhotoId]:
        found: list[PhotoId] = []
        cursor = None
        for _ in range(200):
            page = await self.albums.photos(account_id, self.album_id, cursor=cursor, limit=limit)
            found += [one.posting.photo_id for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return found
        raise AssertionError("the pages have no end")


def photos_of(owners: Sequence[OwnerId]) -> list[Photo]:
    """Return one photo for each of these, the newest first, two at a time of the same minute."""
    return [
        a_photo(number, owner_id=owner_id, taken_at=NOON - timedelta(minutes=number // 2))
        for number, owner_id in enumerate(owners)
    ]


def newest_first(photos: Sequence[Photo]) -> list[PhotoId]:
    return [one.photo_id for one in sorted(photos, key=lambda one: (one.taken, one.photo_id), reverse=True)]


owners_of_photos = st.lists(st.sampled_from([OWNER, ANNA, BEN]), max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    owners_of_photos,
    st.sampled_from(["newest", "oldest"]),
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.booleans()), max_size=6),
)
async def test_everybody_sees_the_one_list_that_all_photos_and_all_moves_make(
    owners: list[OwnerId], sort: str, limit: int, moves: list[tuple[int, int, bool]]
) -> None:
    shared = await Sharing(photos_of(owners)).begin(sort, role=Role.EDITOR)
    line = newest_first(shared.photos) if sort == "newest" else newest_first(shared.photos)[::-1]
    assert await shared.seen(limit=limit) == line
    listed = await shared.albums.get(OWNER, shared.album_id)
    assert (listed.count, listed.cover.photo_id if listed.cover else None) == (len(line), line[0] if line else None)

    await shared.albums.change(BEN, shared.album_id, {"sort": AlbumSort.MANUAL})
    for number, anchor, before in moves:
        if max(number, anchor) < len(line) and number != anchor:
            photo_id, at = line[number], line[anchor]
            await shared.albums.move_photos(ANNA, shared.album_id, [photo_id], anchor=at, before=before)
            line.remove(photo_id)
            line.insert(line.index(at) + (not before), photo_id)

    for account_id in (OWNER, ANNA, BEN):
        assert await shared.seen(account_id, limit=limit) == line


async def test_who_may_contribute_no_more_has_no_photos_in_the_album_until_they_may_again() -> None:
    shared = await Sharing(photos_of([OWNER, ANNA])).begin()
    both = await shared.seen()

    await shared.people.change(OWNER, shared.album_id, ANNA, {"role": Role.VIEWER})
    assert await shared.seen() == [one.photo_id for one in shared.photos if one.owner_id == OWNER]
    await shared.people.change(OWNER, shared.album_id, ANNA, {"role": Role.CONTRIBUTOR})
    assert await shared.seen() == both
    await shared.albums.all(ANNA)
    assert await shared.seen() == both

    await shared.people.remove(ANNA, shared.album_id, ANNA)
    await shared.albums.all(ANNA)
    await shared.join(ANNA)
    assert await shared.seen() == [one.photo_id for one in shared.photos if one.owner_id == OWNER]


async def test_a_photo_is_put_in_by_its_owner_alone_and_taken_out_by_them_or_an_editor() -> None:
    shared = await Sharing(photos_of([OWNER, ANNA, BEN])).begin()
    ids = {photo.owner_id: photo.photo_id for photo in shared.photos}

    with pytest.raises(PhotoNotFoundError):
        await shared.albums.change_photos(ANNA, shared.album_id, add=[ids[BEN]], remove=[])
    with pytest.raises(NotAllowedError):
        await shared.albums.change_photos(ANNA, shared.album_id, add=[], remove=[ids[ANNA], ids[BEN]])
    assert len(await shared.seen()) == 3
    await shared.albums.change_photos(OWNER, shared.album_id, add=[], remove=[ids[BEN]])
    await shared.albums.change_photos(ANNA, shared.album_id, add=[], remove=[ids[ANNA]])
    assert await shared.seen() == [ids[OWNER]]


async def test_a_deleted_album_is_shared_with_nobody_and_nothing_of_it_is_kept() -> None:
    shared = await Sharing(photos_of([OWNER, ANNA])).begin()
    made = await shared.sharing.create(OWNER, shared.album_id, {})
    opened = await shared.sharing.open(made.secret, None, address="there")

    await shared.albums.delete(OWNER, shared.album_id)

    with pytest.raises(ShareNotFoundError):
        await shared.albums.access.by_visit(opened.token)
    with pytest.raises(AlbumNotFoundError):
        await shared.albums.get(ANNA, shared.album_id)
    assert (shared.links.links, shared.members.joined, shared.members.offers) == ({}, {}, {})
    await shared.albums.all(ANNA)
    photo = await shared.albums._photos.get(shared.photos[1].photo_id)
    assert photo
    assert photo.album_ids == ()


async def test_an_invitation_runs_out_and_whoever_was_taken_out_does_not_come_back_by_it() -> None:
    shared = await Sharing().begin()
    third = OwnerId("third")
    secret = await shared.join(third, Role.VIEWER)
    await shared.people.remove(OWNER, shared.album_id, third)
    with pytest.raises(InvitationNotFoundError):
        await shared.people.accept(third, secret)
    with pytest.raises(MemberNotFoundError):
        await shared.people.remove(OWNER, shared.album_id, third)

    said: dict[str, Any] = {"role": Role.VIEWER, "name": "T", "owner_name": "Olga", "shows_location": False}
    late = await shared.people.invite(OWNER, shared.album_id, said)
    shared.now += timedelta(days=14)
    with pytest.raises(InvitationNotFoundError):
        await shared.people.accept(third, late.secret)


async def test_a_second_invitation_makes_more_of_a_member_and_never_less() -> None:
    shared = await Sharing().begin(role=Role.CONTRIBUTOR)
    await shared.join(ANNA, Role.VIEWER)
    await shared.join(BEN, Role.EDITOR)

    roles = {member.account_id: member.role for member in await shared.members.members(OWNER, shared.album_id)}
    assert roles == {ANNA: Role.CONTRIBUTOR, BEN: Role.EDITOR}


async def test_an_album_has_only_so_many_people() -> None:
    shared = await Sharing().begin(role=Role.VIEWER)
    for number in range(2, MOST_CONTRIBUTORS + 2):
        await shared.join(OwnerId(f"c{number}"))
    with pytest.raises(TooManySharesError):
        await shared.join(OwnerId("one more"))
    for number in range(MOST_MEMBERS - MOST_CONTRIBUTORS - 2):
        await shared.join(OwnerId(f"v{number}"), Role.VIEWER)
    with pytest.raises(TooManySharesError):
        await shared.join(OwnerId("one more"), Role.VIEWER)


async def test_an_account_is_in_only_so_many_albums_of_others() -> None:
    shared = await Sharing().begin(role=Role.VIEWER)
    one = replace(shared.members.joined[ANNA, shared.album_id], account_id=(crowded := OwnerId("crowded")))
    for number in range(MOST_MEMBERSHIPS):
        shared.members.joined[crowded, f"album {number}"] = replace(one, album_id=f"album {number}")
    with pytest.raises(TooManySharesError, match="You are in 500 albums"):
        await shared.join(crowded, Role.VIEWER)


async def test_a_full_album_keeps_nobody_from_showing_less_or_allowing_less() -> None:
    shared = await Sharing().begin(role=Role.CONTRIBUTOR)
    for number in range(2, MOST_CONTRIBUTORS):
        await shared.join(OwnerId(f"c{number}"))
    one_more = replace(shared.members.joined[ANNA, shared.album_id], account_id=OwnerId("at the same moment"))
    shared.members.joined[one_more.account_id, shared.album_id] = one_more

    changed = await shared.people.change(OWNER, shared.album_id, ANNA, {"role": Role.VIEWER, "shows_location": False})

    assert changed.role is Role.VIEWER


async def test_a_try_that_nobody_could_check_does_not_count_as_a_wrong_one() -> None:
    shared = await Sharing().begin()
    made = await shared.sharing.create(OWNER, shared.album_id, {"password": "sand and salt"})
    crowded = ShareLinks(shared.links, shared.albums.access, CrowdedPasswords(), now=lambda: shared.now)

    for _ in range(11):
        with pytest.raises(UnavailableError):
            await crowded.open(made.secret, "sand and salt", address="there")

    assert await shared.sharing.open(made.secret, "sand and salt", address="there")


async def test_wrong_passwords_are_slowed_down_by_address_and_by_link_and_right_ones_count_nothing() -> None:
    shared = await Sharing().begin()
    made = await shared.sharing.create(OWNER, shared.album_id, {"password": "sand and salt"})

    async def opened(password: str, address: str) -> str:
        try:
            await shared.sharing.open(made.secret, password, address=address)
        except (WrongSharePasswordError, ShareThrottledError) as error:
            return error.code
        return "open"

    assert {await opened("sand and salt", "home") for _ in range(30)} == {"open"}
    assert [await opened("salt", "there") for _ in range(11)] == ["wrong-share-password"] * 10 + ["too-many-tries"]
    assert await opened("sand and salt", "there") == "too-many-tries"
    assert await opened("sand and salt", "home") == "open"
    for number in range(9):
        for _ in range(10):
            assert await opened("salt", f"address {number}") == "wrong-share-password"
    assert await opened("salt", "one more") == "too-many-tries"
    assert await opened("sand and salt", "home") == "too-many-tries"
    shared.now += timedelta(minutes=15)
    assert await opened("sand and salt", "there") == "open"


async def test_a_visit_ends_after_an_hour_or_with_its_link() -> None:
    shared = await Sharing().begin()
    for_good = await shared.sharing.create(OWNER, shared.album_id, {})
    for_a_while = await shared.sharing.create(OWNER, shared.album_id, {"ends_at": shared.now + timedelta(minutes=20)})
    opened = [await shared.sharing.open(one.secret, None, address="") for one in (for_good, for_a_while)]

    async def are_open() -> list[bool]:
        found = []
        for one in opened:
            try:
                await shared.albums.access.by_visit(one.token)
                found.append(True)
            except ShareNotFoundError:
                found.append(False)
        return found

    assert await are_open() == [True, True]
    shared.now += timedelta(minutes=20)
    assert await are_open() == [True, False]
    shared.now += timedelta(minutes=40)
    assert await are_open() == [False, False]
