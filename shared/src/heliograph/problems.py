"""Turn errors into `application/problem+json` (RFC 9457), in one place for every service."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from heliograph.errors import HeliographError
from heliograph.logs import correlation_id

_logger = logging.getLogger(__name__)

# The framework raises bare statuses; the phrases of http.HTTPStatus differ between Python versions, codes may not.
_FRAMEWORK_CODES: dict[int, str] = {
    400: "bad-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
}


class InvalidField(BaseModel):
    """One thing that is wrong in a request's body, path or query."""

    location: str = Field(description="Where it is, for example `body.files.0.sha256`.")
    detail: str


class Problem(BaseModel):
    """A problem document as RFC 9457 describes it."""

    type: str = Field(description="A stable address of this kind of problem, `/problems/<code>`.")
    title: str
    status: int
    detail: str
    code: str = Field(description="The last part of `type`: stable, for programs.")
    correlation_id: str = Field(description="Names this request in every service's log.")
    errors: list[InvalidField] | None = None
    position: int | None = Field(
        None, description="Of `invalid-query`: the character of the search's text at which it goes wrong, from 0."
    )


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "One specific problem, as RFC 9457 describes it."},
}


def problem_response(
    status: int,
    *,
    title: str,
    detail: str,
    code: str,
    errors: list[InvalidField] | None = None,
    headers: dict[str, str] | None = None,
    position: int | None = None,
) -> JSONResponse:
    """Return a problem document as a response with the right media type, which no cache may keep."""
    problem = Problem(
        type=f"/problems/{code}",
        title=title,
        status=status,
        detail=detail,
        code=code,
        correlation_id=correlation_id(),
        errors=errors,
        position=position,
    )
    headers = {"Cache-Control": "no-store"} | (headers or {})
    return JSONResponse(problem.model_dump(exclude_none=True), status, headers, media_type="application/problem+json")


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every foreseen error of `app` with a problem document; heliograph.app answers the others."""

    @app.exception_handler(HeliographError)
    async def of_our_own(_request: Request, error: HeliographError) -> JSONResponse:
        headers = dict(error.headers)
        if error.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        said = str(error)
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:  # it names addresses and resources of ours
            _logger.warning("a request could not be served", exc_info=error)
            said = ""
        return problem_response(
            error.status,
            title=error.title,
            detail=said or type(error).__doc__ or "",
            code=error.code,
            headers=headers,
            position=error.extensions.get("position"),
        )

    @app.exception_handler(RequestValidationError)
    async def of_a_request(_request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            InvalidField(location=".".join(str(part) for part in item["loc"]), detail=item["msg"])
            for item in error.errors()
        ]
        first = errors[0]
        malformed = any(item["type"] == "json_invalid" for item in error.errors())
        return problem_response(
            HTTPStatus.BAD_REQUEST if malformed else HTTPStatus.UNPROCESSABLE_ENTITY,
            title="Malformed JSON" if malformed else "Invalid request",
            detail=f"{first.location}: {first.detail}",
            code="malformed-json" if malformed else "invalid-request",
            errors=errors,
        )

    @app.exception_handler(HTTPException)
    async def of_the_framework(_request: Request, error: HTTPException) -> JSONResponse:
        if isinstance(error.__cause__, (UnicodeDecodeError, RecursionError)):
            return problem_response(
                HTTPStatus.BAD_REQUEST,
                title="Malformed JSON",
                detail="body: not UTF-8, or nested too deeply",
                code="malformed-json",
            )
        return problem_response(
            error.status_code,
            title=HTTPStatus(error.status_code).phrase,
            detail=str(error.detail),
            code=_FRAMEWORK_CODES.get(error.status_code, f"http-{error.status_code}"),
            headers=dict(error.headers) if error.headers else None,
        )


def internal_problem(error: Exception) -> JSONResponse:
    """Log an error that nobody foresaw and return what its caller is told of it."""
    _logger.error("unhandled error", exc_info=error)
    return problem_response(
        500,
        title="Internal error",
        detail="Something went wrong here; the correlation id names it in the log.",
        code="internal",
    )
