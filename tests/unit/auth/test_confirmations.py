"""What goes by mail: opening an account, confirming an address, replacing a forgotten password."""

import re
from datetime import timedelta

import pytest

from heliograph.audit import AuditKind
from heliograph.errors import UnavailableError
from heliograph.identity import Principal, Scope
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, EmailVerification
from heliograph_auth.domain.api_keys import ApiKey
from heliograph_auth.domain.confirmations import InvalidLinkError, LinkSecret
from heliograph_auth.domain.errors import (
    InvalidEmailError,
    InvalidRefreshTokenError,
    SignInsThrottledError,
    TooManyTriesError,
    WeakPasswordError,
    WrongCredentialsError,
    WrongPasswordError,
)
from heliograph_auth.domain.letters import REGISTRATION_LIVES, RESET_LIVES, Letter
from heliograph_auth.domain.passkeys import Passkey
from heliograph_auth.domain.second_factor import SecondFactor
from heliograph_auth.domain.throttling import ACCOUNT, LETTERS_FROM_ONE, LETTERS_TO_ONE
from heliograph_auth.service.confirmations import EmailVerifiedError
from tests.fakes.in_memory_mail import InMemoryMail
from tests.unit.auth.world import ELSEWHERE, HOME, PASSWORD, SECOND, World

ADA = "ada@example.com"
NEW = "another horse entirely"


async def letters(world: World) -> list[Letter]:
    """Return what was sent until now."""
    await world.postbox.emptied()
    return world.mail.letters


async def token(world: World, page: str) -> str:
    """Return what is behind the # of the last letter's link to that page."""
    found = re.findall(rf"https://photos\.example\.org/{page}#(\S+)", (await letters(world))[-1].text)
    assert len(found) == 1
    return str(found[0])


async def ask_to_open(world: World, *, email: str = ADA, password: str = PASSWORD) -> Account | None:
    return await world.service.register(email=email, password=password, name="Ada", visit=HOME)


async def ask_for_reset(world: World, *, email: str = ADA) -> str:
    await world.confirmations.ask_for_reset(email, HOME)
    return await token(world, "reset-password")


def strict() -> World:
    return World(verification=EmailVerification.REQUIRED)


async def test_where_addresses_have_to_be_verified_an_account_is_opened_by_a_letter_and_not_before() -> None:
    world = strict()

    assert await ask_to_open(world) is None
    assert world.accounts.accounts == {}
    with pytest.raises(WrongCredentialsError):
        await world.sign_in()
    account = await world.confirmations.confirm(await token(world, "verify"), PASSWORD, HOME)

    assert (account.email, account.name, account.email_verified_at) == (ADA, "Ada", world.now)
    assert await world.sign_in()
    assert AuditKind.ACCOUNT_OPENED in world.audit.kinds()


async def test_a_link_opens_one_account_and_so_does_every_other_link_to_that_address() -> None:
    world = strict()
    await ask_to_open(world)
    first = await token(world, "verify")
    await ask_to_open(world, password="somebody else's horse")
    second = await token(world, "verify")

    await world.confirmations.confirm(first, PASSWORD, HOME)

    for used, password in ((first, PASSWORD), (second, "somebody else's horse")):
        with pytest.raises(InvalidLinkError):
            await world.confirmations.confirm(used, password, HOME)
    assert await world.sign_in(password=PASSWORD)


async def test_registering_with_a_taken_address_is_answered_alike_and_its_holder_is_told() -> None:
    world = strict()
    await ask_to_open(world)
    await world.confirmations.confirm(await token(world, "verify"), PASSWORD, HOME)

    assert await ask_to_open(world, email="ADA@example.com", password="somebody else's horse") is None

    [_, last] = await letters(world)
    assert (last.to, last.subject) == (ADA, "You have a Heliograph account already")
    assert "verify#" not in last.text
    assert await world.sign_in(password=PASSWORD)


async def test_a_taken_address_is_told_as_fast_as_a_free_one() -> None:
    """Neither the store nor the mail is asked before the answer."""
    world = strict()
    await ask_to_open(world)
    await world.confirmations.confirm(await token(world, "verify"), PASSWORD, HOME)
    sent = len(world.mail.letters)

    await ask_to_open(world)
    await ask_to_open(world, email="eve@example.com")

    assert len(world.mail.letters) == sent
    assert len(await letters(world)) == sent + 2


async def test_a_letter_that_somebody_else_asked_for_opens_no_account_with_a_password_of_theirs() -> None:
    world = strict()
    await ask_to_open(world, password="somebody else's horse")
    of_eve = await token(world, "verify")
    await ask_to_open(world)
    of_ada = await token(world, "verify")

    with pytest.raises(WrongPasswordError):
        await world.confirmations.confirm(of_eve, PASSWORD, HOME)
    await world.confirmations.confirm(of_ada, PASSWORD, HOME)

    assert await world.sign_in(password=PASSWORD)
    with pytest.raises(WrongCredentialsError):
        await world.sign_in(password="somebody else's horse")


async def test_an_address_is_not_confirmed_for_whoever_registered_with_it_without_reading_its_mail() -> None:
    world = World()
    await world.register(password="somebody else's horse")

    with pytest.raises(WrongPasswordError):
        await world.confirmations.confirm(await token(world, "verify"), PASSWORD, HOME)

    assert [account.email_verified_at for account in world.accounts.accounts.values()] == [None]


async def test_a_link_to_open_an_account_runs_out() -> None:
    world = strict()
    await ask_to_open(world)
    link = await token(world, "verify")
    world.now += REGISTRATION_LIVES

    with pytest.raises(InvalidLinkError):
        await world.confirmations.confirm(link, PASSWORD, HOME)


async def test_where_it_is_offered_the_account_is_there_at_once_and_its_address_is_asked_about() -> None:
    world = World()
    account = await world.register()
    assert account.email_verified_at is None

    confirmed = await world.confirmations.confirm(await token(world, "verify"), PASSWORD, HOME)

    assert confirmed.account_id == account.account_id
    assert (await world.service.account(await signed_in(world))).email_verified_at == world.now
    assert AuditKind.EMAIL_VERIFIED in world.audit.kinds()


async def signed_in(world: World) -> Principal:
    await world.sign_in()
    return world.ada


async def test_the_letter_to_confirm_is_sent_again_until_the_address_is_confirmed_and_not_too_often() -> None:
    world = World()
    await world.register()
    ada = await signed_in(world)

    for _ in range(LETTERS_TO_ONE.free - 1):
        await world.confirmations.ask_again(ada, HOME)
    with pytest.raises(TooManyTriesError):
        await world.confirmations.ask_again(ada, HOME)
    await world.confirmations.confirm(await token(world, "verify"), PASSWORD, HOME)

    world.now += timedelta(days=1)
    with pytest.raises(EmailVerifiedError):
        await world.confirmations.ask_again(ada, HOME)


async def test_a_forgotten_password_is_replaced_by_a_letter_and_everybody_is_signed_out() -> None:
    world = World()
    pair = await world.with_ada()

    await world.confirmations.reset(await ask_for_reset(world), NEW, ELSEWHERE)

    with pytest.raises(InvalidRefreshTokenError):
        await world.refresh(pair.refresh_token)
    with pytest.raises(WrongCredentialsError):
        await world.sign_in(password=PASSWORD)
    assert await world.sign_in(password=NEW)
    assert (await letters(world))[-1].subject == "Your password was changed"
    asked, done = [event for event in world.audit.events if event.kind.startswith("password-reset")]
    assert (asked.kind, asked.address) == (AuditKind.PASSWORD_RESET_ASKED, HOME.address)
    assert (done.kind, done.address) == (AuditKind.PASSWORD_RESET, ELSEWHERE.address)


async def test_a_replaced_password_proves_that_mail_arrives() -> None:
    world = World()
    account = await world.register()

    await world.confirmations.reset(await ask_for_reset(world), NEW, HOME)

    assert world.accounts.accounts[account.account_id].email_verified_at == world.now


@pytest.mark.parametrize("email", ["nobody@example.com", ADA])
async def test_whether_an_address_has_an_account_is_told_to_its_mailbox_alone(email: str) -> None:
    world = World()
    await world.register()
    sent = len(await letters(world))

    await world.confirmations.ask_for_reset(email, HOME)

    assert len(world.mail.letters) == sent
    assert len(await letters(world)) == sent + (email == ADA)


async def test_what_is_no_address_is_said_to_be_none() -> None:
    with pytest.raises(InvalidEmailError):
        await World().confirmations.ask_for_reset("ada", HOME)


async def test_a_link_to_a_new_password_is_good_once_for_half_an_hour_and_for_nothing_else() -> None:
    world = World()
    await world.register()
    used, late = await ask_for_reset(world), await ask_for_reset(world)

    with pytest.raises(InvalidLinkError):
        await world.confirmations.confirm(used, PASSWORD, HOME)
    await world.confirmations.reset(used, NEW, HOME)
    for link in (used, late):  # the second was asked for before the password changed
        with pytest.raises(InvalidLinkError):
            await world.confirmations.reset(link, "a third horse", HOME)
    last = await ask_for_reset(world)
    world.now += RESET_LIVES
    with pytest.raises(InvalidLinkError):
        await world.confirmations.reset(last, "a third horse", HOME)
    assert await world.sign_in(password=NEW)


async def test_a_link_to_confirm_replaces_no_password() -> None:
    world = World()
    await world.register()

    with pytest.raises(InvalidLinkError):
        await world.confirmations.reset(await token(world, "verify"), NEW, HOME)


async def test_a_weak_password_leaves_the_link_good() -> None:
    world = World()
    await world.register()
    link = await ask_for_reset(world)

    with pytest.raises(WeakPasswordError):
        await world.confirmations.reset(link, "a weak one", HOME)

    await world.confirmations.reset(link, NEW, HOME)


@pytest.mark.parametrize("text", ["", "x", "A" * 43, "A" * 42, "ü" * 43, "A" * 100])
async def test_what_is_no_link_opens_nothing(text: str) -> None:
    world = World()
    await world.register()

    with pytest.raises(InvalidLinkError):
        await world.confirmations.confirm(text, PASSWORD, HOME)
    with pytest.raises(InvalidLinkError):
        await world.confirmations.reset(text, NEW, HOME)


async def test_of_a_link_only_a_hash_is_kept() -> None:
    world = strict()
    await ask_to_open(world)

    link = await token(world, "verify")

    assert list(world.links.links) == [LinkSecret.parse(link).digest]
    assert link not in f"{world.links.links}{world.audit.events}"
    assert link not in repr((await letters(world))[-1])


async def test_letters_are_sent_to_one_address_only_so_often_whether_it_has_an_account_or_not() -> None:
    for email in (ADA, "nobody@example.com"):
        world = strict()
        await ask_to_open(world)
        await world.confirmations.confirm(await token(world, "verify"), PASSWORD, HOME)
        world.now += timedelta(hours=2)

        for number in range(LETTERS_TO_ONE.free):
            await world.confirmations.ask_for_reset(email, Visit(f"198.51.100.{number}"))
        with pytest.raises(TooManyTriesError):
            await world.confirmations.ask_for_reset(email, ELSEWHERE)


async def test_one_address_of_the_network_asks_for_letters_only_so_often() -> None:
    world = World()

    for number in range(LETTERS_FROM_ONE.free):
        await world.confirmations.ask_for_reset(f"{number}@example.com", HOME)
    with pytest.raises(TooManyTriesError):
        await world.confirmations.ask_for_reset("another@example.com", HOME)

    await world.confirmations.ask_for_reset("another@example.com", ELSEWHERE)


async def test_a_letter_lets_an_owner_in_whom_a_crowd_keeps_out() -> None:
    world = World()
    await world.register()
    for number in range(ACCOUNT.free):
        with pytest.raises(WrongCredentialsError):
            await world.sign_in(password="a guess", visit=Visit(f"203.0.113.{number}"))
    with pytest.raises(SignInsThrottledError):
        await world.sign_in(visit=ELSEWHERE)

    await world.confirmations.reset(await ask_for_reset(world), NEW, ELSEWHERE)

    assert await world.sign_in(password=NEW, visit=ELSEWHERE)


class BrokenMail(InMemoryMail):
    """Takes no letter."""

    async def send(self, letter: Letter) -> None:
        raise UnavailableError("the post office is closed")


async def test_a_letter_that_can_not_be_sent_is_noted_in_the_log_and_stops_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    await world.register()
    await world.postbox.emptied()
    world.confirmations._mail = BrokenMail()

    await world.confirmations.ask_for_reset(ADA, HOME)
    await world.postbox.emptied()

    assert "a letter was not sent" in caplog.text
    world.now += SECOND
    world.confirmations._mail = world.mail
    assert await ask_for_reset(world)


async def test_who_shows_first_that_mail_reaches_them_ends_all_other_ways_into_the_account_and_later_none() -> None:
    world = World()
    account = await world.register(password="somebody else's horse")
    key = ApiKey("key", account.account_id, "Phone", frozenset({Scope.LIBRARY_READ}), world.now)
    factor = SecondFactor(account.account_id, b"sealed", world.now, turned_on_at=world.now)
    await world.keys.add(key, digest="digest")
    await world.factors.replace(factor, expected=None)
    await world.passkeys.add(Passkey("credential", account.account_id, b"key", 0, "Phone", world.now))

    await world.confirmations.reset(await ask_for_reset(world), NEW, HOME)

    assert await world.keys.of_account(account.account_id) == []
    assert await world.factors.get(account.account_id) is None
    assert await world.passkeys.of_account(account.account_id) == []
    assert "were removed too" in (await letters(world))[-1].text
    await world.keys.add(key, digest="digest")
    await world.confirmations.reset(await ask_for_reset(world), f"{NEW} again", HOME)
    assert await world.keys.of_account(account.account_id) == [key]
    assert "are as they were" in (await letters(world))[-1].text
