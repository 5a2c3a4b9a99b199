"""Own labels in DynamoDB: table `questions`.

own label    pk `<owner>#own-labels`   sk `<name, folded>`   label (B, compressed JSON)
"""

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from heliograph.photos import OwnerId
from heliograph_metadata.domain.own_labels import OwnLabel
from heliograph_metadata.domain.terms import label_term
from heliograph_metadata.dynamodb.values import Item, answering, text
from heliograph_metadata.service.own_labels import MOST_OWN

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_OWN_LABELS: Final = "#own-labels"
_LABEL: Final = TypeAdapter(OwnLabel)


class DynamoOwnLabelStore:
    """An `OwnLabelStore` over the table `questions`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def all(self, owner_id: OwnerId) -> Sequence[OwnLabel]:
        """See `OwnLabelStore.all`; about half a kilobyte each, so one page has them all."""
        with answering():
            page = await self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": text(owner_id + _OWN_LABELS)},
                Limit=MOST_OWN,
                ConsistentRead=True,
            )
        return [_LABEL.validate_json(zlib.decompress(item["label"]["B"])) for item in page["Items"]]

    async def put(self, owner_id: OwnerId, label: OwnLabel) -> None:
        """See `OwnLabelStore.put`."""
        body = zlib.compress(_LABEL.dump_json(label))
        with answering():
            await self._client.put_item(
                TableName=self._table, Item={**_key(owner_id, label.name), "label": {"B": body}}
            )

    async def remove(self, owner_id: OwnerId, name: str) -> None:
        """See `OwnLabelStore.remove`."""
        with answering():
            await self._client.delete_item(TableName=self._table, Key=_key(owner_id, name))


def _key(owner_id: OwnerId, name: str) -> Item:
    return {"pk": text(owner_id + _OWN_LABELS), "sk": text(label_term(name).value)}
