"""Stacks as a person sees and decides them.

A decision is written first, then its photos are moved, then the stack says that they are. A crash between any two of
these is mended by whoever looks at the stacks next. Where a decision and its undoing overlap, who finds the stack
changed at the end moves the photos again, as the stack then says.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from heliograph.photos import OwnerId, PhotoId, is_photo_id
from heliograph_metadata.domain.cursor import cursor, fingerprint, position
from heliograph_metadata.domain.errors import EditConflictError
from heliograph_metadata.domain.photo import Photo, restored, trashed
from heliograph_metadata.domain.stacks import (
    Move,
    NotInStackError,
    Stack,
    StackChangedError,
    StackDecidedError,
    StackNotFoundError,
    StackStatus,
    arrived,
    best_first,
    dismissed,
    kept,
    reopened,
    stacked,
    standings_after,
)
from heliograph_metadata.service.photo_store import PhotoStore, change
from heliograph_metadata.service.stack_store import Listed, StackStore

MOST_PHOTOS_PER_PAGE: Final = 200
"""A page of stacks is cut where its photos would be more: their documents are read."""

_MENDED_PER_PAGE: Final = 4
_MOVED_AT_ONCE: Final = 8
_ATTEMPTS: Final = 10
_FEWEST: Final = 2

Decide = Callable[[Stack, Sequence[Photo]], Stack]
"""A decision about a stack as it is, given those of its photos that are there, the trashed ones among them."""


@dataclass(frozen=True, slots=True)
class StackView:
    """A stack with its photos, the best one first; of an open one those that are not in the trash."""

    stack: Stack
    photos: Sequence[Photo]


@dataclass(frozen=True, slots=True)
class StacksPage:
    """Some stacks of a list, and where it goes on; None at its end."""

    items: Sequence[StackView]
    next_cursor: str | None


class StackService:
    """The use cases of stacks; somebody else's stack is not there."""

    def __init__(self, stacks: StackStore, photos: PhotoStore, *, now: Callable[[], datetime]) -> None:
        self._stacks = stacks
        self._photos = photos
        self._now = now

    async def page(self, owner_id: OwnerId, status: StackStatus, *, after: str | None, limit: int) -> StacksPage:
        """Return stacks of a status: open ones the surest first, decided ones the latest first.

        Open ones of which fewer than two photos are left outside of the trash are passed over, so a page may be
        short, even empty, and go on.

        Raises:
            InvalidCursorError: The cursor is not one of this list's.
        """
        of = fingerprint("stacks", owner_id, status)
        begin = position(of, after) if after else None
        for stack in await self._stacks.moving(owner_id, limit=_MENDED_PER_PAGE):
            await self._finished(await self._stack(owner_id, stack.stack_id))  # it may have been by now
        listed = await self._stacks.listed(owner_id, status, after=begin, limit=limit + 1)
        shown: list[Listed] = []
        photos = 0
        for one in listed[:limit]:
            photos += len(one.stack.members)
            if shown and photos > MOST_PHOTOS_PER_PAGE:
                break
            shown.append(one)
        views = await self._views([one.stack for one in shown])
        more = len(listed) > len(shown)
        return StacksPage([view for view in views if _is_shown(view)], cursor(of, shown[-1].position) if more else None)

    async def get(self, owner_id: OwnerId, stack_id: str) -> StackView:
        """Return a stack.

        Raises:
            StackNotFoundError: The caller has no such stack.
        """
        stack = await self._stack(owner_id, stack_id)
        [view] = await self._views([await self._finished(stack)])
        return view

    async def keep(
        self, owner_id: OwnerId, stack_id: str, photo_ids: Sequence[PhotoId], *, seen_version: int | None
    ) -> StackView:
        """Keep some photos of a stack and put its others into the trash.

        Args:
            owner_id: The caller.
            stack_id: The stack.
            photo_ids: Those to be kept.
            seen_version: Of the stack that the caller has looked at; None decides about whatever is in it.

        Raises:
            StackNotFoundError: The caller has no such stack.
            NotInStackError: One of the photos is not in it, or in the trash.
            StackDecidedError: It has been decided otherwise.
            StackChangedError: It is not the version that the caller has seen.
        """
        if not all(map(is_photo_id, photo_ids)):
            raise NotInStackError("One of the photos is not in the stack.")
        chosen = frozenset(photo_ids)

        def decide(stack: Stack, photos: Sequence[Photo]) -> Stack:
            return kept(stack, chosen, [photo.photo_id for photo in _living(photos)], at=self._now())

        def is_done(stack: Stack) -> bool:
            return stack.status is StackStatus.KEPT and frozenset(stack.kept) == chosen

        return await self._decided(owner_id, stack_id, decide, is_done, seen_version)

    async def stack(self, owner_id: OwnerId, stack_id: str, *, seen_version: int | None) -> StackView:
        """Keep all photos of a stack as ones that belong together. Raises as `keep` does."""
        return await self._decided(
            owner_id,
            stack_id,
            lambda stack, _: stacked(stack, at=self._now()),
            lambda stack: stack.status is StackStatus.STACKED,
            seen_version,
        )

    async def dismiss(self, owner_id: OwnerId, stack_id: str, *, seen_version: int | None) -> StackView:
        """Say that the photos of a stack only look alike. Raises as `keep` does."""
        return await self._decided(
            owner_id,
            stack_id,
            lambda stack, _: dismissed(stack, at=self._now()),
            lambda stack: stack.status is StackStatus.DISMISSED,
            seen_version,
        )

    async def undo(self, owner_id: OwnerId, stack_id: str) -> StackView:
        """Take back what was decided about a stack; what that put into the trash comes back.

        Raises:
            StackNotFoundError: The caller has no such stack.
        """
        return await self._decided(
            owner_id,
            stack_id,
            lambda stack, _: reopened(stack, at=self._now()),
            lambda stack: stack.status is StackStatus.OPEN,
            None,
        )

    async def _decided(
        self,
        owner_id: OwnerId,
        stack_id: str,
        decide: Decide,
        is_done: Callable[[Stack], bool],
        seen_version: int | None,
    ) -> StackView:
        for _ in range(_ATTEMPTS):
            stored = await self._stack(owner_id, stack_id)
            if is_done(stored):
                stack = stored
            else:
                stored = await self._finished(stored)
                if seen_version not in {None, stored.version}:
                    if stored.status is not StackStatus.OPEN:
                        raise StackDecidedError("This stack has been decided; undo that first.")
                    raise StackChangedError("This stack has changed; look at it again.")
                photos = await self._photos.get_many(stored.photo_ids)
                stack = decide(stored, [photos[one] for one in stored.photo_ids if one in photos])
                standings = await self._stacks.standings(owner_id, stored.photo_ids)
                if not await self._stacks.save(stack, stored=stored, standings=standings_after(stack, standings)):
                    continue
            [view] = await self._views([await self._finished(stack)])
            return view
        raise EditConflictError("This stack is being changed by others at the same time; try again.")

    async def _finished(self, stack: Stack) -> Stack:
        """Move the photos that a decision moves, and return the stack as it is then."""
        for _ in range(_ATTEMPTS):
            if stack.is_moved:
                return stack
            await self._move(stack)
            done = arrived(stack)
            if await self._stacks.save(done, stored=stack):
                return done
            stack = await self._stack(stack.owner_id, stack.stack_id)
            if stack.is_moved:
                await self._move(stack)  # what was moved here just now may be the wrong way by now
        raise EditConflictError("This stack is being changed by others at the same time; try again.")

    async def _move(self, stack: Stack) -> None:
        step = trashed if stack.move is Move.TO_TRASH else restored

        def moved(photo: Photo) -> Photo:
            return step(photo, at=self._now())

        for start in range(0, len(stack.moved), _MOVED_AT_ONCE):
            run = stack.moved[start : start + _MOVED_AT_ONCE]
            await asyncio.gather(*(change(self._photos, photo_id, moved) for photo_id in run))

    async def _stack(self, owner_id: OwnerId, stack_id: str) -> Stack:
        stack = await self._stacks.get(owner_id, stack_id)
        if stack is None:
            raise StackNotFoundError("There is no such stack.")
        return stack

    async def _views(self, stacks: Sequence[Stack]) -> list[StackView]:
        photos = await self._photos.get_many([photo_id for stack in stacks for photo_id in stack.photo_ids])
        return [_view(stack, [photos[one] for one in stack.photo_ids if one in photos]) for stack in stacks]


def _living(photos: Sequence[Photo]) -> list[Photo]:
    return [photo for photo in photos if photo.trashed_at is None]


def _view(stack: Stack, photos: Sequence[Photo]) -> StackView:
    shown = _living(photos) if stack.status is StackStatus.OPEN else photos
    chosen = set(stack.kept)
    best = best_first(shown)
    return StackView(stack, sorted(best, key=lambda photo: bool(chosen) and photo.photo_id not in chosen))


def _is_shown(view: StackView) -> bool:
    return view.stack.status is not StackStatus.OPEN or len(view.photos) >= _FEWEST
