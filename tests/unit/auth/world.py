"""Accounts and sessions over fakes, with a clock that a test can move."""

from datetime import UTC, datetime, timedelta

from heliograph.identity import Principal
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, EmailVerification
from heliograph_auth.domain.letters import Letters
from heliograph_auth.domain.sessions import TokenPair
from heliograph_auth.service.accounts import AccountService
from heliograph_auth.service.code_guard import CodeGuard
from heliograph_auth.service.confirmations import ConfirmationService, Writing
from heliograph_auth.service.email_change import Counting, EmailChange
from heliograph_auth.service.mail import Postbox
from heliograph_auth.service.other_ways import OtherWaysIn
from heliograph_auth.service.reauthentication import Reauthentication
from heliograph_auth.service.second_factor import SecondFactorService
from heliograph_auth.service.sessions import Lifetimes, SessionService
from heliograph_auth.service.sign_in_guard import SignInGuard
from tests.fakes.in_memory_access_records import InMemoryAccessRecords
from tests.fakes.in_memory_account_store import InMemoryAccountStore
from tests.fakes.in_memory_api_key_store import InMemoryApiKeyStore
from tests.fakes.in_memory_audit_log import InMemoryAuditLog
from tests.fakes.in_memory_challenge_store import InMemoryChallengeStore
from tests.fakes.in_memory_confirmation_store import InMemoryConfirmationStore
from tests.fakes.in_memory_identity_store import InMemoryIdentityStore
from tests.fakes.in_memory_mail import InMemoryMail
from tests.fakes.in_memory_passkey_store import InMemoryPasskeyStore
from tests.fakes.in_memory_second_factor_store import InMemorySecondFactorStore
from tests.fakes.in_memory_session_store import InMemorySessionStore
from tests.fakes.in_memory_try_store import InMemoryTryStore
from tests.fakes.plain_passwords import PlainPasswords
from tests.fakes.plain_sealing import PlainSealing

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PASSWORD = "correct horse"
LIFETIMES = Lifetimes(access=600 * SECOND, refresh=timedelta(days=30), grace=10 * SECOND)
HOME = Visit("198.51.100.1", "Firefox on Linux")
ELSEWHERE = Visit("203.0.113.9", "curl")


class PlainAccessTokens:
    """Tokens that anyone can read."""

    refresh_key = b"key"

    def issue(self, principal: Principal, *, now: datetime, lives: timedelta) -> str:
        return f"{principal.account_id} in {principal.session_id} until {now + lives:%H:%M}"


class World:
    """The service, its fakes, and a clock that a test can move."""

    def __init__(
        self,
        *,
        sessions: type[InMemorySessionStore] = InMemorySessionStore,
        tries: InMemoryTryStore | None = None,
        passwords: PlainPasswords | None = None,
        verification: EmailVerification = EmailVerification.OFFERED,
    ) -> None:
        self.access = InMemoryAccessRecords()
        self.accounts = InMemoryAccountStore(self.access)
        self.store = sessions(self.access)
        self.tries = tries or InMemoryTryStore()
        self.audit = InMemoryAuditLog()
        self.passwords = passwords or PlainPasswords()
        self.now = NOON
        guard = SignInGuard(self.tries, self.audit, clock=lambda: self.now)
        self.factors = InMemorySecondFactorStore()
        self.challenges = InMemoryChallengeStore()
        self.passkeys = InMemoryPasskeyStore()
        self.second_factors = SecondFactorService(
            self.accounts,
            self.factors,
            self.challenges,
            self.passkeys,
            Reauthentication(self.accounts, self.passwords, guard),
            CodeGuard(self.tries, clock=lambda: self.now),
            PlainSealing(),
            self.audit,
            clock=lambda: self.now,
        )
        self.session_service = SessionService(
            self.accounts,
            self.store,
            self.passwords,
            PlainAccessTokens(),
            guard,
            self.second_factors,
            self.audit,
            lifetimes=LIFETIMES,
            clock=lambda: self.now,
        )
        self.keys = InMemoryApiKeyStore(self.access)
        self.other_ways = OtherWaysIn(self.keys, self.factors, self.passkeys, InMemoryIdentityStore())
        self.mail = InMemoryMail()
        self.postbox = Postbox()
        self.links = InMemoryConfirmationStore()
        writing = Writing(self.mail, Letters("https://photos.example.org/"), self.postbox)
        self.email_changes = EmailChange(
            self.accounts,
            self.links,
            self.second_factors,
            Counting(guard),
            self.audit,
            writing,
            clock=lambda: self.now,
        )
        self.confirmations = ConfirmationService(
            self.accounts,
            self.links,
            self.passwords,
            guard,
            self.audit,
            writing,
            self.other_ways,
            self.email_changes,
            clock=lambda: self.now,
        )
        self.service = AccountService(
            self.accounts,
            self.passwords,
            self.session_service,
            self.second_factors,
            guard,
            self.audit,
            self.confirmations,
            verification=verification,
            clock=lambda: self.now,
        )

    async def register(
        self,
        *,
        email: str = "ada@example.com",
        password: str = PASSWORD,
        name: str = "Ada",
        visit: Visit = HOME,
    ) -> Account:
        account = await self.service.register(email=email, password=password, name=name, visit=visit)
        assert account is not None
        return account

    async def with_ada(self) -> TokenPair:
        await self.register()
        return await self.sign_in()

    async def sign_in(
        self, *, email: str = "ada@example.com", password: str = PASSWORD, visit: Visit = HOME
    ) -> TokenPair:
        pair = await self.session_service.sign_in(email=email, password=password, visit=visit)
        assert isinstance(pair, TokenPair)
        return pair

    async def refresh(self, text: str) -> TokenPair:
        return await self.session_service.refresh(text, HOME)

    @property
    def ada(self) -> Principal:
        [session] = self.store.sessions.values()
        return Principal(account_id=session.account_id, session_id=session.session_id)
