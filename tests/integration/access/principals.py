"""Who calls, in the authorisation matrix: each with the credentials that it sends and what it is to Ada's library.

A new kind of caller (an API key of some scope, a viewer of a shared album, a share link) is one more line of
`PRINCIPALS`, and where it may do what no other may, a member of `Standing` that rows name.
"""

import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import uuid4

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jose import jwt

from tests.client import PASSWORD
from tests.integration.access.world import World

Headers = Mapping[str, str]


class Standing(StrEnum):
    """What somebody is to Ada's library."""

    NOBODY = "nobody"
    """No credentials, or ones that are not good."""
    LINK = "link"
    """Has opened a share link of one of its albums."""
    STRANGER = "stranger"
    """Signed in with another account."""
    VIEWER = "viewer"
    """Signed in with an account that some of its albums are shared with; likewise the next two."""
    CONTRIBUTOR = "contributor"
    EDITOR = "editor"
    OWNER = "owner"
    ADMIN = "admin"
    """Signed in with an account that looks after accounts; to the library they are a stranger."""


@dataclass(frozen=True)
class Principal:
    """One column of the matrix."""

    name: str
    standing: Standing
    headers: Callable[[World], Headers]
    scope: str | None = None
    """What an API key of that standing is good for; None: no API key."""
    is_only_refused: bool = False
    """Whether only what it may not is tried, as all else that it may would use up what the owner's calls need."""


def bearer(token: str) -> Headers:
    """Return how a token is sent."""
    return {"Authorization": f"Bearer {token}"}


def forged(
    world: World, *, key: Any = None, algorithm: str = "ES256", header: Mapping[str, str] | None = None, **claims: Any
) -> str:
    """Return a token like Ada's but for what is given; without a key, signed with auth's own."""
    token = world.ada.access_token
    original = dict(jwt.get_unverified_claims(token))
    headers = jwt.get_unverified_header(token) | dict(header or {})
    signed_with = world.signing_key_pem.decode() if key is None else key
    return str(jwt.encode(original | claims, signed_with, algorithm=algorithm, headers=headers))


def expired(world: World) -> str:
    """Return a token of Ada's that was good until a while ago, longer than any leeway for clocks."""
    now = int(time.time())
    return forged(world, iat=now - 4000, exp=now - 3400)


def a_strangers_key() -> str:
    """Return a private key that auth has never seen, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_pem(world: World) -> bytes:
    """Return the public half of auth's key as PEM: what a library that is fooled takes for an HMAC secret."""
    private = serialization.load_pem_private_key(world.signing_key_pem, password=None)
    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def with_hmac(world: World) -> str:
    """Return a token signed by HMAC with the public key, which anyone can make."""
    header = jwt.get_unverified_header(world.ada.access_token) | {"alg": "HS256"}
    signed = f"{_part(header)}.{_part(jwt.get_unverified_claims(world.ada.access_token))}"
    return f"{signed}.{_base64(hmac.digest(public_pem(world), signed.encode(), 'sha256'))}"


def unsigned(world: World) -> str:
    """Return a token that says of itself that it needs no signature."""
    header = jwt.get_unverified_header(world.ada.access_token) | {"alg": "none"}
    return f"{_part(header)}.{_part(jwt.get_unverified_claims(world.ada.access_token))}."


def with_another_subject(world: World) -> str:
    """Return Eve's token with Ada's id written over hers."""
    header, payload, signature = world.eve.access_token.split(".")
    claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return f"{header}.{_part(claims | {'sub': world.ada.account_id})}.{signature}"


def with_a_bit_flipped(token: str, *, part: int = 2, bit: int = 17) -> str:
    """Return a token with one bit of one part (0 header, 1 claims, 2 signature) the other way round."""
    parts = token.split(".")
    content = bytearray(urlsafe_b64decode(parts[part] + "=" * (-len(parts[part]) % 4)))
    content[bit // 8 % len(content)] ^= 1 << bit % 8
    parts[part] = _base64(bytes(content))
    return ".".join(parts)


def _part(content: Mapping[str, Any]) -> str:
    return _base64(json.dumps(content, separators=(",", ":")).encode())


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _basic(world: World) -> Headers:
    basic = httpx.BasicAuth(world.ada.email, PASSWORD)
    request = next(basic.auth_flow(httpx.Request("GET", world.system.url)))
    return {"Authorization": request.headers["Authorization"]}


def _key(scope: str, *, is_only_refused: bool = False) -> Principal:
    return Principal(
        f"API key for {scope}",
        Standing.OWNER,
        lambda world: bearer(world.keys[scope]),
        scope,
        is_only_refused,
    )


def _nobody(name: str, token: Callable[[World], str]) -> Principal:
    return Principal(name, Standing.NOBODY, lambda world: bearer(token(world)))


PRINCIPALS = (
    Principal("owner", Standing.OWNER, lambda world: world.ada.headers),
    Principal("other account", Standing.STRANGER, lambda world: world.eve.headers),
    Principal("admin", Standing.ADMIN, lambda world: world.admin.headers),
    Principal("somebody taken out of the albums", Standing.STRANGER, lambda world: world.removed.headers),
    _key("library:read"),
    _key("library:write", is_only_refused=True),
    _key("uploads:write"),
    _key("shares:write"),
    _key("account:read"),
    Principal("viewer", Standing.VIEWER, lambda world: world.members["viewer"].headers),
    Principal("contributor", Standing.CONTRIBUTOR, lambda world: world.members["contributor"].headers),
    Principal("editor", Standing.EDITOR, lambda world: world.members["editor"].headers),
    Principal("share link", Standing.LINK, lambda world: bearer(world.visit)),
    Principal("share link with a password", Standing.LINK, lambda world: bearer(world.visit_with_password)),
    _nobody("share link that was taken back", lambda world: world.visit_taken_back),
    _nobody("share link with a password that was taken back", lambda world: world.visit_with_password_taken_back),
    _nobody("share link whose password was changed", lambda world: world.visit_before_the_password_changed),
    _nobody("share link that has run out", lambda world: world.visit_run_out),
    _nobody("secret of a share link as a token", lambda world: world.link_secret),
    Principal("anonymous", Standing.NOBODY, lambda _: {}),
    Principal("password instead of a token", Standing.NOBODY, _basic),
    _nobody("expired token", expired),
    _nobody("token of a future that a clock can't explain", lambda world: forged(world, nbf=int(time.time()) + 3600)),
    _nobody("refresh token as an access token", lambda world: world.ada.refresh_token),
    _nobody("token with a bit flipped", lambda world: with_a_bit_flipped(world.ada.access_token)),
    _nobody("token with another's subject", with_another_subject),
    _nobody("token without a signature", unsigned),
    _nobody("token signed by HMAC with the public key", with_hmac),
    _nobody("token of a stranger's key under auth's name", lambda world: forged(world, key=a_strangers_key())),
    _nobody("token of an unknown key", lambda world: forged(world, key=a_strangers_key(), header={"kid": uuid4().hex})),
    _nobody("token of another issuer", lambda world: forged(world, iss="https://elsewhere.example")),
    _nobody("token for another API", lambda world: forged(world, aud="another-api")),
)
"""The columns of the matrix."""
