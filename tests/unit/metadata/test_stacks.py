"""Photos that look alike: how they are put together, decided about, and never asked about again."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId, PhotoId, PhotoStatus
from heliograph_metadata.domain.cursor import cursor
from heliograph_metadata.domain.errors import InvalidCursorError
from heliograph_metadata.domain.index import place_in, postings, sort_key
from heliograph_metadata.domain.looks import Look
from heliograph_metadata.domain.photo import Camera, Photo, Source, Sourced, restored, trashed
from heliograph_metadata.domain.stacks import (
    BURST_DISTANCE,
    DUPLICATE_DISTANCE,
    MOST_MEMBERS,
    NotInStackError,
    Stack,
    StackChangedError,
    StackDecidedError,
    StackKind,
    StackNotFoundError,
    StackStatus,
    best_first,
    likeness,
)
from heliograph_metadata.domain.terms import LOOKS, PRESENT
from heliograph_metadata.service.lookalikes import LookalikeService
from heliograph_metadata.service.stacks import StackService, StackView
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore
from tests.fakes.in_memory_stack_store import InMemoryStackStore

FUJI, PIXEL = Camera("FUJIFILM", "X-T4"), Camera("Google", "Pixel 7")
LATER = NOON + timedelta(days=400)


def looking(*, unlike: int = 0, sharpness: float = 10.0) -> Look:
    """Return a look that differs in so many bits, the last ones first, from that of 0."""
    return Look(f"{(0xC0FFEE << 232) ^ ((1 << unlike) - 1):064x}", (15, 14), sharpness)


def a_copy(number: int, *, unlike: int = 0, seconds: float = 0, **changes: Any) -> Photo:
    """Return a photo that differs by so many bits from number 0, taken so many seconds (or days) apart."""
    taken_at = NOON + (timedelta(seconds=seconds) if seconds else timedelta(days=number))
    known: dict[str, Any] = {"look": looking(unlike=unlike), "taken_at": taken_at}
    return a_photo(number, **known | changes)


class CrashError(Exception):
    """The process is gone."""


class Fragile:
    """Hands every call on to what it wraps, until its fuse is burnt: that call does not happen."""

    def __init__(self, inner: Any, fuse: Callable[[], None]) -> None:
        self._inner = inner
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            self._fuse()
            return await method(*arguments, **named)

        return call


class Library:
    """Somebody's photos and stacks."""

    def __init__(self, *photos: Photo) -> None:
        self.photos = InMemoryPhotoStore(photos)
        self.stacks = InMemoryStackStore()
        self.now = LATER
        self.calls_left: int | None = None
        self.lookalikes = LookalikeService(
            Fragile(self.photos, self._burn),
            Fragile(self.photos, self._burn),
            Fragile(self.stacks, self._burn),
            now=self._time,
        )
        self.service = StackService(Fragile(self.stacks, self._burn), Fragile(self.photos, self._burn), now=self._time)

    def _time(self) -> datetime:
        return self.now

    def _burn(self) -> None:
        if self.calls_left is not None:
            self.calls_left -= 1
            if self.calls_left < 0:
                raise CrashError

    async def look(self, *photos: Photo) -> None:
        for photo in photos:
            await self.lookalikes.look_for(self.photos.photos[photo.photo_id])

    async def open(self) -> list[StackView]:
        return list((await self.service.page(OWNER, StackStatus.OPEN, after=None, limit=50)).items)

    async def groups(self) -> list[set[PhotoId]]:
        return [{photo.photo_id for photo in view.photos} for view in await self.open()]

    async def the_stack(self) -> Stack:
        [view] = await self.open()
        return view.stack

    def put(self, *photos: Photo) -> None:
        self.photos.photos |= {photo.photo_id: photo for photo in photos}

    @property
    def in_trash(self) -> set[PhotoId]:
        return {photo.photo_id for photo in self.photos.photos.values() if photo.trashed_at}

    async def surviving(self, deed: Callable[[], Awaitable[Any]]) -> int:
        """Do something again and again, dying one call later each time, until it is done; return how often it died."""
        for calls in count():
            self.calls_left = calls
            try:
                await deed()
            except CrashError:
                continue
            else:
                return calls
            finally:
                self.calls_left = None
        raise AssertionError


A, B, C = a_copy(0), a_copy(1, unlike=5), a_copy(2, unlike=9)


def ids(*photos: Photo) -> set[PhotoId]:
    return {photo.photo_id for photo in photos}


async def test_copies_are_stacked_whatever_their_date() -> None:
    library = Library(A, B, C, a_copy(3, unlike=120))

    await library.look(C, A, B)

    assert await library.groups() == [ids(A, B, C)]
    stack = await library.the_stack()
    assert (stack.kind, stack.status, stack.spread) == (StackKind.DUPLICATE, StackStatus.OPEN, 9)


async def test_a_photo_that_looks_like_no_other_costs_no_write() -> None:
    library = Library(A, a_copy(1, unlike=100), a_copy(2, look=None), replace(B, trashed_at=LATER))

    await library.look(*library.photos.photos.values())

    assert library.stacks.saves == 0


async def test_a_message_that_comes_again_changes_nothing() -> None:
    library = Library(A, B, C)
    await library.look(A, B, C)
    saves = library.stacks.saves

    await library.look(A, B, C, A)

    assert library.stacks.saves == saves


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (A, a_copy(1, unlike=DUPLICATE_DISTANCE), StackKind.DUPLICATE),
        (A, a_copy(1, unlike=DUPLICATE_DISTANCE + 1), None),
        (replace(A, camera=FUJI), a_copy(1, unlike=70, seconds=3, camera=FUJI), StackKind.BURST),
        (replace(A, camera=FUJI), a_copy(1, unlike=3, seconds=30, camera=FUJI), StackKind.BURST),
        (replace(A, camera=FUJI), a_copy(1, unlike=3, seconds=31, camera=FUJI), StackKind.DUPLICATE),
        (replace(A, camera=FUJI), a_copy(1, unlike=70, seconds=31, camera=FUJI), None),
        (replace(A, camera=FUJI), a_copy(1, unlike=70, seconds=3, camera=PIXEL), None),
        (A, a_copy(1, unlike=70, seconds=3), None),
        (replace(A, camera=FUJI), a_copy(1, unlike=BURST_DISTANCE + 1, seconds=3, camera=FUJI), None),
        (replace(A, camera=FUJI), replace(a_copy(1, unlike=3, camera=FUJI), taken_at=A.taken_at), StackKind.DUPLICATE),
        (A, a_copy(1, look=None), None),
        (A, a_copy(1, look=replace(looking(unlike=17), detail=50)), None),
        (A, a_copy(1, look=replace(looking(unlike=16), detail=50)), StackKind.DUPLICATE),
    ],
    ids=[
        "a copy",
        "no copy",
        "the next take",
        "half a minute later",
        "a copy of the same camera",
        "another scene",
        "another camera",
        "no camera",
        "something else within seconds",
        "the same moment",
        "no look",
        "another page of text",
        "the same page of text",
    ],
)
def test_what_looks_alike_and_why(one: Photo, other: Photo, expected: StackKind | None) -> None:
    found = likeness(one, other)

    assert (found.kind if found else None) == expected
    assert likeness(other, one) == found


async def test_takes_of_one_scene_are_a_burst_although_things_move_in_them() -> None:
    takes = [
        a_copy(
            number, look=Look(f"{number * 0x1234567 ^ number << 99:064x}", (), 10.0), seconds=1 + number, camera=FUJI
        )
        for number in range(6)
    ]
    library = Library(*takes, a_copy(9, look=Look("f" * 64, (), 1.0), seconds=2.5, camera=FUJI))

    await library.look(*library.photos.photos.values())

    [group] = await library.groups()
    assert group == ids(*takes)
    assert (await library.the_stack()).kind is StackKind.BURST


async def test_nothing_is_led_from_a_to_c_by_way_of_b() -> None:
    chain = [a_copy(number, unlike=number * 40) for number in range(6)]  # each is like the next one alone
    library = Library(*chain)

    await library.look(*chain)

    for view in await library.open():
        first, *others = view.stack.photo_ids
        for other in others:
            assert likeness(library.photos.photos[first], library.photos.photos[other])
    assert [len(group) for group in await library.groups()] == [2, 2, 2]


async def test_a_stack_takes_so_many_members_and_the_rest_make_another() -> None:
    copies = [a_copy(number, unlike=number % 3) for number in range(MOST_MEMBERS + 5)]
    library = Library(*copies)

    await library.look(*copies)

    groups = await library.groups()
    assert max(map(len, groups)) <= MOST_MEMBERS
    assert sum(map(len, groups)) >= MOST_MEMBERS


async def test_somebody_else_s_photo_is_never_in_a_stack() -> None:
    library = Library(A, replace(B, owner_id=OwnerId("stranger")))

    await library.look(A)

    assert library.stacks.saves == 0


async def test_keeping_one_puts_the_others_into_the_trash_and_undoing_brings_them_back() -> None:
    library = Library(A, B, C)
    await library.look(A, B, C)
    stack = await library.the_stack()

    view = await library.service.keep(OWNER, stack.stack_id, [B.photo_id], seen_version=stack.version)

    assert view.stack.status is StackStatus.KEPT
    assert view.photos[0].photo_id == B.photo_id
    assert library.in_trash == ids(A, C)
    assert await library.open() == []
    again = await library.service.keep(OWNER, stack.stack_id, [B.photo_id], seen_version=stack.version)
    assert again.stack == view.stack

    undone = await library.service.undo(OWNER, stack.stack_id)
    assert undone.stack.status is StackStatus.OPEN
    assert library.in_trash == set()
    assert await library.groups() == [ids(A, B, C)]
    assert (await library.service.undo(OWNER, stack.stack_id)).stack == undone.stack


async def test_undoing_leaves_in_the_trash_what_the_person_had_put_there() -> None:
    library = Library(A, B, C)
    await library.look(A, B, C)
    stack = await library.the_stack()
    library.put(trashed(library.photos.photos[C.photo_id], at=LATER))

    await library.service.keep(OWNER, stack.stack_id, [A.photo_id], seen_version=None)
    assert library.in_trash == ids(B, C)
    await library.service.undo(OWNER, stack.stack_id)

    assert library.in_trash == ids(C)


@pytest.mark.parametrize("decision", ["keep", "dismiss", "stack"])
async def test_what_is_decided_is_never_asked_again(decision: str) -> None:
    library = Library(A, B, C)
    await library.look(A, B, C)
    stack_id = (await library.the_stack()).stack_id
    if decision == "keep":
        await library.service.keep(OWNER, stack_id, [A.photo_id], seen_version=None)
    elif decision == "dismiss":
        await library.service.dismiss(OWNER, stack_id, seen_version=None)
    else:
        await library.service.stack(OWNER, stack_id, seen_version=None)

    # Brought back from the trash, deleted and uploaded again, and gone through the pipeline once more.
    for photo in library.photos.photos.values():
        library.put(restored(photo, at=LATER))
    library.photos.photos.pop(B.photo_id)
    library.put(B)
    await library.look(A, B, C, B, A)

    assert await library.open() == []
    assert (await library.service.get(OWNER, stack_id)).stack.status is not StackStatus.OPEN


async def test_a_new_copy_of_a_decided_photo_is_asked_about_alone() -> None:
    library = Library(A, B)
    await library.look(A, B)
    await library.service.dismiss(OWNER, (await library.the_stack()).stack_id, seen_version=None)
    library.put(C)

    await library.look(C)

    [group] = await library.groups()
    assert C.photo_id in group
    assert group != ids(A, B, C)  # A and B are known not to be the same
    await library.look(A, B)
    assert await library.groups() == [group]


async def test_a_photo_joins_no_stack_that_holds_one_it_was_told_apart_from() -> None:
    library = Library(A, B)
    await library.look(A, B)
    first = (await library.the_stack()).stack_id
    await library.service.dismiss(OWNER, first, seen_version=None)
    library.put(C)
    await library.look(C)
    before = await library.groups()

    await library.look(A, B, C)

    assert await library.groups() == before
    assert all(not group >= ids(A, B) for group in before)


async def test_a_decision_about_another_stack_than_was_seen_is_refused() -> None:
    library = Library(A, B)
    await library.look(A, B)
    seen = await library.the_stack()
    library.put(C)
    await library.look(C)

    with pytest.raises(StackChangedError):
        await library.service.keep(OWNER, seen.stack_id, [A.photo_id], seen_version=seen.version)
    assert library.in_trash == set()

    now = await library.the_stack()
    await library.service.dismiss(OWNER, seen.stack_id, seen_version=now.version)
    with pytest.raises(StackDecidedError):
        await library.service.keep(OWNER, seen.stack_id, [A.photo_id], seen_version=None)
    with pytest.raises(StackDecidedError):
        await library.service.stack(OWNER, seen.stack_id, seen_version=now.version)


async def test_only_photos_of_the_stack_that_are_there_can_be_kept() -> None:
    library = Library(A, B, C, a_copy(7, unlike=120), trashed(a_copy(8), at=LATER))
    await library.look(A, B, C)
    stack = await library.the_stack()
    library.put(trashed(library.photos.photos[C.photo_id], at=LATER))

    for photo_ids in ([], [C.photo_id], [A.photo_id, a_copy(7).photo_id], [PhotoId("no id")]):
        with pytest.raises(NotInStackError):
            await library.service.keep(OWNER, stack.stack_id, photo_ids, seen_version=None)

    assert library.in_trash == ids(C, a_copy(8))
    assert (await library.the_stack()).status is StackStatus.OPEN


async def test_a_stack_is_nobody_else_s() -> None:
    library = Library(A, B)
    await library.look(A, B)
    stack_id = (await library.the_stack()).stack_id
    stranger = OwnerId("stranger")

    for deed in (
        library.service.get(stranger, stack_id),
        library.service.keep(stranger, stack_id, [A.photo_id], seen_version=None),
        library.service.dismiss(stranger, stack_id, seen_version=None),
        library.service.stack(stranger, stack_id, seen_version=None),
        library.service.undo(stranger, stack_id),
        library.service.get(OWNER, "made up"),
    ):
        with pytest.raises(StackNotFoundError):
            await deed


async def test_a_stack_of_which_one_photo_is_left_is_passed_over() -> None:
    library = Library(A, B)
    await library.look(A, B)
    library.put(trashed(library.photos.photos[A.photo_id], at=LATER))
    assert await library.open() == []

    library.put(restored(library.photos.photos[A.photo_id], at=LATER))
    assert await library.groups() == [ids(A, B)]


async def test_a_list_goes_on_where_its_page_ended_and_takes_no_other_s_cursor() -> None:
    pairs = [a_copy(number, look=Look(f"{number // 2 * 0x5A5A << 200:064x}", (), 1.0)) for number in range(10)]
    library = Library(*(replace(one, look=Look(one.look.fingerprint, (), 1.0)) for one in pairs if one.look))
    await library.look(*pairs)
    pages = []
    after = None
    while True:
        page = await library.service.page(OWNER, StackStatus.OPEN, after=after, limit=2)
        pages.append([view.stack.stack_id for view in page.items])
        if (after := page.next_cursor) is None:
            break

    seen = [stack_id for page in pages for stack_id in page]
    assert len(seen) == len(set(seen)) == len(await library.open())
    made_up = cursor("another list", "open#0000#x")
    with pytest.raises(InvalidCursorError):
        await library.service.page(OWNER, StackStatus.OPEN, after=made_up, limit=2)


async def test_a_crash_between_any_two_calls_of_finding_is_mended_by_the_message_s_coming_back() -> None:
    library = Library(A, B, C)

    crashes = [await library.surviving(partial(library.look, photo)) for photo in (A, B, C)]

    assert max(crashes) >= 5
    assert await library.groups() == [ids(A, B, C)]
    assert len(library.stacks.stacks) == 1


async def test_a_crash_between_any_two_calls_of_a_decision_leaves_all_of_it_or_nothing_once_it_is_looked_at() -> None:
    for calls in range(30):
        library = Library(A, B, C)
        await library.look(A, B, C)
        stack_id = (await library.the_stack()).stack_id
        library.calls_left = calls
        try:
            await library.service.keep(OWNER, stack_id, [B.photo_id], seen_version=None)
        except CrashError:
            pass
        else:
            break
        library.calls_left = None

        is_open = bool(await library.open())
        assert library.in_trash == (set() if is_open else ids(A, C))
    else:
        raise AssertionError("it never came to an end")
    assert calls > 8


async def test_a_crash_while_undoing_is_mended_by_the_next_look() -> None:
    library = Library(A, B, C)
    await library.look(A, B, C)
    stack_id = (await library.the_stack()).stack_id
    await library.service.keep(OWNER, stack_id, [B.photo_id], seen_version=None)

    assert await library.surviving(lambda: library.service.undo(OWNER, stack_id)) > 5

    assert library.in_trash == set()
    assert await library.groups() == [ids(A, B, C)]


async def test_a_decision_that_others_keep_outrunning_gives_up() -> None:
    library = Library(A, B)

    async def never(*_: Any, **__: Any) -> bool:
        return False

    library.stacks.save = never  # type: ignore[method-assign]
    with pytest.raises(UnavailableError):
        await library.look(A)


def test_the_best_photo_is_the_largest_then_the_camera_s_own_then_the_sharpest() -> None:
    small = a_copy(1, width_px=1600, height_px=1200, camera=FUJI)
    blurred = a_copy(2, camera=FUJI, look=looking(sharpness=4))
    sharp = a_copy(3, camera=FUJI, look=looking(sharpness=9))
    stripped = a_copy(4, look=looking(sharpness=50))
    undated = a_copy(6, camera=FUJI, taken_at=Sourced(NOON, Source.FILE_TIME), look=looking(sharpness=60))
    cropped = a_copy(5, width_px=3990, height_px=2990, camera=FUJI, look=looking(sharpness=6))

    best = [photo.photo_id for photo in best_first([small, stripped, undated, blurred, cropped, sharp])]

    assert best == [photo.photo_id for photo in (sharp, cropped, blurred, undated, stripped, small)]


def test_a_photo_s_place_in_the_list_of_looks_is_its_fingerprint_s_and_no_other_list_s() -> None:
    found = postings(A)

    assert A.look is not None
    assert (LOOKS, f"{A.look.fingerprint}#{A.photo_id}") in found
    assert (PRESENT, sort_key(A)) in found
    assert found[LOOKS, place_in(LOOKS, A)].photo_id == A.photo_id
    assert LOOKS not in {term for term, _ in postings(replace(A, look=None))}
    assert LOOKS not in {term for term, _ in postings(trashed(A, at=LATER))}
    assert LOOKS not in {term for term, _ in postings(replace(A, status=PhotoStatus.FAILED))}
