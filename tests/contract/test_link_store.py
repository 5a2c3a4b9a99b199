"""What every `LinkStore` does: the fake and DynamoDB, held to the same."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from heliograph.aws import AwsClients
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.sharing import ShareLink, Visit, changed_link, hash_of
from heliograph_metadata.dynamodb.link_store import DynamoLinkStore
from heliograph_metadata.service.share_store import LinkStore
from tests.builders import NOON, OWNER
from tests.fakes.in_memory_link_store import InMemoryLinkStore


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> LinkStore:
    if request.param == "in memory":
        return InMemoryLinkStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoLinkStore(aws.dynamodb, stack.table_name("shares"))


def a_link(link_id: str = "link", album_id: str = "album", **said: Any) -> ShareLink:
    known: dict[str, Any] = {"owner_id": OWNER, "secret_hash": hash_of(album_id + link_id), "created_at": NOON}
    return ShareLink(album_id=album_id, link_id=link_id, **known | said)


def a_visit(token: str = "token", **said: Any) -> Visit:
    known: dict[str, Any] = {"owner_id": OWNER, "album_id": "album", "link_id": "link", "password_version": 0}
    return Visit(token_hash=hash_of(token), ends_at=NOON + timedelta(hours=1), **known | said)


async def test_a_link_is_found_by_its_ids_and_by_its_secret(store: LinkStore) -> None:
    link = a_link(name="Family", password_hash="$argon2id$…", ends_at=NOON + timedelta(days=7), allows_download=False)
    await store.create(link)

    assert await store.get(OWNER, "album", "link") == link
    assert await store.by_secret(link.secret_hash) == link
    assert await store.by_secret(hash_of("another")) is None
    assert await store.get(OWNER, "album", "another") is None
    assert await store.get(OWNER, "other", "link") is None


async def test_an_album_s_links_come_the_oldest_first_and_without_those_of_others(store: LinkStore) -> None:
    for link in (a_link("b", created_at=NOON + timedelta(1)), a_link("c"), a_link("x", album_id="album2")):
        await store.create(link)

    assert [link.link_id for link in await store.of_album(OWNER, "album")] == ["c", "b"]
    assert list(await store.of_album(OWNER, "none")) == []


async def test_a_changed_link_keeps_its_views_and_of_two_who_change_it_one_does(store: LinkStore) -> None:
    link = a_link()
    await store.create(link)
    await store.open_visit(a_visit(), at=NOON)
    changed = changed_link(link, {"password_hash": "$argon2id$…", "name": "Friends"})

    assert await store.replace(changed, stored=link)
    assert not await store.replace(changed_link(link, {"name": "Foes"}), stored=link)

    there = await store.get(OWNER, "album", "link")
    assert there == replace(changed, views=1, last_viewed_at=NOON)
    assert there.password_version == 1


async def test_a_link_that_is_gone_is_found_by_nothing_and_not_changed(store: LinkStore) -> None:
    link = a_link()
    await store.create(link)
    for _ in range(2):
        await store.remove(link)

    assert await store.get(OWNER, "album", "link") is None
    assert await store.by_secret(link.secret_hash) is None
    assert not await store.replace(changed_link(link, {"name": "Foes"}), stored=link)


async def test_visits_are_found_by_their_tokens_and_counted(store: LinkStore) -> None:
    await store.create(a_link())
    await store.open_visit(a_visit("one"), at=NOON)
    await store.open_visit(a_visit("two"), at=NOON + timedelta(hours=2))

    assert await store.visit(hash_of("one")) == a_visit("one")
    assert await store.visit(hash_of("three")) is None
    there = await store.get(OWNER, "album", "link")
    assert there
    assert (there.views, there.last_viewed_at) == (2, NOON + timedelta(hours=2))


async def test_a_visit_of_a_link_that_is_gone_brings_nothing_back(store: LinkStore) -> None:
    await store.open_visit(a_visit(), at=NOON)

    assert await store.get(OWNER, "album", "link") is None
    assert list(await store.of_album(OWNER, "album")) == []


async def test_tries_are_counted_up_to_the_most_also_when_they_come_at_once(store: LinkStore) -> None:
    async def count(window: int = 7) -> bool:
        return await store.count_try("link#there", window=window, until=NOON, most=3)

    assert sorted(await asyncio.gather(*(count() for _ in range(5)))) == [False, False, True, True, True]
    assert await count(window=8)
    await store.take_back_try("link#there", window=7)
    assert [await count(), await count()] == [True, False]


async def test_no_try_is_taken_back_that_was_not_made(store: LinkStore) -> None:
    for _ in range(2):
        await store.take_back_try("link", window=7)

    assert [await store.count_try("link", window=7, until=NOON, most=1) for _ in range(2)] == [True, False]
