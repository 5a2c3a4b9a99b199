"""What the stores of this package have in common: keys, and DynamoDB's silence in our words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError

Item = dict[str, Any]


def key_of(kind: str, identifier: str) -> Item:
    """Return the key of an item of that kind."""
    return {"pk": {"S": f"{kind}#{identifier}"}, "sk": {"S": kind}}


@asynccontextmanager
async def unavailable_where_dynamodb_is() -> AsyncIterator[None]:
    """Raise `UnavailableError` for whatever fails but a condition."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in {"ConditionalCheckFailedException", "TransactionCanceledException"}:
            raise
        raise UnavailableError(f"table of accounts: {error}") from error
    except BotoCoreError as error:
        raise UnavailableError(f"table of accounts: {error}") from error


def reasons_of(error: ClientError) -> set[str]:
    """Return why a transaction was cancelled."""
    reasons: Any = error.response.get("CancellationReasons", [])
    return {reason["Code"] for reason in reasons}
