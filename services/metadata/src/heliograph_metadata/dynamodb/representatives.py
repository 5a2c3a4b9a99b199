"""Which photo stands for a map tile when the one that does leaves it."""

from typing import TYPE_CHECKING, Any, Final

from heliograph.photos import PhotoId
from heliograph_metadata.domain.index import IndexChange, is_tile
from heliograph_metadata.domain.terms import SPOTS, Term
from heliograph_metadata.dynamodb.keys import count_key, counts_key, postings_key
from heliograph_metadata.dynamodb.values import Item, answering, batch_get, text

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

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
        for term in sorted(left, key=lambda term: -len(term.value)):  # the deepest first: their heirs serve parents too
            item = known.get(term)
            if item is None or item["photo_id"]["S"] not in left[term].left:
                continue
            is_empty = int(item["photos"]["N"]) + left[term].photos <= 0
            inside = (heir for tile, heir in heirs.items() if heir and tile.value.startswith(term.value))
            heirs[term] = None if is_empty else next(inside, None) or await self._photo_in(index, term.value)
        return heirs

    async def _counts(self, index: str, terms: list[Term]) -> dict[Term, Item]:
        found: dict[Term, Item] = {}
        by_key = {(counts_key(index, term.kind), term.value): term for term in terms}
        for start in range(0, len(terms), _MOST_KEYS):
            keys = [count_key(index, term) for term in terms[start : start + _MOST_KEYS]]
            for item in await batch_get(self._client, self._table, keys, ConsistentRead=True):
                found[by_key[item["pk"]["S"], item["sk"]["S"]]] = item
        return found

    async def _photo_in(self, index: str, tile: str) -> PhotoId | None:
        """Return a photo of a tile: those that leave have no posting any more."""
        with answering():
            response = await self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :tile)",
                ExpressionAttributeValues={":pk": text(postings_key(index, SPOTS)), ":tile": text(tile)},
                ConsistentRead=True,
                Limit=1,
            )
        items: list[Any] = response["Items"]
        return PhotoId(items[0]["sk"]["S"].rpartition("#")[2]) if items else None
