"""API keys can do what they were made for, and never more than their maker."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.audit import AuditKind
from heliograph.identity import (
    EVERYTHING,
    ApiKeySecret,
    InsufficientScopeError,
    InvalidTokenError,
    KeyRefusals,
    Principal,
    Scope,
)
from heliograph.photos import OwnerId
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account
from heliograph_auth.domain.api_keys import (
    KEY_SCOPES,
    MAX_KEYS,
    ApiKeyNotFoundError,
    InvalidKeyNameError,
    TooManyApiKeysError,
    scopes_for_key,
)
from heliograph_auth.service.api_keys import ApiKeyService
from tests.unit.auth.world import PASSWORD
from tests.unit.auth.world import World as Accounts

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA = Principal(account_id=OwnerId("ada"), session_id="s1")
HOME = Visit("198.51.100.1", "curl")
DAY = timedelta(days=1)


class World:
    """The service, its fakes, and a clock that a test can move."""

    def __init__(self) -> None:
        there = Accounts()
        for name in ("ada", "eve"):
            account = Account(OwnerId(name), f"{name}@example.com", name, f"hash of {PASSWORD}", NOON)
            there.accounts.accounts[account.account_id] = account
        self.store = there.keys
        self.audit = there.audit
        self.now = NOON
        self.service = ApiKeyService(self.store, there.second_factors, self.audit, clock=lambda: self.now)

    async def made(
        self, maker: Principal = ADA, *scopes: Scope, name: str = "Phone", lives: timedelta | None = None
    ) -> str:
        wanted = scopes or (Scope.UPLOADS_WRITE,)
        _, secret = await self.service.make(
            maker, name=name, scopes=wanted, lives=lives, password=PASSWORD, code=None, visit=HOME
        )
        return str(secret)

    async def principal(self, text: str) -> Principal:
        """Let a key in as every service does."""
        key = ApiKeySecret.parse(text)
        record = await self.store.access.api_key(key.key_id)
        if record is None:
            raise InvalidTokenError
        return record.principal(key, self.now)


async def test_a_key_speaks_for_its_maker_with_its_own_scopes_and_only_its_hash_is_kept() -> None:
    world = World()

    text = await world.made(ADA, Scope.LIBRARY_READ, Scope.UPLOADS_WRITE)

    principal = await world.principal(text)
    assert principal.account_id == ADA.account_id
    assert principal.scopes == frozenset({Scope.LIBRARY_READ, Scope.UPLOADS_WRITE})
    kept = f"{world.store.keys}{world.store.access.keys}{world.audit.events}"
    assert ApiKeySecret.parse(text).secret not in kept
    assert world.audit.kinds() == [AuditKind.API_KEY_MADE]
    assert world.audit.events[0].about == {"key": "Phone", "scopes": "library:read uploads:write"}


@given(st.frozensets(st.sampled_from(Scope)), st.frozensets(st.sampled_from(Scope), min_size=1))
def test_a_key_is_never_allowed_more_than_its_maker_nor_to_change_the_account(
    makers: frozenset[Scope], wanted: frozenset[Scope]
) -> None:
    maker = ADA.model_copy(update={"scopes": makers})
    if wanted <= makers & KEY_SCOPES:
        assert scopes_for_key(wanted, maker) == wanted
    else:
        with pytest.raises(InsufficientScopeError):
            scopes_for_key(wanted, maker)


async def test_no_key_makes_a_key_that_can_do_more() -> None:
    world = World()
    key = await world.principal(await world.made(ADA, Scope.LIBRARY_READ))

    with pytest.raises(InsufficientScopeError):
        await world.made(key, Scope.LIBRARY_WRITE)
    with pytest.raises(InsufficientScopeError):
        await world.made(ADA, Scope.ACCOUNT_WRITE)
    assert Scope.ACCOUNT_WRITE in EVERYTHING


async def test_a_revoked_key_is_good_for_nothing() -> None:
    world = World()
    text = await world.made()

    await world.service.revoke(ADA, ApiKeySecret.parse(text).key_id, HOME)

    with pytest.raises(InvalidTokenError):
        await world.principal(text)
    assert await world.service.keys(ADA) == []
    assert world.audit.kinds()[-1] == AuditKind.API_KEY_REVOKED


async def test_nobody_revokes_or_sees_a_stranger_s_key() -> None:
    world = World()
    text = await world.made()
    eve = Principal(account_id=OwnerId("eve"), session_id="s2")

    for key_id in (ApiKeySecret.parse(text).key_id, "none"):
        with pytest.raises(ApiKeyNotFoundError):
            await world.service.revoke(eve, key_id, HOME)

    assert await world.service.keys(eve) == []
    assert await world.principal(text)


async def test_a_key_ends_with_its_time() -> None:
    world = World()
    text = await world.made(lives=30 * DAY)
    world.now += 30 * DAY - timedelta(seconds=1)
    assert await world.principal(text)

    world.now += timedelta(seconds=1)

    with pytest.raises(InvalidTokenError):
        await world.principal(text)


async def test_another_secret_under_a_key_s_id_is_refused() -> None:
    world = World()
    text = await world.made()
    forged = ApiKeySecret(ApiKeySecret.parse(text).key_id, ApiKeySecret.new().secret)

    with pytest.raises(InvalidTokenError):
        await world.principal(str(forged))


async def test_the_owner_of_a_key_that_is_refused_is_told_once_a_minute() -> None:
    world = World()
    key = ApiKeySecret.parse(await world.made())
    record = await world.store.access.api_key(key.key_id)
    assert record is not None
    seconds = NOON.timestamp()
    refusals = [KeyRefusals(world.audit, clock=lambda: seconds) for _ in range(2)]

    for wait in (0, 20, 39, 1, 1):
        seconds += wait
        for service in refusals:
            await service.note(record, HOME)

    told = [event for event in world.audit.events if event.kind is AuditKind.API_KEY_REFUSED]
    assert [(event.owner_id, event.at, event.address) for event in told] == [
        (ADA.account_id, NOON, HOME.address),
        (ADA.account_id, NOON + timedelta(minutes=1), HOME.address),
    ]
    assert told[0].about == {"key": key.key_id}


@pytest.mark.parametrize("text", ["hgk_", "hgk_x_y", "hgk_0123456789abcdef_short", "hgk_0123456789ABCDEF_" + "a" * 43])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidTokenError):
        ApiKeySecret.parse(text)


def test_a_key_is_not_shown_by_accident() -> None:
    key = ApiKeySecret.new()

    assert key.secret not in repr(key)
    assert ApiKeySecret.parse(str(key)) == key


async def test_keys_are_listed_the_newest_first_and_there_are_not_too_many() -> None:
    world = World()
    for number in range(MAX_KEYS):
        world.now += DAY
        await world.made(name=f"Key {number}")

    assert [key.name for key in await world.service.keys(ADA)][:2] == [f"Key {MAX_KEYS - 1}", f"Key {MAX_KEYS - 2}"]
    with pytest.raises(TooManyApiKeysError):
        await world.made()


@pytest.mark.parametrize("name", [" ", "a\nb"])
async def test_a_key_needs_a_name_that_can_be_seen(name: str) -> None:
    with pytest.raises(InvalidKeyNameError):
        await World().made(name=name)
