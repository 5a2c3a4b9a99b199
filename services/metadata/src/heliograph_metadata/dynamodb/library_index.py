"""The library's lists and counts, read from the tables `terms` and `photos`.

Lists and counts are read eventually consistent, at half the price: what was saved a moment ago may be missing
from the answer, and the next one has it.
"""

import asyncio
import logging
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId, PhotoId, PhotoStatus
from heliograph_metadata.domain.index import MICRODEGREES, Card, Posting, month_in
from heliograph_metadata.domain.terms import PRESENT, Term
from heliograph_metadata.dynamodb.counted_within import LABEL_MARKS, marks_within
from heliograph_metadata.dynamodb.keys import count_key, counts_key, index_prefix, posting_key, postings_key
from heliograph_metadata.dynamodb.ledger import Ledger
from heliograph_metadata.dynamodb.values import Item, answering, batch_get, query_pages, text
from heliograph_metadata.service.library_index import MOST_KEYS, Change, Count

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_REMEMBERED_SECONDS: Final = 1.0
_MOST_REMEMBERED: Final = 10_000
YEAR: Final = re.compile(r"y\d{4}", re.ASCII)
"""Attributes of a tile's count: its photos of a year."""

_UNFINISHED: Final = "unfinished"
_OF_A_POSTING: Final = "sk, card, file_type, confidence"

_MONTHS: Final = "time"
_FIRST_MONTHS, _MORE_MONTHS = 24, 120
"""The months of which it is read at a time how many photos they have."""

_logger = logging.getLogger(__name__)


class DynamoLibraryIndex:
    """A `LibraryIndex` over the tables `terms` and `photos`."""

    def __init__(
        self,
        client: "DynamoDBClient",
        *,
        photos_table: str,
        terms_table: str,
        mend: Callable[[OwnerId], Awaitable[None]] | None = None,
    ) -> None:
        """Make one.

        Args:
            client: Of DynamoDB.
            photos_table: Its name.
            terms_table: Its name.
            mend: Finishes what somebody has left half written; called for a library whose writer has died.
        """
        self._client = client
        self._photos = photos_table
        self._terms = terms_table
        self.ledger = Ledger(client, terms_table)
        self._mend = mend
        self._indexes: dict[OwnerId, tuple[str, float]] = {}

    async def index_of(self, owner_id: OwnerId) -> str:
        """Return the prefix of the index that is read; what the head says is remembered for a second."""
        known, until = self._indexes.get(owner_id, ("", 0.0))
        if known and time.monotonic() < until:
            return known
        head = await self.ledger.head(owner_id)
        if head.is_abandoned and self._mend:
            try:
                await self._mend(owner_id)
            except UnavailableError as error:  # what is there can be read all the same
                _logger.warning("a library is half written", extra={"owner_id": owner_id, "reason": str(error)})
        if len(self._indexes) >= _MOST_REMEMBERED:
            self._indexes.clear()
        index = index_prefix(owner_id, head.generation)
        self._indexes[owner_id] = index, time.monotonic() + _REMEMBERED_SECONDS
        return index

    async def postings(
        self,
        owner_id: OwnerId,
        term: Term,
        *,
        before: str | None,
        since: str | None,
        limit: int,
        consistent: bool = False,
    ) -> Sequence[Posting]:
        """See `LibraryIndex.postings`."""
        if before and since and before <= since:  # an empty range, which DynamoDB refuses
            return []
        index = await self.index_of(owner_id)
        with answering():
            if term == PRESENT:
                return await self._by_months(index, before=before, since=since, limit=limit, consistent=consistent)
            return await self._list(index, term, before=before, since=since, limit=limit, consistent=consistent)

    async def _by_months(
        self, index: str, *, before: str | None, since: str | None, limit: int, consistent: bool
    ) -> list[Posting]:
        """Return the newest of all photos: the lists of the months, one after the other."""
        found: list[Posting] = []
        async for counted in self._counted_months(index, before=before, since=since, consistent=consistent):
            months = deque(counted)
            while months and len(found) < limit:
                together, expected = [], len(found)
                while months and expected < limit:
                    month, photos = months.popleft()
                    together.append(Term(_MONTHS, month))
                    expected += photos
                rest = limit - len(found)
                lists = await asyncio.gather(
                    *(
                        self._list(index, term, before=before, since=since, limit=rest, consistent=consistent)
                        for term in together
                    )
                )
                found += chain.from_iterable(lists)
            if len(found) >= limit:
                break
        return found[:limit]

    async def _counted_months(
        self, index: str, *, before: str | None, since: str | None, consistent: bool
    ) -> AsyncIterator[list[tuple[str, int]]]:
        """Yield the months that have photos with how many, newest first: a few, which mostly do, and then more."""
        request: Any = {
            "TableName": self._terms,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ProjectionExpression": "sk, photos",
            "ExpressionAttributeValues": {
                ":pk": text(counts_key(index, _MONTHS)),
                ":first": text(month_in(since or " ")),
                ":last": text(month_in(before or "~")),
            },
            "ScanIndexForward": False,
            "ConsistentRead": consistent,
            "Limit": _FIRST_MONTHS,
        }
        while True:
            page = await self._client.query(**request)
            counted = ((item["sk"]["S"], int(item["photos"]["N"])) for item in page["Items"])
            yield [(month, photos) for month, photos in counted if photos > 0]
            if "LastEvaluatedKey" not in page:
                return
            request |= {"ExclusiveStartKey": page["LastEvaluatedKey"], "Limit": _MORE_MONTHS}

    async def _list(
        self, index: str, term: Term, *, before: str | None, since: str | None, limit: int, consistent: bool
    ) -> list[Posting]:
        # BETWEEN takes in both ends; sort keys are longer than any `before` that is a time, and one that is
        # a sort key itself is dropped below.
        values = {
            ":pk": text(postings_key(index, term)),
            ":since": text(since or " "),
            ":before": text(before or "~"),
        }
        found: list[Posting] = []
        async for page in query_pages(
            self._client,
            TableName=self._terms,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :since AND :before",
            ProjectionExpression=_OF_A_POSTING,
            ExpressionAttributeValues=values,
            ScanIndexForward=False,
            ConsistentRead=consistent,
            Limit=limit + 1,
        ):
            found += (_posting(item) for item in page["Items"] if item["sk"]["S"] != before)
            if len(found) >= limit:
                break
        return found[:limit]

    async def bearing(self, owner_id: OwnerId, term: Term, sort_keys: Sequence[str]) -> dict[str, Posting]:
        """See `LibraryIndex.bearing`."""
        if not sort_keys:
            return {}
        index = await self.index_of(owner_id)
        keys = [posting_key(index, term, sort_key) for sort_key in sort_keys[:MOST_KEYS]]
        with answering():
            items = await batch_get(self._client, self._terms, keys, ProjectionExpression=_OF_A_POSTING)
        return {posting.sort_key: posting for posting in map(_posting, items)}

    async def still_prepared(self, owner_id: OwnerId, photo_ids: Collection[PhotoId]) -> frozenset[PhotoId]:
        """See `LibraryIndex.still_prepared`: out of the photos' own items."""
        keys = [{"photo_id": text(photo_id)} for photo_id in dict.fromkeys(photo_ids)]
        with answering():
            runs = await asyncio.gather(
                *(
                    batch_get(
                        self._client,
                        self._photos,
                        keys[start : start + MOST_KEYS],
                        ProjectionExpression="photo_id, owner_id, #status, trashed_at",
                        ExpressionAttributeNames={"#status": "status"},
                    )
                    for start in range(0, len(keys), MOST_KEYS)
                )
            )
        return frozenset(
            PhotoId(item["photo_id"]["S"])
            for run in runs
            for item in run
            if item["owner_id"]["S"] == owner_id
            and item["status"]["S"] == PhotoStatus.PREPARED
            and "trashed_at" not in item
        )

    async def postings_from(self, owner_id: OwnerId, term: Term, *, after: str | None, limit: int) -> Sequence[Posting]:
        """See `LibraryIndex.postings_from`."""
        index = await self.index_of(owner_id)
        found: list[Posting] = []
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._terms,
                KeyConditionExpression="pk = :pk AND sk > :after",
                ProjectionExpression=_OF_A_POSTING,
                ExpressionAttributeValues={":pk": text(postings_key(index, term)), ":after": text(after or " ")},
                Limit=limit,
            ):
                found += map(_posting, page["Items"])
                if len(found) >= limit:
                    break
        return found[:limit]

    async def counts(
        self, owner_id: OwnerId, kind: str, *, first: str = "", last: str | None = None, limit: int | None = None
    ) -> Sequence[Count]:
        """See `LibraryIndex.counts`."""
        if kind == LABEL_MARKS:
            return await self._marks_of_labels(owner_id, first=first, last=last, limit=limit)
        values = {":pk": text(counts_key(await self.index_of(owner_id), kind))}
        condition = "pk = :pk"
        if first or last is not None:
            condition += " AND sk BETWEEN :first AND :last"
            values |= {":first": text(first or " "), ":last": text(last if last is not None else "\U0010ffff")}
        found: list[Count] = []
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._terms,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=values,
                **({"Limit": limit} if limit else {}),
            ):
                found += (_count(item) for item in page["Items"] if int(item["photos"]["N"]) > 0)
                if limit and len(found) >= limit:
                    break
        return found[:limit]

    async def _marks_of_labels(
        self, owner_id: OwnerId, *, first: str, last: str | None, limit: int | None
    ) -> Sequence[Count]:
        found: dict[str, int] = {}
        partition = counts_key(await self.index_of(owner_id), "label")
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._terms,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": text(partition)},
            ):
                found |= marks_within(page["Items"])
        marks = sorted((value, photos) for value, photos in found.items() if photos > 0)
        counts = [Count(value, photos, value) for value, photos in marks if first <= value]
        return [count for count in counts if last is None or count.value <= last][:limit]

    async def counts_of(self, owner_id: OwnerId, terms: Collection[Term]) -> dict[Term, int]:
        """See `LibraryIndex.counts_of`."""
        wanted = list(dict.fromkeys(terms))
        index = await self.index_of(owner_id)
        by_key: dict[tuple[str, str], int] = {}
        with answering():
            for start in range(0, len(wanted), MOST_KEYS):
                keys = [count_key(index, term) for term in wanted[start : start + MOST_KEYS]]
                items = await batch_get(self._client, self._terms, keys, ProjectionExpression="pk, sk, photos")
                by_key |= {(item["pk"]["S"], item["sk"]["S"]): int(item["photos"]["N"]) for item in items}
        return {term: by_key.get((counts_key(index, term.kind), term.value), 0) for term in wanted}

    async def unfinished(self, owner_id: OwnerId, status: PhotoStatus) -> int:
        """See `LibraryIndex.unfinished`."""
        total = 0
        with answering():
            async for page in query_pages(
                self._client,
                TableName=self._photos,
                IndexName=_UNFINISHED,
                KeyConditionExpression="owner_id = :owner_id",
                FilterExpression="#status = :status",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={":owner_id": text(owner_id), ":status": text(status)},
                Select="COUNT",
            ):
                total += page["Count"]
        return total

    async def changes(self, owner_id: OwnerId, *, since: datetime, limit: int) -> Sequence[Change]:
        """See `LibraryIndex.changes`: out of the ledger's log."""
        entries = await self.ledger.committed(owner_id, since=since, limit=limit)
        return [
            Change(PhotoId(photo_id), PhotoStatus(status), version, datetime.fromisoformat(entry.batch))
            for entry in entries
            for photo_id, status, version, *_ in entry.operations
            if status is not None
        ][:limit]


def _posting(item: Item) -> Posting:
    confidence = item.get("confidence")
    card = Card.from_json(item["card"]["S"], item["file_type"]["S"] if "file_type" in item else "")
    return Posting(item["sk"]["S"], card, float(confidence["N"]) if confidence else None)


def _count(item: Item) -> Count:
    photos = int(item["photos"]["N"])
    value = item["sk"]["S"]
    name = item["name"]["S"] if "name" in item else value
    if "photo_id" not in item:
        return Count(value, photos, name, revision=int(item["revision"]["N"]) if "revision" in item else 0)
    return Count(
        value,
        photos,
        name,
        latitude=int(item["latitude"]["N"]) / photos / MICRODEGREES,
        longitude=int(item["longitude"]["N"]) / photos / MICRODEGREES,
        photo_id=PhotoId(item["photo_id"]["S"]),
        years={name[1:]: int(number["N"]) for name, number in item.items() if YEAR.fullmatch(name)},
    )
