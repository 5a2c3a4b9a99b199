"""Routes of stacks: near-duplicates and bursts, and what a person decides about them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from heliograph.identity import CurrentPrincipal
from heliograph_metadata.domain.stacks import StackStatus
from heliograph_metadata.routes.dependencies import Cursor, Stacks, Urls
from heliograph_metadata.schemas.stacks import StackDecision, StackKeep, StackResponse, StacksResponse

router = APIRouter(prefix="/stacks", tags=["stacks"], generate_unique_id_function=lambda route: route.name)

StackId = Annotated[str, Path(max_length=64)]


@router.get("", summary="Photos that look alike")
async def list_stacks(
    principal: CurrentPrincipal,
    stacks: Stacks,
    urls: Urls,
    status: StackStatus = StackStatus.OPEN,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=50, description="The most stacks of a page.")] = 10,
) -> StacksResponse:
    """Stacks that wait for a decision, the surest first; or those decided in one way, the latest first.

    `400 invalid-cursor`.
    """
    page = await stacks.page(principal.account_id, status, after=cursor, limit=limit)
    return StacksResponse.of(page, urls=urls)


@router.get("/{stack_id}", summary="One stack")
async def get_stack(stack_id: StackId, principal: CurrentPrincipal, stacks: Stacks, urls: Urls) -> StackResponse:
    """One stack with all its photos. `404 stack-not-found`."""
    return StackResponse.of(await stacks.get(principal.account_id, stack_id), urls=urls)


@router.post("/{stack_id}/keep", summary="Keep some photos, put the others into the trash")
async def keep_photos(
    stack_id: StackId, body: StackKeep, principal: CurrentPrincipal, stacks: Stacks, urls: Urls
) -> StackResponse:
    """Decide about a stack for good; doing it again changes nothing.

    `404 stack-not-found`, `409 stack-decided`, `409 stack-changed`, `422 not-in-stack`.
    """
    view = await stacks.keep(principal.account_id, stack_id, body.photo_ids, seen_version=body.version)
    return StackResponse.of(view, urls=urls)


@router.post("/{stack_id}/dismiss", summary="They are not the same")
async def dismiss_stack(
    stack_id: StackId, body: StackDecision, principal: CurrentPrincipal, stacks: Stacks, urls: Urls
) -> StackResponse:
    """Say that these photos only look alike: they are never put together again.

    `404 stack-not-found`, `409 stack-decided`, `409 stack-changed`.
    """
    return StackResponse.of(await stacks.dismiss(principal.account_id, stack_id, seen_version=body.version), urls=urls)


@router.post("/{stack_id}/stack", summary="Keep them all, as ones that belong together")
async def stack_photos(
    stack_id: StackId, body: StackDecision, principal: CurrentPrincipal, stacks: Stacks, urls: Urls
) -> StackResponse:
    """Keep all photos of a stack. `404 stack-not-found`, `409 stack-decided`, `409 stack-changed`."""
    return StackResponse.of(await stacks.stack(principal.account_id, stack_id, seen_version=body.version), urls=urls)


@router.post("/{stack_id}/undo", summary="Take a decision back")
async def undo_stack(stack_id: StackId, principal: CurrentPrincipal, stacks: Stacks, urls: Urls) -> StackResponse:
    """Open a decided stack again; what its decision put into the trash comes back. `404 stack-not-found`."""
    return StackResponse.of(await stacks.undo(principal.account_id, stack_id), urls=urls)
