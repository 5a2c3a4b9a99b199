"""An `AccountStore` in memory."""

from dataclasses import replace
from datetime import datetime

from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import Account, email_key
from heliograph_auth.domain.errors import InvalidInvitationError
from heliograph_auth.domain.invitations import Invitation
from tests.fakes.in_memory_access_records import InMemoryAccessRecords
from tests.fakes.in_memory_invitation_store import InMemoryInvitationStore


class InMemoryAccountStore:
    """A dictionary, and the access records that other services would read."""

    def __init__(self, access: InMemoryAccessRecords | None = None) -> None:
        self.accounts: dict[OwnerId, Account] = {}
        self.access = access or InMemoryAccessRecords()
        self.invitations = InMemoryInvitationStore()

    async def create(self, account: Account, *, invitation: Invitation | None = None) -> bool:
        if invitation and await self.admits(invitation.digest, account) is None:
            raise InvalidInvitationError
        if await self.with_email(email_key(account.email)) is not None:
            return False
        self.accounts[account.account_id] = account
        if invitation:
            del self.invitations.invitations[invitation.digest]
        return True

    async def admits(self, invitation: str, account: Account) -> Invitation | None:
        found = self.invitations.invitations.get(invitation)
        maker = self.accounts.get(found.made_by) if found else None
        is_good = found and found.is_good_for(account) and maker and maker.is_admin and not maker.is_closed
        return found if is_good else None

    async def get(self, account_id: OwnerId) -> Account | None:
        return self.accounts.get(account_id)

    async def with_email(self, key: str) -> Account | None:
        return next((account for account in self.accounts.values() if email_key(account.email) == key), None)

    async def rename(self, account_id: OwnerId, name: str) -> Account | None:
        if account_id not in self.accounts:
            return None
        self.accounts[account_id] = replace(self.accounts[account_id], name=name)
        return self.accounts[account_id]

    async def verify_email(self, account_id: OwnerId, email: str, at: datetime) -> Account | None:
        there = self.accounts.get(account_id)
        if there is None or there.email != email:
            return None
        self.accounts[account_id] = replace(there, email_verified_at=there.email_verified_at or at)
        return self.accounts[account_id]

    async def change_email(self, account: Account, email: str, at: datetime) -> Account | None:
        there, holder = self.accounts.get(account.account_id), await self.with_email(email_key(email))
        seen = (account.email, account.generation)
        if (
            there is None
            or (there.email, there.generation) != seen
            or (holder and holder.account_id != there.account_id)
        ):
            return None
        self.accounts[account.account_id] = replace(there, email=email, email_verified_at=at)
        return self.accounts[account.account_id]

    async def rehash(self, account: Account, password_hash: str) -> bool:
        there = self.accounts.get(account.account_id)
        if there is None or there.password_hash != account.password_hash:
            return False
        self.accounts[account.account_id] = replace(there, password_hash=password_hash)
        return True

    async def change_password(self, account: Account, password_hash: str) -> Account | None:
        there = self.accounts.get(account.account_id)
        if (
            there is None
            or (there.generation, there.email) != (account.generation, account.email)
            or not await self.rehash(account, password_hash)
        ):
            return None
        changed = replace(self.accounts[account.account_id], generation=account.generation + 1)
        self.accounts[account.account_id] = changed
        self.access.generations[account.account_id] = changed.generation
        return changed
