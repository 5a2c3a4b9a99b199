"""The routes of asking for an export, and for what its parts are downloaded with."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from heliograph.identity import CurrentPrincipal
from heliograph_auth.routes.dependencies import Visiting, never_cached
from heliograph_auth.schemas.exporting import ExportAccess, ExportBegun
from heliograph_auth.schemas.second_factor import Proof
from heliograph_auth.service.exporting import ACCESS_LIVES, ExportAsking

router = APIRouter(tags=["accounts"], generate_unique_id_function=lambda route: route.name)


def _asking(request: Request) -> ExportAsking:
    asking: ExportAsking = request.app.state.export_asking
    return asking


Asking = Annotated[ExportAsking, Depends(_asking)]


@router.post("/me/export", status_code=202, summary="Export everything")
async def ask_for_export(
    body: Proof,
    principal: CurrentPrincipal,
    asking: Asking,
    visit: Visiting,
) -> ExportBegun:
    """Have all originals and all that is known put into ZIP files, in the place of an earlier export.

    `GET /exports` tells how far it is and has the files, which are kept for a week. `403 wrong-password`;
    `403 code-needed` or `403 wrong-code` where two-step sign-in is on; `429` after too many of those;
    `409 export-under-way`.
    """
    return ExportBegun(export_id=await asking.ask(principal, password=body.password, code=body.code, visit=visit))


@router.post("/me/export/access", summary="Get at an export", dependencies=[Depends(never_cached)])
async def open_export(body: Proof, principal: CurrentPrincipal, asking: Asking, visit: Visiting) -> ExportAccess:
    """Return an access token that links to the parts of your export can be asked for with, for ten minutes.

    An export is everything, and lies there for a week: a session alone is not enough for it. `403 wrong-password`;
    `403 code-needed` or `403 wrong-code` where two-step sign-in is on; `429` after too many of those.
    """
    token = await asking.access(principal, password=body.password, code=body.code, visit=visit)
    return ExportAccess(access_token=token, expires_in=int(ACCESS_LIVES.total_seconds()))
