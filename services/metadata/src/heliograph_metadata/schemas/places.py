"""HTTP bodies of the tree of places."""

from pydantic import BaseModel, Field

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.photo import Location
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.service.places import ListedPlace, PlacePage


class PlaceResponse(BaseModel):
    value: str = Field(description="What `search` takes as `place`, and this list as `parent`.", examples=["PT/Lisboa"])
    name: str = Field(examples=["Lisboa"])
    count: int


class PlaceCard(PlaceResponse):
    photo_id: PhotoId | None = Field(description="The newest of its photos.")
    thumbnail_url: str | None

    @classmethod
    def of(cls, place: ListedPlace, *, owner_id: OwnerId, urls: MediaUrls) -> "PlaceCard":
        """Return the wire form."""
        return cls(
            value=place.value,
            name=place.name,
            count=place.photos,
            photo_id=place.photo_id,
            thumbnail_url=urls.thumbnail(owner_id, place.photo_id) if place.photo_id else None,
        )


class PlacesResponse(BaseModel):
    parents: list[PlaceResponse] = Field(description="The country, and the region, that they lie in.")
    items: list[PlaceCard] = Field(description="By their values.")
    next_cursor: str | None = Field(description="Pass as `cursor` to go on; null at the end.")

    @classmethod
    def of(cls, page: PlacePage, *, owner_id: OwnerId, urls: MediaUrls) -> "PlacesResponse":
        """Return the wire form."""
        return cls(
            parents=[PlaceResponse(value=one.value, name=one.name, count=one.photos) for one in page.parents],
            items=[PlaceCard.of(one, owner_id=owner_id, urls=urls) for one in page.places],
            next_cursor=page.next_cursor,
        )


class TownResponse(BaseModel):
    name: str = Field(examples=["Sintra, Lisbon, Portugal"], description="With its region and country.")
    latitude: float
    longitude: float

    @classmethod
    def of(cls, town: Location) -> "TownResponse":
        """Return the wire form."""
        place = town.place
        parts = [place.city, place.region, place.country] if place else []
        name = ", ".join(dict.fromkeys(part for part in parts if part))
        return cls(name=name, latitude=town.latitude, longitude=town.longitude)


class TownsResponse(BaseModel):
    items: list[TownResponse]
