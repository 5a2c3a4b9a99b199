"""What every `MemberStore` does: the fake and DynamoDB, held to the same."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.access import Role
from heliograph_metadata.domain.sharing import Invitation, Member, hash_of
from heliograph_metadata.dynamodb.member_store import DynamoMemberStore
from heliograph_metadata.service.share_store import MemberStore
from tests.builders import NOON, OWNER
from tests.fakes.in_memory_member_store import InMemoryMemberStore

ANNA, BEN = OwnerId("anna"), OwnerId("ben")


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> MemberStore:
    if request.param == "in memory":
        return InMemoryMemberStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoMemberStore(aws.dynamodb, stack.table_name("shares"))


def an_invitation(invitation_id: str = "first", album_id: str = "album", **said: Any) -> Invitation:
    known: dict[str, Any] = {
        "owner_id": OWNER,
        "secret_hash": hash_of(album_id + invitation_id),
        "role": Role.VIEWER,
        "name": "Anna",
        "owner_name": "Olga",
        "shows_location": False,
        "created_at": NOON,
        "ends_at": NOON + timedelta(days=3650),
    }
    return Invitation(invitation_id=invitation_id, album_id=album_id, **known | said)


def a_member(account_id: OwnerId = ANNA, album_id: str = "album", **said: Any) -> Member:
    known: dict[str, Any] = {
        "owner_id": OWNER,
        "role": Role.VIEWER,
        "name": "Anna",
        "owner_name": "Olga",
        "shows_location": False,
        "joined_at": NOON,
    }
    return Member(account_id=account_id, album_id=album_id, **known | said)


async def joined(store: MemberStore, *members: Member) -> None:
    for member in members:
        invitation = an_invitation(f"of {member.account_id}", member.album_id, owner_id=member.owner_id)
        await store.invite(invitation)
        assert await store.join(invitation, member)


async def test_an_invitation_is_found_by_its_secret_and_listed_with_its_album(store: MemberStore) -> None:
    first, second = an_invitation(), an_invitation("second", created_at=NOON - timedelta(1))
    for invitation in (first, second, an_invitation(album_id="album2")):
        await store.invite(invitation)

    assert await store.invitation(first.secret_hash) == first
    assert await store.invitation(hash_of("another")) is None
    assert list(await store.invitations(OWNER, "album")) == [second, first]
    for _ in range(2):
        await store.take_back(first)
    assert await store.invitation(first.secret_hash) is None
    assert list(await store.invitations(OWNER, "album")) == [second]


async def test_of_many_who_take_an_invitation_up_one_joins(store: MemberStore) -> None:
    invitation = an_invitation()
    await store.invite(invitation)

    done = [await store.join(invitation, a_member(ANNA)), await store.join(invitation, a_member(BEN))]

    assert done == [True, False]
    assert not await store.join(invitation, a_member(ANNA, role=Role.EDITOR))
    assert list(await store.members(OWNER, "album")) == [a_member(ANNA)]
    assert await store.invitation(invitation.secret_hash) == replace(invitation, taken_by=ANNA)


async def test_nobody_joins_by_an_invitation_that_was_taken_back(store: MemberStore) -> None:
    invitation = an_invitation()
    await store.invite(invitation)
    await store.take_back(invitation)

    assert not await store.join(invitation, a_member())
    assert await store.member(ANNA, "album") is None
    assert list(await store.members(OWNER)) == []


async def test_a_member_is_found_from_both_sides(store: MemberStore) -> None:
    anna, ben = a_member(ANNA), a_member(BEN, joined_at=NOON - timedelta(1))
    elsewhere = a_member(ANNA, "album2", joined_at=NOON + timedelta(1))
    others = a_member(ANNA, "album3", owner_id=BEN, joined_at=NOON + timedelta(2))
    await joined(store, anna, ben, elsewhere, others)

    assert await store.member(ANNA, "album") == anna
    assert await store.member(BEN, "album2") is None
    assert list(await store.members(OWNER, "album")) == [ben, anna]
    assert list(await store.members(OWNER)) == [ben, anna, elsewhere]
    assert list(await store.memberships(ANNA)) == [anna, elsewhere, others]
    assert list(await store.memberships(OWNER)) == []


async def test_a_member_becomes_another_until_they_leave(store: MemberStore) -> None:
    await joined(store, a_member())
    editor = a_member(role=Role.EDITOR, shows_location=True)

    assert await store.replace(editor, stored=a_member())
    assert not await store.replace(a_member(), stored=a_member(shows_location=True))
    assert await store.member(ANNA, "album") == editor
    assert list(await store.members(OWNER, "album")) == [editor]
    for _ in range(2):
        await store.remove(editor)
    assert not await store.replace(editor, stored=editor)
    assert await store.member(ANNA, "album") is None
    assert list(await store.members(OWNER, "album")) == list(await store.memberships(ANNA)) == []


async def test_two_at_once_join_by_two_invitations(store: MemberStore) -> None:
    await asyncio.gather(joined(store, a_member(ANNA)), joined(store, a_member(BEN)))

    assert {one.account_id for one in await store.members(OWNER, "album")} == {ANNA, BEN}
