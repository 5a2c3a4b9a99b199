"""Looks for secrets in what a system has written down: tokens, passwords and keys have no place in a log."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from tests.client import PASSWORD
from tools.access import read_credentials

PATTERNS = {
    "an access token": re.compile(rb"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"),
    "the signature of a presigned address": re.compile(rb"X-Amz-Signature=[0-9a-f]{16,}", re.IGNORECASE),
    "the signature of a thumbnail's address": re.compile(rb"signature=[\w-]{43}(?![\w-])"),
    "a private key": re.compile(rb"BEGIN (EC )?PRIVATE KEY"),
    "the hash of a password": re.compile(rb"\$argon2id?\$"),
    "a header with credentials": re.compile(rb"[Aa]uthorization['\"]?\s*[:=]\s*b?['\"]?(Bearer|Basic|AWS4)"),
}

_LINK = re.compile(rb"#([\w-]{43})\b")


def leaks(data: Path, secrets: Iterable[str] = ()) -> list[str]:
    """Return what a system's logs tell that they must not, with where it stands.

    Args:
        data: The system's folder: its logs are searched, for its own keys among others.
        secrets: What was told to it in confidence besides.
    """
    known = {"a password": {PASSWORD}, "a secret that it was told": set(secrets)}
    known["what a link in a letter opens"] = {
        link.decode() for letter in (data / "mail").glob("*.eml") for link in _LINK.findall(letter.read_bytes())
    }
    known["a key of its own"] = {
        key.secret_access_key
        for name in ("credentials", "root")
        for key in read_credentials(data / "standin" / f"{name}.json").values()
    }
    return [found for log in sorted((data / "logs").glob("*.log*")) for found in _found(log, known)]


def _found(log: Path, known: dict[str, set[str]]) -> Iterator[str]:
    with log.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            for what, pattern in PATTERNS.items():
                if pattern.search(line):
                    yield f"{log.name}:{number}: {what}"
            for what, secrets in known.items():
                if any(one.encode() in line for secret in secrets for one in _spellings(secret)):
                    yield f"{log.name}:{number}: {what}"


def _spellings(secret: str) -> set[str]:
    return {secret, quote(secret), quote_plus(secret)}
