"""Registering, signing in, staying signed in and signing out."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.audit import AuditKind
from heliograph.identity import InvalidTokenError, Principal
from heliograph.photos import OwnerId
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, EmailVerification
from heliograph_auth.domain.errors import (
    AccountNotFoundError,
    EmailTakenError,
    InvalidEmailError,
    InvalidNameError,
    InvalidRefreshTokenError,
    SessionNotFoundError,
    SignInsThrottledError,
    WeakPasswordError,
    WrongCredentialsError,
    WrongPasswordError,
)
from heliograph_auth.domain.letters import Letters
from heliograph_auth.domain.sessions import RefreshToken, Session, TokenPair
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


async def test_who_registers_has_an_account_without_a_readable_password() -> None:
    world = World()

    account = await world.register(email="Ada@EXAMPLE.com", password=PASSWORD, name=" Ada ")

    assert (account.email, account.name, account.created_at) == ("Ada@example.com", "Ada", NOON)
    assert account.password_hash == f"hash of {PASSWORD}"
    assert world.accounts.accounts == {account.account_id: account}


async def test_an_address_opens_one_account_whatever_its_case() -> None:
    world = World()
    await world.with_ada()

    with pytest.raises(EmailTakenError, match=r"ADA@example\.com"):
        await world.register(email="ADA@example.com", password=PASSWORD, name="Eve")


async def test_nothing_is_stored_for_an_address_or_a_name_that_is_none() -> None:
    world = World()

    with pytest.raises(InvalidEmailError):
        await world.register(email="ada", password=PASSWORD, name="Ada")
    with pytest.raises(InvalidNameError):
        await world.register(email="ada@example.com", password=PASSWORD, name=" ")

    assert world.accounts.accounts == {}


async def test_signing_in_begins_a_session_of_which_only_hashes_are_kept() -> None:
    world = World()

    pair = await world.with_ada()

    assert pair.expires_in_seconds == 600
    assert pair.access_token == f"{world.ada.account_id} in {world.ada.session_id} until 12:10"
    token = RefreshToken.parse(pair.refresh_token)
    kept = str(world.store.sessions)
    assert token.digest in kept
    assert token.secret.hex() not in kept
    assert pair.refresh_token not in kept


@pytest.mark.parametrize("email", ["ADA@example.com", "nobody@example.com", "no address"])
async def test_wrong_credentials_are_one_problem_and_cost_one_comparison_whoever_is_meant(email: str) -> None:
    world = World()
    await world.register()

    with pytest.raises(WrongCredentialsError) as refused:
        await world.sign_in(email=email, password="wrong")

    assert str(refused.value) == ""
    assert len(world.passwords.compared) == 1
    assert world.store.sessions == {}
    assert world.audit.kinds()[-1] == AuditKind.SIGN_IN_FAILED


async def test_a_refresh_token_gives_a_new_pair_and_the_session_lives_on() -> None:
    world = World()
    first = await world.with_ada()
    world.now += timedelta(days=29)

    second = await world.refresh(first.refresh_token)
    world.now += timedelta(days=29)
    third = await world.refresh(second.refresh_token)

    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert third.access_token == f"{world.ada.account_id} in {world.ada.session_id} until 12:10"


async def test_an_unused_session_expires() -> None:
    world = World()
    pair = await world.with_ada()
    world.now += timedelta(days=30)

    with pytest.raises(InvalidRefreshTokenError):
        await world.refresh(pair.refresh_token)


async def test_a_token_repeated_at_once_gives_the_same_successor() -> None:
    world = World()
    first = await world.with_ada()
    second = await world.refresh(first.refresh_token)
    world.now += 10 * SECOND

    again = await world.refresh(first.refresh_token)

    assert again.refresh_token == second.refresh_token
    assert await world.refresh(again.refresh_token)


async def test_a_token_used_again_later_ends_the_session_for_everyone() -> None:
    world = World()
    first = await world.with_ada()
    second = await world.refresh(first.refresh_token)
    world.now += 11 * SECOND

    with pytest.raises(InvalidRefreshTokenError, match="used before"):
        await world.refresh(first.refresh_token)

    assert world.store.sessions == {}
    with pytest.raises(InvalidRefreshTokenError):
        await world.refresh(second.refresh_token)


async def test_a_token_from_before_the_last_ends_the_session_even_at_once() -> None:
    world = World()
    first = await world.with_ada()
    second = await world.refresh(first.refresh_token)
    await world.refresh(second.refresh_token)

    with pytest.raises(InvalidRefreshTokenError):
        await world.refresh(first.refresh_token)

    assert world.store.sessions == {}


async def test_a_thief_s_reuse_ends_no_other_session() -> None:
    world = World()
    stolen = await world.with_ada()
    other = await world.sign_in()
    await world.refresh(stolen.refresh_token)
    world.now += 11 * SECOND

    with pytest.raises(InvalidRefreshTokenError):
        await world.refresh(stolen.refresh_token)

    assert await world.refresh(other.refresh_token)


@pytest.mark.parametrize("text", ["", "x", "=", "ü", "A" * 63, "A" * 64, "A" * 68])
async def test_what_is_no_token_ends_nothing(text: str) -> None:
    world = World()
    pair = await world.with_ada()

    with pytest.raises(InvalidRefreshTokenError):
        await world.refresh(text)

    assert await world.refresh(pair.refresh_token)


class SlowStore(InMemorySessionStore):
    """Lets another request in between reading a session and rotating it."""

    async def get(self, session_id: str) -> Session | None:
        found = await super().get(session_id)
        await asyncio.sleep(0)
        return found


async def test_two_tabs_that_refresh_at_once_go_on_with_the_same_token() -> None:
    world = World(sessions=SlowStore)
    pair = await world.with_ada()

    one, other = await asyncio.gather(*(world.refresh(pair.refresh_token) for _ in range(2)))

    assert one.refresh_token == other.refresh_token
    world.now += 600 * SECOND
    assert await world.refresh(one.refresh_token)


async def test_signing_out_ends_this_session_and_no_other() -> None:
    world = World()
    here = await world.with_ada()
    principal = world.ada
    elsewhere = await world.sign_in()

    await world.session_service.sign_out(principal, HOME)

    with pytest.raises(InvalidRefreshTokenError):
        await world.refresh(here.refresh_token)
    assert await world.refresh(elsewhere.refresh_token)


async def test_a_name_can_be_changed_but_not_into_nothing() -> None:
    world = World()
    await world.with_ada()

    assert (await world.service.rename(world.ada, "Countess ", HOME)).name == "Countess"
    with pytest.raises(InvalidNameError):
        await world.service.rename(world.ada, " ", HOME)
    assert (await world.service.account(world.ada)).name == "Countess"


async def test_a_token_of_an_account_that_is_gone_finds_nothing() -> None:
    ghost = Principal(account_id=OwnerId("ghost"), session_id="s")

    with pytest.raises(AccountNotFoundError):
        await World().service.account(ghost)
    with pytest.raises(AccountNotFoundError):
        await World().service.rename(ghost, "Boo", HOME)


async def test_a_thief_is_seen_in_the_log_of_the_account() -> None:
    world = World()
    stolen = await world.with_ada()
    await world.refresh(stolen.refresh_token)
    world.now += 11 * SECOND

    with pytest.raises(InvalidRefreshTokenError):
        await world.session_service.refresh(stolen.refresh_token, ELSEWHERE)

    assert world.audit.kinds() == [AuditKind.ACCOUNT_OPENED, AuditKind.SIGNED_IN, AuditKind.TOKEN_REUSED]
    assert world.audit.events[-1].address == ELSEWHERE.address


async def test_an_old_hash_is_made_anew_when_the_password_is_at_hand() -> None:
    world = World()
    account = await world.register()
    world.accounts.accounts[account.account_id] = replace(account, password_hash=f"old hash of {PASSWORD}")

    await world.sign_in()

    assert world.accounts.accounts[account.account_id].password_hash == f"hash of {PASSWORD}"


async def test_a_weak_password_opens_no_account_and_replaces_none() -> None:
    world = World()

    with pytest.raises(WeakPasswordError, match="easy"):
        await world.register(password="a weak password")
    assert world.accounts.accounts == {}

    await world.with_ada()
    with pytest.raises(WeakPasswordError):
        await world.service.change_password(world.ada, current=PASSWORD, new="another weak one", code=None, visit=HOME)
    assert await world.sign_in()


async def test_a_changed_password_ends_everything_that_came_before_but_the_caller_goes_on() -> None:
    world = World()
    here = await world.with_ada()
    ada = world.ada
    elsewhere = await world.sign_in(visit=ELSEWHERE)

    pair = await world.service.change_password(ada, current=PASSWORD, new="a better horse", code=None, visit=HOME)

    for earlier in (here, elsewhere):
        with pytest.raises(InvalidRefreshTokenError):
            await world.refresh(earlier.refresh_token)
    with pytest.raises(InvalidTokenError):
        (await world.access.of(ada.account_id, ada.session_id)).admit(ada)
    assert await world.refresh(pair.refresh_token)
    with pytest.raises(WrongCredentialsError):
        await world.sign_in()
    assert await world.sign_in(password="a better horse")


async def test_a_session_that_the_list_missed_ends_with_the_password_all_the_same() -> None:
    world = World()
    await world.with_ada()
    ada = world.ada
    missed = await world.sign_in(visit=ELSEWHERE)
    kept = world.store.sessions[RefreshToken.parse(missed.refresh_token).session_id]
    await world.service.change_password(ada, current=PASSWORD, new="a better horse", code=None, visit=HOME)
    world.store.sessions[kept.session_id] = kept

    with pytest.raises(InvalidRefreshTokenError):
        await world.refresh(missed.refresh_token)


async def test_only_who_knows_the_password_changes_it() -> None:
    world = World()
    pair = await world.with_ada()

    with pytest.raises(WrongPasswordError):
        await world.service.change_password(world.ada, current="a guess", new="a better horse", code=None, visit=HOME)

    assert await world.refresh(pair.refresh_token)
    assert await world.sign_in()


async def test_guessing_the_password_from_within_a_session_is_throttled_too() -> None:
    world = World()
    await world.with_ada()
    ada = world.ada

    for _ in range(5):
        with pytest.raises(WrongPasswordError):
            await world.service.change_password(ada, current="a guess", new="a better horse", code=None, visit=HOME)
    with pytest.raises(SignInsThrottledError):
        await world.service.change_password(ada, current=PASSWORD, new="a better horse", code=None, visit=HOME)


async def test_sessions_are_listed_the_one_used_last_first_and_only_one_s_own() -> None:
    world = World()
    await world.with_ada()
    ada = world.ada
    world.now += 60 * SECOND
    await world.sign_in(visit=ELSEWHERE)
    await world.register(email="eve@example.com", name="Eve")
    await world.sign_in(email="eve@example.com")

    listed = await world.session_service.sessions(ada)

    assert [(session.device, session.address) for session in listed] == [
        ("curl", "203.0.113.9"),
        ("Firefox on Linux", "198.51.100.1"),
    ]


async def test_a_session_is_ended_from_another_with_its_access_tokens() -> None:
    world = World()
    await world.with_ada()
    ada = world.ada
    lost = RefreshToken.parse((await world.sign_in(visit=ELSEWHERE)).refresh_token)

    await world.session_service.end_session(ada, lost.session_id, HOME)

    with pytest.raises(InvalidRefreshTokenError):
        await world.refresh(str(lost))
    there = Principal(account_id=ada.account_id, session_id=lost.session_id)
    with pytest.raises(InvalidTokenError):
        (await world.access.of(ada.account_id, lost.session_id)).admit(there)
    (await world.access.of(ada.account_id, ada.session_id)).admit(ada)


async def test_nobody_ends_a_stranger_s_session() -> None:
    world = World()
    pair = await world.with_ada()
    ada = world.ada
    eve = Principal(account_id=OwnerId("eve"), session_id="of eve's")

    for session_id in (ada.session_id, "none"):
        with pytest.raises(SessionNotFoundError):
            await world.session_service.end_session(eve, session_id, HOME)

    assert await world.refresh(pair.refresh_token)


async def test_a_session_ends_after_half_a_year_however_often_it_is_used() -> None:
    world = World()
    pair = await world.with_ada()
    for _ in range(8):
        world.now += timedelta(days=22)
        pair = await world.refresh(pair.refresh_token)
    assert pair.refreshable_for == timedelta(days=180 - 8 * 22)

    world.now += timedelta(days=4)

    with pytest.raises(InvalidRefreshTokenError):
        await world.refresh(pair.refresh_token)


async def test_one_session_more_than_an_account_can_have_ends_the_one_used_longest_ago() -> None:
    world = World()
    first = await world.with_ada()
    world.now += SECOND
    second = await world.sign_in()
    for _ in range(48):
        world.now += SECOND
        await world.sign_in()
    world.now += SECOND
    first = await world.refresh(first.refresh_token)

    await world.sign_in()

    assert len(world.store.sessions) == 50
    assert await world.refresh(first.refresh_token)
    with pytest.raises(InvalidRefreshTokenError):
        await world.refresh(second.refresh_token)
