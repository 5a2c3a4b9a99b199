"""HTTP bodies of facets, suggestions and the map."""

from pydantic import BaseModel, Field

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.tiles import Bounds
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.service.library import Cluster

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
