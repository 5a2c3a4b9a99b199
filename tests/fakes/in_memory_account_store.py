"""An `AccountStore` in memory."""

from dataclasses import replace

from heliograph.photos import OwnerId
from heliograph_auth.domain import Account, Session, email_key


class InMemoryAccountStore:
    """Two dictionaries."""

    def __init__(self) -> None:
        self.accounts: dict[OwnerId, Account] = {}
        self.sessions: dict[str, Session] = {}

    async def create(self, account: Account) -> bool:
        if await self.with_email(email_key(account.email)) is not None:
            return False
        self.accounts[account.account_id] = account
        return True

    async def get(self, account_id: OwnerId) -> Account | None:
        return self.accounts.get(account_id)

    async def with_email(self, key: str) -> Account | None:
        return next((account for account in self.accounts.values() if email_key(account.email) == key), None)

    async def rename(self, account_id: OwnerId, name: str) -> Account | None:
        if account_id not in self.accounts:
            return None
        self.accounts[account_id] = replace(self.accounts[account_id], name=name)
        return self.accounts[account_id]

    async def begin_session(self, session: Session) -> None:
        self.sessions[session.session_id] = session

    async def session(self, session_id: str) -> Session | None:
        return self.sessions.get(session_id)

    async def rotate_session(self, session: Session, *, expected_digest: str) -> bool:
        there = self.sessions.get(session.session_id)
        if there is None or there.current_digest != expected_digest:
            return False
        self.sessions[session.session_id] = session
        return True

    async def end_session(self, session_id: str) -> None:
        self.sessions.pop(session_id, None)
