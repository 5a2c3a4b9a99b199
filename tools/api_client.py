"""Heliograph's API as a program that uploads photos uses it."""

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

DEMO_EMAIL = "demo@heliograph.example"
_ATTEMPTS = 4
CHUNK_BYTES = 1 << 20


class ImportFailedError(RuntimeError):
    """The import can't go on; the text says why."""


@dataclass(frozen=True)
class DemoAccount:
    """Whose library the photos go into."""

    email: str
    password: str = field(repr=False)

    @classmethod
    def kept_in(cls, file: Path) -> "DemoAccount":
        """Return the account that the file tells of; where there is no file, make a password up and keep it there."""
        if file.exists():
            return cls(**json.loads(file.read_text(encoding="utf-8")))
        made = cls(DEMO_EMAIL, secrets.token_urlsafe(12))
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as kept:
            json.dump(asdict(made), kept)
        return made


@dataclass(frozen=True)
class Candidate:
    """A file that might be uploaded."""

    path: Path
    content_type: str
    size_bytes: int
    sha256: bytes
    modified_at: str

    def offered(self) -> dict[str, Any]:
        """Return what the API is told of it."""
        return {
            "filename": self.path.name,
            "content_type": self.content_type,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256.hex(),
            "file_modified_at": self.modified_at,
        }


class Session:
    """Calls to the API as one account; signs in again when the token has run out."""

    def __init__(self, client: httpx.AsyncClient, account: DemoAccount) -> None:
        self._client = client
        self._account = account
        self._token = ""

    async def sign_in(self) -> None:
        """Sign in, registering the account where there is none."""
        about = {"email": self._account.email, "password": self._account.password, "name": "Demo"}
        registered = await _attempted(self._client, "POST", "/api/v1/accounts", json=about)
        if registered.status_code not in (201, 409):
            raise ImportFailedError(f"no account could be made: {_problem(registered)}")
        form = {"grant_type": "password", "username": self._account.email, "password": self._account.password}
        answer = await _attempted(self._client, "POST", "/api/v1/tokens", data=form)
        if not answer.is_success:
            raise ImportFailedError(f"{self._account.email} can't sign in: {_problem(answer)}")
        if "access_token" not in answer.json():
            raise ImportFailedError(f"{self._account.email} has two-step sign-in on: turn it off for the import")
        self._token = answer.json()["access_token"]

    async def offer(self, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Ask which of these files are wanted; returned in the same order."""
        for _ in range(2):
            headers = {"Authorization": f"Bearer {self._token}"}
            answer = await _attempted(self._client, "POST", "/api/v1/uploads", json={"files": files}, headers=headers)
            if answer.status_code != 401:  # noqa: PLR2004 - HTTP's own number
                break
            await self.sign_in()
        if not answer.is_success:
            raise ImportFailedError(f"the uploads were not taken: {_problem(answer)}")
        answered: list[dict[str, Any]] = answer.json()["files"]
        return answered


async def _attempted(client: httpx.AsyncClient, method: str, url: str, **sent: Any) -> httpx.Response:
    """Send a request, again where the way there or the server fails."""
    for attempt in range(_ATTEMPTS):
        last = attempt == _ATTEMPTS - 1
        try:
            answer = await client.request(method, url, **sent)
            if answer.status_code < 500 or last:  # noqa: PLR2004 - HTTP's own number
                return answer
        except httpx.TransportError as error:
            if last:
                raise ImportFailedError(f"{client.base_url} does not answer: {error!r}") from error
        await asyncio.sleep(0.5 * 2**attempt)
    raise AssertionError("the last attempt returns or raises")


def _problem(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


async def put(client: httpx.AsyncClient, candidate: Candidate, upload: dict[str, Any]) -> httpx.Response:
    """Send a file's bytes to where the API said; 412 means that they are there already.

    Raises:
        ImportFailedError: Nobody answers there.
    """
    headers = {"Content-Length": str(candidate.size_bytes)} | upload["headers"]  # each is signed: sent as it came
    for attempt in range(_ATTEMPTS):
        try:
            answer = await client.request(
                upload["method"], upload["url"], headers=headers, content=_chunks(candidate.path)
            )
        except httpx.TransportError as error:
            if attempt == _ATTEMPTS - 1:
                raise ImportFailedError(f"the photo storage does not answer: {error!r}") from error
        else:
            if answer.status_code < 500 or attempt == _ATTEMPTS - 1:  # noqa: PLR2004 - HTTP's own number
                return answer
        await asyncio.sleep(0.5 * 2**attempt)
    raise AssertionError("the last attempt returns or raises")
