"""Secrets in logs are found, or the search for them would prove nothing."""

import json
from pathlib import Path

import pytest

from tests.client import PASSWORD
from tests.leaks import leaks


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    (tmp_path / "standin").mkdir()
    key = {"access_key_id": "AKIA", "secret_access_key": "a-very-secret-key"}
    (tmp_path / "standin" / "credentials.json").write_text(json.dumps({"auth": key}))
    return tmp_path


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (f"sign in with {PASSWORD}", "a password"),
        ("username=a&password=correct+horse+battery+staple", "a password"),
        ("token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl", "an access token"),
        ("GET /x?X-Amz-Signature=0123456789abcdef0123", "the signature of a presigned address"),
        ("-----BEGIN PRIVATE KEY-----", "a private key"),
        ("$argon2id$v=19$m=19456", "the hash of a password"),
        ("{'Authorization': 'Bearer abc'}", "a header with credentials"),
        ("AWS_SECRET_ACCESS_KEY=a-very-secret-key", "a key of its own"),
        ("refresh with opaque-token", "a secret that it was told"),
    ],
)
def test_each_kind_of_secret_is_found_where_it_stands(data: Path, line: str, what: str) -> None:
    (data / "logs" / "auth.log").write_text(f"started\n{line}\n")

    assert f"auth.log:2: {what}" in leaks(data, ["opaque-token"])


def test_what_logs_usually_tell_is_no_secret(data: Path) -> None:
    (data / "logs" / "nginx.log").write_text('{"method":"POST","path":"/api/v1/tokens","status":200}\n')

    assert leaks(data, ["opaque-token"]) == []
