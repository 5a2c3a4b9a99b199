"""Routes of the second step at sign-in."""

from fastapi import APIRouter, Depends

from heliograph.identity import CurrentPrincipal
from heliograph_auth.routes.cookie import Cookie
from heliograph_auth.routes.dependencies import SecondFactors, Sessions, Visiting, never_cached
from heliograph_auth.schemas.second_factor import (
    CodeBody,
    PasswordAndCode,
    RecoveryCodes,
    SecondFactorBegin,
    SecondFactorBegun,
    SecondFactorResponse,
    SecondStepMade,
)
from heliograph_auth.schemas.sessions import TokenResponse

router = APIRouter(tags=["second factor"], generate_unique_id_function=lambda route: route.name)


@router.post("/tokens/second-factor", summary="Sign in: the second step", dependencies=[Depends(never_cached)])
async def create_token_by_second_factor(
    body: SecondStepMade, sessions: Sessions, cookie: Cookie, visit: Visiting
) -> TokenResponse:
    """Begin a session with the challenge that `POST /tokens` gave for a right password, and a code.

    `401 wrong-second-step`: the challenge is good for another try. `401 invalid-challenge`: begin again with the
    password. After some wrong codes the next is taken after a pause: `429 codes-throttled`, with `Retry-After`.
    """
    pair = await sessions.sign_in_second(challenge=body.challenge, code=body.code, visit=visit)
    cookie.keep(pair)
    return TokenResponse.of(pair, without_refresh_token=cookie.is_wanted)


@router.get("/me/second-factor", summary="Your second factor")
async def get_second_factor(principal: CurrentPrincipal, factors: SecondFactors) -> SecondFactorResponse:
    """Return whether a code is asked for at sign-in, and how many recovery codes are left."""
    return SecondFactorResponse.of(await factors.of(principal.account_id))


@router.post(
    "/me/second-factor", status_code=201, summary="Begin with a second factor", dependencies=[Depends(never_cached)]
)
async def begin_second_factor(
    body: SecondFactorBegin, principal: CurrentPrincipal, factors: SecondFactors, visit: Visiting
) -> SecondFactorBegun:
    """Make a secret for an authenticator app (TOTP, RFC 6238). Nothing changes before a first code has come from it.

    `403 wrong-password`, `409 second-factor-on`.
    """
    return SecondFactorBegun.of(await factors.begin(principal, password=body.password, visit=visit))


@router.post("/me/second-factor/on", summary="Turn the second factor on", dependencies=[Depends(never_cached)])
async def turn_second_factor_on(
    body: CodeBody, principal: CurrentPrincipal, factors: SecondFactors, visit: Visiting
) -> RecoveryCodes:
    """Turn it on by a first code of the app. The answer holds the recovery codes, which are told this once.

    `403 wrong-code`, `409 second-factor-off` where none was begun within a quarter of an hour.
    """
    return RecoveryCodes(recovery_codes=await factors.turn_on(principal, code=body.code, visit=visit))


@router.post("/me/second-factor/off", status_code=204, summary="Turn the second factor off")
async def turn_second_factor_off(
    body: PasswordAndCode, principal: CurrentPrincipal, factors: SecondFactors, visit: Visiting
) -> None:
    """Turn it off: the password alone is enough from now on. `403 wrong-password`, `403 wrong-code`."""
    await factors.turn_off(principal, password=body.password, code=body.code, visit=visit)


@router.post(
    "/me/second-factor/recovery-codes",
    status_code=201,
    summary="New recovery codes",
    dependencies=[Depends(never_cached)],
)
async def renew_recovery_codes(
    body: PasswordAndCode, principal: CurrentPrincipal, factors: SecondFactors, visit: Visiting
) -> RecoveryCodes:
    """Make ten new recovery codes; earlier ones are good for nothing. `403 wrong-password`, `403 wrong-code`."""
    codes = await factors.renew_recovery_codes(principal, password=body.password, code=body.code, visit=visit)
    return RecoveryCodes(recovery_codes=codes)
