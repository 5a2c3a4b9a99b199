"""A signing key: what it signs, and how it is published."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import jwt

from heliograph.identity import Principal
from heliograph.photos import OwnerId
from heliograph_auth.signing import SigningKey, new_signing_key, thumbprint


def test_a_thumbprint_is_of_the_required_members_in_their_canonical_form() -> None:
    # RFC 7638, section 3.1: an RSA key and its thumbprint.
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
        "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajr"
        "n1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )

    assert thumbprint({"n": modulus, "e": "AQAB", "kty": "RSA"}) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_a_token_names_its_key_its_caller_and_its_end() -> None:
    key = SigningKey(new_signing_key(), issuer="auth", audience="api")
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)

    token = key.issue(Principal(account_id=OwnerId("ada"), session_id="s1"), now=now, lives=timedelta(minutes=10))

    assert jwt.get_unverified_header(token) == {"alg": "ES256", "typ": "at+jwt", "kid": key.key_id}
    claims = jwt.get_unverified_claims(token)
    assert len(claims.pop("jti")) == 32
    assert claims == {
        "iss": "auth",
        "aud": "api",
        "sub": "ada",
        "sid": "s1",
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + 600,
        "gen": 0,
        "scope": "account:read account:write library:read library:write shares:write uploads:write",
    }


def test_what_is_published_holds_no_secret_and_fits_the_private_key() -> None:
    pem = new_signing_key()
    public = SigningKey(pem, issuer="auth", audience="api").public_jwk

    assert set(public) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert len(base64.urlsafe_b64decode(public["x"] + "=")) == len(base64.urlsafe_b64decode(public["y"] + "=")) == 32
    assert public["kid"] == thumbprint({name: public[name] for name in ("kty", "crv", "x", "y")})


@pytest.mark.parametrize("kind", ["rsa", "p-384"])
def test_another_kind_of_key_is_refused(kind: str) -> None:
    key = ec.generate_private_key(ec.SECP384R1()) if kind == "p-384" else rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    with pytest.raises(ValueError, match="P-256"):
        SigningKey(pem, issuer="auth", audience="api")
