"""What every `AlbumOrder` does: the fake and DynamoDB, held to the same."""

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId, PhotoId
from heliograph.settings import SharedSettings
from heliograph_metadata.dynamodb.album_order import DynamoAlbumOrder
from heliograph_metadata.service.album_order import AlbumOrder, AlbumRef, Place
from tests.builders import OWNER
from tests.fakes.in_memory_album_order import InMemoryAlbumOrder

WALL = AlbumRef(OWNER, "a1")


@pytest.fixture(params=["in memory", "dynamodb"])
def order(request: pytest.FixtureRequest) -> AlbumOrder:
    if request.param == "in memory":
        return InMemoryAlbumOrder()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoAlbumOrder(aws.dynamodb, stack.table_name("albums"))


def a_place(name: str, position: str) -> Place:
    return Place(PhotoId(name), position, f"2024-06-15T12:00:00.000#{name}")


def names(places: list[Place]) -> list[str]:
    return [place.photo_id for place in places]


async def listed(order: AlbumOrder, *, after: str | None = None, ascending: bool = True, limit: int = 10) -> list[str]:
    return names(list(await order.places(WALL, after=after, ascending=ascending, limit=limit)))


async def test_places_are_read_from_any_position_in_both_directions(order: AlbumOrder) -> None:
    await order.move(WALL, [a_place("one", "a~one"), a_place("two", "b~two"), a_place("three", "c~three")])

    assert await listed(order) == ["one", "two", "three"]
    assert await listed(order, ascending=False) == ["three", "two", "one"]
    assert await listed(order, after="a~one") == ["two", "three"]
    assert await listed(order, after="b~two", ascending=False) == ["one"]
    assert await listed(order, after="a", limit=1) == ["one"]
    assert await listed(order, after="c~three") == []
    assert await listed(order, after="!", ascending=False) == []
    [place] = await order.places(WALL, after=None, ascending=True, limit=1, consistent=True)
    assert place == a_place("one", "a~one")


async def test_a_photo_that_is_moved_again_is_nowhere_else(order: AlbumOrder) -> None:
    await order.move(WALL, [a_place("one", "a~one"), a_place("two", "b~two")])
    await order.move(WALL, [a_place("one", "c~one")])
    await order.move(WALL, [a_place("one", "c~one")])

    assert await listed(order) == ["two", "one"]
    found = await order.positions(WALL, [PhotoId("one"), PhotoId("two"), PhotoId("three")], consistent=True)
    assert found == {"one": "c~one", "two": "b~two"}


async def test_more_photos_than_a_transaction_takes_are_moved(order: AlbumOrder) -> None:
    many = [a_place(f"p{number:03}", f"m{number:03}") for number in range(120)]
    await order.move(WALL, many)
    await order.move(WALL, [a_place(place.photo_id, f"x{place.position}") for place in many])

    assert await listed(order, limit=200) == names(many)
    assert len(await order.positions(WALL, [place.photo_id for place in many])) == 120


async def test_a_forgotten_place_is_gone_and_can_be_forgotten_again(order: AlbumOrder) -> None:
    await order.move(WALL, [a_place("one", "a~one"), a_place("two", "b~two")])

    for _ in range(2):
        await order.forget(WALL, [PhotoId("one"), PhotoId("three")])

    assert await listed(order) == ["two"]
    assert await order.positions(WALL, [PhotoId("one")]) == {}


async def test_an_order_is_of_one_album_of_one_owner(order: AlbumOrder) -> None:
    await order.move(WALL, [a_place("one", "a~one")])

    for other in (AlbumRef(OWNER, "a2"), AlbumRef(OwnerId("stranger"), "a1")):
        assert list(await order.places(other, after=None, ascending=True, limit=10)) == []
        assert await order.positions(other, [PhotoId("one")]) == {}


async def test_an_order_is_cleared_in_steps(order: AlbumOrder) -> None:
    await order.move(WALL, [a_place(f"p{number:02}", f"m{number:02}") for number in range(40)])

    steps = 0
    while not await order.clear(WALL, limit=15):
        steps += 1
        assert steps < 10

    assert await listed(order) == []
    assert await order.clear(WALL, limit=15)
