"""What routes ask the app for: its use cases, and who is at the other end."""

from typing import Annotated

from fastapi import Depends, Request, Response

from heliograph.visits import Visit, visit_of
from heliograph_auth.service.accounts import AccountService
from heliograph_auth.service.api_keys import ApiKeyService
from heliograph_auth.service.confirmations import ConfirmationService
from heliograph_auth.service.email_change import EmailChange
from heliograph_auth.service.foreign import ForeignSignIn
from heliograph_auth.service.passkeys import PasskeyService
from heliograph_auth.service.second_factor import SecondFactorService
from heliograph_auth.service.security_log import SecurityLog
from heliograph_auth.service.sessions import SessionService


def _account_service(request: Request) -> AccountService:
    service: AccountService = request.app.state.account_service
    return service


def _session_service(request: Request) -> SessionService:
    service: SessionService = request.app.state.session_service
    return service


def _api_key_service(request: Request) -> ApiKeyService:
    service: ApiKeyService = request.app.state.api_key_service
    return service


def _security_log(request: Request) -> SecurityLog:
    log: SecurityLog = request.app.state.security_log
    return log


def _second_factor_service(request: Request) -> SecondFactorService:
    service: SecondFactorService = request.app.state.second_factor_service
    return service


def _passkey_service(request: Request) -> PasskeyService:
    service: PasskeyService = request.app.state.passkey_service
    return service


def _foreign_sign_in(request: Request) -> ForeignSignIn:
    service: ForeignSignIn = request.app.state.foreign_sign_in
    return service


def never_cached(response: Response) -> None:
    """Keep tokens out of every cache. Source: RFC 6749, section 5.1."""
    response.headers["Cache-Control"] = "no-store"


def _confirmation_service(request: Request) -> ConfirmationService:
    service: ConfirmationService = request.app.state.confirmation_service
    return service


def _email_changes(request: Request) -> EmailChange:
    service: EmailChange = request.app.state.email_changes
    return service


Accounts = Annotated[AccountService, Depends(_account_service)]
Sessions = Annotated[SessionService, Depends(_session_service)]
SecondFactors = Annotated[SecondFactorService, Depends(_second_factor_service)]
Passkeys = Annotated[PasskeyService, Depends(_passkey_service)]
Confirmations = Annotated[ConfirmationService, Depends(_confirmation_service)]
EmailChanges = Annotated[EmailChange, Depends(_email_changes)]
Foreigners = Annotated[ForeignSignIn, Depends(_foreign_sign_in)]
Keys = Annotated[ApiKeyService, Depends(_api_key_service)]
Log = Annotated[SecurityLog, Depends(_security_log)]
Visiting = Annotated[Visit, Depends(visit_of)]
