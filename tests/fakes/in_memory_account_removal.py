"""An `AccountRemoval` over the fakes of auth's stores."""

from datetime import datetime

from heliograph.departures import Departure
from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import Account
from tests.fakes.in_memory_account_store import InMemoryAccountStore
from tests.fakes.in_memory_api_key_store import InMemoryApiKeyStore
from tests.fakes.in_memory_audit_log import InMemoryAuditLog
from tests.fakes.in_memory_departures import InMemoryDepartures
from tests.fakes.in_memory_session_store import InMemorySessionStore


class InMemoryAccountRemoval:
    """Takes accounts out of dictionaries."""

    def __init__(
        self,
        accounts: InMemoryAccountStore,
        sessions: InMemorySessionStore,
        keys: InMemoryApiKeyStore,
        audit: InMemoryAuditLog,
        departures: InMemoryDepartures,
    ) -> None:
        self.accounts = accounts
        self.sessions = sessions
        self.keys = keys
        self.audit = audit
        self.departures = departures

    async def begin(self, account: Account, *, at: datetime) -> bool:
        there = await self.accounts.get(account.account_id)
        if there is None or (there.password_hash, there.email) != (account.password_hash, account.email):
            return False
        del self.accounts.accounts[account.account_id]
        self.accounts.access.closed.add(account.account_id)
        self.accounts.access.generations[account.account_id] = account.generation + 1
        self.departures.departures[account.account_id] = Departure(account.account_id, at)
        return True

    async def remove_rest(self, account_id: OwnerId) -> None:
        for session in await self.sessions.of_account(account_id):
            del self.sessions.sessions[session.session_id]
        for key in await self.keys.of_account(account_id):
            await self.keys.remove(key.key_id)
        self.audit.events = [event for event in self.audit.events if event.owner_id != account_id]

    async def end(self, account_id: OwnerId) -> None:
        self.accounts.access.closed.discard(account_id)
        self.accounts.access.generations.pop(account_id, None)
