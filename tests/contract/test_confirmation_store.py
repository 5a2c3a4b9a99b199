"""What every `ConfirmationStore` does: the fake and DynamoDB, held to the same."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.domain.confirmations import Confirmation, Purpose
from heliograph_auth.dynamodb.confirmations import DynamoConfirmationStore
from heliograph_auth.service.confirmations import ConfirmationStore
from tests.fakes.in_memory_confirmation_store import InMemoryConfirmationStore

LATER = datetime(2099, 6, 1, 12, tzinfo=UTC)
REGISTRATION = Confirmation(
    Purpose.REGISTRATION, "ada@example.com", LATER, name="Ada", password_hash="$argon2id$…", invitation="d"
)
RESET = Confirmation(Purpose.RESET, "ada@example.com", LATER, OwnerId("ada"), generation=3)


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> ConfirmationStore:
    if request.param == "in memory":
        return InMemoryConfirmationStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoConfirmationStore(aws.dynamodb, stack.table_name("accounts"))


@pytest.mark.parametrize("confirmation", [REGISTRATION, RESET], ids=lambda one: str(one.purpose))
async def test_what_a_link_stands_for_is_found_until_it_is_removed(
    store: ConfirmationStore, confirmation: Confirmation
) -> None:
    assert await store.get("a") is None
    await store.keep("a", confirmation)
    await store.keep("b", replace(confirmation, email="eve@example.com"))

    assert await store.get("a") == confirmation
    await store.remove("a")
    await store.remove("a")

    assert await store.get("a") is None
    assert await store.get("b") == replace(confirmation, email="eve@example.com")
