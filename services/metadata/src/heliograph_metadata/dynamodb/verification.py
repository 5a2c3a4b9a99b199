"""Compares a library's index with what its photos say, for whoever operates the system."""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from heliograph.photos import OwnerId
from heliograph_metadata.domain.index import CountChange, index_change, is_tile
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.domain.tiles import quadkey
from heliograph_metadata.dynamodb.counted_within import by_item, cells_of
from heliograph_metadata.dynamodb.index_writer import attributes_of
from heliograph_metadata.dynamodb.keys import counts_key, index_prefix, noted_key, postings_key, stale_key
from heliograph_metadata.dynamodb.library_index import YEAR
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore, photo_of_item
from heliograph_metadata.dynamodb.values import Item, batch_get, query_pages, scan_pages, text

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_BY_OWNER: Final = "by-owner"
_AT_A_TIME: Final = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that the index says and the photos don't, or the other way round."""

    pk: str
    sk: str
    expected: str
    """By the photos; empty where there should be nothing."""
    found: str
    """In the index; empty where there is nothing."""

    def __str__(self) -> str:
        return f"{self.pk}  {self.sk}: expected {self.expected or 'nothing'}, found {self.found or 'nothing'}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared."""

    photos: int
    items: int
    """Postings and counts in the index."""
    differences: tuple[Difference, ...]


class IndexVerifier:
    """Reads everything there is of a library; what is saved meanwhile may look like a difference.

    It holds about 200 bytes for each posting in memory.
    """

    def __init__(
        self, client: "DynamoDBClient", store: DynamoPhotoStore, *, photos_table: str, terms_table: str
    ) -> None:
        self._client = client
        self._store = store
        self._photos = photos_table
        self._terms = terms_table

    async def verify(self, owner_id: OwnerId, *, most: int = 1000) -> Verification:
        """Return the differences between the index that is read and the photos, `most` of them at most."""
        await self._store.mend(owner_id)
        head = await self._store.ledger.head(owner_id, consistent=True)
        index = index_prefix(owner_id, head.generation)
        expected: dict[tuple[str, str], str] = {}
        counts: dict[Term, CountChange] = {}
        tiles_of: dict[str, str] = {}
        photos = 0
        async for photo in self._all_photos(owner_id):
            photos += 1
            change = index_change(None, photo)
            for (term, sort_key), posting in change.put.items():
                expected[postings_key(index, term), sort_key] = _digest(attributes_of(posting))
            for term, count in change.counts.items():
                counts.setdefault(term, CountChange()).add(count)
            if point := photo.point:
                tiles_of[photo.photo_id] = quadkey(point.latitude, point.longitude)
        for term, within in by_item(counts).items():
            cells = {cell: counts[mark].photos for cell, mark in within.items()}
            expected[counts_key(index, term.kind), term.value] = _said(term, counts.get(term) or CountChange(), cells)
        differences: list[Difference] = []
        items = 0
        async for item in self._all_items(index):
            items += 1
            place = item["pk"]["S"], item["sk"]["S"]
            wanted = expected.pop(place, "")
            found = _found(item, tiles_of)
            if wanted != found and len(differences) < most:
                differences.append(Difference(*place, wanted, found))
        missing = (Difference(*place, wanted, "") for place, wanted in sorted(expected.items()))
        return Verification(photos, items, (*differences, *missing)[:most])

    async def _all_photos(self, owner_id: OwnerId) -> AsyncIterator[Photo]:
        async for page in query_pages(
            self._client,
            TableName=self._photos,
            IndexName=_BY_OWNER,
            KeyConditionExpression="owner_id = :owner_id",
            ExpressionAttributeValues={":owner_id": text(owner_id)},
        ):
            keys = [{"photo_id": item["photo_id"]} for item in page["Items"]]
            for start in range(0, len(keys), _AT_A_TIME):
                run = keys[start : start + _AT_A_TIME]
                for item in await batch_get(self._client, self._photos, run, ConsistentRead=True):
                    yield photo_of_item(item)

    async def _all_items(self, index: str) -> AsyncIterator[Item]:
        others = {f"{index}#ledger", f"{index}#log", noted_key(index), stale_key(index)}
        async for page in scan_pages(
            self._client,
            TableName=self._terms,
            FilterExpression="begins_with(pk, :prefix)",
            ExpressionAttributeValues={":prefix": text(f"{index}#")},
            ConsistentRead=True,
        ):
            for item in page["Items"]:
                if item["pk"]["S"] not in others and not _is_a_count_of_nothing(item):
                    yield item


def _is_a_count_of_nothing(item: Item) -> bool:
    counted = (int(item[name]["N"]) for name in ("photos", "latitude", "longitude") if name in item)
    return "photos" in item and not any(counted) and not cells_of(item)


def _said(term: Term, count: CountChange, cells: dict[str, int]) -> str:
    if is_tile(term):
        return _tile(count.photos, count.latitude, count.longitude, count.years, "a photo of its own")
    return _counted(count.photos, cells)


def _found(item: Item, tiles_of: dict[str, str]) -> str:
    """Return an item of the index in the words in which `verify` says what it expects."""
    if "photos" not in item:
        return _digest({name: value for name, value in item.items() if name not in ("pk", "sk")})
    photos = item["photos"]["N"]
    if "photo_id" not in item:
        return _counted(int(photos), {f"c{cell}": there for cell, there in cells_of(item).items()})
    photo_id = item["photo_id"]["S"]
    is_its_own = tiles_of.get(photo_id, "").startswith(item["sk"]["S"])
    whose = "a photo of its own" if is_its_own else f"{photo_id}, which isn't there"
    years = {name[1:]: int(value["N"]) for name, value in item.items() if YEAR.fullmatch(name)}
    return _tile(int(photos), int(item["latitude"]["N"]), int(item["longitude"]["N"]), years, whose)


def _counted(photos: int, cells: dict[str, int]) -> str:
    return ", ".join((f"{photos} photos", *(f"{cell}×{there}" for cell, there in sorted(cells.items()))))


def _tile(photos: int, latitude: int, longitude: int, years: dict[str, int], whose: str) -> str:
    by_year = " ".join(f"{year}×{number}" for year, number in sorted(years.items()) if number)
    return f"{photos} photos, {latitude} {longitude}, {by_year}, {whose}"


def _digest(attributes: Item) -> str:
    canonical = {"card": attributes["card"]["S"], "file_type": attributes.get("file_type", {}).get("S", "")}
    if "confidence" in attributes:
        canonical["confidence"] = repr(float(attributes["confidence"]["N"]))
    return hashlib.blake2b(json.dumps(canonical, sort_keys=True).encode(), digest_size=8).hexdigest()
