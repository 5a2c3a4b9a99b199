"""HTTP bodies of share links, invitations and members."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from heliograph.photos import OwnerId
from heliograph_metadata.domain.access import Role
from heliograph_metadata.domain.sharing import MOST_PASSWORD_CHARACTERS, Invitation, Member, ShareLink
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.schemas.albums import cover_url
from heliograph_metadata.service.album_listing import ListedAlbum
from heliograph_metadata.service.album_members import NewInvitation, Offer
from heliograph_metadata.service.share_links import NewLink

Secret = Annotated[str, StringConstraints(min_length=1, max_length=64)]
LinkName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
LinkPassword = Annotated[str, StringConstraints(min_length=8, max_length=MOST_PASSWORD_CHARACTERS)]
GrantedRole = Literal[Role.VIEWER, Role.CONTRIBUTOR, Role.EDITOR]


class LinkCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: LinkName = Field(default="", description="For yourself, to tell it from others.")
    password: LinkPassword | None = Field(default=None, description="What whoever opens it has to know.")
    ends_at: AwareDatetime | None = Field(default=None, description="When it runs out; null for never.")
    allows_download: bool = True
    shows_location: bool = Field(
        default=False,
        description="Whether your photos say where they were taken; then downloads are the originals, with all that "
        "the camera wrote into them. Photos of others in the album never do.",
    )

    def said(self) -> dict[str, Any]:
        """Return what the use case takes."""
        return self.model_dump()


class LinkUpdate(LinkCreate):
    """What is left out stays as it is; `password: null` takes the password off."""

    def said(self) -> dict[str, Any]:
        """Return what was said, as the use case takes it."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class LinkResponse(BaseModel):
    link_id: str
    name: str
    has_password: bool
    ends_at: datetime | None
    allows_download: bool
    shows_location: bool
    views: int = Field(description="How often it was opened.")
    last_viewed_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, link: ShareLink) -> "LinkResponse":
        """Return the wire form."""
        return cls(**_said(link))


class NewLinkResponse(LinkResponse):
    """A link that was just made: its secret is given this once, only its hash is kept."""

    secret: str = Field(description="22 characters. Hand on `/s#` and this: what follows `#` is sent to no server.")

    @classmethod
    def of_new(cls, new: NewLink) -> "NewLinkResponse":
        """Return the wire form."""
        return cls(**_said(new.link), secret=new.secret)


def _said(link: ShareLink) -> dict[str, Any]:
    return {
        "link_id": link.link_id,
        "name": link.name,
        "has_password": link.password_hash is not None,
        "ends_at": link.ends_at,
        "allows_download": link.allows_download,
        "shows_location": link.shows_location,
        "views": link.views,
        "last_viewed_at": link.last_viewed_at,
        "created_at": link.created_at,
    }


class InvitationCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: GrantedRole
    name: PersonName = Field(description="Whom you mean: that is how they are listed.")
    owner_name: PersonName = Field(description="What you call yourself.")
    shows_location: bool = Field(default=False, description="Whether they see where your photos were taken.")

    def said(self) -> dict[str, Any]:
        """Return what the use case takes."""
        return self.model_dump()


class InvitationResponse(BaseModel):
    invitation_id: str
    role: Role
    name: str
    shows_location: bool
    ends_at: datetime
    created_at: datetime

    @classmethod
    def of(cls, invitation: Invitation) -> "InvitationResponse":
        """Return the wire form."""
        return cls(**_offered(invitation))


class NewInvitationResponse(InvitationResponse):
    """An invitation that was just made: its secret is given this once, only its hash is kept."""

    secret: str = Field(description="22 characters. Hand on `/join#` and this: what follows `#` is sent to no server.")

    @classmethod
    def of_new(cls, new: NewInvitation) -> "NewInvitationResponse":
        """Return the wire form."""
        return cls(**_offered(new.invitation), secret=new.secret)


def _offered(invitation: Invitation) -> dict[str, Any]:
    return {
        "invitation_id": invitation.invitation_id,
        "role": invitation.role,
        "name": invitation.name,
        "shows_location": invitation.shows_location,
        "ends_at": invitation.ends_at,
        "created_at": invitation.created_at,
    }


class MemberUpdate(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    role: GrantedRole = Role.VIEWER
    name: PersonName = ""
    shows_location: bool = False

    def said(self) -> dict[str, Any]:
        """Return what was said, as the use case takes it."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class MemberResponse(BaseModel):
    account_id: OwnerId
    role: Role
    name: str
    shows_location: bool
    joined_at: datetime

    @classmethod
    def of(cls, member: Member) -> "MemberResponse":
        """Return the wire form."""
        return cls(
            account_id=member.account_id,
            role=member.role,
            name=member.name,
            shows_location=member.shows_location,
            joined_at=member.joined_at,
        )


class SharesResponse(BaseModel):
    links: list[LinkResponse]
    invitations: list[InvitationResponse] = Field(description="Those that nobody has taken up yet.")
    members: list[MemberResponse]


class InvitationSecret(BaseModel):
    model_config = ConfigDict(extra="forbid")

    secret: Secret


class OfferResponse(BaseModel):
    album_name: str
    owner_name: str
    role: Role

    @classmethod
    def of(cls, offer: Offer) -> "OfferResponse":
        """Return the wire form."""
        return cls(album_name=offer.album.name, owner_name=offer.invitation.owner_name, role=offer.invitation.role)


class JoinedResponse(BaseModel):
    album_id: str


class VisitCreate(BaseModel):
    """Sent as a body, so that neither secret nor password stands in an address, a log or a history."""

    model_config = ConfigDict(extra="forbid")

    secret: Secret
    password: Annotated[str, StringConstraints(max_length=MOST_PASSWORD_CHARACTERS)] | None = None


class SharedAlbumResponse(BaseModel):
    name: str
    description: str
    count: int
    cover_thumbnail_url: str | None
    allows_download: bool
    shows_location: bool

    @classmethod
    def of(cls, listed: ListedAlbum, *, urls: MediaUrls) -> "SharedAlbumResponse":
        """Return the wire form."""
        return cls(
            name=listed.album.name,
            description=listed.album.description,
            count=listed.at_least,
            cover_thumbnail_url=cover_url(listed, urls=urls),
            allows_download=listed.access.allows_download,
            shows_location=listed.access.shows_location,
        )


class VisitResponse(BaseModel):
    token: str = Field(description="For `Authorization: Bearer` of what is under `shared/`; good for nothing else.")
    ends_at: datetime
    album: SharedAlbumResponse
