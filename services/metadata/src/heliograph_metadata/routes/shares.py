"""Routes of sharing, for those who are signed in: links and people of an album, and what is shared with oneself."""

from typing import Annotated

from fastapi import APIRouter, Path

from heliograph.audit import AuditKind
from heliograph.identity import CurrentPrincipal, SecurityTrail
from heliograph.photos import OwnerId
from heliograph_metadata.routes.albums import AlbumId
from heliograph_metadata.routes.dependencies import Albums, Links, Members, Sharer, Urls
from heliograph_metadata.schemas.albums import AlbumResponse, AlbumsResponse
from heliograph_metadata.schemas.shares import (
    InvitationCreate,
    InvitationResponse,
    InvitationSecret,
    JoinedResponse,
    LinkCreate,
    LinkResponse,
    LinkUpdate,
    MemberResponse,
    MemberUpdate,
    NewInvitationResponse,
    NewLinkResponse,
    OfferResponse,
    SharesResponse,
)

router = APIRouter(tags=["shares"], generate_unique_id_function=lambda route: route.name)

EntryId = Annotated[str, Path(max_length=64)]
MemberId = Annotated[str, Path(max_length=64, description="An account's id; `me` for the caller, to leave.")]


@router.get("/albums/{album_id}/shares", summary="With whom an album is shared")
async def list_shares(album_id: AlbumId, principal: CurrentPrincipal, links: Links, members: Members) -> SharesResponse:
    """All links, open invitations and people of an album of one's own. `404 album-not-found`, `403 not-allowed`."""
    invitations, joined = await members.all(principal.account_id, album_id)
    return SharesResponse(
        links=[LinkResponse.of(link) for link in await links.all(principal.account_id, album_id)],
        invitations=[InvitationResponse.of(one) for one in invitations],
        members=[MemberResponse.of(one) for one in joined],
    )


@router.post("/albums/{album_id}/links", status_code=201, summary="Make a share link")
async def create_link(
    album_id: AlbumId, body: LinkCreate, principal: Sharer, links: Links, trail: SecurityTrail
) -> NewLinkResponse:
    """Make a link that shows an album to anyone who has it; its secret is given this once.

    `404 album-not-found`, `403 not-allowed`, `409 smart-album`, `422 share-limit`, `422 ends-in-the-past`.
    """
    made = await links.create(principal.account_id, album_id, body.said())
    await trail.record(AuditKind.LINK_MADE, album=album_id, name=made.link.name)
    return NewLinkResponse.of_new(made)


@router.patch("/albums/{album_id}/links/{link_id}", summary="Change a share link")
async def change_link(
    album_id: AlbumId,
    link_id: EntryId,
    body: LinkUpdate,
    principal: Sharer,
    links: Links,
    trail: SecurityTrail,
) -> LinkResponse:
    """Change what a link lets people do; with another password all who have opened it have to open it again.

    `404 album-not-found`, `404 link-not-found`, `403 not-allowed`, `422 ends-in-the-past`.
    """
    changed = await links.change(principal.account_id, album_id, link_id, body.said())
    await trail.record(AuditKind.LINK_CHANGED, album=album_id, name=changed.name)
    return LinkResponse.of(changed)


@router.delete("/albums/{album_id}/links/{link_id}", status_code=204, summary="Take a share link back")
async def delete_link(
    album_id: AlbumId, link_id: EntryId, principal: Sharer, links: Links, trail: SecurityTrail
) -> None:
    """The link shows nothing from now on; addresses of pictures that were handed out are good for 20 minutes at most.

    `404 album-not-found`, `404 link-not-found`, `403 not-allowed`.
    """
    await links.remove(principal.account_id, album_id, link_id)
    await trail.record(AuditKind.LINK_REMOVED, album=album_id)


@router.post("/albums/{album_id}/invitations", status_code=201, summary="Invite somebody to an album")
async def create_invitation(
    album_id: AlbumId, body: InvitationCreate, principal: Sharer, members: Members, trail: SecurityTrail
) -> NewInvitationResponse:
    """Make an invitation for one person, good for 14 days; its secret is given this once.

    `404 album-not-found`, `403 not-allowed`, `409 smart-album`, `422 share-limit`.
    """
    made = await members.invite(principal.account_id, album_id, body.said())
    await trail.record(AuditKind.INVITATION_MADE, album=album_id, name=made.invitation.name)
    return NewInvitationResponse.of_new(made)


@router.delete("/albums/{album_id}/invitations/{invitation_id}", status_code=204, summary="Take an invitation back")
async def delete_invitation(
    album_id: AlbumId, invitation_id: EntryId, principal: Sharer, members: Members, trail: SecurityTrail
) -> None:
    """Whoever has taken it up stays. `404 album-not-found`, `404 invitation-not-found`, `403 not-allowed`."""
    await members.take_back(principal.account_id, album_id, invitation_id)
    await trail.record(AuditKind.INVITATION_REMOVED, album=album_id)


@router.patch("/albums/{album_id}/members/{member_id}", summary="Change what somebody may do with an album")
async def change_member(
    album_id: AlbumId,
    member_id: MemberId,
    body: MemberUpdate,
    principal: Sharer,
    members: Members,
    trail: SecurityTrail,
) -> MemberResponse:
    """Give a member another role or name, or show them where photos were taken, or not.

    `404 album-not-found`, `404 member-not-found`, `403 not-allowed`, `422 share-limit`.
    """
    changed = await members.change(principal.account_id, album_id, OwnerId(member_id), body.said())
    await trail.record(AuditKind.MEMBER_CHANGED, album=album_id, name=changed.name)
    return MemberResponse.of(changed)


@router.delete("/albums/{album_id}/members/{member_id}", status_code=204, summary="Take somebody out of an album")
async def delete_member(
    album_id: AlbumId, member_id: MemberId, principal: Sharer, members: Members, trail: SecurityTrail
) -> None:
    """Take a member out, as the owner, or leave. Their photos are in the album no more, and stay in their library.

    `404 album-not-found`, `404 member-not-found`, `403 not-allowed`.
    """
    whom = principal.account_id if member_id == "me" else OwnerId(member_id)
    await members.remove(principal.account_id, album_id, whom)
    await trail.record(AuditKind.MEMBER_REMOVED, album=album_id)


@router.get("/shared-albums", summary="Albums shared with the caller")
async def list_shared_albums(principal: CurrentPrincipal, albums: Albums, urls: Urls) -> AlbumsResponse:
    """Albums of others that the caller has joined, by name."""
    return AlbumsResponse(items=[AlbumResponse.of(one, urls=urls) for one in await albums.shared(principal.account_id)])


@router.post("/invitations/look", summary="See what an invitation offers")
async def look_at_invitation(body: InvitationSecret, principal: CurrentPrincipal, members: Members) -> OfferResponse:
    """See what one is about to join; nothing changes. `404 invitation-not-found`, `409 own-album`."""
    return OfferResponse.of(await members.look(principal.account_id, body.secret))


@router.post("/invitations/accept", summary="Join a shared album")
async def accept_invitation(
    body: InvitationSecret, principal: Sharer, members: Members, trail: SecurityTrail
) -> JoinedResponse:
    """Take an invitation up; doing it again changes nothing.

    `404 invitation-not-found`, `409 own-album`, `422 share-limit`.
    """
    album_id = await members.accept(principal.account_id, body.secret)
    await trail.record(AuditKind.ALBUM_JOINED, album=album_id)
    return JoinedResponse(album_id=album_id)
