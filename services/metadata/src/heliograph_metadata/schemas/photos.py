"""HTTP bodies of one photo: everything that is known of it, and what a person may say of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from heliograph.photos import OwnerId, PhotoId, PhotoStatus
from heliograph_metadata.domain.photo import Photo, Source, Sourced
from heliograph_metadata.schemas.reading import ReadModel


class FailureResponse(ReadModel):
    code: str = Field(description="Stable, for programs.", examples=["truncated-image"])
    detail: str = Field(description="A sentence for people.")


class SourcedTime(ReadModel):
    value: datetime = Field(description="With the offset of the place; `Z` where none is known.")
    source: Source
    confidence: float


class PlaceResponse(ReadModel):
    country_code: str = Field(examples=["PT"])
    country: str
    region: str
    city: str


class LocationResponse(BaseModel):
    latitude: float
    longitude: float
    place: PlaceResponse | None
    source: Source
    confidence: float


class CameraResponse(ReadModel):
    make: str
    model: str
    lens: str


class ExposureResponse(ReadModel):
    aperture: float | None
    shutter_seconds: float | None
    iso: int | None
    focal_length_mm: float | None


class BoxResponse(ReadModel):
    x1: float = Field(description="Left, as a fraction (0-1) of the upright image's width; the others likewise.")
    y1: float
    x2: float
    y2: float
    confidence: float


class LabelResponse(ReadModel):
    name: str
    confidence: float = Field(
        description="Calibrated: of labels with 0.8, about 80 % are right. 1 where a person said it."
    )
    raw_confidence: float = Field(
        validation_alias="uncalibrated",
        description="What the network itself said; the same as `confidence` where it is not calibrated.",
    )
    source: Source
    model: str = Field(
        description="The network that saw it, as `name@version`; empty where a person said it, or it is not known.",
        examples=["yolov8n@1"],
    )
    boxes: list[BoxResponse] = Field(description="Where it is; none where a model says only that it is there.")


class AlbumName(BaseModel):
    album_id: str
    name: str


class PictureUrls(Protocol):
    """Where a prepared photo's pictures are."""

    def thumbnail(self, owner_id: OwnerId, photo_id: PhotoId) -> str:
        """Return where the small one is."""

    def preview(self, owner_id: OwnerId, photo_id: PhotoId) -> str:
        """Return where the large one is."""


class PhotoResponse(BaseModel):
    photo_id: PhotoId
    status: PhotoStatus
    failure: FailureResponse | None
    filename: str
    content_type: str
    size_bytes: int
    sha256: str
    width_px: int | None = Field(description="Of the upright image, as `height_px`.")
    height_px: int | None
    taken_at: SourcedTime | None
    location: LocationResponse | None
    camera: CameraResponse | None
    exposure: ExposureResponse | None
    labels: list[LabelResponse]
    caption: str | None
    keywords: list[str]
    favourite: bool
    albums: list[AlbumName]
    thumbhash: str | None = Field(description="Base64.")
    thumbnail_url: str | None
    preview_url: str | None
    original_url: str = Field(description="Path of this API that redirects to the original; needs the token.")
    trashed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, photo: Photo, *, albums: Mapping[str, str], urls: PictureUrls) -> "PhotoResponse":
        """Return the wire form; `albums` are names by id."""
        owner_id, photo_id = photo.owner_id, photo.photo_id
        return cls(
            photo_id=photo_id,
            status=photo.status,
            failure=FailureResponse.model_validate(photo.failure) if photo.failure else None,
            filename=photo.admission.filename,
            content_type=photo.content_type or photo.admission.content_type,
            size_bytes=photo.admission.size_bytes,
            sha256=photo.admission.sha256,
            width_px=photo.width_px,
            height_px=photo.height_px,
            taken_at=SourcedTime.model_validate(photo.taken_at) if photo.taken_at else None,
            location=_location(photo.location) if photo.location else None,
            camera=CameraResponse.model_validate(photo.camera) if photo.camera else None,
            exposure=ExposureResponse.model_validate(photo.exposure) if photo.exposure else None,
            labels=[LabelResponse.model_validate(label) for label in photo.labels],
            caption=photo.caption.value if photo.caption else None,
            keywords=list(photo.keywords),
            favourite=photo.favourite,
            albums=[AlbumName(album_id=key, name=albums[key]) for key in photo.album_ids if key in albums],
            thumbhash=photo.thumbhash,
            thumbnail_url=urls.thumbnail(owner_id, photo_id) if photo.is_prepared else None,
            preview_url=urls.preview(owner_id, photo_id) if photo.is_prepared else None,
            original_url=f"/api/v1/photos/{photo_id}/original",
            trashed_at=photo.trashed_at,
            created_at=photo.created_at,
            updated_at=photo.updated_at,
            version=photo.version,
        )


def _location(location: Sourced[Any]) -> LocationResponse | None:
    point = location.value
    if point is None:
        return None
    return LocationResponse(
        latitude=point.latitude,
        longitude=point.longitude,
        place=PlaceResponse.model_validate(point.place) if point.place else None,
        source=location.source,
        confidence=location.confidence,
    )


Keyword = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class PointUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)


class PhotoUpdate(BaseModel):
    """What a person says of a photo; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    caption: str | None = Field(default=None, max_length=2000)
    taken_at: AwareDatetime = Field(default=None, description="With an offset.")  # type: ignore[assignment] # left out
    location: PointUpdate | None = Field(default=None, description="`null`: it has no location.")
    favourite: bool = False
    keywords: list[Keyword] = Field(default=[], max_length=50)

    def edits(self) -> dict[str, Any]:
        """Return what was sent, as `PhotoService.edit` takes it."""
        said = {name: getattr(self, name) for name in self.model_fields_set}
        if (point := said.get("location")) is not None:
            said["location"] = (point.latitude, point.longitude)
        if "caption" in said:
            said["caption"] = said["caption"] or None
        return said
