"""The use case: several previews looked at together, each failing alone."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest

from heliograph_inference.domain import NetworkError, PreviewUnavailableError, UnreadablePreviewError
from heliograph_inference.service import Looked, PhotoLabelling
from tests.fakes.fixed_vision import BROKEN, BUG, POISON, FixedVision, InMemoryPreviewStore

PREVIEWS = {"a": b"cat", "b": b"dog", "broken": BROKEN, "poison": POISON, "bug": BUG}


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def named(looked: Looked) -> object:
    return [label.name for label in looked] if isinstance(looked, tuple) else type(looked)


async def test_photos_are_seen_in_the_order_asked(threads: Executor) -> None:
    labelling = PhotoLabelling(InMemoryPreviewStore(PREVIEWS), FixedVision(), threads)

    assert [named(looked) for looked in await labelling.look_at(["b", "a"])] == [["dog"], ["cat"]]


async def test_a_missing_or_broken_preview_fails_alone(threads: Executor) -> None:
    store = InMemoryPreviewStore(PREVIEWS)
    store.unavailable.add("b")
    labelling = PhotoLabelling(store, FixedVision(most_at_once=8), threads)

    looked = await labelling.look_at(["missing", "a", "broken", "b"])

    assert [named(outcome) for outcome in looked] == [
        UnreadablePreviewError,
        ["cat"],
        UnreadablePreviewError,
        PreviewUnavailableError,
    ]


async def test_where_batches_gain_they_are_as_large_as_allowed(threads: Executor) -> None:
    vision = FixedVision(most_at_once=3)
    labelling = PhotoLabelling(InMemoryPreviewStore(PREVIEWS), vision, threads)

    await labelling.look_at(["a"] * 7)

    assert sorted(vision.runs) == [1, 3, 3]


async def test_a_run_that_fails_is_repeated_one_by_one_so_that_only_its_cause_fails(threads: Executor) -> None:
    labelling = PhotoLabelling(InMemoryPreviewStore(PREVIEWS), FixedVision(most_at_once=8), threads)

    looked = await labelling.look_at(["a", "poison", "b"])

    assert [named(outcome) for outcome in looked] == [["cat"], NetworkError, ["dog"]]


@pytest.mark.parametrize("most_at_once", [1, 8])
async def test_a_photo_that_nobody_foresaw_fails_alone(threads: Executor, most_at_once: int) -> None:
    labelling = PhotoLabelling(InMemoryPreviewStore(PREVIEWS), FixedVision(most_at_once=most_at_once), threads)

    looked = await labelling.look_at(["a", "bug", "b"])

    assert [named(outcome) for outcome in looked] == [["cat"], NetworkError, ["dog"]]
