"""Photos and their index in DynamoDB: a save is one transaction over `photos` and `terms`.

                  replace(photo, stored)
                           │
         the photo's version is still stored's? ──no──► False, nothing changed
                           │ yes
photo + postings put and deleted + counts added to ──► True, all of it or nothing
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph.photos import Admission, PhotoId
from heliograph_metadata.domain.document import document_of, photo_of
from heliograph_metadata.domain.index import CountChange, IndexChange, Posting, index_change
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.dynamodb.keys import count_key, posting_key
from heliograph_metadata.dynamodb.representatives import Representatives
from heliograph_metadata.dynamodb.values import Item, answering, batch_get, number, text, timestamp

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

MOST_ACTIONS: Final = 100
"""Source: "Amazon DynamoDB Transactions: How it works", the most actions in one transaction."""

_MOST_KEYS: Final = 100
_ATTEMPTS: Final = 12
_FIRST_PAUSE_SECONDS: Final = 0.01
_LONGEST_PAUSE_SECONDS: Final = 0.5


class DynamoPhotoStore:
    """A `PhotoStore` over the tables `photos` and `terms`."""

    def __init__(self, client: "DynamoDBClient", *, photos_table: str, terms_table: str) -> None:
        self._client = client
        self._photos = photos_table
        self._terms = terms_table
        self._representatives = Representatives(client, terms_table)

    async def get(self, photo_id: PhotoId) -> Photo | None:
        """See `PhotoStore.get`."""
        with answering():
            response = await self._client.get_item(
                TableName=self._photos, Key={"photo_id": text(photo_id)}, ConsistentRead=True
            )
        item: Any = response.get("Item")
        return _photo(item) if item else None

    async def get_many(self, photo_ids: Sequence[PhotoId]) -> dict[PhotoId, Photo]:
        """See `PhotoStore.get_many`."""
        keys = [{"photo_id": text(photo_id)} for photo_id in dict.fromkeys(photo_ids)]
        with answering():
            runs = await asyncio.gather(
                *(
                    batch_get(self._client, self._photos, keys[start : start + _MOST_KEYS], ConsistentRead=True)
                    for start in range(0, len(keys), _MOST_KEYS)
                )
            )
        return {photo.photo_id: photo for run in runs for photo in map(_photo, run)}

    async def replace(self, photo: Photo, *, stored: Photo) -> bool:
        """See `PhotoStore.replace`.

        Two transactions that touch the same count at the same moment clash, and DynamoDB cancels one; that one
        is tried again here (the SDK does not), each time after a longer random pause.
        """
        change = index_change(stored, photo)
        if len(change) >= MOST_ACTIONS:
            raise ValueError(f"photo {photo.photo_id} changes {len(change)} entries of the index at once")
        for attempt in range(_ATTEMPTS):
            with answering():
                heirs = await self._representatives.heirs(stored, change)
            actions = [self._photo_update(photo, stored), *self._index_actions(photo, change, heirs)]
            try:
                await self._client.transact_write_items(TransactItems=actions)
            except self._client.exceptions.TransactionCanceledException as error:
                reasons: list[Any] = error.response.get("CancellationReasons", [])
                if reasons and reasons[0].get("Code") == "ConditionalCheckFailed":
                    return False
                if not _worth_retrying(reasons):
                    raise UnavailableError(f"The photo was not saved: {error}") from error
            except (ClientError, BotoCoreError) as error:
                raise UnavailableError(f"The photo was not saved: {error}") from error
            else:
                return True
            pause = min(_FIRST_PAUSE_SECONDS * 2**attempt, _LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        raise UnavailableError("The photo was not saved: too many others change the same library.")

    def _photo_update(self, photo: Photo, stored: Photo) -> Any:
        """Return the update of the item; what `upload` and the reconciler keep there stays."""
        values = {
            ":stored": number(stored.version),
            ":status": text(photo.status),
            ":version": number(photo.version),
            ":updated_at": timestamp(photo.updated_at),
            ":document": text(document_of(photo)),
        }
        sets = "SET #status = :status, #version = :version, #updated_at = :updated_at, #document = :document"
        removes: list[str] = []
        if photo.is_unfinished:
            sets += ", unfinished = :unfinished"
            values[":unfinished"] = text(f"{photo.status}#{timestamp(photo.created_at)['S']}")
        else:
            removes.append("unfinished")
        if photo.status is not stored.status:  # each state has its own attempts to get out of it
            removes += ["resends", "resent_at"]
        names = ("status", "version", "updated_at", "document")
        return {
            "Update": {
                "TableName": self._photos,
                "Key": {"photo_id": text(photo.photo_id)},
                "ConditionExpression": "#version = :stored",
                "UpdateExpression": f"{sets} REMOVE {', '.join(removes)}" if removes else sets,
                "ExpressionAttributeNames": {f"#{name}": name for name in names},
                "ExpressionAttributeValues": values,
            }
        }

    def _index_actions(self, photo: Photo, change: IndexChange, heirs: dict[Term, PhotoId | None]) -> Iterator[Any]:
        owner_id = photo.owner_id
        for term, posting in change.put.items():
            item = posting_key(owner_id, term, posting.sort_key) | _posting_attributes(posting)
            yield {"Put": {"TableName": self._terms, "Item": item}}
        for term, sort_key in change.delete:
            yield {"Delete": {"TableName": self._terms, "Key": posting_key(owner_id, term, sort_key)}}
        for term, count in change.counts.items():
            yield {
                "Update": {
                    "TableName": self._terms,
                    "Key": count_key(owner_id, term),
                    **_count_update(photo, term, count, heirs),
                }
            }


def _worth_retrying(reasons: list[Any]) -> bool:
    """Whether a cancelled transaction can succeed: it clashed, or a tile's representative is another by now."""
    codes = {reason.get("Code", "None") for reason in reasons} - {"None"}
    return codes <= {
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
        "ConditionalCheckFailed",
    }


def _posting_attributes(posting: Posting) -> Item:
    attributes: Item = {"card": text(posting.card.to_json())}
    if posting.confidence is not None:
        attributes["confidence"] = number(posting.confidence)
    return attributes


def _count_update(photo: Photo, term: Term, count: CountChange, heirs: dict[Term, PhotoId | None]) -> Item:
    """Return how a count changes; a tile's also keeps to the rule that its representative is one of its photos."""
    values: Item = {":photos": number(count.photos)}
    adds, sets, condition = ["photos :photos"], [], ""
    if count.name and count.photos > 0:
        sets.append("#name = :name")
        values[":name"] = text(count.name)
    if term.kind.startswith("tile"):
        adds += ["latitude :latitude", "longitude :longitude"]
        values |= {":latitude": number(count.latitude), ":longitude": number(count.longitude)}
        if count.photos > 0:
            sets.append("photo_id = :photo_id")
            values[":photo_id"] = text(photo.photo_id)
        elif count.photos < 0:
            values[":photo_id"] = text(photo.photo_id)
            condition = "photo_id = :photo_id" if term in heirs else "photo_id <> :photo_id"
            if heir := heirs.get(term):
                sets.append("photo_id = :heir")
                values[":heir"] = text(heir)
    expression = "ADD " + ", ".join(adds) + (" SET " + ", ".join(sets) if sets else "")
    update: Item = {"UpdateExpression": expression, "ExpressionAttributeValues": values}
    if ":name" in values:
        update["ExpressionAttributeNames"] = {"#name": "name"}
    if condition:
        update["ConditionExpression"] = condition
    return update


def _photo(item: Item) -> Photo:
    attributes = {
        name: item[name]["S"]
        for name in ("photo_id", "owner_id", "status", "created_at", "updated_at", "correlation_id")
    }
    attributes["version"] = int(item["version"]["N"])
    attributes["admission"] = Admission.model_validate_json(item["admission"]["S"])
    return photo_of(item["document"]["S"] if "document" in item else None, attributes)
