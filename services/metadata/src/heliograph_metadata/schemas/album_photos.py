"""HTTP bodies of photos in albums that may be shared: of others' photos they say no more than those are shown.

Of a photo of somebody else's there is never its file's name, its labels, keywords, albums or camera; and where it was
taken, and the offset of the clock there, only where `Access.sees_location_of` says so.
"""

import mimetypes
from datetime import UTC, datetime
from typing import Final

from pydantic import BaseModel, Field

from heliograph.photos import PhotoId
from heliograph_metadata.domain.access import Access
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.schemas.grid import GridPhoto, grid_photo
from heliograph_metadata.schemas.photos import PlaceResponse
from heliograph_metadata.service.albums import AlbumPage
from heliograph_metadata.service.listing import Listed

_JPEG: Final = ".jpg"


class AlbumGridPhoto(GridPhoto):
    """A photo in an album; of somebody else's, `filename` is empty and `favourite` false."""

    is_own: bool = Field(description="Whether it is in the caller's own library.")


class AlbumPhotosPage(BaseModel):
    items: list[AlbumGridPhoto]
    next_cursor: str | None = Field(description="Pass as `cursor` to go on; null at the end.")

    @classmethod
    def of(cls, page: AlbumPage, *, urls: MediaUrls) -> "AlbumPhotosPage":
        """Return the wire form."""
        return cls(items=[_grid_photo(one, page.access, urls) for one in page.items], next_cursor=page.next_cursor)


def _grid_photo(listed: Listed, access: Access, urls: MediaUrls) -> AlbumGridPhoto:
    owner_id = listed.owner_id or access.album.owner_id
    said = grid_photo(listed.posting, listed.status, owner_id, urls).model_dump()
    if not access.is_own(owner_id):
        said |= {"filename": "", "favourite": False}
        if listed.posting.card.has_renditions:
            said["thumbnail_url"] = urls.shared_thumbnail(owner_id, listed.posting.photo_id)
    if not access.sees_location_of(owner_id):
        said |= {"latitude": None, "longitude": None, "taken_at": _without_place(listed.posting.taken_at)}
    return AlbumGridPhoto(is_own=access.is_own(owner_id), **said)


def _without_place(at: datetime) -> datetime:
    """Return the clock's time alone: how far it is from UTC says about where it was."""
    return at.replace(tzinfo=UTC)


class SharedLocation(BaseModel):
    latitude: float
    longitude: float
    place: PlaceResponse | None


class AlbumPhotoResponse(BaseModel):
    photo_id: PhotoId
    is_own: bool = Field(description="Whether it is in the caller's own library.")
    taken_at: datetime = Field(description="With the offset of the place where that is shown; otherwise `Z`.")
    width_px: int | None = Field(description="Of the upright image, as `height_px`.")
    height_px: int | None
    thumbhash: str | None
    caption: str | None
    location: SharedLocation | None
    thumbnail_url: str
    preview_url: str
    download_url: str | None = Field(description="Good for a few minutes; null where downloads are not allowed.")
    download_is_original: bool = Field(
        description="Otherwise it is a JPEG of 1440 pixels on the long side, in which nothing says where it was taken."
    )

    @classmethod
    def of(cls, photo: Photo, access: Access, *, urls: MediaUrls) -> "AlbumPhotoResponse":
        """Return the wire form."""
        owner_id, photo_id = photo.owner_id, photo.photo_id
        shows_location = access.sees_location_of(owner_id)
        point = photo.point if shows_location else None
        is_own = access.is_own(owner_id)
        return cls(
            photo_id=photo_id,
            is_own=is_own,
            taken_at=photo.taken if shows_location else _without_place(photo.taken),
            width_px=photo.width_px,
            height_px=photo.height_px,
            thumbhash=photo.thumbhash,
            caption=photo.caption.value if photo.caption else None,
            location=SharedLocation(
                latitude=point.latitude,
                longitude=point.longitude,
                place=PlaceResponse.model_validate(point.place) if point.place else None,
            )
            if point
            else None,
            thumbnail_url=(urls.thumbnail if is_own else urls.shared_thumbnail)(owner_id, photo_id),
            preview_url=(urls.preview if is_own else urls.shared_preview)(owner_id, photo_id),
            download_url=_download_url(photo, access, urls),
            download_is_original=access.gets_original(photo),
        )


def _download_url(photo: Photo, access: Access, urls: MediaUrls) -> str | None:
    if not access.allows_download:
        return None
    stem = f"{photo.taken:%Y-%m-%d %H.%M.%S}"
    if not access.gets_original(photo):
        return urls.preview_file(photo.owner_id, photo.photo_id, filename=stem + _JPEG)
    ending = mimetypes.guess_extension(photo.content_type or "") or ""
    filename = photo.admission.filename if access.is_own(photo.owner_id) else stem + ending
    return urls.original(photo.original_key, filename=filename)
