"""Routes of administrators."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field

from heliograph.identity import CurrentPrincipal
from heliograph.photos import OwnerId
from heliograph_auth.routes.dependencies import Visiting, never_cached
from heliograph_auth.schemas.administration import (
    AdminAccount,
    AdminAccounts,
    RegistrationInvitation,
    RegistrationInvitationMade,
    RegistrationInvitations,
    RegistrationInvite,
)
from heliograph_auth.schemas.second_factor import Proof
from heliograph_auth.service.administration import Administration

router = APIRouter(
    prefix="/admin",
    tags=["administration"],
    generate_unique_id_function=lambda route: route.name,
    dependencies=[Depends(never_cached)],
)


def _administration(request: Request) -> Administration:
    administration: Administration = request.app.state.administration
    return administration


Admin = Annotated[Administration, Depends(_administration)]
AccountId = Annotated[OwnerId, Path(max_length=64)]
SomeAccountId = Annotated[OwnerId, Field(max_length=64)]


@router.get("/accounts", summary="All accounts")
async def list_accounts(
    principal: CurrentPrincipal,
    admin: Admin,
    cursor: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    account_id: Annotated[list[SomeAccountId] | None, Query(max_length=50, description="Only those of them.")] = None,
) -> AdminAccounts:
    """List accounts, in no order. `403 not-admin`, as everywhere under `/admin`."""
    return AdminAccounts.of(*await admin.accounts(principal, after=cursor, limit=limit, only=account_id or ()))


@router.post("/accounts/{account_id}/close", summary="Close an account")
async def close_account(
    account_id: AccountId, body: Proof, principal: CurrentPrincipal, admin: Admin, visit: Visiting
) -> AdminAccount:
    """From now on nobody gets in and nothing that it shares is shown; nothing is lost.

    It takes the administrator's own password, and a code where their two-step sign-in is on. `409 own-account`.
    """
    closed = await admin.close(principal, account_id, password=body.password, code=body.code, visit=visit)
    return AdminAccount.of(closed)


@router.post("/accounts/{account_id}/reopen", summary="Reopen an account")
async def reopen_account(
    account_id: AccountId, principal: CurrentPrincipal, admin: Admin, visit: Visiting
) -> AdminAccount:
    """Let people sign in again; what it shares is shown again. Sessions of before have ended.

    `409 account-changed` where another administrator does something with it at the same moment.
    """
    return AdminAccount.of(await admin.reopen(principal, account_id, visit))


@router.post("/accounts/{account_id}/deletion", status_code=202, summary="Delete an account")
async def delete_somebodys_account(
    account_id: AccountId, body: Proof, principal: CurrentPrincipal, admin: Admin, visit: Visiting
) -> None:
    """Delete somebody's account with all that is in it, as they could themselves.

    It takes the administrator's own password, and a code where their two-step sign-in is on. `409 own-account`.
    """
    await admin.delete(principal, account_id, password=body.password, code=body.code, visit=visit)


@router.get("/invitations", summary="Invitations to register")
async def list_registration_invitations(principal: CurrentPrincipal, admin: Admin) -> RegistrationInvitations:
    """List those of all administrators that are still good."""
    return RegistrationInvitations(
        invitations=[RegistrationInvitation.of(one) for one in await admin.invitations(principal)]
    )


@router.post("/invitations", status_code=201, summary="Invite somebody to register")
async def invite_to_register(
    body: RegistrationInvite, principal: CurrentPrincipal, admin: Admin, visit: Visiting
) -> RegistrationInvitationMade:
    """Make an invitation, good once. Its secret is in this answer and nowhere else."""
    invitation, secret = await admin.invite(principal, note=body.note, email=body.email, days=body.days, visit=visit)
    return RegistrationInvitationMade.made(invitation, secret)


@router.delete("/invitations/{invitation_id}", status_code=204, summary="Take an invitation to register back")
async def take_registration_invitation_back(
    invitation_id: Annotated[str, Path(max_length=64)], principal: CurrentPrincipal, admin: Admin, visit: Visiting
) -> None:
    """From now on nobody can register with it, whoever made it. `404 invitation-not-found`."""
    await admin.take_back(principal, invitation_id, visit)
