"""HTTP bodies of albums and their folders."""

from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from heliograph.photos import PhotoId
from heliograph_metadata.domain.access import Role
from heliograph_metadata.domain.albums import AlbumSort
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.service.album_folders import ListedFolder
from heliograph_metadata.service.album_listing import ListedAlbum

AlbumTitle = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
QueryText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
EntryId = Annotated[str, StringConstraints(min_length=1, max_length=64)]

MOST_PHOTOS_AT_ONCE: Final = 500


class AlbumCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: AlbumTitle
    description: Description = ""
    sort: AlbumSort = AlbumSort.NEWEST
    parent_id: EntryId | None = Field(default=None, description="The folder it lies in; null for none.")
    query: QueryText | None = Field(
        default=None, description="What a smart album searches for, as in `search`; null for an album of picked photos."
    )

    def said(self) -> dict[str, Any]:
        """Return what the use case takes."""
        return self.model_dump()


class AlbumUpdate(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: AlbumTitle = ""
    description: Description = ""
    sort: AlbumSort = AlbumSort.NEWEST
    cover_photo_id: PhotoId | None = Field(default=None, description="null for the album's first photo.")
    parent_id: EntryId | None = Field(default=None, description="null for no folder.")
    query: QueryText = Field(default="", description="Of a smart album.")

    def said(self) -> dict[str, Any]:
        """Return what was said, as the use case takes it."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class AlbumResponse(BaseModel):
    album_id: str
    name: str
    description: str
    sort: AlbumSort
    count: int | None = Field(description="null for a smart album that finds more than a page tells.")
    count_at_least: int
    cover_photo_id: PhotoId | None = Field(description="The cover that was chosen; null for the first photo.")
    cover_thumbnail_url: str | None
    parent_id: str | None = Field(description="The folder it lies in.")
    query: str | None = Field(description="What a smart album searches for; null for an album of picked photos.")
    role: Role = Field(description="What the caller may do with it: `owner` of their own albums.")
    owner_name: str = Field(description="Of an album of somebody else's: what its owner calls themselves.")
    has_contributors: bool = Field(description="Whether there can be photos of others in it.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, listed: ListedAlbum, *, urls: MediaUrls) -> "AlbumResponse":
        """Return the wire form."""
        album, access = listed.album, listed.access
        is_own = access.role is Role.OWNER
        return cls(
            album_id=album.album_id,
            name=album.name,
            description=album.description,
            sort=album.sort,
            count=listed.count,
            count_at_least=listed.at_least,
            cover_photo_id=album.cover_photo_id if is_own or _is_chosen(listed) else None,
            cover_thumbnail_url=cover_url(listed, urls=urls),
            parent_id=album.parent_id if is_own else None,
            query=album.query,
            role=access.role,
            owner_name=listed.owner_name,
            has_contributors=bool(access.contributors),
            created_at=album.created_at,
            updated_at=album.updated_at,
        )


def _is_chosen(listed: ListedAlbum) -> bool:
    """Whether the cover that was chosen is still to be seen in the album."""
    return listed.cover is not None and listed.cover.photo_id == listed.album.cover_photo_id


def cover_url(listed: ListedAlbum, *, urls: MediaUrls) -> str | None:
    """Return where the thumbnail of an album's cover is; None where it has none."""
    if listed.cover is None:
        return None
    owner_id, photo_id = listed.cover.owner_id, listed.cover.photo_id
    signed = urls.thumbnail if listed.access.is_own(owner_id) else urls.shared_thumbnail
    return signed(owner_id, photo_id)


class AlbumsResponse(BaseModel):
    items: list[AlbumResponse]


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


class AlbumPhotosMove(BaseModel):
    """Photos and the one, of the same album, that they shall lie next to: either `before` or `after`."""

    model_config = ConfigDict(extra="forbid")

    photo_ids: list[PhotoId] = Field(min_length=1, max_length=MOST_PHOTOS_AT_ONCE, description="In their new order.")
    before: PhotoId | None = None
    after: PhotoId | None = None

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.before is None) is (self.after is None):
            raise ValueError("give either before or after")
        return self

    @property
    def anchor(self) -> PhotoId:
        """The photo that they shall lie next to."""
        return self.before or self.after or PhotoId("")


class FolderCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: AlbumTitle
    parent_id: EntryId | None = Field(default=None, description="The folder it lies in; null for none.")


class FolderUpdate(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: AlbumTitle = ""
    parent_id: EntryId | None = Field(default=None, description="null for no folder.")

    def said(self) -> dict[str, Any]:
        """Return what was said, as the use case takes it."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class FolderResponse(BaseModel):
    folder_id: str
    name: str
    parent_id: str | None
    albums: int = Field(description="Albums directly in it.")
    folders: int = Field(description="Folders directly in it.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, listed: ListedFolder) -> "FolderResponse":
        """Return the wire form."""
        folder = listed.folder
        return cls(
            folder_id=folder.folder_id,
            name=folder.name,
            parent_id=folder.parent_id,
            albums=listed.albums,
            folders=listed.folders,
            created_at=folder.created_at,
            updated_at=folder.updated_at,
        )


class FoldersResponse(BaseModel):
    items: list[FolderResponse]
