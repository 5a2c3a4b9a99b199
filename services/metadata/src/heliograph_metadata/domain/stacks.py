"""Photos that look alike, what a person has decided about them, and which of them is the best.

    open ──► kept        some are kept, the others go to the trash
      │ ──► stacked      all are kept and belong together
      │ ──► dismissed    they only look alike
      └◄── undone        any of the three

A stack is bound by its first photo: every member looks like that one. So a is never led to c by way of b.
A decided stack settles every pair of its members: two photos that share one are never put together again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from heliograph.errors import ConflictError, NotFoundError, UnprocessableError
from heliograph.photos import OwnerId, PhotoId, PhotoStatus
from heliograph_metadata.domain.looks import Look, distance
from heliograph_metadata.domain.photo import Photo, Source

MOST_MEMBERS: Final = 50

DUPLICATE_DISTANCE: Final = 56
"""Of 255 bits: copies differ by less, other pictures by 80 and more. Measured: tests/bench/lookalikes.py."""

PLAIN_DISTANCE: Final = 16
"""The same where one of the pictures is plain: two pages of text may differ by 54."""

_LEAST_DETAIL: Final = 72
"""Pictures with less are plain. Pages of text have 39 to 51, all but few photos more than 80."""

BURST_DISTANCE: Final = 80
"""Between takes of one scene by one camera, in which things move."""

BURST_GAP: Final = timedelta(seconds=30)
"""Between the first photo of a burst and any other."""


class StackNotFoundError(NotFoundError):
    """No stack with this id belongs to the caller."""

    code = "stack-not-found"


class StackDecidedError(ConflictError):
    """The stack has been decided otherwise; undo that first."""

    code = "stack-decided"


class StackChangedError(ConflictError):
    """The stack is no longer what the caller has seen."""

    code = "stack-changed"


class NotInStackError(UnprocessableError):
    """One of the photos is not in the stack, or in the trash."""

    code = "not-in-stack"


class StackKind(StrEnum):
    """Why photos look alike."""

    DUPLICATE = "duplicate"
    """One is a copy of the other, perhaps smaller, recompressed, cropped a little or edited."""
    BURST = "burst"
    """Takes of one scene within seconds."""


class StackStatus(StrEnum):
    """What a person has decided."""

    OPEN = "open"
    KEPT = "kept"
    STACKED = "stacked"
    DISMISSED = "dismissed"


class Move(StrEnum):
    """Where a decision takes photos."""

    TO_TRASH = "trash"
    TO_LIBRARY = "library"


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two photos look alike, and why."""

    distance: int
    kind: StackKind


@dataclass(frozen=True, slots=True)
class Member:
    """A photo of a stack."""

    photo_id: PhotoId
    distance: int
    """From the stack's first photo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Photos that look alike; the first member is the one that all others were compared with."""

    owner_id: OwnerId
    stack_id: str
    kind: StackKind
    members: tuple[Member, ...]
    created_at: datetime
    updated_at: datetime
    version: int = 1
    status: StackStatus = StackStatus.OPEN
    kept: tuple[PhotoId, ...] = ()
    """Of a kept stack those that the person chose."""
    moved: tuple[PhotoId, ...] = ()
    """Those that the last decision, or undoing it, takes elsewhere."""
    move: Move = Move.TO_TRASH
    is_moved: bool = True
    """Whether all of them have arrived there."""

    @property
    def photo_ids(self) -> tuple[PhotoId, ...]:
        """Its photos, the first one first."""
        return tuple(member.photo_id for member in self.members)

    @property
    def spread(self) -> int:
        """The largest distance of a member from the first one."""
        return max(member.distance for member in self.members)


@dataclass(frozen=True, slots=True)
class Standing:
    """Which stacks a photo is in; kept apart from the photo, so that it outlives the trash."""

    open: frozenset[str] = frozenset()
    settled: frozenset[str] = frozenset()
    """Decided ones."""
    version: int = 0
    """0 is a photo that was never in a stack."""

    def is_settled_with(self, other: "Standing") -> bool:
        """Whether a person has decided about these two photos."""
        return not self.settled.isdisjoint(other.settled)


Standings = Mapping[PhotoId, Standing]


def most_apart(one: Look, other: Look) -> tuple[int, int]:
    """Return how far apart two pictures may lie at most as copies, and as takes of one scene."""
    is_plain = min(one.detail, other.detail) < _LEAST_DETAIL
    return (PLAIN_DISTANCE, PLAIN_DISTANCE) if is_plain else (DUPLICATE_DISTANCE, BURST_DISTANCE)


def likeness(one: Photo, other: Photo) -> Likeness | None:
    """Return how two photos look alike; None where they don't, or where one of them has no look."""
    if one.look is None or other.look is None:
        return None
    apart = distance(one.look.fingerprint, other.look.fingerprint)
    gap = abs(one.taken.replace(tzinfo=None) - other.taken.replace(tzinfo=None))
    as_copies, as_takes = most_apart(one.look, other.look)
    is_of_one_camera = one.camera is not None and one.camera == other.camera
    if is_of_one_camera and gap <= BURST_GAP and apart <= as_takes and (gap or apart > as_copies):
        return Likeness(apart, StackKind.BURST)
    return Likeness(apart, StackKind.DUPLICATE) if apart <= as_copies else None


def may_be_stacked(photo: Photo) -> bool:
    """Whether a photo is to be seen, and can be compared."""
    is_shown = photo.status in {PhotoStatus.PREPARED, PhotoStatus.READY} and photo.trashed_at is None
    return is_shown and photo.look is not None


def new_stack(stack_id: str, first: Photo, others: Sequence[tuple[PhotoId, Likeness]], *, at: datetime) -> Stack:
    """Return an open stack of photos that look like `first`, the most alike before the others."""
    nearest = sorted(others, key=lambda other: (other[1].distance, other[0]))[: MOST_MEMBERS - 1]
    is_burst = any(found.kind is StackKind.BURST for _, found in nearest)
    return Stack(
        owner_id=first.owner_id,
        stack_id=stack_id,
        kind=StackKind.BURST if is_burst else StackKind.DUPLICATE,
        members=(Member(first.photo_id, 0), *(Member(photo_id, found.distance) for photo_id, found in nearest)),
        created_at=at,
        updated_at=at,
    )


def joined(stack: Stack, photo_id: PhotoId, found: Likeness, *, at: datetime) -> Stack:
    """Return an open stack with one more photo, which looks like its first."""
    return _next(
        stack,
        at,
        kind=StackKind.BURST if found.kind is StackKind.BURST else stack.kind,
        members=(*stack.members, Member(photo_id, found.distance)),
    )


def kept(stack: Stack, keep: Iterable[PhotoId], living: Iterable[PhotoId], *, at: datetime) -> Stack:
    """Return the stack decided: of the photos that are not in the trash, all but some go there.

    Raises:
        NotInStackError: One to be kept is not among them, or there is none to be kept.
    """
    chosen, there = set(keep), [photo_id for photo_id in living if photo_id in stack.photo_ids]
    if not chosen or not chosen.issubset(there):
        raise NotInStackError("Keep one photo of the stack at least, and none that is not in it or in the trash.")
    leaving = tuple(photo_id for photo_id in there if photo_id not in chosen)
    return _decided(
        stack, StackStatus.KEPT, at, kept=tuple(photo_id for photo_id in there if photo_id in chosen), moved=leaving
    )


def stacked(stack: Stack, *, at: datetime) -> Stack:
    """Return the stack decided: all belong together."""
    return _decided(stack, StackStatus.STACKED, at)


def dismissed(stack: Stack, *, at: datetime) -> Stack:
    """Return the stack decided: they only look alike."""
    return _decided(stack, StackStatus.DISMISSED, at)


def reopened(stack: Stack, *, at: datetime) -> Stack:
    """Return the stack as it was before it was decided; what went to the trash comes back."""
    if stack.status is StackStatus.OPEN:
        return stack
    return _next(stack, at, status=StackStatus.OPEN, kept=(), move=Move.TO_LIBRARY, is_moved=not stack.moved)


def arrived(stack: Stack) -> Stack:
    """Return the stack with all that its last decision moves in place."""
    return replace(stack, version=stack.version + 1, is_moved=True)


def _decided(stack: Stack, status: StackStatus, at: datetime, **changes: Any) -> Stack:
    if stack.status is not StackStatus.OPEN:
        raise StackDecidedError("This stack has been decided; undo that first.")
    moved = changes.get("moved", ())
    return _next(stack, at, **{"moved": ()} | changes, status=status, move=Move.TO_TRASH, is_moved=not moved)


def _next(stack: Stack, at: datetime, **changes: Any) -> Stack:
    return replace(stack, version=stack.version + 1, updated_at=max(at, stack.updated_at), **changes)


def standings_after(stack: Stack, standings: Standings) -> dict[PhotoId, Standing]:
    """Return, of the members whose standings are given, how those stand for whom the stack is something new."""
    changed: dict[PhotoId, Standing] = {}
    for photo_id in filter(standings.__contains__, stack.photo_ids):
        before = standings[photo_id]
        is_open = stack.status is StackStatus.OPEN
        after = Standing(
            before.open | {stack.stack_id} if is_open else before.open - {stack.stack_id},
            before.settled - {stack.stack_id} if is_open else before.settled | {stack.stack_id},
            before.version + 1,
        )
        if (after.open, after.settled) != (before.open, before.settled):
            changed[photo_id] = after
    return changed


_ALIKE_IN_SIZE: Final = 1.02
_SURE_DATES: Final = frozenset({Source.EXIF, Source.XMP, Source.PERSON})


def best_first(photos: Iterable[Photo]) -> list[Photo]:
    """Return the photos, the one most worth keeping first.

    It has the most pixels; of those the camera's own facts and date; then it is a favourite, sharper, or the larger
    file.
    """
    found = list(photos)
    most = max((_pixels(photo) for photo in found), default=0)
    return sorted(
        found,
        key=lambda photo: (
            -most if _pixels(photo) * _ALIKE_IN_SIZE >= most else -_pixels(photo),
            photo.camera is None,
            photo.taken_at is None or photo.taken_at.source not in _SURE_DATES,
            not photo.favourite,
            -(photo.look.sharpness if photo.look else 0.0),
            -photo.admission.size_bytes,
            photo.photo_id,
        ),
    )


def _pixels(photo: Photo) -> int:
    return (photo.width_px or 0) * (photo.height_px or 0)
