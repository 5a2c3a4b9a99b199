"""HTTP bodies of what administrators do."""

from datetime import datetime

from pydantic import BaseModel, Field

from heliograph_auth.domain.accounts import MAX_NAME_CHARACTERS, Account
from heliograph_auth.domain.invitations import MOST_DAYS
from heliograph_auth.service.administration import OpenInvitation, SeenAccount


class AdminAccount(BaseModel):
    account_id: str
    email: str
    name: str
    created_at: datetime
    is_admin: bool
    is_closed: bool
    last_seen_at: datetime | None = Field(description="As its sessions tell; null where there is none.")

    @classmethod
    def of(cls, account: Account, last_seen_at: datetime | None = None) -> "AdminAccount":
        """Return what an administrator sees of an account."""
        return cls(
            account_id=account.account_id,
            email=account.email,
            name=account.name,
            created_at=account.created_at,
            is_admin=account.is_admin,
            is_closed=account.is_closed,
            last_seen_at=last_seen_at,
        )


class AdminAccounts(BaseModel):
    accounts: list[AdminAccount] = Field(description="In no order.")
    next_cursor: str | None = Field(description="Send it as `cursor` to go on; null at the end.")

    @classmethod
    def of(cls, found: list[SeenAccount], after: str | None) -> "AdminAccounts":
        """Return a page as it goes over the wire."""
        return cls(accounts=[AdminAccount.of(one.account, one.last_seen_at) for one in found], next_cursor=after)


class RegistrationInvite(BaseModel):
    note: str = Field("", max_length=MAX_NAME_CHARACTERS, description="For whom it is, to know it again by.")
    email: str | None = Field(None, max_length=320, description="The one address that it is good for; null: any.")
    days: int = Field(14, ge=1, le=MOST_DAYS, description="For how long it is good.")


class RegistrationInvitation(BaseModel):
    invitation_id: str
    note: str
    email: str | None
    created_at: datetime
    ends_at: datetime

    made_by: str = Field(description="The e-mail address of the administrator who made it.")

    @classmethod
    def of(cls, found: OpenInvitation) -> "RegistrationInvitation":
        """Return what administrators see of an invitation."""
        invitation = found.invitation
        return cls(
            invitation_id=invitation.digest,
            note=invitation.note,
            email=invitation.email or None,
            created_at=invitation.created_at,
            ends_at=invitation.ends_at,
            made_by=found.maker.email,
        )


class RegistrationInvitationMade(RegistrationInvitation):
    secret: str = Field(description="Told this once. Hand it on as `/register#secret`.")

    @classmethod
    def made(cls, invitation: OpenInvitation, secret: str) -> "RegistrationInvitationMade":
        """Return a new invitation with its secret."""
        return cls(**RegistrationInvitation.of(invitation).model_dump(), secret=secret)


class RegistrationInvitations(BaseModel):
    invitations: list[RegistrationInvitation] = Field(description="Those that are still good, the newest first.")
