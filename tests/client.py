"""A client of the API that behaves as the web app does: hash, ask, PUT, and try again where nothing answers."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self

import aiohttp
from yarl import URL

from tests.photos import hex_sha256

PASSWORD = "correct horse battery staple"
_TRY_AGAIN_SECONDS = (0.2, 0.5, 1, 2, 3)
_PASSING = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT, 500, 429})


@dataclass(frozen=True)
class Answer:
    """What came back: a status, headers, and JSON where it was JSON."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def code(self) -> str | None:
        """The public code of the problem, if this is one."""
        return self.body.get("code") if isinstance(self.body, dict) else None


@dataclass(frozen=True)
class File:
    """A photo about to be uploaded."""

    filename: str
    content: bytes = field(repr=False)
    content_type: str = "image/jpeg"

    @property
    def announcement(self) -> dict[str, Any]:
        """What `POST /api/v1/uploads` is told of it."""
        return {
            "filename": self.filename,
            "content_type": self.content_type,
            "size_bytes": len(self.content),
            "sha256": hex_sha256(self.content),
        }


@dataclass
class Timings:
    """How long each call took, in seconds."""

    admission: list[float] = field(default_factory=list)
    put: list[float] = field(default_factory=list)
    upload: list[float] = field(default_factory=list)
    """From asking for a photo's URL to its 200."""


class Client:
    """One signed-in account; `patience_seconds` is how long a call is repeated while the system is down."""

    def __init__(self, http: aiohttp.ClientSession, url: str, *, patience_seconds: float = 0) -> None:
        self._http = http
        self.url = url
        self._patience_seconds = patience_seconds
        self.access_token = ""
        self._refresh_token = ""
        self._email = ""
        self._expires_at = 0.0
        self.timings = Timings()

    async def register(self, email: str | None = None) -> Self:
        """Make an account and sign in."""
        self._email = email or f"{secrets.token_hex(8)}@example.org"
        account = {"email": self._email, "password": PASSWORD, "name": "Ada"}
        answer = await self.call("POST", "/api/v1/accounts", json_body=account, signed_in=False)
        assert answer.status in {HTTPStatus.CREATED, HTTPStatus.CONFLICT}, answer  # an answer may have been lost
        await self._sign_in()
        return self

    async def _sign_in(self) -> None:
        form = {"grant_type": "password", "username": self._email, "password": PASSWORD}
        answer = await self.call("POST", "/api/v1/tokens", form=form, signed_in=False)
        assert answer.status == HTTPStatus.OK, answer
        self.access_token = answer.body["access_token"]
        self._expires_at = time.monotonic() + answer.body["expires_in"] - 60

    async def call(
        self,
        method: str,
        path: str,
        *,
        json_body: object = None,
        form: dict[str, str] | None = None,
        data: Any = None,
        signed_in: bool = True,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Return the answer of the API; waits for a system that is coming back as long as the patience lasts."""
        if signed_in and time.monotonic() > self._expires_at > 0:
            await self._sign_in()
        headers = dict(headers or {})
        if signed_in and self.access_token:
            headers.setdefault("Authorization", f"Bearer {self.access_token}")
        if json_body is not None:
            data = json.dumps(json_body).encode()
            headers.setdefault("Content-Type", "application/json")
        return await self._patiently(method, self.url + path, headers, form if form is not None else data)

    async def _patiently(self, method: str, url: str, headers: dict[str, str], data: Any) -> Answer:
        until = time.monotonic() + self._patience_seconds
        attempt = 0
        while True:
            try:
                answer = await self._once(method, url, headers, data)
                if answer.status not in _PASSING or time.monotonic() > until:
                    return answer
            except (aiohttp.ClientError, TimeoutError):
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(_TRY_AGAIN_SECONDS[min(attempt, len(_TRY_AGAIN_SECONDS) - 1)])
            attempt += 1

    async def _once(self, method: str, url: str, headers: dict[str, str], data: Any) -> Answer:
        exactly = URL(url, encoded=True)  # a presigned URL is good as it is spelt only
        async with self._http.request(method, exactly, data=data, headers=headers, allow_redirects=False) as response:
            content = await response.read()
            is_json = "json" in response.content_type
            return Answer(
                response.status, dict(response.headers), json.loads(content) if is_json and content else content
            )

    async def get(self, path: str, expected: int = HTTPStatus.OK) -> Any:
        """Return the JSON of a GET that is to succeed."""
        answer = await self.call("GET", path)
        assert answer.status == expected, answer
        return answer.body

    async def admit(self, files: Sequence[File]) -> list[dict[str, Any]]:
        """Announce files; return what is said of each, in their order."""
        return await self.announce([file.announcement for file in files])

    async def announce(self, announcements: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Announce files of which only this much is at hand; return what is said of each, in their order."""
        started = time.perf_counter()
        body = {"files": announcements}
        answer = await self.call("POST", "/api/v1/uploads", json_body=body)
        assert answer.status == HTTPStatus.OK, answer
        self.timings.admission.append(time.perf_counter() - started)
        admitted: list[dict[str, Any]] = answer.body["files"]
        return admitted

    async def put(self, upload: dict[str, Any], content: bytes) -> Answer:
        """PUT a file's bytes to where its admission says."""
        started = time.perf_counter()
        answer = await self._patiently(upload["method"], upload["url"], upload["headers"], content)
        self.timings.put.append(time.perf_counter() - started)
        return answer

    async def upload(self, file: File) -> str:
        """Bring one photo in, whatever it takes; return its id."""
        started = time.perf_counter()
        while True:
            [said] = await self.admit([file])
            assert said["status"] in {"accepted", "duplicate"}, said
            if said["status"] == "accepted":
                answer = await self.put(said["upload"], file.content)
                if answer.status not in {HTTPStatus.OK, HTTPStatus.PRECONDITION_FAILED}:
                    assert self._patience_seconds > 0, answer
                    await asyncio.sleep(_TRY_AGAIN_SECONDS[0])
                    continue
            self.timings.upload.append(time.perf_counter() - started)
            photo_id: str = said["photo_id"]
            return photo_id

    async def upload_all(self, files: Sequence[File], *, concurrency: int = 8) -> list[str]:
        """Bring photos in, several at a time; return their ids in order."""
        gate = asyncio.Semaphore(concurrency)

        async def one(file: File) -> str:
            async with gate:
                return await self.upload(file)

        return list(await asyncio.gather(*(one(file) for file in files)))

    async def photo(self, photo_id: str) -> Any:
        """Return one photo as the API tells of it."""
        return await self.get(f"/api/v1/photos/{photo_id}")

    async def settled(self, photo_id: str, *, within_seconds: float = 60, every_seconds: float = 0.1) -> Any:
        """Return the photo once it is `ready` or `failed`."""
        until = time.monotonic() + within_seconds
        while True:
            photo = await self.photo(photo_id)
            if photo["status"] in {"ready", "failed"}:
                return photo
            assert time.monotonic() < until, f"still {photo['status']} after {within_seconds} s: {photo}"
            await asyncio.sleep(every_seconds)

    async def all_settled(self, count: int, *, within_seconds: float, every_seconds: float = 0.5) -> dict[str, int]:
        """Return the progress once `count` photos are `ready` or `failed`."""
        until = time.monotonic() + within_seconds
        while True:
            progress: dict[str, int] = await self.get("/api/v1/progress")
            if progress["ready"] + progress["failed"] >= count:
                return progress
            assert time.monotonic() < until, f"after {within_seconds} s: {progress}"
            await asyncio.sleep(every_seconds)


@asynccontextmanager
async def client(url: str, *, patience_seconds: float = 0, connections: int = 16) -> AsyncIterator[Client]:
    """A client with a new account's connections; `register()` it before use."""
    connector = aiohttp.TCPConnector(limit=connections)
    timeout = aiohttp.ClientTimeout(total=120, connect=10)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        yield Client(http, url, patience_seconds=patience_seconds)
