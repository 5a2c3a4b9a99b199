"""Photos that other networks have labelled than there are now: handed to those that have yet to look.

Nothing is kept of how far this has come: each photo says who has looked at it, so what is done is passed over, and
what was broken off goes on where it was. At most so many photos as wait at a time are handed over twice then, and the
second answer changes nothing.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from heliograph.messages import PhotoPrepared
from heliograph.photos import OwnerId, PhotoId
from heliograph.sqs import MessageQueue
from heliograph_metadata.domain.labelling import could_not_be_classified, look_again
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.search.saved import SearchQuery
from heliograph_metadata.service.photo_selection import PhotoSelection
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.prepare import photo_prepared

_PAGE: Final = 100


class LibraryIds(Protocol):
    """Which photos a library has. tests/contract/test_listings.py is its specification."""

    def ids_of(self, owner_id: OwnerId) -> AsyncIterator[Sequence[PhotoId]]:
        """Yield them all, some at a time, in the order of their ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an operator asks for."""

    configured: tuple[str, ...]
    """The networks that there are, as `name@version`."""
    text: str = ""
    """Only photos that this search finds; all where it is empty."""
    with_failed: bool = False
    """Whether photos that no network could look at are looked at again."""
    forget_others: bool = False
    """Whether the labels of networks that are no longer there go."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some photos that were looked through."""

    seen: int
    queued: int


class Reclassifier:
    """Feeds the backlog lane, no faster than it is worked off."""

    def __init__(
        self,
        photos: PhotoStore,
        library: LibraryIds,
        selection: PhotoSelection,
        *,
        prepared: MessageQueue,
        classified: MessageQueue,
        most_waiting: int,
        pause: Callable[[], Awaitable[None]],
    ) -> None:
        """Make one.

        Args:
            photos: The documents.
            library: All photos of a library.
            selection: Those of a search.
            prepared: The backlog's queue to the networks.
            classified: The backlog's queue of their answers.
            most_waiting: So many messages may wait in both before more are sent.
            pause: Waits a little, for them to become fewer.
        """
        self._photos = photos
        self._library = library
        self._selection = selection
        self._prepared = prepared
        self._classified = classified
        self._most_waiting = most_waiting
        self._pause = pause

    async def run(self, owner_id: OwnerId, wish: Wish) -> AsyncIterator[Stretch]:
        """Hand over a library's photos, and say after each few how many.

        Raises:
            InvalidQueryError: The search can't be understood.
            UnavailableError: Something does not answer; to be run again.
        """
        async for ids in self._ids(owner_id, wish.text):
            photos = await self._photos.get_many(ids)
            asked = [message for photo in photos.values() if (message := _message(photo, wish))]
            if asked:
                while await self._prepared.depth() + await self._classified.depth() >= self._most_waiting:
                    await self._pause()
                await self._prepared.send([message.model_dump_json() for message in asked])
            yield Stretch(len(photos), len(asked))

    async def _ids(self, owner_id: OwnerId, text: str) -> AsyncIterator[Sequence[PhotoId]]:
        if not text:
            async for ids in self._library.ids_of(owner_id):
                yield ids
            return
        cursor: str | None = None
        while True:
            ids, cursor = await self._selection.page(owner_id, SearchQuery(text=text), cursor=cursor, limit=_PAGE)
            yield ids
            if cursor is None:
                return


def _message(photo: Photo, wish: Wish) -> PhotoPrepared | None:
    if could_not_be_classified(photo) and not wish.with_failed:
        return None
    found = look_again(photo, wish.configured, forget_others=wish.forget_others)
    return photo_prepared(photo, *found) if found else None
