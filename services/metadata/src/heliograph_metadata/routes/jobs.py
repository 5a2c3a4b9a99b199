"""Routes of bulk edits and of the trash as a whole."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.domain.cursor import cursor as cursor_of
from heliograph_metadata.domain.cursor import fingerprint, position
from heliograph_metadata.domain.search.parsing import parse
from heliograph_metadata.domain.search.saved import SearchQuery
from heliograph_metadata.domain.search.values import between, bounds_of, circle_of
from heliograph_metadata.routes.dependencies import Cursor, Jobs
from heliograph_metadata.schemas.jobs import JobCreate, JobResponse, JobsResponse, SearchBody
from heliograph_metadata.service.jobs import Asked

router = APIRouter(generate_unique_id_function=lambda route: route.name)

JobId = Annotated[str, Path(max_length=64)]
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=128, description="The same key begins one job, however often it is sent."),
]


def _now() -> datetime:
    return datetime.now(UTC)


@router.post("/jobs", tags=["jobs"], status_code=202, response_model_exclude_unset=True, summary="Edit many photos")
async def start_job(
    body: JobCreate, principal: CurrentPrincipal, jobs: Jobs, idempotency_key: IdempotencyKey = None
) -> JobResponse:
    """Begin a bulk edit that goes on in the background: up to 10,000 photos by id, or all that a search finds.

    A photo that can't be changed is told of in `failures`, and keeps no other from it. `400 invalid-edit`,
    `404 album-not-found`, `422 idempotency-key-reused`.
    """
    asked = Asked(body.photo_ids, _search_of(body.search) if body.search else None)  # type: ignore[arg-type] # checked by its pattern
    job = await jobs.start(principal.account_id, body.edit.edit(), asked, key=idempotency_key)
    return JobResponse.of(job, at=_now())


def _search_of(body: SearchBody) -> SearchQuery:
    parse(body.q)
    between(body.since, body.until)
    return SearchQuery(
        text=body.q,
        labels=tuple(dict.fromkeys(filter(str.strip, body.label))),
        min_confidence=body.min_confidence,
        since=body.since,
        until=body.until,
        place=body.place.strip(),
        camera=body.camera.strip(),
        near=circle_of(body.near) if body.near else None,
        bbox=bounds_of(body.bbox) if body.bbox else None,
        album_id=body.album,
        status=body.status or "",
        favourite=body.favourite,
    )


@router.get("/jobs", tags=["jobs"], response_model_exclude_unset=True, summary="The last bulk edits")
async def list_jobs(
    principal: CurrentPrincipal,
    jobs: Jobs,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> JobsResponse:
    """Bulk edits of the last weeks, newest first. `400 invalid-cursor`."""
    of = fingerprint(principal.account_id, "jobs")
    before = position(of, cursor) if cursor else None
    found = await jobs.newest(principal.account_id, before=before, limit=limit)
    following = cursor_of(of, found[-1].job_id) if len(found) == limit else None
    return JobsResponse(items=[JobResponse.of(job, at=_now()) for job in found], next_cursor=following)


@router.get("/jobs/{job_id}", tags=["jobs"], response_model_exclude_unset=True, summary="One bulk edit")
async def get_job(job_id: JobId, principal: CurrentPrincipal, jobs: Jobs) -> JobResponse:
    """How far a bulk edit has come. `404 job-not-found`."""
    return JobResponse.of(await jobs.get(principal.account_id, job_id), at=_now())


@router.post(
    "/jobs/{job_id}/cancel",
    tags=["jobs"],
    status_code=202,
    response_model_exclude_unset=True,
    summary="Call a bulk edit off",
)
async def cancel_job(job_id: JobId, principal: CurrentPrincipal, jobs: Jobs) -> JobResponse:
    """Have it go no further. What it has changed stays, and can be undone. `404 job-not-found`, `409 job-finished`."""
    return JobResponse.of(await jobs.cancel(principal.account_id, job_id), at=_now())


@router.post(
    "/jobs/{job_id}/undo", tags=["jobs"], status_code=202, response_model_exclude_unset=True, summary="Undo a bulk edit"
)
async def undo_job(job_id: JobId, principal: CurrentPrincipal, jobs: Jobs) -> JobResponse:
    """Have its photos become what they were, each value with its former source.

    What somebody has changed since is left alone and told of in `failures`. `404 job-not-found`,
    `409 job-not-undoable`.
    """
    return JobResponse.of(await jobs.undo(principal.account_id, job_id), at=_now())


@router.delete("/trash", tags=["jobs"], status_code=202, response_model_exclude_unset=True, summary="Empty the trash")
async def empty_trash(principal: CurrentPrincipal, jobs: Jobs) -> JobResponse:
    """Delete for good, in the background, all that is in the trash now: originals, renditions and all that is known."""
    return JobResponse.of(await jobs.empty_trash(principal.account_id), at=_now())
