"""Routes of sessions and tokens."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Response
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordRequestForm

from heliograph.identity import CurrentPrincipal
from heliograph_auth.domain.accounts import MAX_EMAIL_CHARACTERS, MAX_PASSWORD_CHARACTERS
from heliograph_auth.domain.errors import InvalidRefreshTokenError
from heliograph_auth.routes.cookie import Cookie
from heliograph_auth.routes.dependencies import Sessions, Visiting, never_cached
from heliograph_auth.schemas.second_factor import SecondStepNeeded
from heliograph_auth.schemas.sessions import RefreshRequest, SessionResponse, SessionsResponse, TokenResponse
from heliograph_auth.service.second_factor import SecondStep

router = APIRouter(tags=["sessions"], generate_unique_id_function=lambda route: route.name)

_NOT_ENOUGH: dict[int | str, dict[str, Any]] = {
    202: {"model": SecondStepNeeded, "description": "The password is right, and a second step is needed."}
}
_NOT_SIGNED_IN: dict[int | str, dict[str, Any]] = {
    204: {"description": "By cookie, and there is none: nobody is signed in."}
}


class PasswordForm(OAuth2PasswordRequestForm):
    """OAuth2's password grant, in which nothing is longer than it may be in an account."""

    def __init__(
        self,
        *,
        grant_type: Annotated[str | None, Form(pattern="^password$")] = None,
        username: Annotated[str, Form(max_length=MAX_EMAIL_CHARACTERS)],
        password: Annotated[str, Form(max_length=MAX_PASSWORD_CHARACTERS, json_schema_extra={"format": "password"})],
        scope: Annotated[str, Form(max_length=1000)] = "",
        client_id: Annotated[str | None, Form(max_length=1000)] = None,
        client_secret: Annotated[str | None, Form(max_length=1000, json_schema_extra={"format": "password"})] = None,
    ) -> None:
        super().__init__(
            grant_type=grant_type,
            username=username,
            password=password,
            scope=scope,
            client_id=client_id,
            client_secret=client_secret,
        )


@router.post(
    "/tokens",
    summary="Sign in",
    dependencies=[Depends(never_cached)],
    response_model=TokenResponse,
    responses=_NOT_ENOUGH,
)
async def create_token(
    form: Annotated[PasswordForm, Depends()], sessions: Sessions, cookie: Cookie, visit: Visiting
) -> TokenResponse | Response:
    """Begin a session: OAuth2's password grant, with the email address as `username`.

    `401 wrong-credentials`, the same and as late for an address that nobody has. After some of these the next try is
    taken only after a pause: `429 sign-ins-throttled`, with `Retry-After`.

    `202` where the account has a second factor: there are no tokens yet, but a challenge that
    `POST /tokens/second-factor` takes with a code.
    """
    pair = await sessions.sign_in(email=form.username, password=form.password, visit=visit)
    if isinstance(pair, SecondStep):
        needed = SecondStepNeeded.of(pair)
        return JSONResponse(needed.model_dump(mode="json"), 202, headers={"Cache-Control": "no-store"})
    cookie.keep(pair)
    return TokenResponse.of(pair, without_refresh_token=cookie.is_wanted)


@router.post(
    "/tokens/refresh",
    summary="Stay signed in",
    dependencies=[Depends(never_cached)],
    response_model=TokenResponse,
    responses=_NOT_SIGNED_IN,
)
async def refresh_token(
    sessions: Sessions, cookie: Cookie, visit: Visiting, body: RefreshRequest | None = None
) -> TokenResponse | Response:
    """Spend a refresh token for a new pair of tokens.

    Sent again within ten seconds (two tabs, an answer that got lost), a spent token gives the same refresh token as
    the first time. Later it ends the session: `401 invalid-refresh-token`.
    """
    if cookie.is_wanted:
        token = cookie.refresh_token
        if token is None:
            return Response(status_code=204, headers={"Cache-Control": "no-store"})
    elif body is None:
        raise InvalidRefreshTokenError("Send a refresh token.")
    else:
        token = body.refresh_token
    pair = await sessions.refresh(token, visit)
    cookie.keep(pair)
    return TokenResponse.of(pair, without_refresh_token=cookie.is_wanted)


@router.get("/sessions", summary="Where you are signed in")
async def list_sessions(principal: CurrentPrincipal, sessions: Sessions) -> SessionsResponse:
    """List your sessions, the one used last first. One that has begun a moment ago may be missing yet."""
    found = await sessions.sessions(principal)
    return SessionsResponse(
        sessions=[SessionResponse.of(session, current_id=principal.session_id) for session in found]
    )


@router.delete("/sessions/current", status_code=204, summary="Sign out")
async def end_current_session(principal: CurrentPrincipal, sessions: Sessions, cookie: Cookie, visit: Visiting) -> None:
    """End this session: its refresh token and its access tokens are good for nothing from now on."""
    await sessions.sign_out(principal, visit)
    cookie.drop()


@router.delete("/sessions/{session_id}", status_code=204, summary="Sign out elsewhere")
async def end_session(
    session_id: Annotated[str, Path(max_length=64)], principal: CurrentPrincipal, sessions: Sessions, visit: Visiting
) -> None:
    """End one of your sessions, with its access tokens. `404` where you have none of that id."""
    await sessions.end_session(principal, session_id, visit)
