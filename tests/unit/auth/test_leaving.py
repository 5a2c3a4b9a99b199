"""Deleting an account: at once nobody gets in, and then it is removed until nothing can come any more."""

from datetime import timedelta

import pytest

from heliograph.audit import AuditKind
from heliograph.departures import Half
from heliograph.identity import Principal
from heliograph_auth.domain.errors import (
    AccountNotFoundError,
    InvalidRefreshTokenError,
    SignInsThrottledError,
    WrongCredentialsError,
    WrongPasswordError,
)
from heliograph_auth.service.leaving import Leaving
from tests.fakes.in_memory_account_removal import InMemoryAccountRemoval
from tests.fakes.in_memory_api_key_store import InMemoryApiKeyStore
from tests.fakes.in_memory_departures import InMemoryDepartures
from tests.unit.auth.world import HOME, NOON, PASSWORD, World

SETTLES_AFTER = timedelta(hours=3)


class Stage(World):
    """Accounts, and who leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.departures = InMemoryDepartures()
        keys = InMemoryApiKeyStore(self.access)
        self.removal = InMemoryAccountRemoval(self.accounts, self.store, keys, self.audit, self.departures)
        self.leaving = Leaving(
            self.removal,
            self.departures,
            self.second_factors,
            settles_after=SETTLES_AFTER,
            clock=lambda: self.now,
        )

    async def delete(self, principal: Principal, password: str = PASSWORD) -> None:
        await self.leaving.delete(principal, password=password, code=None, visit=HOME)


async def test_who_deletes_their_account_gets_in_no_more_and_their_address_is_free() -> None:
    stage = Stage()
    pair = await stage.with_ada()
    ada = stage.ada

    await stage.delete(ada)

    assert ada.account_id in stage.access.closed
    with pytest.raises(WrongCredentialsError):
        await stage.sign_in()
    with pytest.raises(InvalidRefreshTokenError):
        await stage.refresh(pair.refresh_token)
    assert (await stage.register()).account_id != ada.account_id


async def test_a_wrong_password_deletes_nothing_and_is_slowed_down() -> None:
    stage = Stage()
    await stage.with_ada()

    for _ in range(5):
        with pytest.raises(WrongPasswordError):
            await stage.delete(stage.ada, "a guess")
    with pytest.raises(SignInsThrottledError):
        await stage.delete(stage.ada)

    assert await stage.departures.all() == []
    assert stage.audit.kinds().count(AuditKind.SIGN_IN_FAILED) == 5


async def test_an_account_is_deleted_once() -> None:
    stage = Stage()
    await stage.with_ada()
    ada = stage.ada
    await stage.delete(ada)

    with pytest.raises(AccountNotFoundError):
        await stage.delete(ada)


async def test_the_rest_goes_at_the_next_look_and_what_came_late_when_nothing_can_come_any_more() -> None:
    stage = Stage()
    await stage.with_ada()
    ada = stage.ada
    session = next(iter(stage.store.sessions.values()))
    await stage.delete(ada)

    await stage.leaving.look()
    assert stage.store.sessions == {}
    assert stage.audit.events == []
    await stage.store.begin(session)  # a sign-in that was under way
    stage.now += SETTLES_AFTER / 2
    await stage.leaving.look()
    assert stage.store.sessions != {}
    stage.now += SETTLES_AFTER / 2
    await stage.leaving.look()
    assert stage.store.sessions == {}


async def test_a_departure_is_forgotten_only_when_the_library_is_gone_as_well() -> None:
    stage = Stage()
    await stage.with_ada()
    ada = stage.ada
    await stage.delete(ada)
    stage.now += SETTLES_AFTER

    for _ in range(2):
        await stage.leaving.look()
    assert stage.departures.departures[ada.account_id].removed == {Half.ACCOUNT: stage.now}
    await stage.departures.note_removed(ada.account_id, Half.LIBRARY, NOON)  # its first removal alone is not enough
    await stage.leaving.look()
    assert ada.account_id in stage.access.closed
    await stage.departures.note_removed(ada.account_id, Half.LIBRARY, stage.now)
    await stage.leaving.look()

    assert await stage.departures.all() == []
    assert ada.account_id not in stage.access.closed
