"""Routes of what people take home. It is asked for at auth, which knows the password."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from heliograph.audit import AuditKind
from heliograph.identity import CurrentPrincipal, InsufficientScopeError, Scope, SecurityTrail
from heliograph_metadata.routes.dependencies import Urls
from heliograph_metadata.schemas.exports import ExportLinkResponse, ExportResponse, ExportsResponse
from heliograph_metadata.service.exporting import ExportService

router = APIRouter(prefix="/exports", tags=["accounts"], generate_unique_id_function=lambda route: route.name)


def _exports(request: Request) -> ExportService:
    service: ExportService = request.app.state.export_service
    return service


def _no_api_key(principal: CurrentPrincipal) -> None:
    """Let only people in who have signed in: an export holds the security log as well."""
    if Scope.ACCOUNT_WRITE not in principal.scopes:
        raise InsufficientScopeError("No API key is good for an export.")


def _who_has_proved_it(principal: CurrentPrincipal) -> None:
    """Let in who was asked for the password within the last minutes, and no session that was stolen since."""
    if Scope.EXPORTS_READ not in principal.scopes:
        raise InsufficientScopeError(
            f"This needs the scope {Scope.EXPORTS_READ}: ask for an access token that has it, `POST /me/export/access`."
        )


Exports = Annotated[ExportService, Depends(_exports)]
ExportId = Annotated[str, Path(max_length=64)]


@router.get("", summary="Your export")
async def list_exports(principal: CurrentPrincipal, exports: Exports) -> ExportsResponse:
    """How far the export is that was asked for last, and its parts; none, where none is kept any more."""
    return ExportsResponse(exports=[ExportResponse.of(one) for one in await exports.all(principal.account_id)])


@router.post(
    "/{export_id}/parts/{number}/link",
    summary="Download a part of an export",
    dependencies=[Depends(_who_has_proved_it)],
)
async def link_export_part(
    export_id: ExportId,
    number: Annotated[int, Path(ge=1, le=9999)],
    principal: CurrentPrincipal,
    exports: Exports,
    urls: Urls,
    trail: SecurityTrail,
    response: Response,
) -> ExportLinkResponse:
    """Return an address that is good for a few minutes and for this part alone.

    It takes an access token of `POST /me/export/access`, which asks for the password: `403 insufficient-scope` without.
    `404 export-not-found`.
    """
    export, part = await exports.part(principal.account_id, export_id, number)
    await trail.record(AuditKind.EXPORT_DOWNLOADED, part=str(part.number))
    response.headers["Cache-Control"] = "no-store"
    filename = export.part_name(part.number)
    return ExportLinkResponse(url=urls.export_file(export.part_key(part.number), filename=filename), filename=filename)


@router.delete("/{export_id}", status_code=204, summary="Remove an export", dependencies=[Depends(_no_api_key)])
async def remove_export(export_id: ExportId, principal: CurrentPrincipal, exports: Exports) -> None:
    """Stop making an export, and remove what there is of it. `404 export-not-found`."""
    await exports.remove(principal.account_id, export_id)
