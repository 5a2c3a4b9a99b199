"""Routes of passkeys."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from heliograph.identity import CurrentPrincipal
from heliograph_auth.routes.cookie import Cookie
from heliograph_auth.routes.dependencies import Passkeys, Sessions, Visiting, never_cached
from heliograph_auth.schemas.passkeys import (
    CeremonyOptions,
    PasskeyCreate,
    PasskeyResponse,
    PasskeySignIn,
    PasskeySignInBegin,
    PasskeysResponse,
    PasskeyUpdate,
)
from heliograph_auth.schemas.second_factor import Proof
from heliograph_auth.schemas.sessions import TokenResponse

router = APIRouter(tags=["passkeys"], generate_unique_id_function=lambda route: route.name)

PasskeyId = Annotated[str, Path(max_length=64)]


@router.post("/tokens/passkey-options", summary="Sign in with a passkey: begin", dependencies=[Depends(never_cached)])
async def begin_passkey_sign_in(body: PasskeySignInBegin, passkeys: Passkeys) -> CeremonyOptions:
    """Return what a browser signs in by, good once and for five minutes.

    Without a challenge any passkey of this site will do. `404 passkeys-off` where there can be none,
    `401 invalid-challenge` where the second step is none, or too old.
    """
    return CeremonyOptions(options=dict(await passkeys.begin_sign_in(body.challenge)))


@router.post("/tokens/passkey", summary="Sign in with a passkey", dependencies=[Depends(never_cached)])
async def create_token_by_passkey(
    body: PasskeySignIn, passkeys: Passkeys, sessions: Sessions, cookie: Cookie, visit: Visiting
) -> TokenResponse:
    """Begin a session with what a passkey has signed. No password and no code is asked: it has asked who is there.

    `401 invalid-passkey`, `401 invalid-challenge`.
    """
    pair = await sessions.begin(await passkeys.signed_in(body.credential, visit), visit)
    cookie.keep(pair)
    return TokenResponse.of(pair, without_refresh_token=cookie.is_wanted)


@router.get("/me/passkeys", summary="Your passkeys")
async def list_passkeys(principal: CurrentPrincipal, passkeys: Passkeys) -> PasskeysResponse:
    """List your passkeys, the newest first. One that was added or removed a moment ago may not show yet."""
    return PasskeysResponse(passkeys=[PasskeyResponse.of(one) for one in await passkeys.passkeys(principal)])


@router.post("/me/passkey-options", summary="Add a passkey: begin", dependencies=[Depends(never_cached)])
async def begin_passkey_registration(
    body: Proof, principal: CurrentPrincipal, passkeys: Passkeys, visit: Visiting
) -> CeremonyOptions:
    """Return what a browser makes a passkey by, good once and for five minutes.

    `403 wrong-password`; `403 code-needed` or `403 wrong-code` where two-step sign-in is on; `409 too-many-passkeys`;
    `404 passkeys-off`.
    """
    options = await passkeys.begin_registration(principal, password=body.password, code=body.code, visit=visit)
    return CeremonyOptions(options=dict(options))


@router.post("/me/passkeys", status_code=201, summary="Add a passkey")
async def create_passkey(
    body: PasskeyCreate, principal: CurrentPrincipal, passkeys: Passkeys, visit: Visiting
) -> PasskeyResponse:
    """Keep a passkey that a browser has made. `401 invalid-challenge` where the options were not yours, or too old."""
    passkey = await passkeys.register(principal, credential=body.credential, name=body.name, visit=visit)
    return PasskeyResponse.of(passkey)


@router.patch("/me/passkeys/{passkey_id}", summary="Name a passkey")
async def update_passkey(
    passkey_id: PasskeyId, body: PasskeyUpdate, principal: CurrentPrincipal, passkeys: Passkeys
) -> PasskeyResponse:
    """Give a passkey another name. `404` where you have none of that id."""
    return PasskeyResponse.of(await passkeys.rename(principal, passkey_id, body.name))


@router.post("/me/passkeys/{passkey_id}/removal", status_code=204, summary="Remove a passkey")
async def remove_passkey(
    passkey_id: PasskeyId, body: Proof, principal: CurrentPrincipal, passkeys: Passkeys, visit: Visiting
) -> None:
    """Remove a passkey: it signs nobody in any more. `404` where you have none of that id.

    `403 wrong-password`; `403 code-needed` or `403 wrong-code` where two-step sign-in is on.
    """
    await passkeys.remove(principal, passkey_id, password=body.password, code=body.code, visit=visit)
