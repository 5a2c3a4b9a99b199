"""Opening an account, its name and its password."""

from dataclasses import replace

import pytest

from heliograph.identity import InvalidTokenError, Principal
from heliograph.photos import OwnerId
from heliograph_auth.domain.errors import (
    AccountNotFoundError,
    EmailTakenError,
    InvalidEmailError,
    InvalidNameError,
    InvalidRefreshTokenError,
    SignInsThrottledError,
    WeakPasswordError,
    WrongCredentialsError,
    WrongPasswordError,
)
from heliograph_auth.domain.sessions import RefreshToken
from tests.unit.auth.world import ELSEWHERE, HOME, NOON, PASSWORD, World


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
