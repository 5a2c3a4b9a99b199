"""The HTTP API of uploading."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.requests import ClientDisconnect

from heliograph.identity import CurrentPrincipal
from heliograph.presign import S3BaseUrl
from heliograph.problems import PROBLEM_RESPONSES
from heliograph_upload.domain import FileStatus, MalformedFormError, OfferedFile, UploadLimits
from heliograph_upload.multipart import received_file
from heliograph_upload.schemas import (
    DIRECT_UPLOAD_BODY,
    FileResponse,
    PhotoUploadResponse,
    UploadsRequest,
    UploadsResponse,
)
from heliograph_upload.service import UploadService

DIRECT_UPLOAD_PATH = "/api/v1/photos"

router = APIRouter(responses=PROBLEM_RESPONSES, tags=["uploads"], generate_unique_id_function=lambda route: route.name)


def _upload_service(request: Request) -> UploadService:
    service: UploadService = request.app.state.upload_service
    return service


def _limits(request: Request) -> UploadLimits:
    limits: UploadLimits = request.app.state.upload_limits
    return limits


Uploads = Annotated[UploadService, Depends(_upload_service)]


@router.post("/api/v1/uploads", summary="Announce files", response_model_exclude_none=True)
async def create_uploads(
    body: UploadsRequest,
    principal: CurrentPrincipal,
    uploads: Uploads,
    base_url: S3BaseUrl,
) -> UploadsResponse:
    """Tell of up to 100 files before a byte of them travels, and learn which are wanted.

    - `accepted`: PUT the bytes to `upload.url` with `upload.headers`; S3 refuses other bytes than those announced.
      A `412` from S3 means that they have arrived already.
    - `duplicate`: your library has these very bytes, or the same request announced them before.
    - `rejected`: `problem` says why (`empty-file`, `too-large`, `unsupported-type`); the other files are not affected.

    Say `"lane": "backlog"` of the files of a bulk import: photos for which somebody waits overtake them.
    """
    answers = await uploads.admit(principal.account_id, [file.offered() for file in body.files], base_url=base_url)
    return UploadsResponse(files=[FileResponse.of(answer) for answer in answers])


@router.post(
    DIRECT_UPLOAD_PATH,
    status_code=201,
    summary="Upload a photo",
    openapi_extra=DIRECT_UPLOAD_BODY,
    responses={200: {"model": PhotoUploadResponse, "description": "Your library has these very bytes."}},
)
async def upload_photo(
    request: Request,
    response: Response,
    principal: CurrentPrincipal,
    uploads: Uploads,
    limits: Annotated[UploadLimits, Depends(_limits)],
) -> PhotoUploadResponse:
    """Send one photo in one request: `curl -H "Authorization: Bearer …" -F file=@photo.jpg …/api/v1/photos`.

    Add `-F lane=backlog` to the photos of a bulk import.
    """
    async with received_file(_body_of(request), request.headers.get("content-type", ""), limits) as file:
        offered = OfferedFile(file.filename, file.content_type, file.size_bytes, file.sha256, lane=file.lane)
        photo_id, status = await uploads.upload(principal.account_id, offered, file.body)
    if status is FileStatus.DUPLICATE:
        response.status_code = 200
    return PhotoUploadResponse(photo_id=photo_id, status=status)


async def _body_of(request: Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect as error:
        raise MalformedFormError("The upload broke off.") from error
