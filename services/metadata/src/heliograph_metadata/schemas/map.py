"""HTTP bodies of the map: clusters as columns, so that an answer stays small however many there are."""

from pydantic import BaseModel, Field

from heliograph.photos import PhotoId
from heliograph_metadata.media_urls import AddressFamily
from heliograph_metadata.schemas.grid import ThumbnailColumn
from heliograph_metadata.service.map import Clusters


class MapResponse(BaseModel):
    """Clusters as columns: the first of each belong to the first cluster, and so on. Largest first."""

    tile: list[str] = Field(description="The quadkey of the tile that a cluster's photos lie in; lists them.")
    latitude: list[float] = Field(description="Mean of the photos' positions.")
    longitude: list[float]
    count: list[int]
    photo_id: list[PhotoId | None] = Field(
        description="One of the photos; null only within a span of time, for smaller clusters of a large library."
    )
    thumbnail: ThumbnailColumn
    exact: bool = Field(
        description="False where, within a span of time that parts a year, the numbers are worked out from the year's."
    )

    @classmethod
    def of(cls, found: Clusters, *, thumbnails: AddressFamily) -> "MapResponse":
        """Return the wire form."""
        clusters = found.clusters
        return cls(
            tile=[one.tile for one in clusters],
            latitude=[round(one.latitude, 6) for one in clusters],
            longitude=[round(one.longitude, 6) for one in clusters],
            count=[one.photos for one in clusters],
            photo_id=[one.photo_id for one in clusters],
            thumbnail=ThumbnailColumn.of((one.photo_id for one in clusters), thumbnails=thumbnails),
            exact=found.is_exact,
        )
