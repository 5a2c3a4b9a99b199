"""Photos that look alike: how they are put together, listed, and put in order."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId, PhotoStatus
from heliograph_metadata.domain.cursor import cursor
from heliograph_metadata.domain.errors import InvalidCursorError
from heliograph_metadata.domain.index import place_in, postings, sort_key
from heliograph_metadata.domain.looks import Look
from heliograph_metadata.domain.photo import Photo, Source, Sourced, restored, trashed
from heliograph_metadata.domain.stacks import (
    BURST_DISTANCE,
    DUPLICATE_DISTANCE,
    MOST_MEMBERS,
    StackKind,
    StackStatus,
    best_first,
    likeness,
)
from heliograph_metadata.domain.terms import LOOKS, month_term
from tests.builders import NOON, OWNER
from tests.unit.metadata.stack_library import FUJI, LATER, PIXEL, A, B, C, Library, a_copy, ids, looking


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
    assert (month_term(A), sort_key(A)) in found
    assert found[LOOKS, place_in(LOOKS, A)].photo_id == A.photo_id
    assert LOOKS not in {term for term, _ in postings(replace(A, look=None))}
    assert LOOKS not in {term for term, _ in postings(trashed(A, at=LATER))}
    assert LOOKS not in {term for term, _ in postings(replace(A, status=PhotoStatus.FAILED))}
