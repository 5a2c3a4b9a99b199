"""Which photo stands for a map tile when the one that does leaves it."""

from typing import TYPE_CHECKING, Any, Final

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.index import Card, IndexChange, sort_key
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.terms import COUNTED_LEVELS, POSTED_LEVELS, Term, tile_kind
from heliograph_metadata.domain.tiles import quadkey
from heliograph_metadata.dynamodb.keys import count_key, counts_key, postings_key
from heliograph_metadata.dynamodb.values import batch_get, query_pages, text

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_DEEPEST: Final = COUNTED_LEVELS[-1]


class Representatives:
    """Finds heirs; the save that appoints them checks that they are still needed."""

    def __init__(self, client: "DynamoDBClient", terms_table: str) -> None:
        self._client = client
        self._terms = terms_table

    async def heirs(self, stored: Photo, change: IndexChange) -> dict[Term, PhotoId | None]:
        """Return the tiles that `stored` stands for and now leaves, each with another of its photos.

        None where it is the tile's only photo. Nothing is read where the photo leaves no tile.
        """
        left = [term for term, count in change.counts.items() if term.kind.startswith("tile") and count.photos < 0]
        if not left:
            return {}
        keys = [count_key(stored.owner_id, term) for term in left]
        items = await batch_get(self._client, self._terms, keys, ConsistentRead=True)
        counts = {(item["pk"]["S"], item["sk"]["S"]): item for item in items}
        heirs: dict[Term, PhotoId | None] = {}
        heir: PhotoId | None = None
        for term in sorted(left, reverse=True):  # the deepest first: who stands for a tile can for its parents
            item = counts.get((counts_key(stored.owner_id, term.kind), term.value))
            if item is None or item["photo_id"]["S"] != stored.photo_id:
                continue
            if int(item["photos"]["N"]) > 1 and heir is None:
                heir = await self._other_photo(stored, term)
            heirs[term] = heir
        return heirs

    async def _other_photo(self, stored: Photo, tile: Term) -> PhotoId | None:
        level = len(tile.value)
        if level == _DEEPEST:
            return await self._neighbour(stored, tile.value)
        return await self._of_children(stored.owner_id, stored.photo_id, tile.value)

    async def _of_children(self, owner_id: OwnerId, photo_id: PhotoId, key: str) -> PhotoId | None:
        """Return who stands for one of the tiles inside, other than `photo_id`."""
        children = counts_key(owner_id, tile_kind(COUNTED_LEVELS[COUNTED_LEVELS.index(len(key)) + 1]))
        async for page in query_pages(
            self._client,
            TableName=self._terms,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :key)",
            ExpressionAttributeValues={":pk": text(children), ":key": text(key)},
            ConsistentRead=True,
        ):
            for item in page["Items"]:
                if int(item["photos"]["N"]) > 0 and item["photo_id"]["S"] != photo_id:
                    return PhotoId(item["photo_id"]["S"])
        return None

    async def _neighbour(self, stored: Photo, key: str) -> PhotoId | None:
        """Return another photo of a deepest tile, looking outward in time from `stored`: mostly a few away."""
        area = Term("area", key[: POSTED_LEVELS[-1]])
        for forward in (False, True):
            request: Any = {
                "TableName": self._terms,
                "KeyConditionExpression": f"pk = :pk AND sk {'>' if forward else '<'} :sk",
                "ExpressionAttributeValues": {
                    ":pk": text(postings_key(stored.owner_id, area)),
                    ":sk": text(sort_key(stored)),
                },
                "ScanIndexForward": forward,
                "ConsistentRead": True,
                "Limit": 100,
            }
            async for page in query_pages(self._client, **request):
                for item in page["Items"]:
                    card = Card.from_json(item["card"]["S"])
                    if quadkey(card.latitude or 0.0, card.longitude or 0.0) == key:
                        return PhotoId(item["sk"]["S"].rpartition("#")[2])
        return None
