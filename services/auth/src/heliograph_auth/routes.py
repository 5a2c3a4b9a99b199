"""The HTTP API of accounts, sessions and tokens."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import OAuth2PasswordRequestForm

from heliograph.identity import CurrentPrincipal
from heliograph.problems import PROBLEM_RESPONSES
from heliograph_auth.schemas import (
    AccountCreate,
    AccountResponse,
    AccountUpdate,
    JsonWebKey,
    JsonWebKeySet,
    RefreshRequest,
    TokenResponse,
)
from heliograph_auth.service import AccountService

router = APIRouter(prefix="/api/v1", responses=PROBLEM_RESPONSES, generate_unique_id_function=lambda route: route.name)
jwks_router = APIRouter(generate_unique_id_function=lambda route: route.name)


def _account_service(request: Request) -> AccountService:
    service: AccountService = request.app.state.account_service
    return service


def _public_jwk(request: Request) -> JsonWebKey:
    return JsonWebKey.model_validate(request.app.state.signing_key.public_jwk)


Accounts = Annotated[AccountService, Depends(_account_service)]


def _never_cached(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"  # RFC 6749, section 5.1


@router.post("/accounts", status_code=201, tags=["accounts"], summary="Register")
async def create_account(body: AccountCreate, accounts: Accounts) -> AccountResponse:
    """Open an account. `409 email-taken` where there is one with this address, in whatever case."""
    return AccountResponse.of(await accounts.register(email=body.email, password=body.password, name=body.name))


@router.post("/tokens", tags=["sessions"], summary="Sign in", dependencies=[Depends(_never_cached)])
async def create_token(form: Annotated[OAuth2PasswordRequestForm, Depends()], accounts: Accounts) -> TokenResponse:
    """Begin a session: OAuth2's password grant, with the email address as `username`. `401 wrong-credentials`."""
    return TokenResponse.of(await accounts.sign_in(email=form.username, password=form.password))


@router.post("/tokens/refresh", tags=["sessions"], summary="Stay signed in", dependencies=[Depends(_never_cached)])
async def refresh_token(body: RefreshRequest, accounts: Accounts) -> TokenResponse:
    """Spend a refresh token for a new pair of tokens.

    Sent again within ten seconds (two tabs, an answer that got lost), a spent token gives the same refresh token as
    the first time. Later it ends the session: `401 invalid-refresh-token`.
    """
    return TokenResponse.of(await accounts.refresh(body.refresh_token))


@router.delete("/sessions/current", status_code=204, tags=["sessions"], summary="Sign out")
async def end_current_session(principal: CurrentPrincipal, accounts: Accounts) -> None:
    """End this session: its refresh token is good for nothing any more. Access tokens run out by themselves."""
    await accounts.sign_out(principal)


@router.get("/me", tags=["accounts"], summary="Your account")
async def get_me(principal: CurrentPrincipal, accounts: Accounts) -> AccountResponse:
    """Return the account that the access token speaks for."""
    return AccountResponse.of(await accounts.account(principal))


@router.patch("/me", tags=["accounts"], summary="Change your name")
async def update_me(body: AccountUpdate, principal: CurrentPrincipal, accounts: Accounts) -> AccountResponse:
    """Change what can be changed of your account."""
    return AccountResponse.of(await accounts.rename(principal, body.name))


@jwks_router.get("/.well-known/jwks.json", tags=["sessions"], summary="Public keys")
async def get_jwks(key: Annotated[JsonWebKey, Depends(_public_jwk)], response: Response) -> JsonWebKeySet:
    """Return the keys that prove access tokens (RFC 7517)."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return JsonWebKeySet(keys=[key])
