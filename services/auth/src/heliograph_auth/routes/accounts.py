"""Routes of accounts."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from heliograph.identity import CurrentPrincipal
from heliograph_auth.routes.cookie import Cookie
from heliograph_auth.routes.dependencies import Accounts, Visiting, never_cached
from heliograph_auth.schemas.accounts import (
    AccountCreate,
    AccountPending,
    AccountResponse,
    AccountUpdate,
    PasswordChange,
)
from heliograph_auth.schemas.sessions import TokenResponse

router = APIRouter(tags=["accounts"], generate_unique_id_function=lambda route: route.name)


_BY_MAIL: dict[int | str, dict[str, Any]] = {
    202: {"model": AccountPending, "description": "A letter is on its way; the account is opened by the link in it."}
}


@router.post("/accounts", status_code=201, summary="Register", response_model=AccountResponse, responses=_BY_MAIL)
async def create_account(body: AccountCreate, accounts: Accounts, visit: Visiting) -> AccountResponse | JSONResponse:
    """Open an account. `409 email-taken` where there is one with this address, in whatever case.

    Where addresses have to be verified it is `202` instead, for an address that has an account too: what follows is in
    the letter. `403 registration-closed` where it takes an invitation, `403 invalid-invitation` where that is not good,
    `429 too-many-tries` after many from there.
    """
    account = await accounts.register(
        email=body.email, password=body.password, name=body.name, visit=visit, invitation=body.invitation
    )
    if account is None:
        return JSONResponse(AccountPending(email=body.email).model_dump(), HTTPStatus.ACCEPTED)
    return AccountResponse.of(account)


@router.get("/me", summary="Your account")
async def get_me(principal: CurrentPrincipal, accounts: Accounts) -> AccountResponse:
    """Return the account that the access token speaks for."""
    return AccountResponse.of(await accounts.account(principal))


@router.patch("/me", summary="Change your name")
async def update_me(
    body: AccountUpdate, principal: CurrentPrincipal, accounts: Accounts, visit: Visiting
) -> AccountResponse:
    """Change what can be changed of your account."""
    return AccountResponse.of(await accounts.rename(principal, body.name, visit))


@router.put("/me/password", summary="Change your password", dependencies=[Depends(never_cached)])
async def change_password(
    body: PasswordChange, principal: CurrentPrincipal, accounts: Accounts, cookie: Cookie, visit: Visiting
) -> TokenResponse:
    """Change the password. Every session ends at once, with its access tokens; the answer holds those of a new one.

    `403 wrong-password` where the current one is another, `403 code-needed` or `403 wrong-code` where two-step sign-in
    is on, `429` after too many of those.
    """
    pair = await accounts.change_password(
        principal, current=body.current_password, new=body.new_password, code=body.code, visit=visit
    )
    cookie.keep(pair)
    return TokenResponse.of(pair, without_refresh_token=cookie.is_wanted)
