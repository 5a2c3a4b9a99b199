"""Routes of single photos."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import RedirectResponse

from heliograph.identity import CurrentPrincipal, Principal
from heliograph.photos import PhotoId, is_photo_id
from heliograph_metadata.domain.errors import NoRenditionError, PhotoNotFoundError
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.media_urls import STABLE_SECONDS, MediaUrls
from heliograph_metadata.routes.dependencies import Albums, PhotoIdInPath, Photos, Urls
from heliograph_metadata.schemas.photos import PhotoResponse, PhotoUpdate
from heliograph_metadata.service.albums import AlbumService

router = APIRouter(prefix="/photos", tags=["photos"], generate_unique_id_function=lambda route: route.name)


def _known_form(photo_id: PhotoIdInPath) -> PhotoId:
    if not is_photo_id(photo_id):
        raise PhotoNotFoundError("There is no such photo.")
    return photo_id


Id = Annotated[PhotoId, Depends(_known_form)]


async def _response(photo: Photo, principal: Principal, albums: AlbumService, urls: MediaUrls) -> PhotoResponse:
    names = await albums.names(principal.account_id, photo.album_ids)
    return PhotoResponse.of(photo, albums=names, urls=urls)


@router.get("/{photo_id}", summary="One photo")
async def get_photo(
    photo_id: Id, principal: CurrentPrincipal, photos: Photos, albums: Albums, urls: Urls
) -> PhotoResponse:
    """Everything that is known of a photo, each doubtful value with its source. `404 photo-not-found`."""
    return await _response(await photos.get(principal.account_id, photo_id), principal, albums, urls)


@router.patch("/{photo_id}", summary="Edit a photo")
async def edit_photo(
    photo_id: Id, body: PhotoUpdate, principal: CurrentPrincipal, photos: Photos, albums: Albums, urls: Urls
) -> PhotoResponse:
    """Say what a photo is. What a person says is kept over anything that was read or guessed; the original stays.

    Only what is sent is changed. `location: null` says that the photo has no location.
    """
    photo = await photos.edit(principal.account_id, photo_id, body.edits())
    return await _response(photo, principal, albums, urls)


@router.delete("/{photo_id}", status_code=204, summary="Put a photo into the trash, or delete it for good")
async def trash_photo(
    photo_id: Id,
    principal: CurrentPrincipal,
    photos: Photos,
    *,
    permanently: Annotated[
        bool, Query(description="A photo of the trash: delete it for good, with its files.")
    ] = False,
) -> None:
    """Take a photo off every list but `search?status=trashed`. Doing it again changes nothing.

    The trash keeps it for 30 days. `404 photo-not-found`; with `permanently`, `409 photo-not-trashed`.
    """
    if permanently:
        await photos.delete(principal.account_id, photo_id)
    else:
        await photos.trash(principal.account_id, photo_id)


@router.post("/{photo_id}/restore", summary="Take a photo out of the trash")
async def restore_photo(
    photo_id: Id, principal: CurrentPrincipal, photos: Photos, albums: Albums, urls: Urls
) -> PhotoResponse:
    """Put a photo back on every list that it was on."""
    return await _response(await photos.restore(principal.account_id, photo_id), principal, albums, urls)


@router.post("/{photo_id}/retry", summary="Try a failed photo again")
async def retry_photo(
    photo_id: Id, principal: CurrentPrincipal, photos: Photos, albums: Albums, urls: Urls
) -> PhotoResponse:
    """Have a failed photo's original read and looked at again. `409 photo-not-failed`."""
    return await _response(await photos.retry(principal.account_id, photo_id), principal, albums, urls)


def _redirect(url: str, *, lives_seconds: int) -> RedirectResponse:
    return RedirectResponse(url, 302, headers={"Cache-Control": f"private, max-age={lives_seconds}"})


_REDIRECT: dict[int | str, dict[str, Any]] = {302: {"description": "`Location` is a presigned address in S3."}}


@router.get(
    "/{photo_id}/original",
    summary="The original file",
    status_code=302,
    response_class=RedirectResponse,
    responses=_REDIRECT,
)
async def get_original(photo_id: Id, principal: CurrentPrincipal, photos: Photos, urls: Urls) -> RedirectResponse:
    """The file just as it was uploaded, under its name."""
    photo = await photos.get(principal.account_id, photo_id)
    url = urls.original(photo.original_key, filename=photo.admission.filename)
    return _redirect(url, lives_seconds=0)


@router.get(
    "/{photo_id}/thumbnail",
    summary="A small rendition",
    status_code=302,
    response_class=RedirectResponse,
    responses=_REDIRECT,
)
async def get_thumbnail(photo_id: Id, principal: CurrentPrincipal, photos: Photos, urls: Urls) -> RedirectResponse:
    """WebP, 320 pixels on the short side. The address stays the same for hours. `404 not-prepared`."""
    photo = _prepared(await photos.get(principal.account_id, photo_id))
    return _redirect(urls.thumbnail(photo.owner_id, photo_id), lives_seconds=STABLE_SECONDS)


@router.get(
    "/{photo_id}/preview",
    summary="A large rendition",
    status_code=302,
    response_class=RedirectResponse,
    responses=_REDIRECT,
)
async def get_preview(photo_id: Id, principal: CurrentPrincipal, photos: Photos, urls: Urls) -> RedirectResponse:
    """JPEG, 1440 pixels on the long side. The address stays the same for hours. `404 not-prepared`."""
    photo = _prepared(await photos.get(principal.account_id, photo_id))
    return _redirect(urls.preview(photo.owner_id, photo_id), lives_seconds=STABLE_SECONDS)


def _prepared(photo: Photo) -> Photo:
    if not photo.is_prepared:
        raise NoRenditionError("This photo has not been prepared yet.")
    return photo
