"""A library whose account is deleted goes wholly, whatever breaks off in between, and nobody else's with it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from heliograph.departures import Departure, Half
from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId, original_key, thumbnail_key
from heliograph_metadata.domain.access import Role
from heliograph_metadata.domain.albums import Album
from heliograph_metadata.domain.photo import Photo, trashed
from heliograph_metadata.domain.sharing import Invitation, Member, ShareLink
from heliograph_metadata.service.album_order import AlbumRef, Place
from heliograph_metadata.service.departing import LibraryRemoval
from heliograph_metadata.service.share_ending import ShareEnding
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_album_order import InMemoryAlbumOrder
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_departures import InMemoryDepartures
from tests.fakes.in_memory_library_ids import InMemoryLibraryIds
from tests.fakes.in_memory_library_remains import InMemoryLibraryRemains, InMemoryOwnedObjects
from tests.fakes.in_memory_link_store import InMemoryLinkStore
from tests.fakes.in_memory_member_store import InMemoryMemberStore
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore

OTHER = OwnerId("other")
HOUR = timedelta(hours=1)


@dataclass
class Stage:
    """Two libraries, of which the first one leaves."""

    photos: list[Photo]
    now = NOON
    members: InMemoryMemberStore = field(default_factory=InMemoryMemberStore)
    links: InMemoryLinkStore = field(default_factory=InMemoryLinkStore)
    order: InMemoryAlbumOrder = field(default_factory=InMemoryAlbumOrder)
    albums: InMemoryAlbumStore = field(default_factory=InMemoryAlbumStore)

    def __post_init__(self) -> None:
        self.store = InMemoryPhotoStore(self.photos)
        keys = [key(one.owner_id, one.photo_id) for one in self.photos for key in (original_key, thumbnail_key)]
        self.objects = InMemoryOwnedObjects(*keys)
        self.remains = InMemoryLibraryRemains(OWNER, OTHER)
        self.departures = InMemoryDepartures(Departure(OWNER, NOON))
        self.removal = LibraryRemoval(
            self.departures,
            InMemoryLibraryIds(self.store),
            self.store,
            self.store,
            self.albums,
            self.order,
            self.members,
            ShareEnding(self.links, self.members),
            self.objects,
            self.remains,
            settles_after=HOUR,
            now=lambda: self.now,
        )

    async def shared(self, owner_id: OwnerId, member_id: OwnerId, **said: object) -> Album:
        """An album of the one to which the other contributes, with a link and an invitation."""
        made: dict[str, Any] = {"album_id": f"of {owner_id}", "name": "Sea", "created_at": NOON, "updated_at": NOON}
        album = Album(owner_id=owner_id, **made | said)
        await self.albums.create(album)
        link = ShareLink(
            owner_id=owner_id,
            album_id=album.album_id,
            link_id="link",
            secret_hash=f"link of {owner_id}",
            created_at=NOON,
        )
        await self.links.create(link)
        invitation = Invitation(
            owner_id=owner_id,
            album_id=album.album_id,
            invitation_id="i",
            secret_hash=f"hash of {owner_id}",
            role=Role.CONTRIBUTOR,
            name="Somebody",
            owner_name="Olga",
            shows_location=False,
            created_at=NOON,
            ends_at=NOON + HOUR,
        )
        member = Member(
            owner_id=owner_id,
            album_id=album.album_id,
            account_id=member_id,
            role=Role.CONTRIBUTOR,
            name="Somebody",
            owner_name="Olga",
            shows_location=False,
            joined_at=NOON,
        )
        await self.members.invite(invitation)
        assert await self.members.join(invitation, member)
        return album


def libraries() -> list[Photo]:
    mine = [a_photo(1), a_photo(2, status="awaiting_upload"), a_photo(3, status="failed"), trashed(a_photo(4), at=NOON)]
    return [*mine, *(a_photo(number, owner_id=OTHER) for number in range(3))]


async def test_photos_of_every_kind_go_with_their_objects_and_nobody_elses() -> None:
    stage = Stage(libraries())

    assert await stage.removal.remove(OWNER) == 4

    assert {photo.owner_id for photo in stage.store.photos.values()} == {OTHER}
    assert {key.split("/")[1] for key in stage.objects.keys} == {OTHER}
    assert stage.remains.owners == [OTHER]


async def test_what_it_shared_and_what_was_shared_with_it_ends() -> None:
    stage = Stage(libraries())
    mine, theirs = await stage.shared(OWNER, OTHER), await stage.shared(OTHER, OWNER)

    await stage.removal.remove(OWNER)

    assert await stage.members.memberships(OWNER) == []
    assert await stage.members.memberships(OTHER) == []
    assert await stage.members.members(OTHER) == []
    assert await stage.links.of_album(OWNER, mine.album_id) == []
    assert await stage.members.invitations(OWNER, mine.album_id) == []
    assert await stage.members.invitations(OTHER, theirs.album_id) == []  # it said who took it up
    assert len(await stage.links.of_album(OTHER, theirs.album_id)) == 1


async def test_somebody_elses_album_forgets_where_its_photos_lay_and_that_one_was_the_cover() -> None:
    contributed, other = a_photo(1, album_ids=("of other",)), a_photo(2, owner_id=OTHER, album_ids=("of other",))
    stage = Stage([contributed, other])
    album = await stage.shared(OTHER, OWNER, cover_photo_id=contributed.photo_id)
    ref = AlbumRef(OTHER, album.album_id)
    await stage.order.move(ref, [Place(one.photo_id, f"{n}", f"{n}") for n, one in enumerate((contributed, other))])

    await stage.removal.remove(OWNER)

    assert set(await stage.order.positions(ref, [contributed.photo_id, other.photo_id])) == {other.photo_id}
    there = await stage.albums.get(*ref)
    assert there is not None
    assert there.cover_photo_id is None


async def test_a_removal_that_broke_off_is_begun_again_and_noted_only_at_its_end() -> None:
    stage = Stage(libraries())
    stage.remains.failures = [UnavailableError("the table does not answer")]

    await stage.removal.look()
    assert stage.departures.departures[OWNER].removed == {}
    assert stage.remains.owners == [OWNER, OTHER]
    await stage.removal.look()

    assert stage.departures.departures[OWNER].removed == {Half.LIBRARY: NOON}
    assert stage.remains.owners == [OTHER]


async def test_what_was_under_way_goes_when_nothing_can_come_any_more() -> None:
    stage = Stage(libraries())
    await stage.removal.look()
    late = a_photo(7, status="awaiting_upload")
    stage.store.photos[late.photo_id] = late
    stage.objects.keys.add(original_key(OWNER, late.photo_id))

    stage.now = NOON + HOUR / 2
    await stage.removal.look()
    assert late.photo_id in stage.store.photos
    stage.now = NOON + HOUR
    await stage.removal.look()

    assert late.photo_id not in stage.store.photos
    assert {key.split("/")[1] for key in stage.objects.keys} == {OTHER}
    assert stage.departures.departures[OWNER].removed == {Half.LIBRARY: NOON + HOUR}
