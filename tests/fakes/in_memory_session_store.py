"""A `SessionStore` in memory."""

from heliograph.photos import OwnerId
from heliograph_auth.domain.sessions import Session
from tests.fakes.in_memory_access_records import InMemoryAccessRecords


class InMemorySessionStore:
    """A dictionary, and the access records that other services would read."""

    def __init__(self, access: InMemoryAccessRecords | None = None) -> None:
        self.sessions: dict[str, Session] = {}
        self.access = access or InMemoryAccessRecords()

    async def begin(self, session: Session) -> None:
        self.sessions[session.session_id] = session

    async def get(self, session_id: str) -> Session | None:
        return self.sessions.get(session_id)

    async def of_account(self, account_id: OwnerId) -> list[Session]:
        return [session for session in self.sessions.values() if session.account_id == account_id]

    async def rotate(self, session: Session, *, expected_digest: str) -> bool:
        there = self.sessions.get(session.session_id)
        if there is None or there.current_digest != expected_digest:
            return False
        self.sessions[session.session_id] = session
        return True

    async def end(self, session_id: str) -> None:
        self.sessions.pop(session_id, None)
        self.access.ended.add(session_id)
