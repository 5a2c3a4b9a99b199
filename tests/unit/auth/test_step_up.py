"""What a stolen session must not do asks for the password, and for a code where two-step sign-in is on."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from heliograph.audit import AuditKind
from heliograph.departures import SETTLES_AFTER
from heliograph.identity import EVERYTHING, Principal, Scope
from heliograph.photos import OwnerId
from heliograph_auth.ceremonies import WebAuthnCeremonies
from heliograph_auth.domain.api_keys import KEY_SCOPES
from heliograph_auth.domain.errors import WrongPasswordError
from heliograph_auth.domain.foreign import Identity
from heliograph_auth.domain.passkeys import CodeNeededError, Passkey
from heliograph_auth.domain.second_factor import WrongCodeError
from heliograph_auth.service.administration import Administration
from heliograph_auth.service.api_keys import ApiKeyService
from heliograph_auth.service.exporting import ExportAsking
from heliograph_auth.service.foreign import ForeignSignIn
from heliograph_auth.service.leaving import Leaving
from heliograph_auth.service.passkeys import PasskeyService
from tests.fakes.in_memory_account_directory import InMemoryAccountDirectory
from tests.fakes.in_memory_account_removal import InMemoryAccountRemoval
from tests.fakes.in_memory_departures import InMemoryDepartures
from tests.fakes.in_memory_exports import InMemoryExports
from tests.fakes.in_memory_identity_store import InMemoryIdentityStore
from tests.unit.auth.test_second_factor import Ada, wrong
from tests.unit.auth.world import HOME, PASSWORD


class IssuedTokens:
    """Remembers what was issued."""

    refresh_key = b"key"

    def __init__(self) -> None:
        self.issued: list[tuple[Principal, timedelta]] = []

    def issue(self, principal: Principal, *, now: datetime, lives: timedelta) -> str:
        self.issued.append((principal, lives))
        return f"token of {now}"


NEXT_CODE = timedelta(seconds=60)


class Stage:
    """Ada, an administrator with a second factor, a passkey and a link, and Eve, of whom she takes care."""

    def __init__(self, ada: Ada) -> None:
        world = ada.world
        self.ada = ada
        self.principal = ada.principal.model_copy(update={"scopes": EVERYTHING | {Scope.ADMIN}})
        self.directory = InMemoryAccountDirectory(world.accounts)
        self.identities = InMemoryIdentityStore()
        self.identity = Identity("https://issuer.example", "ada", ada.account.account_id, world.now)
        self.passkey = Passkey("credential", ada.account.account_id, b"key", 0, "Phone", world.now)
        self.departures, self.exports = InMemoryDepartures(), InMemoryExports()
        removal = InMemoryAccountRemoval(world.accounts, world.store, world.keys, world.audit, self.departures)
        factors, self.tokens = world.second_factors, IssuedTokens()
        self.leaving = Leaving(removal, self.departures, factors, settles_after=SETTLES_AFTER)
        self.exporting = ExportAsking(
            world.store, world.keys, world.audit, self.exports, self.tokens, factors, world.audit
        )
        self.keys = ApiKeyService(world.keys, factors, world.audit)
        self.passkeys = PasskeyService(
            world.accounts, world.passkeys, world.challenges, WebAuthnCeremonies("x"), factors, world.audit
        )
        self.foreign = ForeignSignIn(
            world.accounts, self.identities, world.challenges, world.passwords, factors, world.audit, None
        )
        self.administration = Administration(
            world.accounts,
            self.directory,
            world.store,
            world.accounts.invitations,
            self.leaving,
            factors,
            world.audit,
            clock=lambda: world.now,
        )

    @classmethod
    async def begun(cls) -> "Stage":
        stage = cls(await Ada.with_a_second_factor())
        await stage.directory.appoint(stage.ada.account, is_admin=True)
        await stage.identities.add(stage.identity)
        await stage.ada.world.passkeys.add(stage.passkey)
        await stage.ada.world.register(email="eve@example.com")
        return stage

    async def export(self, password: str, code: str | None) -> None:
        await self.exporting.ask(self.principal, password=password, code=code, visit=HOME)

    async def open_the_export(self, password: str, code: str | None) -> None:
        await self.exporting.access(self.principal, password=password, code=code, visit=HOME)

    async def change_the_address(self, password: str, code: str | None) -> None:
        new = "ada@example.net"
        await self.ada.world.email_changes.ask(self.principal, email=new, password=password, code=code, visit=HOME)

    async def change_the_password(self, password: str, code: str | None) -> None:
        new = "a better horse"
        await self.ada.world.service.change_password(self.principal, current=password, new=new, code=code, visit=HOME)

    async def leave(self, password: str, code: str | None) -> None:
        await self.leaving.delete(self.principal, password=password, code=code, visit=HOME)

    async def close(self, password: str, code: str | None) -> None:
        eve = await self._eve()
        await self.administration.close(self.principal, eve, password=password, code=code, visit=HOME)

    async def delete(self, password: str, code: str | None) -> None:
        eve = await self._eve()
        await self.administration.delete(self.principal, eve, password=password, code=code, visit=HOME)

    async def make_a_key(self, password: str, code: str | None) -> None:
        scopes, lives = [Scope.LIBRARY_READ], timedelta(days=1)
        await self.keys.make(
            self.principal, name="Phone", scopes=scopes, lives=lives, password=password, code=code, visit=HOME
        )

    async def remove_a_passkey(self, password: str, code: str | None) -> None:
        passkey_id = self.passkey.passkey_id
        await self.passkeys.remove(self.principal, passkey_id, password=password, code=code, visit=HOME)

    async def unlink(self, password: str, code: str | None) -> None:
        identity_id = self.identity.identity_id
        await self.foreign.unlink(self.principal, identity_id, password=password, code=code, visit=HOME)

    async def state(self) -> object:
        """Return all that any of these changes."""
        world = self.ada.world
        await world.postbox.emptied()
        ids = await self.identities.of_account(self.ada.account.account_id)
        return (
            dict(world.accounts.accounts),
            dict(world.keys.keys),
            await world.passkeys.of_account(self.ada.account.account_id),
            ids,
            dict(self.exports.exports),
            list(self.tokens.issued),
            list(world.mail.letters),
        )

    async def _eve(self) -> OwnerId:
        eve = await self.ada.world.accounts.with_email("eve@example.com")
        assert eve is not None
        return eve.account_id


DEEDS = [
    Stage.export,
    Stage.open_the_export,
    Stage.change_the_address,
    Stage.change_the_password,
    Stage.leave,
    Stage.close,
    Stage.delete,
    Stage.make_a_key,
    Stage.remove_a_passkey,
    Stage.unlink,
]
Deed = Callable[[Stage, str, str | None], Awaitable[None]]


@pytest.mark.parametrize("deed", DEEDS)
async def test_neither_a_password_nor_a_code_alone_does_it(deed: Deed) -> None:
    stage = await Stage.begun()
    before = await stage.state()
    code = stage.ada.code()

    with pytest.raises(WrongPasswordError):
        await deed(stage, "a guess", code)
    with pytest.raises(CodeNeededError):
        await deed(stage, PASSWORD, None)
    with pytest.raises(CodeNeededError):
        await deed(stage, PASSWORD, "")
    with pytest.raises(WrongCodeError):
        await deed(stage, PASSWORD, wrong(code))

    assert await stage.state() == before


@pytest.mark.parametrize("deed", DEEDS)
async def test_password_and_code_do_it_and_a_code_does_one_thing_alone(deed: Deed) -> None:
    stage = await Stage.begun()
    before = await stage.state()
    await stage.ada.world.second_factors.proven(
        stage.principal, password=PASSWORD, code=(used := stage.ada.code()), visit=HOME
    )

    with pytest.raises(WrongCodeError):
        await deed(stage, PASSWORD, used)
    assert await stage.state() == before
    stage.ada.world.now += NEXT_CODE
    await deed(stage, PASSWORD, stage.ada.code())

    assert await stage.state() != before


async def test_what_opens_an_export_is_the_same_session_with_one_scope_more_for_ten_minutes() -> None:
    stage = await Stage.begun()

    await stage.open_the_export(PASSWORD, stage.ada.code())

    [(opened, lives)] = stage.tokens.issued
    assert opened == stage.principal.model_copy(update={"scopes": stage.principal.scopes | {Scope.EXPORTS_READ}})
    assert lives == timedelta(minutes=10)
    assert stage.ada.world.audit.kinds()[-1] == AuditKind.EXPORT_OPENED


def test_no_session_and_no_key_has_the_scope_by_itself() -> None:
    assert Scope.EXPORTS_READ not in EVERYTHING
    assert Scope.EXPORTS_READ not in KEY_SCOPES
