"""Asking for an export of all that an account has, and what only auth knows of it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.errors import ConflictError
from heliograph.exports import ExportRequests
from heliograph.identity import Principal, Scope
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, utc_now
from heliograph_auth.service.api_keys import ApiKeyStore
from heliograph_auth.service.ports import AccessTokens, SessionStore
from heliograph_auth.service.second_factor import SecondFactorService
from heliograph_auth.service.security_log import AuditReader

MOST_EVENTS: Final = 3_000
"""Of the security log, the latest; more would not fit into an item of the table."""
ACCESS_LIVES: Final = timedelta(minutes=10)
"""For how long somebody who has said their password again gets links to the parts of an export."""
_PAGE: Final = 100


class ExportUnderWayError(ConflictError):
    """An export is being made already; wait for it, or remove it."""

    code = "export-under-way"


class ExportAsking:
    """The use cases of asking for an export, and for what its parts are downloaded with."""

    def __init__(
        self,
        sessions: SessionStore,
        keys: ApiKeyStore,
        log: AuditReader,
        requests: ExportRequests,
        tokens: AccessTokens,
        second_factors: SecondFactorService,
        audit: AuditLog,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._sessions = sessions
        self._keys = keys
        self._log = log
        self._requests = requests
        self._tokens = tokens
        self._second_factors = second_factors
        self._audit = audit
        self._clock = clock

    async def ask(self, principal: Principal, *, password: str, code: str | None, visit: Visit) -> str:
        """Ask for an export of the caller's account, and return its id.

        Raises:
            AccountNotFoundError: The account is gone.
            WrongPasswordError, CodeNeededError, WrongCodeError and others: See `SecondFactorService.proven`.
            ExportUnderWayError: One is being made.
        """
        account = await self._second_factors.proven(principal, password=password, code=code, visit=visit)
        export_id, now = uuid4().hex, self._clock()
        event = AuditEvent(account.account_id, now, AuditKind.EXPORT_ASKED_FOR, visit.address, visit.device)
        await self._audit.record(event)
        if not await self._requests.ask(account.account_id, export_id, at=now, facts=await self._facts(account)):
            raise ExportUnderWayError
        return export_id

    async def access(self, principal: Principal, *, password: str, code: str | None, visit: Visit) -> str:
        """Return an access token like the caller's with which the parts of an export can be downloaded as well.

        It is good for `ACCESS_LIVES`, and ends before that with the caller's session and with a changed password.

        Raises:
            AccountNotFoundError: The account is gone.
            WrongPasswordError, CodeNeededError, WrongCodeError and others: See `SecondFactorService.proven`.
        """
        await self._second_factors.proven(principal, password=password, code=code, visit=visit)
        now = self._clock()
        event = AuditEvent(principal.account_id, now, AuditKind.EXPORT_OPENED, visit.address, visit.device)
        await self._audit.record(event)
        opened = principal.model_copy(update={"scopes": principal.scopes | {Scope.EXPORTS_READ}})
        return self._tokens.issue(opened, now=now, lives=ACCESS_LIVES)

    async def _facts(self, account: Account) -> Mapping[str, Any]:
        """Return all that auth knows of an account but secrets and hashes of them."""
        events: list[AuditEvent] = []
        before: str | None = None
        while len(events) < MOST_EVENTS:
            page = await self._log.page(account.account_id, before=before, limit=_PAGE)
            events += page.events
            if (before := page.before) is None:
                break
        return {
            "account": {
                "account_id": account.account_id,
                "email": account.email,
                "name": account.name,
                "created_at": account.created_at.isoformat(),
            },
            "sessions": [
                {
                    "device": session.device,
                    "address": session.address,
                    "started_at": session.started_at.isoformat(),
                    "last_used_at": session.rotated_at.isoformat(),
                }
                for session in await self._sessions.of_account(account.account_id)
            ],
            "api_keys": [
                {
                    "key_id": key.key_id,
                    "name": key.name,
                    "scopes": sorted(key.scopes),
                    "created_at": key.created_at.isoformat(),
                    "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
                }
                for key in await self._keys.of_account(account.account_id)
            ],
            "security_log": [
                {
                    "at": event.at.isoformat(),
                    "kind": event.kind,
                    "address": event.address,
                    "device": event.device,
                    "about": dict(event.about),
                }
                for event in events
            ],
        }
