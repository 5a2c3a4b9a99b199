"""The route of the security log."""

from typing import Annotated

from fastapi import APIRouter, Query

from heliograph.identity import CurrentPrincipal
from heliograph_auth.routes.dependencies import Log
from heliograph_auth.schemas.security_log import SecurityLogResponse

router = APIRouter(tags=["accounts"], generate_unique_id_function=lambda route: route.name)


@router.get("/me/security-log", summary="What happened to your account")
async def get_security_log(
    principal: CurrentPrincipal,
    log: Log,
    cursor: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> SecurityLogResponse:
    """List sign-ins, tries with wrong passwords and changes of how one gets in, the latest first."""
    return SecurityLogResponse.of(await log.page(principal, before=cursor, limit=limit))
