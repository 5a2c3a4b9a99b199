"""HTTP bodies of the lists: pages of photos, months, facets, suggestions and the map."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.search import Name
from heliograph_metadata.domain.tiles import Bounds
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.service.library import Cluster
from heliograph_metadata.service.library_index import Count
from heliograph_metadata.service.listing import Page


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
