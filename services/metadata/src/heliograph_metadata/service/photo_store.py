"""Where photos are kept, and how one of them is changed safely."""

from collections.abc import Callable, Sequence
from typing import Protocol

from heliograph.photos import PhotoId
from heliograph_metadata.domain.errors import EditConflictError
from heliograph_metadata.domain.photo import Photo

_ATTEMPTS = 10


class PhotoStore(Protocol):
    """Photo documents and, kept in step with them, the library's index.

    tests/contract/test_photo_store.py is its specification.
    """

    async def get(self, photo_id: PhotoId) -> Photo | None:
        """Return the photo as it was last stored, or None; also one that `upload` has only admitted."""

    async def get_many(self, photo_ids: Sequence[PhotoId]) -> dict[PhotoId, Photo]:
        """Return those of these photos that are there."""

    async def replace(self, photo: Photo, *, stored: Photo) -> bool:
        """Store `photo` in place of `stored`, and change the index by the difference of their terms.

        All of it happens or nothing does. Saves of one owner that are made at the same time cost less than one by one.

        Args:
            photo: The next version.
            stored: What it was made from, as `get` returned it.

        Returns:
            False, having changed nothing, where another version than `stored` is there.

        Raises:
            UnavailableError: The store does not answer; nothing has changed or all has.
        """

    async def remove(self, stored: Photo) -> bool:
        """Forget a photo: its document and all its terms.

        Returns:
            False, having changed nothing, where another version than `stored` is there, or none.

        Raises:
            UnavailableError: The store does not answer; nothing has changed or all has.
        """


async def change(
    store: PhotoStore, photo_id: PhotoId, step: Callable[[Photo], Photo], *, known: Photo | None = None
) -> Photo | None:
    """Take a photo one step on, whoever else is changing it, and return it; None where there is none.

    Args:
        store: Where it is.
        photo_id: Which photo.
        step: A step of domain/photo.py. It may be called several times, so it must be pure. What it raises
            passes through. The same photo returned means that there is nothing to do.
        known: What `get` has just returned, to spare a read.

    Raises:
        EditConflictError: Others changed it each time.
    """
    photo = known
    for _ in range(_ATTEMPTS):
        photo = photo or await store.get(photo_id)
        if photo is None:
            return None
        changed = step(photo)
        if changed is photo or await store.replace(changed, stored=photo):
            return changed
        photo = None
    raise EditConflictError("This photo is being changed by others at the same time; try again.")
