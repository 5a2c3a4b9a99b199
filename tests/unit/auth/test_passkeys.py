"""Passkeys: made, signed with, guarded against copies, replays, other sites and other people."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from heliograph.audit import AuditKind
from heliograph.identity import Principal
from heliograph_auth.ceremonies import WebAuthnCeremonies, relying_party_of
from heliograph_auth.domain.accounts import Account
from heliograph_auth.domain.challenges import InvalidChallengeError
from heliograph_auth.domain.errors import WrongPasswordError
from heliograph_auth.domain.passkeys import (
    CodeNeededError,
    InvalidPasskeyError,
    InvalidPasskeyNameError,
    Passkey,
    PasskeyNotFoundError,
    PasskeysOffError,
    PasskeyTakenError,
    RefusedPasskeyError,
    TooManyPasskeysError,
)
from heliograph_auth.domain.second_factor import WrongCodeError
from heliograph_auth.service.passkeys import PasskeyService
from heliograph_auth.service.second_factor import SecondStep
from tests.fakes.authenticator import Authenticator, encoded
from tests.unit.auth.world import HOME, PASSWORD, World

SITE = "http://localhost:8080"


class Person:
    """An account with an authenticator at hand."""

    def __init__(self, world: World, account: Account, public_url: str = SITE) -> None:
        self.world = world
        self.account = account
        self.principal = Principal(account_id=account.account_id, session_id="s")
        self.key = Authenticator()
        self.service = PasskeyService(
            world.accounts,
            world.passkeys,
            world.challenges,
            WebAuthnCeremonies(public_url),
            world.second_factors,
            world.audit,
            clock=lambda: world.now,
        )

    @classmethod
    async def registered(cls, world: World | None = None, **about: Any) -> "Person":
        world = world or World()
        return cls(world, await world.register(**about))

    @classmethod
    async def with_a_passkey(cls, **key: Any) -> "Person":
        person = await cls.registered()
        person.key = Authenticator(**key)
        await person.add(person.key)
        return person

    async def creation(self, *, password: str = PASSWORD, code: str | None = None) -> dict[str, Any]:
        return dict(await self.service.begin_registration(self.principal, password=password, code=code, visit=HOME))

    async def keep(self, credential: dict[str, Any], name: str = "Phone") -> Passkey:
        return await self.service.register(self.principal, credential=credential, name=name, visit=HOME)

    async def add(self, key: Authenticator, name: str = "Phone", **told: str) -> Passkey:
        return await self.keep(key.made(await self.creation(), **told), name)

    async def request(self, second_step: str | None = None) -> dict[str, Any]:
        return dict(await self.service.begin_sign_in(second_step))

    async def show(self, credential: dict[str, Any]) -> Account:
        return await self.service.signed_in(credential, HOME)

    async def sign_in(self, **told: str) -> Account:
        return await self.show(self.key.signed(await self.request(), **told))

    async def turn_second_factor_on(self) -> list[str]:
        begun = await self.world.second_factors.begin(self.principal, password=PASSWORD, visit=HOME)
        code = pyotp.TOTP(begun.secret).at(self.world.now)
        return await self.world.second_factors.turn_on(self.principal, code=code, visit=HOME)

    async def password_step(self) -> SecondStep:
        step = await self.world.session_service.sign_in(email=self.account.email, password=PASSWORD, visit=HOME)
        assert isinstance(step, SecondStep)
        return step


@pytest.mark.parametrize(
    ("public_url", "party"),
    [
        ("https://photos.example.org", ("photos.example.org", "https://photos.example.org")),
        ("https://Photos.Example.org:8443/", ("photos.example.org", "https://photos.example.org:8443")),
        ("http://localhost:8080", ("localhost", "http://localhost:8080")),
        ("http://photos.example.org", None),
        ("http://127.0.0.1:8080", None),
        ("https://[::1]:8080", None),
        ("ftp://localhost", None),
        ("", None),
    ],
)
def test_a_site_has_passkeys_under_a_name_by_tls_or_on_this_machine(
    public_url: str, party: tuple[str, str] | None
) -> None:
    assert relying_party_of(public_url) == party


async def test_without_a_name_there_are_no_passkeys() -> None:
    world = World()
    person = Person(world, await world.register(), "http://127.0.0.1:8080")

    with pytest.raises(PasskeysOffError):
        await person.creation()
    with pytest.raises(PasskeysOffError):
        await person.request()


async def test_options_ask_for_a_key_that_knows_its_person_and_can_be_found_without_a_name() -> None:
    person = await Person.with_a_passkey()

    options = await person.creation()

    assert options["rp"] == {"name": "Heliograph", "id": "localhost"}
    selection = options["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")
    assert [one["id"] for one in options["excludeCredentials"]] == [encoded(person.key.credential_id)]
    request = await person.request()
    assert (request["rpId"], request["userVerification"], request["allowCredentials"]) == ("localhost", "required", [])


async def test_a_passkey_signs_its_person_in_without_password_or_code() -> None:
    person = await Person.with_a_passkey()
    await person.turn_second_factor_on()

    assert await person.sign_in() == person.account

    [kept] = await person.service.passkeys(person.principal)
    assert (kept.name, kept.sign_count, kept.last_used_at) == ("Phone", 1, person.world.now)
    assert AuditKind.PASSKEY_ADDED in person.world.audit.kinds()


async def test_a_key_that_does_not_count_is_taken_again_and_again() -> None:
    person = await Person.with_a_passkey(counts=False)

    assert [await person.sign_in() for _ in range(3)] == [person.account] * 3


@pytest.mark.parametrize("count", [0, 2, 3])
async def test_a_copy_is_known_by_its_count_refused_and_logged(count: int) -> None:
    person = await Person.with_a_passkey()
    for _ in range(3):
        await person.sign_in()
    person.key.sign_count = count - 1

    with pytest.raises(InvalidPasskeyError, match="copied"):
        await person.sign_in()

    assert person.world.audit.kinds()[-1] == AuditKind.PASSKEY_REFUSED
    assert person.world.passkeys.passkeys.popitem()[1].sign_count == 3


async def test_what_was_signed_once_is_good_once() -> None:
    person = await Person.with_a_passkey(counts=False)
    signed = person.key.signed(await person.request())

    results = await asyncio.gather(*(person.show(signed) for _ in range(3)), return_exceptions=True)

    assert sorted(type(one).__name__ for one in results) == [
        "Account",
        "InvalidChallengeError",
        "InvalidChallengeError",
    ]


async def test_a_challenge_is_good_for_five_minutes() -> None:
    person = await Person.with_a_passkey()
    signed = person.key.signed(await person.request())
    creation = await person.creation()
    person.world.now += timedelta(minutes=5)

    with pytest.raises(InvalidChallengeError):
        await person.show(signed)
    with pytest.raises(InvalidChallengeError):
        await person.keep(Authenticator().made(creation))


async def test_a_challenge_for_one_thing_is_good_for_no_other() -> None:
    person = await Person.with_a_passkey()

    with pytest.raises(InvalidChallengeError):
        await person.show(person.key.signed(await person.creation()))
    request = await person.request() | {"user": {"id": encoded(person.account.account_id.encode())}}
    with pytest.raises(InvalidChallengeError):
        await person.keep(Authenticator().made(request))


@pytest.mark.parametrize(
    "told",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:8081"},
        {"origin": "https://localhost:8080"},
        {"type": "webauthn.create"},
    ],
)
async def test_what_was_signed_for_another_page_is_refused(told: dict[str, str]) -> None:
    person = await Person.with_a_passkey()

    with pytest.raises(InvalidPasskeyError):
        await person.sign_in(**told)


async def test_another_site_s_key_and_a_key_that_asked_nobody_are_refused() -> None:
    person = await Person.with_a_passkey()
    for changed in (replace(person.key, rp_id="evil.example"), replace(person.key, knows_who=False)):
        with pytest.raises(InvalidPasskeyError):
            await person.show(changed.signed(await person.request()))

    for key in (Authenticator(rp_id="evil.example"), Authenticator(knows_who=False), Authenticator(origin="http://x")):
        with pytest.raises(RefusedPasskeyError):
            await person.add(key)
    with pytest.raises(RefusedPasskeyError):
        await person.add(Authenticator(), type="webauthn.get")


async def test_another_s_signature_under_this_key_s_name_is_refused() -> None:
    person = await Person.with_a_passkey()
    forger = Authenticator(credential_id=person.key.credential_id, user_handle=person.key.user_handle)

    with pytest.raises(InvalidPasskeyError):
        await person.show(forger.signed(await person.request()))


async def test_a_key_is_nobody_else_s_whatever_it_says_itself() -> None:
    ada = await Person.with_a_passkey()
    eve = await Person.registered(ada.world, email="eve@example.com", name="Eve")
    pretends = replace(ada.key, user_handle=eve.account.account_id.encode())

    with pytest.raises(InvalidPasskeyError):
        await ada.show(pretends.signed(await ada.request()))
    made = Authenticator().made(await ada.creation())
    with pytest.raises(InvalidChallengeError):
        await eve.keep(made)
    assert await ada.keep(made)
    with pytest.raises(PasskeyTakenError):
        await eve.add(Authenticator(credential_id=ada.key.credential_id))


async def test_an_unknown_key_signs_nobody_in_and_neither_does_one_that_was_removed() -> None:
    person = await Person.with_a_passkey()
    with pytest.raises(InvalidPasskeyError):
        await person.show(Authenticator().signed(await person.request()))
    [kept] = await person.service.passkeys(person.principal)

    await person.service.remove(person.principal, kept.passkey_id, password=PASSWORD, code=None, visit=HOME)

    with pytest.raises(InvalidPasskeyError):
        await person.sign_in()
    assert person.world.audit.kinds()[-1] == AuditKind.PASSKEY_REMOVED


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"response": None},
        {"rawId": "x", "response": {"clientDataJSON": 7}},
        {"rawId": "é", "response": {"clientDataJSON": "e30"}},
        {"rawId": "eA", "response": {"clientDataJSON": encoded(b'{"challenge": 1}')}},
        {"rawId": "eA", "response": {"clientDataJSON": encoded(b'{"challenge": "gA"}')}},
        {"rawId": "eA", "response": {"clientDataJSON": encoded(b"[" * 100_000)}},
    ],
)
async def test_what_is_no_credential_is_refused(credential: dict[str, Any]) -> None:
    person = await Person.registered()

    with pytest.raises(InvalidPasskeyError):
        await person.show(credential)
    with pytest.raises(InvalidPasskeyError):
        await person.keep(credential)


@pytest.mark.parametrize("part", ["attestationObject", "authenticatorData", "signature"])
@pytest.mark.parametrize("content", ["", "AAAA", "é", 7, None])
async def test_what_no_parser_understands_is_refused_all_the_same(part: str, content: object) -> None:
    person = await Person.with_a_passkey()
    made = Authenticator().made(await person.creation())
    signed = person.key.signed(await person.request())
    for credential in (made, signed):
        credential["response"][part] = content

    if part == "attestationObject":
        with pytest.raises(RefusedPasskeyError):
            await person.keep(made)
    else:
        with pytest.raises(InvalidPasskeyError):
            await person.show(signed)


async def test_a_passkey_is_added_by_who_knows_the_password_and_a_code_where_one_is_asked() -> None:
    person = await Person.registered()
    with pytest.raises(WrongPasswordError):
        await person.creation(password="a guess")
    codes = await person.turn_second_factor_on()
    with pytest.raises(CodeNeededError):
        await person.creation()
    with pytest.raises(WrongCodeError):
        await person.creation(code="aaaa-bbbb")

    creation = await person.creation(code=codes[0])

    assert await person.keep(person.key.made(creation))


async def test_a_passkey_does_for_the_second_step_of_its_own_account_and_of_no_other() -> None:
    ada = await Person.with_a_passkey()
    await ada.turn_second_factor_on()
    eve = await Person.registered(ada.world, email="eve@example.com", name="Eve")
    await eve.add(eve.key)
    step = await ada.password_step()
    assert step.has_passkeys

    request = await ada.request(step.challenge)
    assert [one["id"] for one in request["allowCredentials"]] == [encoded(ada.key.credential_id)]
    with pytest.raises(InvalidPasskeyError):
        await eve.show(eve.key.signed(request))
    assert await ada.show(ada.key.signed(await ada.request(step.challenge))) == ada.account
    with pytest.raises(InvalidChallengeError):
        await ada.request(step.challenge)


async def test_names_are_cleaned_and_changed_by_their_owner_alone() -> None:
    ada = await Person.with_a_passkey()
    [passkey] = await ada.service.passkeys(ada.principal)
    eve = await Person.registered(ada.world, email="eve@example.com", name="Eve")

    renamed = await ada.service.rename(ada.principal, passkey.passkey_id, " Key ring ")

    assert renamed.name == "Key ring"
    with pytest.raises(InvalidPasskeyNameError):
        await ada.service.rename(ada.principal, passkey.passkey_id, "\n")
    with pytest.raises(PasskeyNotFoundError):
        await eve.service.rename(eve.principal, passkey.passkey_id, "Mine")
    with pytest.raises(PasskeyNotFoundError):
        await eve.service.remove(eve.principal, passkey.passkey_id, password=PASSWORD, code=None, visit=HOME)
    assert await ada.sign_in()


async def test_there_are_twenty_passkeys_at_most() -> None:
    person = await Person.registered()
    for number in range(20):
        await person.add(Authenticator(), f"Key {number}")

    with pytest.raises(TooManyPasskeysError):
        await person.creation()


@pytest.mark.parametrize(("size_bytes", "is_kept"), [(1023, True), (1024, False), (60_000, False)])
async def test_an_id_longer_than_the_standard_allows_is_refused(size_bytes: int, is_kept: bool) -> None:  # noqa: FBT001 - a parameter
    person = await Person.registered()
    key = Authenticator(credential_id=bytes(size_bytes))

    if is_kept:
        assert (await person.add(key)).credential_id == encoded(key.credential_id)
    else:
        with pytest.raises(RefusedPasskeyError):
            await person.add(key)
    assert len(await person.service.passkeys(person.principal)) == is_kept
