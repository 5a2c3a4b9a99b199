"""An OpenID provider on loopback: signs in whoever it is told to, and misbehaves as it is told to."""

import hashlib
import hmac
import json
import secrets
import socket
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from urllib.parse import unquote_plus, urlencode

import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi import FastAPI, Form, Header, Query
from fastapi.responses import JSONResponse, RedirectResponse
from jose import jwk, jwt

CLIENT_ID = "heliograph-tests"
CLIENT_SECRET = "a client's secret & more"
_RSA_BITS = 2048


class OpenIdProvider:
    """Who signs in there is `who`; `claims`, `algorithm` and the rest overwrite what it would rightly say."""

    def __init__(self) -> None:
        self.issuer = ""
        self.who: dict[str, Any] = {"sub": "ada-there", "email": "ada@there.example", "email_verified": True}
        self.claims: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.signing_key: str | None = None
        """Another key than the published one, in PEM."""
        self.answer: dict[str, str] = {}
        """What it says besides in the address that it sends the browser back to."""
        self.document: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self._keys: dict[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = {
            "RS256": rsa.generate_private_key(65537, _RSA_BITS),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
        }
        self.app = FastAPI()
        self.app.get("/.well-known/openid-configuration")(self.discovery)
        self.app.get("/authorize")(self.authorize)
        self.app.post("/token")(self.token)
        self.app.get("/jwks")(self.jwks)

    def discovery(self) -> dict[str, Any]:
        """Say where everything is."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "authorization_response_iss_parameter_supported": True,
        } | self.document

    def authorize(
        self,
        client_id: str,
        redirect_uri: str,
        state: str,
        nonce: str,
        code_challenge: str,
        code_challenge_method: Annotated[str, Query(pattern="^S256$")],
        scope: str,
    ) -> RedirectResponse:
        """Sign in whoever it is, at once, and send the browser back."""
        assert client_id == CLIENT_ID
        assert "openid" in scope.split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = {"nonce": nonce, "challenge": code_challenge, "redirect_uri": redirect_uri}
        back = {"code": code, "state": state, "iss": self.issuer} | self.answer
        return RedirectResponse(f"{redirect_uri}?{urlencode(back)}", 302)

    def token(
        self,
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        authorization: Annotated[str, Header()],
    ) -> JSONResponse:
        """Give tokens for a code: once, to the client, for the verifier whose challenge it was given for."""
        known = self.codes.pop(code, None)
        digest = urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        offered = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        is_client = (unquote_plus(offered[0]), unquote_plus(offered[2])) == (CLIENT_ID, CLIENT_SECRET)
        if not is_client or known is None or (known["challenge"], known["redirect_uri"]) != (digest, redirect_uri):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": known["nonce"]}
        claims = {name: value for name, value in (said | self.who | self.claims).items() if value is not None}
        return JSONResponse({"access_token": "theirs", "token_type": "Bearer", "id_token": self.signed(claims)})

    def jwks(self) -> dict[str, Any]:
        """Say which keys it signs with."""
        return {"keys": [self._public(algorithm) | {"kid": algorithm, "use": "sig"} for algorithm in self._keys]}

    def signed(self, claims: dict[str, Any]) -> str:
        """Return an ID token."""
        if self.algorithm == "none":
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        if self.algorithm == "HS256":
            public = (
                self._keys["RS256"]
                .public_key()
                .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            )
            head = f"{_part({'alg': 'HS256', 'kid': 'RS256'})}.{_part(claims)}"
            return f"{head}.{_base64(hmac.digest(public, head.encode(), 'sha256'))}"
        key = self.signing_key or self._pem(self.algorithm)
        return str(jwt.encode(claims, key, self.algorithm, headers={"kid": self.algorithm}))

    def another_key(self) -> str:
        """Return a key in PEM that is not published."""
        return _pem(rsa.generate_private_key(65537, _RSA_BITS))

    def _pem(self, algorithm: str) -> str:
        return _pem(self._keys[algorithm])

    def _public(self, algorithm: str) -> dict[str, Any]:
        return {
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in jwk.construct(self._pem(algorithm), algorithm).public_key().to_dict().items()
        }


@contextmanager
def serving(provider: OpenIdProvider) -> Iterator[OpenIdProvider]:
    """Run it at a port that is free, in a thread of its own; connections wait in the socket until it is up."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        provider.issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(provider.app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield provider
        finally:
            server.should_exit = True
            thread.join()


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _part(content: dict[str, Any]) -> str:
    return _base64(json.dumps(content).encode())


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
