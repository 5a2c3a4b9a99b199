"""The frame of every process: an ASGI app with problems, correlation ids, metrics, `/healthz` and `/readyz`.

HTTP services add their routers to it; queue workers run their consumers in its lifespan.
"""

import gc
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from heliograph.identity import MethodScopes
from heliograph.logs import accepted_correlation_id, correlated
from heliograph.problems import install_problem_handlers, internal_problem

CORRELATION_HEADER = "X-Correlation-Id"
MAX_BODY_BYTES = 1024 * 1024

ReadinessCheck = Callable[[], Awaitable[str]]
"""Returns a few words on what it found; raises where the thing it checks is not ready."""

_logger = logging.getLogger("heliograph.http")
_REQUEST_SECONDS = Histogram(
    "heliograph_http_request_seconds", "Time to answer a request.", ["method", "route", "status"]
)
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


class _BodyLimit:
    """Refuses a body that is longer than its path allows, while it is being read."""

    def __init__(self, app: ASGIApp, limits_bytes: Mapping[str, int]) -> None:
        self._app = app
        self._limits_bytes = limits_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit_bytes = self._limits_bytes.get(scope["path"], MAX_BODY_BYTES)
        announced = Headers(scope=scope).get("content-length", "0")
        refused = announced.isdecimal() and int(announced) > limit_bytes
        received_bytes = 0

        async def receive_within_limit() -> Message:
            nonlocal received_bytes, refused
            message: Message = {"type": "http.request"} if refused else await receive()
            received_bytes += len(message.get("body", b""))
            refused = refused or received_bytes > limit_bytes
            if refused:
                raise HTTPException(413, f"The body is longer than {limit_bytes} bytes.")  # FastAPI lets only this pass
            return message

        await self._app(scope, receive_within_limit, send)


class _RequestLog:
    """Binds the correlation id, logs and measures each request, and answers where nothing else could."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = accepted_correlation_id(Headers(scope=scope).get(CORRELATION_HEADER))
        started = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[CORRELATION_HEADER] = identifier
            await send(message)

        with correlated(identifier):
            try:
                await self._app(scope, receive, send_with_id)
            except Exception as error:
                response = internal_problem(error)
                if status:  # too late to answer: let the server cut the connection
                    raise
                await response(scope, receive, send_with_id)
            finally:
                seconds = time.perf_counter() - started
                route = getattr(scope.get("route"), "path", "unmatched")
                _REQUEST_SECONDS.labels(scope["method"], route, status).observe(seconds)
                if scope["path"] not in _QUIET:
                    _logger.info(
                        "request",
                        extra={
                            "method": scope["method"],
                            "path": scope["path"],
                            "status": status,
                            "seconds": round(seconds, 4),
                        },
                    )


def _settled(lifespan: Lifespan[FastAPI]) -> Lifespan[FastAPI]:
    """Return a lifespan in which the garbage collector passes over what was there when it began.

    Modules, routes and places are 150,000 objects that stay; looking through them holds everybody up for a tenth of a
    second each time.
    """

    @asynccontextmanager
    async def settled(app: FastAPI) -> AsyncIterator[Any]:
        async with lifespan(app) as state:
            gc.freeze()
            try:
                yield state
            finally:
                gc.unfreeze()

    return settled


def create_app(
    title: str,
    *,
    description: str,
    lifespan: Lifespan[FastAPI],
    readiness: Callable[[FastAPI], Mapping[str, ReadinessCheck]],
    body_limits_bytes: Mapping[str, int] | None = None,
    scopes: MethodScopes | None = None,
) -> FastAPI:
    """Return an app with everything that is the same in each process.

    Args:
        title: The service's name.
        description: What it is for; shown in the API's docs.
        lifespan: Opens what the service needs and closes it again.
        readiness: Given the started app, the named checks behind `/readyz`.
        body_limits_bytes: By path, how long a body may be where it is not `MAX_BODY_BYTES`.
        scopes: What callers of its routes need to look, and to change something; a worker has no such routes.
    """
    app = FastAPI(
        title=title,
        description=description,
        lifespan=_settled(lifespan),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.scopes = scopes
    install_problem_handlers(app)
    app.add_middleware(_BodyLimit, limits_bytes=body_limits_bytes or {})
    app.add_middleware(_RequestLog)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> JSONResponse:
        found: dict[str, Any] = {}
        ready = True
        for name, check in readiness(app).items():
            try:
                found[name] = await check()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what is not ready
                ready = False
                found[name] = f"not ready: {error}"
        return JSONResponse({"ready": ready, "checks": found}, status_code=200 if ready else 503)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app
