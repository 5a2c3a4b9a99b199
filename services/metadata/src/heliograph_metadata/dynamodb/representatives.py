"""Which photo stands for a map tile when the one that does leaves it."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from heliograph.photos import PhotoId
from heliograph_metadata.domain.index import Card, IndexChange, is_tile
from heliograph_metadata.domain.terms import COUNTED_LEVELS, POSTED_LEVELS, Term, tile_kind
from heliograph_metadata.domain.tiles import quadkey
from heliograph_metadata.dynamodb.keys import count_key, counts_key, postings_key
from heliograph_metadata.dynamodb.values import Item, batch_get, query_pages, text

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_DEEPEST: Final = COUNTED_LEVELS[-1]
_MOST_KEYS: Final = 100


class Representatives:
    """Finds heirs, once the postings of the photos that leave are gone and before the counts change."""

    def __init__(self, client: "DynamoDBClient", terms_table: str) -> None:
        self._client = client
        self._table = terms_table

    async def heirs(self, index: str, change: IndexChange) -> dict[Term, PhotoId | None]:
        """Return the tiles whose representative leaves while nobody enters, each with another of its photos.

        None where none is left. Nothing is read where no photo leaves a tile.
        """
        left = {
            term: count
            for term, count in change.counts.items()
            if is_tile(term) and count.left and count.entered is None
        }
        heirs: dict[Term, PhotoId | None] = {}
        known = await self._counts(index, list(left))
        for term in sorted(left, key=lambda term: -len(term.value)):  # the deepest first: their parents ask them
            item = known.get(term)
            if item is None or item["photo_id"]["S"] not in left[term].left:
                continue
            is_empty = int(item["photos"]["N"]) + left[term].photos <= 0
            heirs[term] = None if is_empty else await self._heir(index, term, change, heirs)
        return heirs

    async def _counts(self, index: str, terms: list[Term]) -> dict[Term, Item]:
        found: dict[Term, Item] = {}
        by_key = {(counts_key(index, term.kind), term.value): term for term in terms}
        for start in range(0, len(terms), _MOST_KEYS):
            keys = [count_key(index, term) for term in terms[start : start + _MOST_KEYS]]
            for item in await batch_get(self._client, self._table, keys, ConsistentRead=True):
                found[by_key[item["pk"]["S"], item["sk"]["S"]]] = item
        return found

    async def _heir(
        self, index: str, tile: Term, change: IndexChange, heirs: dict[Term, PhotoId | None]
    ) -> PhotoId | None:
        leaving = change.counts[tile].left
        if len(tile.value) == _DEEPEST:
            return await self._neighbour(index, tile.value, change, leaving)
        child_kind = tile_kind(COUNTED_LEVELS[COUNTED_LEVELS.index(len(tile.value)) + 1])
        async for page in query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :key)",
            ExpressionAttributeValues={":pk": text(counts_key(index, child_kind)), ":key": text(tile.value)},
            ConsistentRead=True,
        ):
            for item in page["Items"]:
                child = Term(child_kind, item["sk"]["S"])
                if child in heirs:
                    candidate = heirs[child]
                elif int(item["photos"]["N"]) > 0:
                    candidate = PhotoId(item["photo_id"]["S"])
                else:
                    continue
                if candidate and candidate not in leaving:
                    return candidate
        return None

    async def _neighbour(
        self, index: str, key: str, change: IndexChange, leaving: Collection[PhotoId]
    ) -> PhotoId | None:
        """Return another photo of a deepest tile, looking outward in time from one that leaves: mostly a few away."""
        area = Term("area", key[: POSTED_LEVELS[-1]])
        left = [
            sort_key for term, sort_key in (*change.delete, *change.put) if term == area and _photo(sort_key) in leaving
        ]
        start = max(left, default="~")
        for forward in (False, True):
            request: Any = {
                "TableName": self._table,
                "KeyConditionExpression": f"pk = :pk AND sk {'>' if forward else '<'} :sk",
                "ExpressionAttributeValues": {":pk": text(postings_key(index, area)), ":sk": text(start)},
                "ScanIndexForward": forward,
                "ConsistentRead": True,
                "Limit": 100,
            }
            async for page in query_pages(self._client, **request):
                for item in page["Items"]:
                    card = Card.from_json(item["card"]["S"])
                    if quadkey(card.latitude or 0.0, card.longitude or 0.0) == key:
                        return _photo(item["sk"]["S"])
        return None


def _photo(sort_key: str) -> PhotoId:
    return PhotoId(sort_key.rpartition("#")[2])
