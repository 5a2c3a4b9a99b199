"""Routes of signing in by another site (OpenID Connect)."""

import logging
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse

from heliograph.errors import HeliographError
from heliograph.identity import CurrentPrincipal
from heliograph_auth.domain.foreign import LIVES, LinkedElsewhereError
from heliograph_auth.routes.cookie import SessionCookie
from heliograph_auth.routes.dependencies import Foreigners, Sessions, Visiting, never_cached
from heliograph_auth.schemas.foreign import ForeignBegun, IdentitiesResponse, IdentityResponse
from heliograph_auth.schemas.second_factor import Proof
from heliograph_auth.service.foreign import Begun

router = APIRouter(tags=["sign in by another site"], generate_unique_id_function=lambda route: route.name)

_logger = logging.getLogger(__name__)

_PATH = "/api/v1/tokens/oidc"
_AFTER_SIGN_IN, _AFTER_LINKING, _AFTER_REFUSAL = "/", "/account", "/sign-in"
_LONGEST_CHARACTERS = 4000


class BrowserCookie:
    """What ties an answer of the provider to the browser that began: HttpOnly, and `Lax`, for it comes by a link."""

    def __init__(self, request: Request, response: Response) -> None:
        self._kept = SessionCookie(request, response, is_wanted=True)
        self._request = request
        self._response = response

    @property
    def name(self) -> str:
        """The cookie's name, with the port in it as the session's has."""
        return self._kept.name.replace("heliograph_refresh", "heliograph_oidc")

    @property
    def secret(self) -> str | None:
        """What the browser has kept."""
        return self._request.cookies.get(self.name)

    def keep(self, begun: Begun) -> None:
        """Have the browser keep it while somebody is at the provider."""
        seconds = int(LIVES.total_seconds())
        self._response.set_cookie(
            self.name,
            begun.browser,
            max_age=seconds,
            path=_PATH,
            secure=self._kept.is_secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self) -> None:
        """Have the browser forget it."""
        self._response.delete_cookie(self.name, path=_PATH, secure=self._kept.is_secure, httponly=True, samesite="lax")


@router.post("/tokens/oidc", summary="Sign in by another site: begin", dependencies=[Depends(never_cached)])
async def begin_foreign_sign_in(foreigners: Foreigners, request: Request, response: Response) -> ForeignBegun:
    """Return the address at which the browser signs in there. `404 oidc-off` where there is no such site."""
    begun = await foreigners.begin()
    BrowserCookie(request, response).keep(begun)
    return ForeignBegun(url=begun.url)


@router.get(
    "/tokens/oidc/callback",
    status_code=303,
    summary="Sign in by another site: come back",
    response_class=RedirectResponse,
    responses={303: {"description": "To the web app: signed in, linked, or with what went wrong as `problem`."}},
)
async def finish_foreign_sign_in(
    request: Request, foreigners: Foreigners, sessions: Sessions, visit: Visiting
) -> RedirectResponse:
    """Take the answer of the other site, which sends the browser here.

    It is good once, for ten minutes, and in the browser in which it was asked for (state and cookie, PKCE, nonce).
    """
    answer = {name: value[:_LONGEST_CHARACTERS] for name, value in request.query_params.items()}
    response = RedirectResponse(_AFTER_SIGN_IN, 303, headers={"Cache-Control": "no-store"})
    browser = BrowserCookie(request, response)
    browser.drop()
    try:
        done = await foreigners.finish(answer, browser=browser.secret, visit=visit)
        if done.was_linking:
            response.headers["Location"] = _AFTER_LINKING
        else:
            SessionCookie(request, response, is_wanted=True).keep(await sessions.begin(done.account, visit))
    except HeliographError as error:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _logger.warning("the OpenID provider could not be asked", exc_info=error)
        page = _AFTER_LINKING if isinstance(error, LinkedElsewhereError) else _AFTER_REFUSAL
        response.headers["Location"] = f"{page}?problem={error.code}"
    return response


@router.get("/me/identities", summary="Other sites that sign you in")
async def list_identities(principal: CurrentPrincipal, foreigners: Foreigners) -> IdentitiesResponse:
    """List the accounts elsewhere that yours is linked with, the newest first."""
    found = await foreigners.identities(principal)
    return IdentitiesResponse(identities=[IdentityResponse.of(identity) for identity in found])


@router.post("/me/identities", summary="Link your account: begin", dependencies=[Depends(never_cached)])
async def begin_linking(
    body: Proof,
    principal: CurrentPrincipal,
    foreigners: Foreigners,
    request: Request,
    response: Response,
    visit: Visiting,
) -> ForeignBegun:
    """Return the address at which the browser signs in there; who does so signs in here from then on.

    `403 wrong-password`; `403 code-needed` or `403 wrong-code` where two-step sign-in is on; `404 oidc-off`.
    """
    begun = await foreigners.begin_linking(principal, password=body.password, code=body.code, visit=visit)
    BrowserCookie(request, response).keep(begun)
    return ForeignBegun(url=begun.url)


@router.post("/me/identities/{identity_id}/removal", status_code=204, summary="Unlink your account")
async def unlink_identity(
    identity_id: Annotated[str, Path(max_length=64)],
    body: Proof,
    principal: CurrentPrincipal,
    foreigners: Foreigners,
    visit: Visiting,
) -> None:
    """Have an account elsewhere sign nobody in to yours any more. `404` where it is not linked.

    `403 wrong-password`; `403 code-needed` or `403 wrong-code` where two-step sign-in is on.
    """
    await foreigners.unlink(principal, identity_id, password=body.password, code=body.code, visit=visit)
