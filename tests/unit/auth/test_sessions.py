"""Signing in, staying signed in, and signing out; here or from elsewhere."""

import asyncio
from datetime import timedelta

import pytest

from heliograph.audit import AuditKind
from heliograph.identity import InvalidTokenError, Principal
from heliograph.photos import OwnerId
from heliograph_auth.domain.errors import InvalidRefreshTokenError, SessionNotFoundError, WrongCredentialsError
from heliograph_auth.domain.sessions import RefreshToken, Session
from tests.fakes.in_memory_session_store import InMemorySessionStore
from tests.unit.auth.world import ELSEWHERE, HOME, SECOND, World


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


async def test_a_thief_is_seen_in_the_log_of_the_account() -> None:
    world = World()
    stolen = await world.with_ada()
    await world.refresh(stolen.refresh_token)
    world.now += 11 * SECOND

    with pytest.raises(InvalidRefreshTokenError):
        await world.session_service.refresh(stolen.refresh_token, ELSEWHERE)

    assert world.audit.kinds() == [AuditKind.ACCOUNT_OPENED, AuditKind.SIGNED_IN, AuditKind.TOKEN_REUSED]
    assert world.audit.events[-1].address == ELSEWHERE.address


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
