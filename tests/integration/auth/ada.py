"""Auth over HTTP as Ada calls it: an app that runs, her account, her tokens, her letters."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

OLD = {"password": "correct horse"}
ADA = {"email": "Ada@example.com", "password": "correct horse", "name": "Ada"}


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://auth") as client,
    ):
        yield client


async def signed_in(auth: httpx.AsyncClient) -> dict[str, Any]:
    response = await auth.post("/api/v1/accounts", json=ADA)
    assert response.status_code == 201, response.text
    return await tokens(auth)


async def tokens(auth: httpx.AsyncClient, **headers: str) -> dict[str, Any]:
    form = {"grant_type": "password", "username": "ada@EXAMPLE.com", "password": ADA["password"]}
    response = await auth.post("/api/v1/tokens", data=form, headers=headers)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def bearing(pair: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {pair['access_token']}"}


def token_in(folder: Path, page: str) -> str:
    """Return what is behind the # of the link to that page in the latest letter."""
    letter = message_from_bytes(max(folder.glob("*.eml")).read_bytes(), policy=policy.default)
    body = letter.get_body(("plain",))
    assert body
    found = re.search(rf"https://photos\.example\.org/{page}#(\S+)", body.get_content())
    assert found
    return found[1]
