"""Who guesses passwords has to wait, and nobody else does."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from heliograph.audit import AuditKind
from heliograph.visits import Visit
from heliograph_auth.domain.errors import (
    SignInsThrottledError,
    TooManySignInsError,
    TooManyTriesError,
    WrongCredentialsError,
)
from heliograph_auth.domain.throttling import (
    ACCOUNT,
    ADDRESS,
    KNOWN_FOR,
    PAIR,
    REGISTRATIONS,
    Counted,
    Limit,
    Tries,
    throttles,
)
from tests.fakes.in_memory_try_store import InMemoryTryStore
from tests.fakes.plain_passwords import PlainPasswords
from tests.unit.auth.world import ELSEWHERE, HOME, PASSWORD, World

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def after(count: int) -> Tries:
    tries = Tries()
    for _ in range(count):
        tries = tries.with_one_more(PAIR, NOON)
    return tries


def test_the_first_tries_are_free_and_then_each_pause_is_twice_the_one_before() -> None:
    pauses = [after(count).pause(NOON).total_seconds() for count in range(1, 17)]

    assert pauses == [0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_a_count_begins_anew_after_an_hour_of_quiet() -> None:
    later = NOON + PAIR.forgets_after + SECOND

    assert after(20).with_one_more(PAIR, later) == Tries(1, later)


@pytest.mark.parametrize(
    ("one", "other", "is_one_neighbour"),
    [
        ("198.51.100.1", "198.51.100.2", False),
        ("198.51.100.1", "::ffff:198.51.100.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("", "unknown", False),
    ],
)
def test_one_neighbour_counts_once(one: str, other: str, is_one_neighbour: bool) -> None:  # noqa: FBT001 - a parameter
    assert (throttles("ada", one)[2] == throttles("ada", other)[2]) == is_one_neighbour


def test_what_is_kept_names_nobody() -> None:
    assert "ada" not in str(throttles("ada@example.com", "198.51.100.1"))
    assert "198.51" not in str(throttles("ada@example.com", "198.51.100.1"))


async def wrong(world: World, *, email: str = "ada@example.com", visit: Visit = HOME) -> float | None:
    """Try a wrong password; return the seconds to wait where it was not even looked at."""
    try:
        await world.sign_in(email=email, password="a guess", visit=visit)
    except WrongCredentialsError:
        return None
    except SignInsThrottledError as error:
        return float(error.headers["Retry-After"])
    raise AssertionError("a guess was right")


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com", "no address"])
async def test_after_five_wrong_passwords_there_is_a_pause_whoever_is_meant(email: str) -> None:
    world = World()
    await world.register()

    assert [await wrong(world, email=email) for _ in range(6)] == [None] * 5 + [2]
    world.now += 2 * SECOND
    assert [await wrong(world, email=email) for _ in range(2)] == [None, 4]


async def test_the_right_password_waits_too_while_somebody_guesses_from_there_but_not_elsewhere() -> None:
    world = World()
    await world.register()
    for _ in range(5):
        await wrong(world, visit=ELSEWHERE)

    with pytest.raises(SignInsThrottledError):
        await world.sign_in(visit=ELSEWHERE)
    assert await world.sign_in(visit=HOME)


async def test_the_right_password_forgets_the_wrong_ones_before_it() -> None:
    world = World()
    await world.register()
    for _ in range(4):
        await wrong(world)
    await world.sign_in()

    assert [await wrong(world) for _ in range(6)] == [None] * 5 + [2]


async def test_a_crowd_that_guesses_one_account_is_slowed_down() -> None:
    world = World()
    await world.register()

    answers = [await wrong(world, visit=Visit(f"198.51.100.{number}")) for number in range(40)]

    assert answers[: ACCOUNT.free] == [None] * ACCOUNT.free
    assert all(answers[ACCOUNT.free :])


async def test_one_address_that_guesses_many_accounts_is_slowed_down_and_its_own_account_helps_nothing() -> None:
    world = World()
    await world.register()

    looked_at = 0
    for number in range(3 * ADDRESS.free):
        looked_at += await wrong(world, email=f"{number}@example.com") is None
        if number == ADDRESS.free // 2:
            await world.sign_in()

    assert looked_at == ADDRESS.free


class SlowTryStore(InMemoryTryStore):
    """Lets others in between any two steps."""

    async def get(self, keys: Sequence[str]) -> dict[str, Tries]:
        found = await super().get(keys)
        await asyncio.sleep(0)
        return found

    async def count(self, key: str, limit: Limit, now: datetime) -> Counted:
        await asyncio.sleep(0)
        return await super().count(key, limit, now)


async def test_of_many_tries_at_once_no_more_are_looked_at_than_of_as_many_one_by_one() -> None:
    world = World(tries=SlowTryStore())
    await world.register()

    answers = await asyncio.gather(*(wrong(world) for _ in range(200)))

    assert answers.count(None) == PAIR.free
    assert len(world.passwords.compared) == PAIR.free


async def test_tries_at_many_accounts_at_once_from_one_address_are_counted_as_those_one_by_one() -> None:
    world = World(tries=SlowTryStore())

    answers = await asyncio.gather(*(wrong(world, email=f"{number}@example.com") for number in range(3 * ADDRESS.free)))

    assert answers.count(None) == ADDRESS.free


async def test_tries_at_one_account_at_once_from_many_addresses_are_counted_as_those_one_by_one() -> None:
    world = World(tries=SlowTryStore())
    await world.register()

    answers = await asyncio.gather(*(wrong(world, visit=Visit(f"198.51.100.{number}")) for number in range(100)))

    assert answers.count(None) == ACCOUNT.free


async def test_right_passwords_at_once_from_one_address_cost_nothing_in_the_end() -> None:
    world = World(tries=SlowTryStore())
    for number in range(10):
        await world.register(email=f"{number}@example.com")

    for _ in range(20):
        await asyncio.gather(*(world.sign_in(email=f"{number}@example.com") for number in range(10)))

    assert all(
        tries.count == 0 for key, tries in world.tries.tries.items() if key.startswith(("pair", "account", "address"))
    )


async def crowd(world: World, *, tries: int) -> None:
    """Guess the password of one account from many addresses."""
    for number in range(tries):
        await wrong(world, visit=Visit(f"198.51.{100 + number // 250}.{number % 250}"))


async def test_a_crowd_keeps_nobody_from_signing_in_where_they_have_before() -> None:
    world = World()
    await world.register()
    await world.sign_in(visit=HOME)

    await crowd(world, tries=300)

    with pytest.raises(SignInsThrottledError):
        await world.sign_in(visit=ELSEWHERE)
    assert await world.sign_in(visit=HOME)
    assert [await wrong(world, visit=HOME) for _ in range(6)] == [None] * 5 + [2]


async def test_who_guesses_at_others_from_an_address_keeps_nobody_out_who_has_signed_in_there() -> None:
    world = World()
    await world.register()
    await world.sign_in(visit=HOME)
    for number in range(2 * ADDRESS.free):
        await wrong(world, email=f"{number}@example.com", visit=HOME)

    assert await world.sign_in(visit=HOME)
    await world.register(email="eve@example.com", name="Eve")
    with pytest.raises(SignInsThrottledError):
        await world.sign_in(email="eve@example.com", visit=HOME)


async def test_an_address_is_no_longer_known_after_a_month() -> None:
    world = World()
    await world.register()
    await world.sign_in(visit=HOME)
    world.now += KNOWN_FOR + SECOND

    await crowd(world, tries=40)

    with pytest.raises(SignInsThrottledError):
        await world.sign_in(visit=HOME)


async def test_a_crowd_keeps_nobody_from_changing_the_password_where_they_are_signed_in() -> None:
    world = World()
    await world.register()
    await world.sign_in(visit=HOME)
    ada = world.ada

    await crowd(world, tries=300)

    changed = world.service.change_password(ada, current=PASSWORD, new="a better horse", code=None, visit=ELSEWHERE)
    assert await changed


class FullPasswords(PlainPasswords):
    """Has no place left in its queue while it is full."""

    is_full = True

    async def match(self, password: str, password_hash: str | None) -> bool:
        if self.is_full:
            raise TooManySignInsError
        return await super().match(password, password_hash)


async def test_a_password_that_was_not_looked_at_costs_no_try() -> None:
    passwords = FullPasswords()
    world = World(passwords=passwords)
    await world.register()

    for _ in range(2 * ACCOUNT.free):
        with pytest.raises(TooManySignInsError):
            await world.sign_in()
    passwords.is_full = False

    assert [await wrong(world) for _ in range(6)] == [None] * 5 + [2]


async def test_registering_from_one_address_is_slowed_down_and_elsewhere_it_is_not() -> None:
    world = World()
    for number in range(REGISTRATIONS.free):
        await world.register(email=f"{number}@example.com")

    with pytest.raises(TooManyTriesError, match="2 s"):
        await world.register()
    assert await world.register(visit=ELSEWHERE)
    world.now += 2 * SECOND
    assert await world.register(email="eve@example.com")


async def test_the_log_says_once_that_a_pause_began_and_nothing_of_what_was_refused_meanwhile() -> None:
    world = World()
    await world.register()

    for _ in range(20):
        await wrong(world)

    failures = [event.about for event in world.audit.events if event.kind is AuditKind.SIGN_IN_FAILED]
    assert failures == [{}] * 4 + [{"pause_seconds": "2"}]


async def test_failures_are_in_the_log_of_the_account_and_of_nobody_where_there_is_none() -> None:
    world = World()
    ada = await world.register()

    await wrong(world, visit=ELSEWHERE)
    await wrong(world, email="nobody@example.com")

    failures = [event for event in world.audit.events if event.kind is AuditKind.SIGN_IN_FAILED]
    assert [event.owner_id == ada.account_id for event in failures] == [True, False]
    assert failures[0].address == ELSEWHERE.address
    assert PASSWORD not in str(world.audit.events)
