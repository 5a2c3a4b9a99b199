"""What a route asks for: `CurrentPrincipal`; and what the app has to have for it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.security import OAuth2PasswordBearer

from heliograph.audit import AuditEvent, AuditKind, AuditLog, DynamoAuditLog
from heliograph.errors import UnauthenticatedError
from heliograph.identity.access import AccessRecords, DynamoAccessRecords
from heliograph.identity.api_keys import PREFIX as API_KEY_PREFIX
from heliograph.identity.api_keys import ApiKeySecret, DynamoKeyUses, KeyRefusals, KeyUses
from heliograph.identity.keys import PublicKeys
from heliograph.identity.principal import InsufficientScopeError, InvalidTokenError, MethodScopes, Principal
from heliograph.identity.tokens import TokenVerifier
from heliograph.settings import SharedSettings
from heliograph.visits import Visit, visit_of

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/tokens", auto_error=False, refreshUrl="/api/v1/tokens/refresh")


def install_identity(app: FastAPI, settings: SharedSettings, *, keys: PublicKeys, dynamodb: "DynamoDBClient") -> None:
    """Give an app what `CurrentPrincipal` asks for."""
    app.state.token_verifier = TokenVerifier(keys, issuer=settings.token_issuer, audience=settings.token_audience)
    app.state.access_records = DynamoAccessRecords(dynamodb, settings.table_name("access"))
    app.state.audit_log = DynamoAuditLog(dynamodb, settings.table_name("audit"))
    app.state.proxies_in_front = settings.proxies_in_front
    app.state.key_refusals = KeyRefusals(app.state.audit_log)
    app.state.key_uses = DynamoKeyUses(dynamodb, settings.table_name("audit"))


async def _current_principal(request: Request, token: Annotated[str | None, Depends(_bearer)]) -> Principal:
    if token is None:
        raise UnauthenticatedError("Send an access token or an API key: `Authorization: Bearer …`.")
    verifier: TokenVerifier = request.app.state.token_verifier
    records: AccessRecords = request.app.state.access_records
    scopes: MethodScopes = request.app.state.scopes
    is_key = token.startswith(API_KEY_PREFIX)
    if is_key:
        principal = await _holder_of(token, records, request)
    else:
        principal = await verifier.principal(token)
    record = await records.of(principal.account_id, principal.session_id)
    if is_key:  # a changed password leaves keys as they are: each is taken back by itself
        principal = principal.model_copy(update={"generation": record.generation})
    record.admit(principal)
    needed = scopes.needed(request.method)
    if needed not in principal.scopes:
        raise InsufficientScopeError(f"This needs the scope {needed}.")
    return principal


async def _holder_of(text: str, records: AccessRecords, request: Request) -> Principal:
    uses: KeyUses = request.app.state.key_uses
    refusals: KeyRefusals = request.app.state.key_refusals
    key = ApiKeySecret.parse(text)
    record = await records.api_key(key.key_id)
    if record is None:
        raise InvalidTokenError("The API key is unknown, revoked or expired.")
    try:
        principal = record.principal(key, datetime.now(UTC))
    except InvalidTokenError:
        await refusals.note(record, visit_of(request))
        raise
    await uses.note(key.key_id)
    return principal


CurrentPrincipal = Annotated[Principal, Depends(_current_principal)]
"""The caller of a route: 401 without a good token, 403 with one that is not good for this."""


class Trail:
    """Writes into the security log of whoever calls."""

    def __init__(self, log: AuditLog, principal: Principal, visit: Visit) -> None:
        self._log = log
        self._principal = principal
        self._visit = visit

    async def record(self, kind: AuditKind, **about: str) -> None:
        """Keep what the caller has just done, and with which API key, if with one.

        Args:
            kind: What.
            about: With what, in a few words by name; it holds no secret.
        """
        if self._principal.key_id:
            about["by_key"] = self._principal.key_id
        await self._log.record(
            AuditEvent(
                self._principal.account_id, datetime.now(UTC), kind, self._visit.address, self._visit.device, about
            )
        )


def _trail(request: Request, principal: CurrentPrincipal, visit: Annotated[Visit, Depends(visit_of)]) -> Trail:
    return Trail(request.app.state.audit_log, principal, visit)


SecurityTrail = Annotated[Trail, Depends(_trail)]
"""The security log of the caller, for routes that change who gets at what."""
