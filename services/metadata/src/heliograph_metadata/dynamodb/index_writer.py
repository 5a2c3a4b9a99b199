"""How a change of the index gets into the table `terms`: postings in batches, counts one by one, each once.

A count bears the key of the batch that changed it last (`counted_in`), and changes on condition that this is an earlier
one. So a batch that is done again changes those that it has not changed yet, and a process that was stalled changes
none after its turn: nobody writes a later batch before all of this one is done.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from heliograph.photos import PhotoId
from heliograph_metadata.domain.index import CountChange, IndexChange, Posting, is_tile
from heliograph_metadata.domain.sketched import sketched
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.dynamodb.counted_within import by_item
from heliograph_metadata.dynamodb.keys import count_key, posting_key
from heliograph_metadata.dynamodb.ledger import Ledger, Turn, microseconds_of
from heliograph_metadata.dynamodb.representatives import Representatives
from heliograph_metadata.dynamodb.sketches import notes
from heliograph_metadata.dynamodb.values import Item, answering, batch_write, each, number, text

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

MOST_COUNTS: Final = 99
"""Changed in one transaction, beside the head. Source: "Amazon DynamoDB Transactions: How it works": 100 actions."""

_COUNTS_AT_ONCE: Final = 16
_COUNTS_A_PART: Final = 32
"""Before each part the turn is kept: the counts of sixty photos of many kinds may take longer than a lease."""
_NOT_YET: Final = "attribute_not_exists(counted_in) OR counted_in < :batch"


class IndexWriter:
    """Writes postings at once, then counts, then the ledger's head."""

    def __init__(self, client: "DynamoDBClient", terms_table: str, ledger: Ledger) -> None:
        self._client = client
        self._table = terms_table
        self._ledger = ledger
        self._representatives = Representatives(client, terms_table)

    async def write_postings(self, indexes: Sequence[str], change: IndexChange, *, batch: str) -> None:
        """Put and delete the postings of a change, and note the groups of questions whose sketches change with it.

        Doing it again changes nothing.

        Args:
            indexes: As `keys.index_prefix` names them.
            change: The change; its counts are committed later.
            batch: Its key in the log. Until that is committed, the sketches are what they were.
        """
        groups = sketched(change.counts)
        writes: list[Item] = []
        for index in indexes:
            writes += [
                {"PutRequest": {"Item": posting_key(index, term, posting.sort_key) | attributes_of(posting)}}
                for (term, _), posting in change.put.items()
            ]
            writes += [
                {"DeleteRequest": {"Key": posting_key(index, term, sort_key)}} for term, sort_key in change.delete
            ]
            writes += [{"PutRequest": {"Item": note}} for note in notes(index, groups, batch)]
        await batch_write(self._client, self._table, writes)

    async def delete(self, keys: Sequence[Item]) -> None:
        """Delete items by their keys."""
        await batch_write(self._client, self._table, [{"DeleteRequest": {"Key": key}} for key in keys])

    async def commit(self, turn: Turn, changes: Mapping[str, IndexChange], **sets: Any) -> None:
        """Change the counts, those that are not changed yet, and end the turn.

        The batch stands in the log: else one that was broken off would be counted in part.

        Args:
            turn: The turn.
            changes: By index; their postings have been written.
            sets: Attributes of the head that change at the end.
        """
        updates = await self._count_updates(turn, changes)
        for start in range(0, len(updates), _COUNTS_A_PART):
            await self._ledger.keep(turn)
            await each(updates[start : start + _COUNTS_A_PART], self._count, at_once=_COUNTS_AT_ONCE)
        await self._ledger.commit(turn, **sets)

    async def commit_together(self, turn: Turn, index: str, change: IndexChange, **sets: Any) -> None:
        """Change the counts and end the turn in one transaction, for what no log would do again.

        Args:
            turn: The turn.
            index: What changes; its postings have been written.
            change: Of `MOST_COUNTS` counts at most.
            sets: Attributes of the head that change with them.
        """
        actions = [
            {"Update": {name: value for name, value in update.items() if name != "ConditionExpression"}}
            for update in await self._count_updates(turn, {index: change})
        ]
        await self._ledger.commit_with(turn, actions, **sets)

    async def _count_updates(self, turn: Turn, changes: Mapping[str, IndexChange]) -> list[Any]:
        """Return the updates of the counts that change, in a fixed order.

        Months of which only the list has changed are among them: they bear a revision.
        """
        updates: list[Any] = []
        for index, change in changes.items():
            heirs = await self._representatives.heirs(index, change)
            for term, within in by_item(sorted(change.counts.keys() | change.touched)).items():
                cells = {cell: change.counts[mark].photos for cell, mark in within.items()}
                count = change.counts.get(term) or CountChange()
                updates.append(
                    {
                        "TableName": self._table,
                        "Key": count_key(index, term),
                        **_count_update(term, count, cells, heir=heirs.get(term), batch=turn.batch),
                    }
                )
        return updates

    async def _count(self, update: Any) -> None:
        with answering():
            try:
                await self._client.update_item(**update)
            except self._client.exceptions.ConditionalCheckFailedException:
                return  # this batch has changed it already


def attributes_of(posting: Posting) -> Item:
    """Return what an item of the index holds of a posting beside its key."""
    attributes: Item = {"card": text(posting.card.to_json())}
    if posting.card.file_type:
        attributes["file_type"] = text(posting.card.file_type)
    if posting.confidence is not None:
        attributes["confidence"] = number(posting.confidence)
    return attributes


def _count_update(
    term: Term, change: CountChange, cells: Mapping[str, int], *, heir: PhotoId | None, batch: str
) -> Item:
    values: Item = {":photos": number(change.photos), ":batch": text(batch)}
    names: dict[str, str] = {}
    adds, sets = ["photos :photos"], ["counted_in = :batch"]
    for cell, photos in cells.items():
        adds.append(f"{cell} :{cell}")
        values[f":{cell}"] = number(photos)
    if change.name:
        sets.append("#name = :name")
        names["#name"], values[":name"] = "name", text(change.name)
    if term.kind == "time":
        sets.append("revision = :revision")
        values[":revision"] = number(microseconds_of(batch))
    if is_tile(term):
        adds += ["latitude :latitude", "longitude :longitude"]
        values |= {":latitude": number(change.latitude), ":longitude": number(change.longitude)}
        for year, photos in sorted(change.years.items()):
            if photos:
                adds.append(f"y{year} :y{year}")
                values[f":y{year}"] = number(photos)
        if representative := change.entered or heir:
            sets.append("photo_id = :photo_id")
            values[":photo_id"] = text(representative)
    return {
        "ConditionExpression": _NOT_YET,
        "UpdateExpression": f"ADD {', '.join(adds)} SET {', '.join(sets)}",
        "ExpressionAttributeValues": values,
        **({"ExpressionAttributeNames": names} if names else {}),
    }


def written_down(change: IndexChange) -> Iterator[Any]:
    """Yield, for the log, what of a photo's change can't be worked out again once its document is replaced."""
    yield [[str(term), sort_key] for term, sort_key in sorted(change.delete)]
    yield {
        str(term): [
            count.photos,
            count.latitude,
            count.longitude,
            count.entered is not None,
            bool(count.left),
            count.years,
        ]
        for term, count in change.counts.items()
    }
    yield [str(term) for term in sorted(change.touched)]


def read_back(photo_id: PhotoId, deletes: Any, counts: Any, touched: Any) -> IndexChange:
    """Return what `written_down` has kept of a photo's change."""
    return IndexChange(
        delete={(_term(term), sort_key) for term, sort_key in deletes},
        counts={
            _term(term): CountChange(
                photos=photos,
                latitude=latitude,
                longitude=longitude,
                entered=photo_id if entered else None,
                left={photo_id} if left else set(),
                years=years[0] if years else {},
            )
            for term, (photos, latitude, longitude, entered, left, *years) in counts.items()
        },
        touched={_term(term) for term in touched},
    )


def _term(written: str) -> Term:
    kind, _, value = written.partition(":")
    return Term(kind, value)
