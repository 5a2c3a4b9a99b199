"""HTTP bodies of the library."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from heliograph.photos import OwnerId, PhotoId, PhotoStatus
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.photo import Photo, Source, Sourced
from heliograph_metadata.domain.search import Name
from heliograph_metadata.domain.tiles import Bounds
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.service.albums import ListedAlbum
from heliograph_metadata.service.library import Cluster
from heliograph_metadata.service.library_index import Count
from heliograph_metadata.service.listing import Page
from heliograph_metadata.service.progress import Progress


class _Read(BaseModel):
    """An answer; made from a domain object by its attributes."""

    model_config = ConfigDict(from_attributes=True)


class FailureResponse(_Read):
    code: str = Field(description="Stable, for programs.", examples=["truncated-image"])
    detail: str = Field(description="A sentence for people.")


class SourcedTime(_Read):
    value: datetime = Field(description="With the offset of the place; `Z` where none is known.")
    source: Source
    confidence: float


class PlaceResponse(_Read):
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


class CameraResponse(_Read):
    make: str
    model: str
    lens: str


class ExposureResponse(_Read):
    aperture: float | None
    shutter_seconds: float | None
    iso: int | None
    focal_length_mm: float | None


class BoxResponse(_Read):
    x1: float = Field(description="Left, as a fraction (0-1) of the upright image's width; the others likewise.")
    y1: float
    x2: float
    y2: float
    confidence: float


class LabelResponse(_Read):
    name: str
    confidence: float
    source: Source
    boxes: list[BoxResponse] = Field(description="Where it is; none where a model says only that it is there.")


class AlbumName(BaseModel):
    album_id: str
    name: str


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
    def of(cls, photo: Photo, *, albums: Mapping[str, str], urls: MediaUrls) -> "PhotoResponse":
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
AlbumTitle = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


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


class GridPhoto(BaseModel):
    photo_id: PhotoId
    status: Literal["prepared", "ready", "failed", "trashed"]
    taken_at: datetime
    ratio: float = Field(description="Width by height of the upright image.")
    thumbhash: str | None
    thumbnail_url: str | None
    favourite: bool
    filename: str
    latitude: float | None
    longitude: float | None


class GridPage(BaseModel):
    items: list[GridPhoto]
    next_cursor: str | None = Field(
        description="Pass as `cursor` to go on; null at the end. A search whose page met a cost bound has one "
        "even where the page is short."
    )

    @classmethod
    def of(cls, page: Page, *, owner_id: OwnerId, urls: MediaUrls) -> "GridPage":
        """Return the wire form."""
        return cls(
            items=[_grid_photo(one.posting, one.status, owner_id, urls) for one in page.items],
            next_cursor=page.next_cursor,
        )


def _grid_photo(posting: Posting, status: Any, owner_id: OwnerId, urls: MediaUrls) -> GridPhoto:
    card = posting.card
    return GridPhoto(
        photo_id=posting.photo_id,
        status=status,
        taken_at=posting.taken_at,
        ratio=card.ratio,
        thumbhash=card.thumbhash,
        thumbnail_url=urls.thumbnail(owner_id, posting.photo_id) if card.has_renditions else None,
        favourite=card.favourite,
        filename=card.filename,
        latitude=card.latitude,
        longitude=card.longitude,
    )


class MonthCount(BaseModel):
    month: str = Field(examples=["2024-06"])
    count: int


class TimelineResponse(BaseModel):
    total: int
    months: list[MonthCount] = Field(description="Newest first.")

    @classmethod
    def of(cls, months: Iterable[Count]) -> "TimelineResponse":
        """Return the wire form."""
        counts = [MonthCount(month=month.value, count=month.photos) for month in months]
        return cls(total=sum(month.count for month in counts), months=counts)


FacetKind = Literal["label", "place", "camera", "month"]


class Facet(BaseModel):
    value: str = Field(description="What `search` takes.")
    name: str
    count: int


class FacetsResponse(BaseModel):
    kind: FacetKind
    items: list[Facet]


class Suggestion(BaseModel):
    kind: Literal["label", "place", "camera", "album", "month"]
    value: str
    name: str
    count: int

    @classmethod
    def of(cls, name: Name) -> "Suggestion":
        """Return the wire form."""
        kind: Any = "month" if name.term.kind == "time" else name.term.kind
        return cls(kind=kind, value=name.term.value, name=name.name, count=name.photos)


class SuggestionsResponse(BaseModel):
    items: list[Suggestion]


Box = tuple[float, float, float, float]


class ClusterResponse(BaseModel):
    latitude: float = Field(description="Mean of the photos' positions.")
    longitude: float
    count: int
    photo_id: PhotoId = Field(description="One of the photos.")
    thumbnail_url: str
    bbox: Box = Field(description="West, south, east, north: what to search for to list the photos.")

    @classmethod
    def of(cls, cluster: Cluster, *, owner_id: OwnerId, urls: MediaUrls) -> "ClusterResponse":
        """Return the wire form."""
        bounds: Bounds = cluster.bounds
        return cls(
            latitude=round(cluster.latitude, 6),
            longitude=round(cluster.longitude, 6),
            count=cluster.photos,
            photo_id=cluster.photo_id,
            thumbnail_url=urls.thumbnail(owner_id, cluster.photo_id),
            bbox=(round(bounds.west, 6), round(bounds.south, 6), round(bounds.east, 6), round(bounds.north, 6)),
        )


class MapResponse(BaseModel):
    clusters: list[ClusterResponse] = Field(description="Largest first.")


class AlbumCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: AlbumTitle


class AlbumUpdate(AlbumCreate):
    pass


class AlbumResponse(BaseModel):
    album_id: str
    name: str
    count: int
    cover_thumbnail_url: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, listed: ListedAlbum, *, urls: MediaUrls) -> "AlbumResponse":
        """Return the wire form."""
        album, cover = listed.album, listed.cover
        return cls(
            album_id=album.album_id,
            name=album.name,
            count=listed.count,
            cover_thumbnail_url=urls.thumbnail(album.owner_id, cover.photo_id) if cover else None,
            created_at=album.created_at,
            updated_at=album.updated_at,
        )


class AlbumsResponse(BaseModel):
    items: list[AlbumResponse]


MOST_PHOTOS_AT_ONCE: Final = 500


class AlbumPhotosUpdate(BaseModel):
    """Photos to put in and to take out; 500 together at most."""

    model_config = ConfigDict(extra="forbid")

    add: list[PhotoId] = Field(default=[], max_length=MOST_PHOTOS_AT_ONCE)
    remove: list[PhotoId] = Field(default=[], max_length=MOST_PHOTOS_AT_ONCE)

    @model_validator(mode="after")
    def _few_enough(self) -> Self:
        if len(self.add) + len(self.remove) > MOST_PHOTOS_AT_ONCE:
            raise ValueError(f"add and remove may name {MOST_PHOTOS_AT_ONCE} photos together")
        return self


class ProgressResponse(_Read):
    awaiting_upload: int
    prepared: int
    ready: int
    failed: int
    total: int

    @classmethod
    def of(cls, progress: Progress) -> "ProgressResponse":
        """Return the wire form."""
        return cls.model_validate(progress)


class PhotoEvent(BaseModel):
    """The data of one server-sent event."""

    photo_id: PhotoId
    status: PhotoStatus
    version: int
