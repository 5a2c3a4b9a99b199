"""HTTP bodies of albums."""

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from heliograph.photos import PhotoId
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.service.albums import ListedAlbum

AlbumTitle = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


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
