"""OpenID Connect by httpx and python-jose, with the one provider that the settings name.

Source: OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3.7; OpenID Connect Discovery 1.0, section 4; RFC 9207 (`iss` in
the answer, against mix-ups); RFC 7636 (PKCE).
"""

import asyncio
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from jose import jwt
from jose.exceptions import JOSEError

from heliograph.errors import UnavailableError
from heliograph_auth.domain.foreign import Foreigner, ForeignSignInRefusedError, code_challenge_of

ALGORITHMS: Final = ("RS256", "ES256")
"""Asymmetric ones alone: a public key is nobody's secret, so nothing signed with one by HMAC is believed."""
_KINDS: Final = {"RS256": "RSA", "ES256": "EC"}
_LEEWAY_SECONDS: Final = 60
_OPTIONS: Final = {"leeway": _LEEWAY_SECONDS} | {
    f"require_{name}": True for name in ("iss", "aud", "exp", "iat", "sub")
}
_DOCUMENT_LIVES_SECONDS: Final = 3600.0
_KEYS_PAUSE_SECONDS: Final = 10.0
_LONGEST_CHARACTERS: Final = 255
"""Source: OpenID Connect Core 1.0, section 2 (`sub`)."""


@dataclass(frozen=True)
class OidcClient:
    """What this Heliograph is to the provider, by the settings."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str = ""
    scopes: str = "openid email profile"

    def __post_init__(self) -> None:
        """Refuse what can't be safe.

        Raises:
            ValueError: The issuer is no address by TLS, nor one of this machine.
        """
        if not _is_safe(self.issuer):
            raise ValueError("the issuer has to be an https address, or one of this machine")


class OidcProvider:
    """`Provider` over HTTP. Nothing is fetched but what the issuer's own discovery document names."""

    def __init__(self, client: OidcClient, http: httpx.AsyncClient) -> None:
        self._client = client
        self._http = http
        self._document: dict[str, Any] = {}
        self._read_at = self._keys_at = float("-inf")
        self._keys: list[dict[str, Any]] = []
        self._lock = asyncio.Lock()

    async def authorization_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """See `Provider.authorization_url`."""
        endpoint = (await self._discovered())["authorization_endpoint"]
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._client.client_id,
                "redirect_uri": self._client.redirect_uri,
                "scope": self._client.scopes,
                "state": state,
                "nonce": nonce,
                "code_challenge": code_challenge_of(verifier),
                "code_challenge_method": "S256",
            }
        )
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{query}"

    async def foreigner(self, answer: Mapping[str, str], *, nonce: str, verifier: str) -> Foreigner:
        """See `Provider.foreigner`."""
        document = await self._discovered()
        issuer = answer.get("iss")
        needs_issuer = document.get("authorization_response_iss_parameter_supported") is True
        if (issuer is not None or needs_issuer) and issuer != self._client.issuer:
            raise ForeignSignInRefusedError
        code = answer.get("code")
        if "error" in answer or not code:
            raise ForeignSignInRefusedError("The other site has not signed you in.")
        tokens = await self._exchanged(document, code, verifier)
        claims = await self._claims(tokens)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise ForeignSignInRefusedError
        return _foreigner(self._client.issuer, claims)

    async def _exchanged(self, document: Mapping[str, Any], code: str, verifier: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect_uri,
            "code_verifier": verifier,
        }
        proof: httpx.Auth = httpx.Auth()
        ways = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if self._client.client_secret and "client_secret_basic" in ways:
            # Both are written as in a form first. Source: RFC 6749, 2.3.1.
            proof = httpx.BasicAuth(quote_plus(self._client.client_id), quote_plus(self._client.client_secret))
        else:
            form["client_id"] = self._client.client_id
            if self._client.client_secret:
                form["client_secret"] = self._client.client_secret
        try:
            response = await self._http.post(document["token_endpoint"], data=form, auth=proof)
            if response.is_server_error:
                raise UnavailableError("the OpenID provider's token endpoint fails")
            tokens = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise UnavailableError("the OpenID provider's token endpoint does not answer") from error
        if not response.is_success or not isinstance(tokens, dict):
            raise ForeignSignInRefusedError
        return tokens

    async def _claims(self, tokens: Mapping[str, Any]) -> dict[str, Any]:
        token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(token, str):
            raise ForeignSignInRefusedError
        try:
            header = jwt.get_unverified_header(token)
            algorithm = header.get("alg")
            if algorithm not in ALGORITHMS:
                raise ForeignSignInRefusedError
            claims: dict[str, Any] = jwt.decode(
                token,
                await self._key(header.get("kid"), algorithm),
                algorithms=[algorithm],
                audience=self._client.client_id,
                issuer=self._client.issuer,
                access_token=access_token if isinstance(access_token, str) else None,
                options=_OPTIONS,
            )
        except JOSEError as error:
            raise ForeignSignInRefusedError from error
        audience = claims.get("aud")
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != self._client.client_id:
            raise ForeignSignInRefusedError
        return claims

    async def _key(self, key_id: object, algorithm: str) -> dict[str, Any]:
        """Return the key that a token says it is signed with, which has to be of the algorithm's own kind."""
        for is_fresh in (False, True):
            for key in await self._published(ask_again=is_fresh):
                fits = key.get("kty") == _KINDS[algorithm] and key.get("use", "sig") == "sig"
                if fits and key.get("alg", algorithm) == algorithm and (key_id is None or key.get("kid") == key_id):
                    return key
        raise ForeignSignInRefusedError

    async def _published(self, *, ask_again: bool) -> list[dict[str, Any]]:
        document = await self._discovered()
        async with self._lock:
            is_due = not self._keys or (ask_again and time.monotonic() - self._keys_at > _KEYS_PAUSE_SECONDS)
            if is_due:
                found = await self._fetched(document["jwks_uri"])
                self._keys = [key for key in found.get("keys", []) if isinstance(key, dict)]
                self._keys_at = time.monotonic()
            return self._keys

    async def _discovered(self) -> dict[str, Any]:
        async with self._lock:
            if time.monotonic() - self._read_at > _DOCUMENT_LIVES_SECONDS:
                found = await self._fetched(f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration")
                if found.get("issuer") != self._client.issuer:
                    raise UnavailableError("the OpenID provider calls itself otherwise than the settings do")
                endpoints = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                if not all(isinstance(found.get(name), str) and _is_safe(found[name]) for name in endpoints):
                    raise UnavailableError("the OpenID provider names endpoints that are not safe")
                self._document, self._read_at = found, time.monotonic()
            return self._document

    async def _fetched(self, url: str) -> dict[str, Any]:
        try:
            response = await self._http.get(url)
            response.raise_for_status()
            found = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise UnavailableError("the OpenID provider does not answer") from error
        if not isinstance(found, dict):
            raise UnavailableError("the OpenID provider answers with something else")
        return found


def _foreigner(issuer: str, claims: Mapping[str, Any]) -> Foreigner:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_CHARACTERS:
        raise ForeignSignInRefusedError
    email, name = claims.get("email"), claims.get("name")
    return Foreigner(
        issuer,
        subject,
        email if isinstance(email, str) else "",
        claims.get("email_verified") is True,
        name[:100] if isinstance(name, str) else "",
    )


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    try:
        return parts.scheme == "http" and ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.scheme == "http" and parts.hostname == "localhost"
