"""The security log: what happened to an account that its person may want to know, written by every service.

Table `audit`: `owner_id`, and `event` as `<time>#<random>`; DynamoDB's TTL takes an event out after 400 days.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

KEPT: Final = timedelta(days=400)


class AuditKind(StrEnum):
    """What can happen to an account."""

    ACCOUNT_OPENED = "account-opened"
    SIGNED_IN = "signed-in"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGNED_OUT = "signed-out"
    SESSION_ENDED = "session-ended"
    TOKEN_REUSED = "token-reused"  # noqa: S105 - the name of an event
    NAME_CHANGED = "name-changed"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - the name of an event
    CODE_ASKED = "code-asked"
    CODE_WRONG = "code-wrong"
    SECOND_FACTOR_ON = "second-factor-on"
    SECOND_FACTOR_OFF = "second-factor-off"
    RECOVERY_CODE_USED = "recovery-code-used"
    RECOVERY_CODES_MADE = "recovery-codes-made"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    PASSKEY_REFUSED = "passkey-refused"
    PASSWORD_RESET_ASKED = "password-reset-asked"  # noqa: S105 - the name of an event
    PASSWORD_RESET = "password-reset"  # noqa: S105 - the name of an event
    EMAIL_CHANGE_ASKED = "email-change-asked"
    EMAIL_CHANGED = "email-changed"
    EMAIL_VERIFIED = "email-verified"
    IDENTITY_LINKED = "identity-linked"
    IDENTITY_UNLINKED = "identity-unlinked"
    API_KEY_MADE = "api-key-made"
    API_KEY_REFUSED = "api-key-refused"
    API_KEY_REVOKED = "api-key-revoked"
    LINK_MADE = "link-made"
    LINK_CHANGED = "link-changed"
    LINK_REMOVED = "link-removed"
    INVITATION_MADE = "invitation-made"
    INVITATION_REMOVED = "invitation-removed"
    MEMBER_CHANGED = "member-changed"
    MEMBER_REMOVED = "member-removed"
    ALBUM_JOINED = "album-joined"
    EXPORT_ASKED_FOR = "export-asked-for"
    EXPORT_OPENED = "export-opened"
    EXPORT_DOWNLOADED = "export-downloaded"
    ACCOUNT_CLOSED = "account-closed"
    ACCOUNT_REOPENED = "account-reopened"
    ACCOUNT_DELETED = "account-deleted"
    ADMIN_APPOINTED = "admin-appointed"
    ADMIN_DISMISSED = "admin-dismissed"
    REGISTRATION_INVITED = "registration-invited"
    REGISTRATION_INVITATION_USED = "registration-invitation-used"
    REGISTRATION_INVITATION_REMOVED = "registration-invitation-removed"


@dataclass(frozen=True)
class AuditEvent:
    """One thing that happened; `about` says with what, in a few words by name, and never holds a secret."""

    owner_id: OwnerId
    at: datetime
    kind: AuditKind
    address: str = ""
    """Where it was asked for."""
    device: str = ""
    about: Mapping[str, str] = field(default_factory=dict)


class AuditLog(Protocol):
    """Where events are kept. tests/contract/test_audit_log.py is its specification."""

    async def record(self, event: AuditEvent, *, mark: str = "") -> None:
        """Keep an event; raise `UnavailableError` where that fails.

        Args:
            event: What happened.
            mark: Of several events of one account, one moment and one mark the last is kept.
        """


class DynamoAuditLog:
    """An `AuditLog` over DynamoDB, which can add and nothing else."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    async def record(self, event: AuditEvent, *, mark: str = "") -> None:
        """See `AuditLog.record`."""
        at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
        item: dict[str, Any] = {
            "owner_id": {"S": event.owner_id},
            "event": {"S": f"{at}#{mark or secrets.token_hex(4)}"},
            "kind": {"S": event.kind},
            "address": {"S": event.address},
            "device": {"S": event.device},
            "about": {"M": {name: {"S": value} for name, value in event.about.items()}},
            "expires_at": {"N": str(int((event.at + KEPT).timestamp()))},
        }
        try:
            await self._client.put_item(TableName=self._table, Item=item)
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError(f"table of audit: {error}") from error
