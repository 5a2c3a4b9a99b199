"""The frame of every process: an ASGI app with problems, correlation ids, metrics, `/healthz` and `/readyz`.

HTTP services add their routers to it; queue workers run their consumers in its lifespan.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from heliograph.logs import accepted_correlation_id, correlated
from heliograph.problems import install_problem_handlers

CORRELATION_HEADER = "X-Correlation-Id"

ReadinessCheck = Callable[[], Awaitable[str]]
"""Returns a few words on what it found; raises where the thing it checks is not ready."""

_logger = logging.getLogger("heliograph.http")
_REQUEST_SECONDS = Histogram(
    "heliograph_http_request_seconds", "Time to answer a request.", ["method", "route", "status"]
)
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


class _RequestLog:
    """Binds the correlation id, then logs and measures each request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = accepted_correlation_id(Headers(scope=scope).get(CORRELATION_HEADER))
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[CORRELATION_HEADER] = identifier
            await send(message)

        with correlated(identifier):
            try:
                await self._app(scope, receive, send_with_id)
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


def create_app(
    title: str,
    *,
    description: str,
    lifespan: Lifespan[FastAPI],
    readiness: Callable[[FastAPI], Mapping[str, ReadinessCheck]],
) -> FastAPI:
    """Return an app with everything that is the same in each process.

    Args:
        title: The service's name.
        description: What it is for; shown in the API's docs.
        lifespan: Opens what the service needs and closes it again.
        readiness: Given the started app, the named checks behind `/readyz`.
    """
    app = FastAPI(
        title=title, description=description, lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None
    )
    install_problem_handlers(app)
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
