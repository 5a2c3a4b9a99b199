"""What every `StackStore` does: the fake and DynamoDB, held to the same."""

from dataclasses import replace
from datetime import timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId, PhotoId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.stacks import (
    Likeness,
    Stack,
    StackKind,
    StackStatus,
    Standing,
    arrived,
    dismissed,
    kept,
    new_stack,
    reopened,
    standings_after,
)
from heliograph_metadata.dynamodb.stack_store import DynamoStackStore
from heliograph_metadata.service.stack_store import StackStore
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_stack_store import InMemoryStackStore

FIRST, SECOND, THIRD = a_photo(1), a_photo(2), a_photo(3)
NEW = {photo.photo_id: Standing() for photo in (FIRST, SECOND, THIRD)}


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> StackStore:
    if request.param == "in memory":
        return InMemoryStackStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoStackStore(aws.dynamodb, stack.table_name("stacks"))


def a_stack(
    stack_id: str = "s1", *, distance: int = 3, kind: StackKind = StackKind.DUPLICATE, owner_id: OwnerId = OWNER
) -> Stack:
    found = new_stack(stack_id, FIRST, [(SECOND.photo_id, Likeness(distance, kind))], at=NOON)
    return replace(found, owner_id=owner_id)


async def ids(store: StackStore, status: StackStatus, after: str | None = None, limit: int = 10) -> list[str]:
    return [one.stack.stack_id for one in await store.listed(OWNER, status, after=after, limit=limit)]


async def test_a_stack_is_kept_with_the_standings_of_its_photos(store: StackStore) -> None:
    stack = a_stack()

    assert await store.save(stack, stored=None, standings=standings_after(stack, NEW))

    assert await store.get(OWNER, "s1") == stack
    opened = Standing(frozenset({"s1"}), frozenset(), 1)
    assert await store.standings(OWNER, [FIRST.photo_id, SECOND.photo_id, THIRD.photo_id]) == {
        FIRST.photo_id: opened,
        SECOND.photo_id: opened,
        THIRD.photo_id: Standing(),
    }
    assert await store.standings(OWNER, []) == {}


async def test_a_decision_is_kept_and_can_be_taken_back(store: StackStore) -> None:
    stack = a_stack()
    assert await store.save(stack, stored=None, standings=standings_after(stack, NEW))
    photo_ids = list(stack.photo_ids)

    apart = dismissed(stack, at=NOON + timedelta(days=1))
    standings = await store.standings(OWNER, photo_ids)
    assert await store.save(apart, stored=stack, standings=standings_after(apart, standings))

    assert await store.get(OWNER, "s1") == apart
    standings = await store.standings(OWNER, photo_ids)
    assert set(standings.values()) == {Standing(frozenset(), frozenset({"s1"}), 2)}

    again = reopened(apart, at=NOON + timedelta(days=2))
    assert await store.save(again, stored=apart, standings=standings_after(again, standings))
    assert set((await store.standings(OWNER, photo_ids)).values()) == {Standing(frozenset({"s1"}), frozenset(), 3)}


async def test_of_two_who_change_the_same_stack_or_the_same_photo_the_second_changes_nothing(store: StackStore) -> None:
    stack = a_stack()
    assert await store.save(stack, stored=None, standings=standings_after(stack, NEW))

    assert not await store.save(stack, stored=None)
    assert not await store.save(replace(stack, version=3), stored=replace(stack, version=2))
    other = a_stack("s2")
    assert not await store.save(other, stored=None, standings=standings_after(other, NEW))

    assert await store.get(OWNER, "s1") == stack
    assert await store.get(OWNER, "s2") is None
    assert (await store.standings(OWNER, [FIRST.photo_id]))[FIRST.photo_id].open == {"s1"}


async def test_open_stacks_come_the_surest_first_and_page_by_page(store: StackStore) -> None:
    for stack in (
        a_stack("far", distance=50),
        a_stack("burst", distance=1, kind=StackKind.BURST),
        a_stack("near", distance=2),
        a_stack("nearer", distance=0),
    ):
        assert await store.save(stack, stored=None)

    assert await ids(store, StackStatus.OPEN) == ["nearer", "near", "far", "burst"]
    first = await store.listed(OWNER, StackStatus.OPEN, after=None, limit=2)
    assert [one.stack.stack_id for one in first] == ["nearer", "near"]
    assert await ids(store, StackStatus.OPEN, after=first[-1].position) == ["far", "burst"]
    assert await ids(store, StackStatus.OPEN, after="x") == []


async def test_decided_stacks_come_the_latest_first_and_page_by_page(store: StackStore) -> None:
    for number in range(3):
        stack = a_stack(f"s{number}")
        assert await store.save(stack, stored=None)
        assert await store.save(dismissed(stack, at=NOON + timedelta(days=number)), stored=stack)

    assert await ids(store, StackStatus.DISMISSED) == ["s2", "s1", "s0"]
    [first] = await store.listed(OWNER, StackStatus.DISMISSED, after=None, limit=1)
    assert await ids(store, StackStatus.DISMISSED, after=first.position) == ["s1", "s0"]
    assert await ids(store, StackStatus.OPEN) == []
    assert await ids(store, StackStatus.KEPT) == []


async def test_a_stack_whose_photos_are_still_moved_is_listed_as_such_alone(store: StackStore) -> None:
    stack = a_stack()
    assert await store.save(stack, stored=None)
    moving = kept(stack, [FIRST.photo_id], stack.photo_ids, at=NOON)
    assert await store.save(moving, stored=stack)

    assert list(await store.moving(OWNER, limit=5)) == [moving]
    assert await ids(store, StackStatus.KEPT) == []

    assert await store.save(arrived(moving), stored=moving)
    assert list(await store.moving(OWNER, limit=5)) == []
    assert await ids(store, StackStatus.KEPT) == ["s1"]


async def test_a_stack_is_another_owner_s_under_no_id(store: StackStore) -> None:
    stack = a_stack()
    assert await store.save(stack, stored=None, standings=standings_after(stack, NEW))
    stranger = OwnerId("stranger")

    assert await store.get(stranger, "s1") is None
    assert list(await store.listed(stranger, StackStatus.OPEN, after=None, limit=5)) == []
    assert await store.standings(stranger, [FIRST.photo_id]) == {FIRST.photo_id: Standing()}
    assert await store.save(a_stack(owner_id=stranger), stored=None)
    assert await store.get(OWNER, "s1") == stack


async def test_a_stack_of_the_most_members_is_kept_in_one_go(store: StackStore) -> None:
    others = [(a_photo(number).photo_id, Likeness(number, StackKind.BURST)) for number in range(2, 100)]
    stack = new_stack("s1", FIRST, others, at=NOON)
    standings: dict[PhotoId, Standing] = dict.fromkeys(stack.photo_ids, Standing())

    assert await store.save(stack, stored=None, standings=standings_after(stack, standings))

    assert len(stack.members) == 50
    assert await store.get(OWNER, "s1") == stack
