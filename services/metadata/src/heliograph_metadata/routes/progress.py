"""Routes that tell how far the pipeline has come, live."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from heliograph.errors import UnavailableError
from heliograph.identity import CurrentPrincipal
from heliograph.photos import OwnerId
from heliograph_metadata.domain.errors import InvalidCursorError
from heliograph_metadata.routes.dependencies import Index, PeoplesMemories, Progresses
from heliograph_metadata.schemas.progress import PhotoEvent, ProgressResponse, QuestionsEvent
from heliograph_metadata.service.library_index import Change, LibraryIndex
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.progress import Pace, changes_since

_logger = logging.getLogger(__name__)

router = APIRouter(tags=["progress"], generate_unique_id_function=lambda route: route.name)

_KEEP_ALIVE_SECONDS: Final = 15.0

_LIVES_SECONDS: Final = 600.0
"""A stream ends with the token that opened it, at the latest; who still watches comes back with a new one."""

_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 9998
"""Between them a time can be counted on from in any zone."""


class EventStream(StreamingResponse):
    """Server-sent events. Source: "Server-sent events" in the HTML Standard."""

    media_type = "text/event-stream"


@router.get("/progress", summary="How far the pipeline has come")
async def get_progress(principal: CurrentPrincipal, progress: Progresses) -> ProgressResponse:
    """How many photos are in each state; those in the trash are in none."""
    return ProgressResponse.of(await progress.of(principal.account_id))


def _event_schema() -> dict[str, Any]:
    """Refer to the states where the API's document has them: a schema's own `$defs` can't be reached from there."""
    photo = PhotoEvent.model_json_schema(ref_template="#/components/schemas/{model}")
    photo.pop("$defs")
    return {"oneOf": [photo, QuestionsEvent.model_json_schema()]}


_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`event: photo`, `id:` a cursor, `data:` the photo; `event: questions`, when photos or answers "
        "have changed so that it is worth asking for questions again; comment lines keep the connection alive.",
        "content": {"text/event-stream": {"schema": _event_schema()}},
    }
}


@router.get("/events", summary="Changes as they happen", response_class=EventStream, responses=_EVENTS)
async def get_events(
    request: Request,
    principal: CurrentPrincipal,
    index: Index,
    memories: PeoplesMemories,
    last_event_id: Annotated[str | None, Header(description="Goes on after this event.", max_length=64)] = None,
) -> EventStream:
    """Server-sent events, one for each photo of yours that changes. An event may be told twice; `version` tells.

    Once photos have come to rest, or an answer was given or taken back, `questions` says that others may be asked now.
    """
    since = _time_of(last_event_id) if last_event_id else datetime.now(UTC)
    state = request.app.state
    return EventStream(
        _events(index, memories, principal.account_id, since, state.stopping, state.pace),
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _time_of(event_id: str) -> datetime:
    try:
        time_of_event = datetime.fromisoformat(event_id)
    except ValueError as error:
        raise InvalidCursorError("Last-Event-ID is not the id of an event.") from error
    if time_of_event.tzinfo is None or not _FIRST_YEAR <= time_of_event.year <= _LAST_YEAR:
        raise InvalidCursorError("Last-Event-ID is not the id of an event.")
    return time_of_event.astimezone(UTC)


async def _events(
    index: LibraryIndex,
    memories: Memories,
    owner_id: OwnerId,
    since: datetime,
    stopping: asyncio.Event,
    pace: Pace,
) -> AsyncIterator[str]:
    yield ": connected\n\n"
    opened_at = written_at = time.monotonic()
    have_photos_changed = False
    try:
        answers = (await memories.history(owner_id)).number
        async for changes in changes_since(index, owner_id, since, stopping=stopping, pace=pace):
            now = time.monotonic()
            number = answers if changes else (await memories.history(owner_id)).number
            if changes:
                yield "".join(map(_event, changes))
                written_at, have_photos_changed = now, True
            elif have_photos_changed or answers != number:
                yield f"event: questions\ndata: {QuestionsEvent(answers=number).model_dump_json()}\n\n"
                written_at, have_photos_changed, answers = now, False, number
            elif now - written_at >= _KEEP_ALIVE_SECONDS:
                yield ": still here\n\n"
                written_at = now
            if now - opened_at >= _LIVES_SECONDS:
                return
    except UnavailableError as error:
        _logger.warning("a stream of events ends early", extra={"error": str(error)})


def _event(change: Change) -> str:
    body = PhotoEvent(photo_id=change.photo_id, status=change.status, version=change.version)
    return f"event: photo\nid: {change.updated_at.astimezone(UTC).isoformat()}\ndata: {body.model_dump_json()}\n\n"
