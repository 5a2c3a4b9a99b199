"""A search as it is kept and made again later: the text and the filters beside it, as they were given."""

from dataclasses import dataclass

from heliograph_metadata.domain.search.needs import Filters
from heliograph_metadata.domain.search.values import between
from heliograph_metadata.domain.tiles import Bounds, Circle


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """What somebody looks for; all must hold."""

    text: str = ""
    labels: tuple[str, ...] = ()
    min_confidence: float = 0.0
    since: str = ""
    until: str = ""
    """Years, months, days or minutes as in ISO 8601, by the clock of the place; both inclusive."""
    place: str = ""
    camera: str = ""
    near: Circle | None = None
    bbox: Bounds | None = None
    album_id: str = ""
    status: str = ""
    favourite: bool | None = None

    @property
    def filters(self) -> Filters:
        """What must hold besides the text."""
        return Filters(
            labels=self.labels,
            min_confidence=self.min_confidence,
            time=between(self.since, self.until),
            place=self.place,
            camera=self.camera,
            near=self.near,
            bbox=self.bbox,
            album_id=self.album_id,
            status=self.status,
            favourite=self.favourite,
        )
