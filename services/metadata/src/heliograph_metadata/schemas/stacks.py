"""HTTP bodies of stacks: photos that look alike, and what a person decides about them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Photo, Source
from heliograph_metadata.domain.stacks import MOST_MEMBERS, Stack, StackKind, StackStatus
from heliograph_metadata.domain.terms import camera_name
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.service.stacks import StacksPage, StackView

_BITS: Final = 255


class StackPhoto(BaseModel):
    photo_id: PhotoId
    filename: str
    content_type: str
    size_bytes: int
    width_px: int | None
    height_px: int | None
    taken_at: datetime
    taken_source: Source | None = Field(description="Where that is from; null where it is when the photo was added.")
    camera: str | None = Field(description="Make and model, where the file says it.")
    has_location: bool
    favourite: bool
    albums: int = Field(description="How many it is in.")
    sharpness: float = Field(description="Comparable between the photos of a stack only.")
    difference: float = Field(description="From the stack's first photo: 0 is the same picture, 0.5 another one.")
    is_kept: bool = Field(description="Of a decided stack: chosen by the person. Of an open one: suggested.")
    is_trashed: bool
    ratio: float = Field(description="Width by height of the upright image.")
    thumbhash: str | None
    thumbnail_url: str | None
    preview_url: str | None


class StackResponse(BaseModel):
    stack_id: str
    kind: StackKind = Field(description="`duplicate`: copies of one picture. `burst`: takes of one scene.")
    status: StackStatus
    version: int = Field(description="Send it with a decision, so that it is about what you have seen.")
    created_at: datetime
    updated_at: datetime = Field(description="Of a decided stack: when.")
    photos: list[StackPhoto] = Field(description="The best one first. None of an open stack is in the trash.")

    @classmethod
    def of(cls, view: StackView, *, urls: MediaUrls) -> "StackResponse":
        """Return the wire form."""
        stack = view.stack
        best = view.photos[0].photo_id if view.photos else None
        return cls(
            stack_id=stack.stack_id,
            kind=stack.kind,
            status=stack.status,
            version=stack.version,
            created_at=stack.created_at,
            updated_at=stack.updated_at,
            photos=[_photo(photo, stack, best=best, urls=urls) for photo in view.photos],
        )


def _photo(photo: Photo, stack: Stack, *, best: PhotoId | None, urls: MediaUrls) -> StackPhoto:
    distances = {member.photo_id: member.distance for member in stack.members}
    owner_id, photo_id = photo.owner_id, photo.photo_id
    is_kept = {
        StackStatus.OPEN: photo_id == best,
        StackStatus.KEPT: photo_id in stack.kept,
    }.get(stack.status, True)
    return StackPhoto(
        photo_id=photo_id,
        filename=photo.admission.filename,
        content_type=photo.content_type or photo.admission.content_type,
        size_bytes=photo.admission.size_bytes,
        width_px=photo.width_px,
        height_px=photo.height_px,
        taken_at=photo.taken,
        taken_source=photo.taken_at.source if photo.taken_at else None,
        camera=(photo.camera and camera_name(photo.camera)) or None,
        has_location=photo.point is not None,
        favourite=photo.favourite,
        albums=len(photo.album_ids),
        sharpness=photo.look.sharpness if photo.look else 0.0,
        difference=round(distances[photo_id] / _BITS, 3),
        is_kept=is_kept,
        is_trashed=photo.trashed_at is not None,
        ratio=photo.ratio,
        thumbhash=photo.thumbhash,
        thumbnail_url=urls.thumbnail(owner_id, photo_id) if photo.is_prepared else None,
        preview_url=urls.preview(owner_id, photo_id) if photo.is_prepared else None,
    )


class StacksResponse(BaseModel):
    items: list[StackResponse]
    next_cursor: str | None = Field(
        description="Pass as `cursor` to go on; null at the end. A page whose stacks have been emptied by hand is "
        "short, even empty, and has one."
    )

    @classmethod
    def of(cls, page: StacksPage, *, urls: MediaUrls) -> "StacksResponse":
        """Return the wire form."""
        items: Iterable[StackView] = page.items
        return cls(items=[StackResponse.of(view, urls=urls) for view in items], next_cursor=page.next_cursor)


class StackDecision(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(
        default=None, ge=1, description="Of the stack that was looked at. Left out: whatever is in it now."
    )


class StackKeep(StackDecision):
    photo_ids: list[PhotoId] = Field(min_length=1, max_length=MOST_MEMBERS, description="The others go to the trash.")
