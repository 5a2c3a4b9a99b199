"""Every error is answered with one problem document."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from heliograph import errors
from heliograph.app import MAX_BODY_BYTES, create_app
from heliograph.errors import ForbiddenError, HeliographError, UnauthenticatedError, UnavailableError

CORRELATED = {"X-Correlation-Id": "the-request"}


class Body(BaseModel):
    number: int


def all_errors(kind: type[HeliographError] = HeliographError) -> Iterator[type[HeliographError]]:
    for each in kind.__subclasses__():
        if each.__module__ == errors.__name__:
            yield each
            yield from all_errors(each)


@asynccontextmanager
async def nothing_to_open(_app: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.fixture
def app() -> FastAPI:
    app = create_app(
        "test", description="", lifespan=nothing_to_open, readiness=lambda _app: {}, body_limits_bytes={"/short": 10}
    )

    @app.get("/forbidden")
    async def forbidden() -> None:
        raise ForbiddenError("Not yours to have.")

    @app.get("/nobody")
    async def nobody() -> None:
        raise UnauthenticatedError

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError("secret detail")

    @app.get("/unavailable")
    async def unavailable() -> None:
        raise UnavailableError("secret address")

    @app.post("/body")
    @app.post("/short")
    async def body(body: Body) -> Body:
        return body

    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


def problem(response: httpx.Response) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["status"] == response.status_code
    assert document["type"] == f"/problems/{document['code']}"
    assert document["correlation_id"] == response.headers["X-Correlation-Id"]
    return document


def test_every_kind_of_error_has_a_code_and_a_status_of_its_own() -> None:
    kinds = list(all_errors())

    assert len({kind.code for kind in kinds}) == len({kind.status for kind in kinds}) == len(kinds) == 9
    assert all(kind.__doc__ for kind in kinds)


async def test_an_error_of_ours_says_what_it_is_and_in_which_request(client: httpx.AsyncClient) -> None:
    response = await client.get("/forbidden", headers=CORRELATED)

    assert problem(response) == {
        "type": "/problems/forbidden",
        "title": "Not allowed",
        "status": 403,
        "detail": "Not yours to have.",
        "code": "forbidden",
        "correlation_id": "the-request",
    }


async def test_who_is_not_signed_in_is_told_how(client: httpx.AsyncClient) -> None:
    response = await client.get("/nobody")

    assert problem(response)["detail"] == UnauthenticatedError.__doc__
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_an_error_that_nobody_foresaw_tells_nothing_but_is_found_in_the_log(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = await client.get("/broken", headers=CORRELATED)

    assert problem(response)["code"] == "internal"
    assert response.headers["X-Correlation-Id"] == "the-request"
    assert "secret" not in response.text
    assert "secret detail" in caplog.text


async def test_what_does_not_answer_is_named_in_the_log_alone(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = await client.get("/unavailable")

    assert (response.status_code, problem(response)["detail"]) == (503, UnavailableError.__doc__)
    assert "secret address" in caplog.text


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b'{"number": }', b'{"number": "\xff"}', b"[" * 100_000],
    ids=["cut", "empty", "hole", "bytes", "deep"],
)
async def test_malformed_json_has_a_problem_of_its_own(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post("/body", content=body, headers={"Content-Type": "application/json"})

    expected = (422, "invalid-request") if body == b"" else (400, "malformed-json")
    assert (response.status_code, problem(response)["code"]) == expected


async def test_a_field_that_is_wrong_is_named(client: httpx.AsyncClient) -> None:
    response = await client.post("/body", json={"number": "many"})

    assert response.status_code == 422
    assert problem(response)["errors"][0]["location"] == "body.number"


async def test_unknown_paths_and_methods_are_problems_too(client: httpx.AsyncClient) -> None:
    assert problem(await client.get("/nowhere"))["code"] == "not-found"
    assert problem(await client.delete("/body"))["code"] == "method-not-allowed"


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(("path", "length"), [("/body", MAX_BODY_BYTES + 1), ("/short", 11)])
async def test_a_body_that_is_too_long_is_refused(
    client: httpx.AsyncClient, path: str, length: int, *, announced: bool
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"x" * length

    content = b"x" * length if announced else chunks()
    response = await client.post(path, content=content, headers={"Content-Type": "application/json"})

    assert (response.status_code, problem(response)["code"]) == (413, "too-large")


async def test_readiness_names_what_is_not_ready() -> None:
    async def answers() -> str:
        return "here"

    async def does_not() -> str:
        raise ConnectionError("no answer")

    app = create_app(
        "test", description="", lifespan=nothing_to_open, readiness=lambda _app: {"one": answers, "other": does_not}
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        response = await client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"ready": False, "checks": {"one": "here", "other": "not ready: no answer"}}


@pytest.mark.parametrize("offered", ["", "a b", "x" * 65, "ü"])
async def test_a_correlation_id_that_is_none_is_replaced(client: httpx.AsyncClient, offered: str) -> None:
    response = await client.get("/healthz", headers=[(b"X-Correlation-Id", offered.encode())])

    assert len(response.headers["X-Correlation-Id"]) == 32
