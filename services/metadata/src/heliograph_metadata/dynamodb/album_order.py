"""The order of albums in DynamoDB: table `albums`, a partition for each album, two items for each moved photo.

place  owner_id `<owner>#order#<album>`  album_id `at#<position>`   photo_id (S), sort_key (S)
photo  owner_id `<owner>#order#<album>`  album_id `of#<photo_id>`   position (S)

              move(photo → new)
                     │
  of#photo still says what was read? ──no──► read again
                     │ yes
  at#old deleted + at#new put + of#photo put, in one transaction
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from heliograph.photos import PhotoId
from heliograph_metadata.domain.errors import EditConflictError
from heliograph_metadata.dynamodb.values import Item, answering, batch_get, query_pages, text
from heliograph_metadata.service.album_order import AlbumRef, Place

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_AT: Final = "at#"
_OF: Final = "of#"
_AFTER_ALL: Final = "at$"
_MOST_KEYS: Final = 100
_MOST_PUTS: Final = 25
_MOVED_TOGETHER: Final = 33
"""Three actions each, and a transaction takes 100."""
_ATTEMPTS: Final = 10


class DynamoAlbumOrder:
    """An `AlbumOrder` over the table `albums`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def positions(
        self, album: AlbumRef, photo_ids: Sequence[PhotoId], *, consistent: bool = False
    ) -> dict[PhotoId, str]:
        """See `AlbumOrder.positions`."""
        keys = [_key(album, f"{_OF}{photo_id}") for photo_id in dict.fromkeys(photo_ids)]
        with answering():
            runs = await asyncio.gather(
                *(
                    batch_get(self._client, self._table, keys[start : start + _MOST_KEYS], ConsistentRead=consistent)
                    for start in range(0, len(keys), _MOST_KEYS)
                )
            )
        return {PhotoId(item["album_id"]["S"].removeprefix(_OF)): item["position"]["S"] for run in runs for item in run}

    async def places(
        self, album: AlbumRef, *, after: str | None, ascending: bool, limit: int, consistent: bool = False
    ) -> Sequence[Place]:
        """See `AlbumOrder.places`."""
        first, last = _AT, _AFTER_ALL
        if after is not None and ascending:
            first = f"{_AT}{after} "  # no position holds a space, so this is the next key there can be
        elif after is not None:
            last = f"{_AT}{after}"  # BETWEEN takes in both ends: this one is dropped below
        found: list[Place] = []
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._table,
                KeyConditionExpression="owner_id = :album AND album_id BETWEEN :first AND :last",
                ExpressionAttributeValues={
                    ":album": text(_partition(album)),
                    ":first": text(first),
                    ":last": text(last),
                },
                ScanIndexForward=ascending,
                ConsistentRead=consistent,
                Limit=limit + 1,
            ):
                found += (place for place in map(_place, page["Items"]) if place.position != after)
                if len(found) >= limit:
                    break
        return found[:limit]

    async def move(self, album: AlbumRef, places: Sequence[Place]) -> None:
        """See `AlbumOrder.move`."""
        for start in range(0, len(places), _MOVED_TOGETHER):
            await self._change(album, {place.photo_id: place for place in places[start : start + _MOVED_TOGETHER]})

    async def forget(self, album: AlbumRef, photo_ids: Sequence[PhotoId]) -> None:
        """See `AlbumOrder.forget`."""
        for start in range(0, len(photo_ids), _MOVED_TOGETHER):
            await self._change(album, dict.fromkeys(photo_ids[start : start + _MOVED_TOGETHER]))

    async def _change(self, album: AlbumRef, wanted: dict[PhotoId, Place | None]) -> None:
        """Give photos a place or none, whoever else is doing so."""
        for _ in range(_ATTEMPTS):
            known = await self.positions(album, list(wanted), consistent=True)
            actions = [
                action
                for photo_id, place in wanted.items()
                if (place.position if place else None) != known.get(photo_id)
                for action in self._actions(album, photo_id, known.get(photo_id), place)
            ]
            if not actions:
                return
            with answering():
                try:
                    await self._client.transact_write_items(TransactItems=actions)
                except self._client.exceptions.TransactionCanceledException:
                    continue
            return
        raise EditConflictError("These photos are being moved by others at the same time; try again.")

    def _actions(self, album: AlbumRef, photo_id: PhotoId, known: str | None, place: Place | None) -> list[Any]:
        table, own = {"TableName": self._table}, _key(album, f"{_OF}{photo_id}")
        unchanged: Any = {"ConditionExpression": "attribute_not_exists(album_id)"}
        if known:
            unchanged = {
                "ConditionExpression": "#position = :known",
                "ExpressionAttributeNames": {"#position": "position"},
                "ExpressionAttributeValues": {":known": text(known)},
            }
        actions: list[Any] = []
        if known:
            actions.append({"Delete": {**table, "Key": _key(album, f"{_AT}{known}")}})
        if place:
            said = {"photo_id": text(photo_id), "sort_key": text(place.sort_key)}
            actions.append({"Put": {**table, "Item": _key(album, f"{_AT}{place.position}") | said}})
            actions.append({"Put": {**table, "Item": own | {"position": text(place.position)}, **unchanged}})
        else:
            actions.append({"Delete": {**table, "Key": own, **unchanged}})
        return actions

    async def clear(self, album: AlbumRef, *, limit: int) -> bool:
        """See `AlbumOrder.clear`."""
        with answering():
            response = await self._client.query(
                TableName=self._table,
                KeyConditionExpression="owner_id = :album",
                ExpressionAttributeValues={":album": text(_partition(album))},
                ProjectionExpression="owner_id, album_id",
                ConsistentRead=True,
                Limit=2 * limit,
            )
            keys: list[Any] = response["Items"]
            for start in range(0, len(keys), _MOST_PUTS):
                doomed: Any = {
                    self._table: [{"DeleteRequest": {"Key": key}} for key in keys[start : start + _MOST_PUTS]]
                }
                while doomed:
                    doomed = (await self._client.batch_write_item(RequestItems=doomed)).get("UnprocessedItems")
        return "LastEvaluatedKey" not in response


def _partition(album: AlbumRef) -> str:
    return f"{album.owner_id}#order#{album.album_id}"


def _key(album: AlbumRef, sort: str) -> Item:
    return {"owner_id": text(_partition(album)), "album_id": text(sort)}


def _place(item: Item) -> Place:
    return Place(
        photo_id=PhotoId(item["photo_id"]["S"]),
        position=item["album_id"]["S"].removeprefix(_AT),
        sort_key=item["sort_key"]["S"],
    )
