"""The refresh token of the web app: in a cookie that no script can read and no other site can send.

Whoever sends `X-Heliograph-Session: cookie` gets and sends it by cookie, all others in bodies. Another site's page
can't send that header without asking first (CORS), and nobody here says yes; `Origin` and `Sec-Fetch-Site` are
compared besides, for pages of the same site at another port, which SameSite lets through.

Source: OWASP's Cross-Site Request Forgery Prevention Cheat Sheet; RFC 6265bis, sections 4.1.3 and 5.
"""

from typing import Annotated

from fastapi import Depends, Header, Request, Response

from heliograph_auth.domain.errors import ForeignOriginError
from heliograph_auth.domain.sessions import TokenPair

COOKIE = "cookie"
_PATH = "/api/v1/tokens"
"""Where refresh tokens are spent, and nowhere else."""


class SessionCookie:
    """The cookie of one request and its answer; `is_wanted` says whether the caller goes by it at all."""

    def __init__(self, request: Request, response: Response, *, is_wanted: bool) -> None:
        self.is_wanted = is_wanted
        self._request = request
        self._response = response
        self.is_secure = request.headers.get("X-Forwarded-Proto", request.url.scheme) == "https"

    @property
    def name(self) -> str:
        """The cookie's name; cookies know no ports, so that two systems on one machine need two names."""
        _, _, port = self._request.headers.get("Host", "").rpartition(":")
        return f"{'__Secure-' if self.is_secure else ''}heliograph_refresh{f'_{port}' if port.isdecimal() else ''}"

    @property
    def refresh_token(self) -> str | None:
        """The token that the browser has sent."""
        return self._request.cookies.get(self.name)

    def keep(self, pair: TokenPair) -> None:
        """Have the browser keep the pair's refresh token, where that is wanted."""
        if self.is_wanted:
            seconds = int(pair.refreshable_for.total_seconds())
            self._response.set_cookie(
                self.name,
                pair.refresh_token,
                max_age=seconds,
                path=_PATH,
                secure=self.is_secure,
                httponly=True,
                samesite="strict",
            )

    def drop(self) -> None:
        """Have the browser forget it."""
        self._response.delete_cookie(self.name, path=_PATH, secure=self.is_secure, httponly=True, samesite="strict")


def _session_cookie(
    request: Request,
    response: Response,
    x_heliograph_session: Annotated[
        str | None,
        Header(
            description="`cookie`: the refresh token goes by an HttpOnly cookie, as the web app has it.", max_length=16
        ),
    ] = None,
) -> SessionCookie:
    is_wanted = x_heliograph_session == COOKIE
    if is_wanted and not _is_from_here(request):
        raise ForeignOriginError
    return SessionCookie(request, response, is_wanted=is_wanted)


def _is_from_here(request: Request) -> bool:
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    return origin is None or origin.partition("://")[2] == request.headers.get("Host")


Cookie = Annotated[SessionCookie, Depends(_session_cookie)]
