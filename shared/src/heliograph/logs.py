"""Structured JSON logs in which one correlation id follows a photo from its upload to its last message."""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import structlog

_ACCEPTED_CORRELATION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def configure_logs(*, service: str, level: str = "INFO") -> None:
    """Send every log line, those of libraries too, to standard error as one JSON object."""
    shared_processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared_processors,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _named(service),
                _without_what_is_clear,
                structlog.processors.JSONRenderer(separators=(",", ":")),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("botocore", "aiobotocore", "aioboto3", "httpx", "httpcore", "urllib3", "exifread"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    for uvicorn_logger in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(uvicorn_logger).handlers = []
        logging.getLogger(uvicorn_logger).propagate = True
    logging.getLogger("uvicorn.access").disabled = True


def _named(service: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {"service": service, **event}

    return add


def _without_what_is_clear(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Leave out which module says what is in order: such lines come with each photo, and are paid for by the byte."""
    if event.get("level") == "info":
        event.pop("logger", None)
    return event


def new_correlation_id() -> str:
    """Return a new random correlation id."""
    return uuid4().hex


def accepted_correlation_id(offered: str | None) -> str:
    """Return the offered id where it is one (1 to 64 letters, digits, `-`, `_`), else a new one."""
    if offered is not None and _ACCEPTED_CORRELATION_ID.fullmatch(offered):
        return offered
    return new_correlation_id()


def correlation_id() -> str:
    """Return the id of the work in hand, or a new one where there is none."""
    bound = structlog.contextvars.get_contextvars().get("correlation_id")
    return bound if isinstance(bound, str) else new_correlation_id()


@contextmanager
def correlated(identifier: str) -> Iterator[None]:
    """Give every log line inside the block this correlation id."""
    with structlog.contextvars.bound_contextvars(correlation_id=identifier):
        yield
