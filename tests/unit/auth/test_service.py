"""Registering, signing in, staying signed in and signing out."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.identity import Principal
from heliograph.photos import OwnerId
from heliograph_auth.domain import (
    AccountNotFoundError,
    EmailTakenError,
    InvalidEmailError,
    InvalidNameError,
    InvalidRefreshTokenError,
    RefreshToken,
    Session,
    TokenPair,
    WrongCredentialsError,
)
from heliograph_auth.service import AccountService, Lifetimes
from tests.fakes.in_memory_account_store import InMemoryAccountStore
from tests.fakes.plain_passwords import PlainPasswords

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PASSWORD = "correct horse"
LIFETIMES = Lifetimes(access=600 * SECOND, refresh=timedelta(days=30), grace=10 * SECOND)


class PlainAccessTokens:
    """Tokens that anyone can read."""

    refresh_key = b"key"

    def issue(self, principal: Principal, *, now: datetime, lives: timedelta) -> str:
        return f"{principal.account_id} in {principal.session_id} until {now + lives:%H:%M}"


class World:
    """The service, its fakes, and a clock that a test can move."""

    def __init__(self, store: InMemoryAccountStore | None = None) -> None:
        self.store = store or InMemoryAccountStore()
        self.passwords = PlainPasswords()
        self.now = NOON
        self.service = AccountService(
            self.store, self.passwords, PlainAccessTokens(), lifetimes=LIFETIMES, clock=lambda: self.now
        )

    async def with_ada(self) -> TokenPair:
        await self.service.register(email="ada@example.com", password=PASSWORD, name="Ada")
        return await self.sign_in()

    async def sign_in(self) -> TokenPair:
        return await self.service.sign_in(email="ada@example.com", password=PASSWORD)

    @property
    def ada(self) -> Principal:
        [session] = self.store.sessions.values()
        return Principal(account_id=session.account_id, session_id=session.session_id)


async def test_who_registers_has_an_account_without_a_readable_password() -> None:
    world = World()

    account = await world.service.register(email="Ada@EXAMPLE.com", password=PASSWORD, name=" Ada ")

    assert (account.email, account.name, account.created_at) == ("Ada@example.com", "Ada", NOON)
    assert account.password_hash == f"hash of {PASSWORD}"
    assert world.store.accounts == {account.account_id: account}


async def test_an_address_opens_one_account_whatever_its_case() -> None:
    world = World()
    await world.with_ada()

    with pytest.raises(EmailTakenError, match=r"ADA@example\.com"):
        await world.service.register(email="ADA@example.com", password=PASSWORD, name="Eve")


async def test_nothing_is_stored_for_an_address_or_a_name_that_is_none() -> None:
    world = World()

    with pytest.raises(InvalidEmailError):
        await world.service.register(email="ada", password=PASSWORD, name="Ada")
    with pytest.raises(InvalidNameError):
        await world.service.register(email="ada@example.com", password=PASSWORD, name=" ")

    assert world.store.accounts == {}


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
    await world.service.register(email="ada@example.com", password=PASSWORD, name="Ada")

    with pytest.raises(WrongCredentialsError) as refused:
        await world.service.sign_in(email=email, password="wrong")

    assert str(refused.value) == ""
    assert len(world.passwords.compared) == 1
    assert world.store.sessions == {}


async def test_a_refresh_token_gives_a_new_pair_and_the_session_lives_on() -> None:
    world = World()
    first = await world.with_ada()
    world.now += timedelta(days=29)

    second = await world.service.refresh(first.refresh_token)
    world.now += timedelta(days=29)
    third = await world.service.refresh(second.refresh_token)

    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert third.access_token == f"{world.ada.account_id} in {world.ada.session_id} until 12:10"


async def test_an_unused_session_expires() -> None:
    world = World()
    pair = await world.with_ada()
    world.now += timedelta(days=30)

    with pytest.raises(InvalidRefreshTokenError):
        await world.service.refresh(pair.refresh_token)


async def test_a_token_repeated_at_once_gives_the_same_successor() -> None:
    world = World()
    first = await world.with_ada()
    second = await world.service.refresh(first.refresh_token)
    world.now += 10 * SECOND

    again = await world.service.refresh(first.refresh_token)

    assert again.refresh_token == second.refresh_token
    assert await world.service.refresh(again.refresh_token)


async def test_a_token_used_again_later_ends_the_session_for_everyone() -> None:
    world = World()
    first = await world.with_ada()
    second = await world.service.refresh(first.refresh_token)
    world.now += 11 * SECOND

    with pytest.raises(InvalidRefreshTokenError, match="used before"):
        await world.service.refresh(first.refresh_token)

    assert world.store.sessions == {}
    with pytest.raises(InvalidRefreshTokenError):
        await world.service.refresh(second.refresh_token)


async def test_a_token_from_before_the_last_ends_the_session_even_at_once() -> None:
    world = World()
    first = await world.with_ada()
    second = await world.service.refresh(first.refresh_token)
    await world.service.refresh(second.refresh_token)

    with pytest.raises(InvalidRefreshTokenError):
        await world.service.refresh(first.refresh_token)

    assert world.store.sessions == {}


async def test_a_thief_s_reuse_ends_no_other_session() -> None:
    world = World()
    stolen = await world.with_ada()
    other = await world.sign_in()
    await world.service.refresh(stolen.refresh_token)
    world.now += 11 * SECOND

    with pytest.raises(InvalidRefreshTokenError):
        await world.service.refresh(stolen.refresh_token)

    assert await world.service.refresh(other.refresh_token)


@pytest.mark.parametrize("text", ["", "x", "=", "ü", "A" * 63, "A" * 64, "A" * 68])
async def test_what_is_no_token_ends_nothing(text: str) -> None:
    world = World()
    pair = await world.with_ada()

    with pytest.raises(InvalidRefreshTokenError):
        await world.service.refresh(text)

    assert await world.service.refresh(pair.refresh_token)


class SlowStore(InMemoryAccountStore):
    """Lets another request in between reading a session and rotating it."""

    async def session(self, session_id: str) -> Session | None:
        found = await super().session(session_id)
        await asyncio.sleep(0)
        return found


async def test_two_tabs_that_refresh_at_once_go_on_with_the_same_token() -> None:
    world = World(SlowStore())
    pair = await world.with_ada()

    one, other = await asyncio.gather(*(world.service.refresh(pair.refresh_token) for _ in range(2)))

    assert one.refresh_token == other.refresh_token
    world.now += 600 * SECOND
    assert await world.service.refresh(one.refresh_token)


async def test_signing_out_ends_this_session_and_no_other() -> None:
    world = World()
    here = await world.with_ada()
    principal = world.ada
    elsewhere = await world.sign_in()

    await world.service.sign_out(principal)

    with pytest.raises(InvalidRefreshTokenError):
        await world.service.refresh(here.refresh_token)
    assert await world.service.refresh(elsewhere.refresh_token)


async def test_a_name_can_be_changed_but_not_into_nothing() -> None:
    world = World()
    await world.with_ada()

    assert (await world.service.rename(world.ada, "Countess ")).name == "Countess"
    with pytest.raises(InvalidNameError):
        await world.service.rename(world.ada, " ")
    assert (await world.service.account(world.ada)).name == "Countess"


async def test_a_token_of_an_account_that_is_gone_finds_nothing() -> None:
    ghost = Principal(account_id=OwnerId("ghost"), session_id="s")

    with pytest.raises(AccountNotFoundError):
        await World().service.account(ghost)
    with pytest.raises(AccountNotFoundError):
        await World().service.rename(ghost, "Boo")
