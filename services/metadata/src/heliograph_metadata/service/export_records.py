"""What an export holds beside photos: the account, albums and whom they are shared with, answers, own labels."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from pydantic import TypeAdapter

from heliograph.photos import OwnerId
from heliograph_metadata.domain.albums import Album, AlbumFolder
from heliograph_metadata.domain.own_labels import OwnLabel
from heliograph_metadata.domain.questions.written import event_json
from heliograph_metadata.domain.sharing import Invitation, Member, ShareLink
from heliograph_metadata.service.album_order import AlbumOrder, AlbumRef
from heliograph_metadata.service.album_store import AlbumStore
from heliograph_metadata.service.answer_store import AnswerStore
from heliograph_metadata.service.own_labels import OwnLabelStore
from heliograph_metadata.service.share_store import LinkStore, MemberStore

_ALBUM: Final = TypeAdapter(Album)
_FOLDER: Final = TypeAdapter(AlbumFolder)
_LINK: Final = TypeAdapter(ShareLink)
_INVITATION: Final = TypeAdapter(Invitation)
_MEMBER: Final = TypeAdapter(Member)
_OWN_LABEL: Final = TypeAdapter(OwnLabel)
_PLACES: Final = 1_000
_KEPT_BACK: Final = {"secret_hash", "password_hash"}
_AN_OWNER_S_OWN: Final = {"name"}
"""How the owner of an album lists somebody: their word, which they show to nobody."""
"""What is good for nothing but guessing."""

_README: Final = """Heliograph: everything of one account

Each ZIP file holds one folder, heliograph-001 and so on; unpack them side by side.

2024-06/...      the originals as they were uploaded, by the month they were taken in. Of several with the same name in
                 one month, the others have a number behind it.
photos.jsonl     one photo a line, as JSON: the fields are those of GET /api/v1/photos/{photo_id} in the API's
                 description (/openapi.json), without addresses; `file` is where the original lies, null where it
                 never came. Each folder has the photos that lie in it, also those of the trash (`trashed_at`).

The last folder also has:

account.json     the account, where it is signed in, its API keys (never the keys themselves) and its security log
albums.json      albums and folders; `moved` lists photos of an album in manual order that were moved, first one first
shares.json      links, invitations and people of your albums, and `memberships` in albums of others
answers.jsonl    what you have answered to questions, one event a line, in order
own-labels.json  labels of your own and what was learnt of them

Times are RFC 3339. Positions are degrees (WGS 84). Boxes are fractions (0 to 1) of the upright picture.
"""


class LibraryRecords:
    """`ExportRecords` from the stores that metadata has."""

    def __init__(
        self,
        albums: AlbumStore,
        order: AlbumOrder,
        links: LinkStore,
        members: MemberStore,
        answers: AnswerStore,
        own_labels: OwnLabelStore,
    ) -> None:
        self._albums = albums
        self._order = order
        self._links = links
        self._members = members
        self._answers = answers
        self._own_labels = own_labels

    async def album_names(self, owner_id: OwnerId) -> Mapping[str, str]:
        """See `ExportRecords.album_names`."""
        return {album.album_id: album.name for album in await self._albums.all(owner_id)}

    async def files(self, owner_id: OwnerId, *, facts: Mapping[str, Any]) -> AsyncIterator[tuple[str, bytes]]:
        """See `ExportRecords.files`."""
        shelf = await self._albums.shelf(owner_id)
        albums = [album for album in shelf.albums if not album.is_deleted]
        yield "README.txt", _README.encode()
        yield "account.json", _json(facts)
        folders = [_FOLDER.dump_python(folder, mode="json") for folder in shelf.folders]
        yield "albums.json", _json({"albums": [await self._album(album) for album in albums], "folders": folders})
        yield "shares.json", _json(await self._shares(owner_id, albums))
        events = [event_json(one.event) for one in await self._answers.since(owner_id, 0)]
        yield "answers.jsonl", "".join(f"{event}\n" for event in events).encode()
        labels = [_OWN_LABEL.dump_python(label, mode="json") for label in await self._own_labels.all(owner_id)]
        yield "own-labels.json", _json(labels)

    async def _album(self, album: Album) -> Any:
        ref, moved, last = AlbumRef(album.owner_id, album.album_id), list[str](), None
        while places := await self._order.places(ref, after=last, ascending=True, limit=_PLACES):
            moved += [place.photo_id for place in places]
            last = places[-1].position
        return _ALBUM.dump_python(album, mode="json") | {"moved": moved}

    async def _shares(self, owner_id: OwnerId, albums: Sequence[Album]) -> Any:
        links = [one for album in albums for one in await self._links.of_album(owner_id, album.album_id)]
        invited = [one for album in albums for one in await self._members.invitations(owner_id, album.album_id)]
        return {
            "links": [_LINK.dump_python(one, mode="json", exclude=_KEPT_BACK) for one in links],
            "invitations": [_INVITATION.dump_python(one, mode="json", exclude=_KEPT_BACK) for one in invited],
            "members": [_MEMBER.dump_python(one, mode="json") for one in await self._members.members(owner_id)],
            "memberships": [
                _MEMBER.dump_python(one, mode="json", exclude=_AN_OWNER_S_OWN)
                for one in await self._members.memberships(owner_id)
            ],
        }


def _json(content: object) -> bytes:
    return json.dumps(content, indent=2, ensure_ascii=False).encode()
