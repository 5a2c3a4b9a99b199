"""The route of asking for an export."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from heliograph.identity import CurrentPrincipal
from heliograph_auth.routes.dependencies import Visiting
from heliograph_auth.schemas.exporting import ExportBegun
from heliograph_auth.schemas.second_factor import Proof
from heliograph_auth.service.exporting import ExportAsking

router = APIRouter(tags=["accounts"], generate_unique_id_function=lambda route: route.name)


def _asking(request: Request) -> ExportAsking:
    asking: ExportAsking = request.app.state.export_asking
    return asking


@router.post("/me/export", status_code=202, summary="Export everything")
async def ask_for_export(
    body: Proof,
    principal: CurrentPrincipal,
    asking: Annotated[ExportAsking, Depends(_asking)],
    visit: Visiting,
) -> ExportBegun:
    """Have all originals and all that is known put into ZIP files, in the place of an earlier export.

    `GET /exports` tells how far it is and has the files, which are kept for a week. `403 wrong-password`;
    `403 code-needed` or `403 wrong-code` where two-step sign-in is on; `429` after too many of those;
    `409 export-under-way`.
    """
    return ExportBegun(export_id=await asking.ask(principal, password=body.password, code=body.code, visit=visit))
