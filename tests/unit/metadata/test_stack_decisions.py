"""What is decided about photos that look alike: done wholly, undone exactly, and never asked again."""

import pytest

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.photo import restored, trashed
from heliograph_metadata.domain.stacks import (
    NotInStackError,
    StackChangedError,
    StackDecidedError,
    StackNotFoundError,
    StackStatus,
)
from tests.builders import OWNER
from tests.unit.metadata.stack_library import LATER, A, B, C, CrashError, Library, a_copy, ids


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
