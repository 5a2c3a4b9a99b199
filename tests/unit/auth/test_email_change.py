"""Changing an address: by a letter to the new one, with the password, told to the old one and to nobody else."""

import pytest

from heliograph.audit import AuditKind
from heliograph.visits import Visit
from heliograph_auth.domain.confirmations import InvalidLinkError
from heliograph_auth.domain.errors import (
    InvalidEmailError,
    SignInsThrottledError,
    TooManyTriesError,
    WrongCredentialsError,
    WrongPasswordError,
)
from heliograph_auth.domain.letters import EMAIL_CHANGE_LIVES
from heliograph_auth.domain.passkeys import CodeNeededError
from heliograph_auth.domain.throttling import LETTERS_TO_ONE
from heliograph_auth.service.email_change import EmailUnchangedError
from tests.unit.auth.test_confirmations import ADA, ask_for_reset, letters, token
from tests.unit.auth.test_second_factor import Ada
from tests.unit.auth.world import ELSEWHERE, HOME, PASSWORD, World

NEW = "ada@example.net"


async def ask(world: World, email: str = NEW, *, password: str = PASSWORD, code: str | None = None) -> None:
    await world.email_changes.ask(world.ada, email=email, password=password, code=code, visit=HOME)


async def asked(world: World, email: str = NEW) -> str:
    """Return what is behind the # of the link in the letter to a new address."""
    await ask(world, email)
    return await token(world, "verify")


async def with_ada() -> World:
    world = World()
    await world.with_ada()
    await letters(world)
    return world


async def test_an_address_changes_once_the_link_to_the_new_one_is_followed_and_not_before() -> None:
    world = await with_ada()
    link = await asked(world)
    assert (await letters(world))[-1].to == NEW
    assert await world.sign_in()
    world.store.sessions.popitem()

    changed = await world.confirmations.confirm(link, PASSWORD, ELSEWHERE)

    assert (changed.email, changed.email_verified_at) == (NEW, world.now)
    with pytest.raises(WrongCredentialsError):
        await world.sign_in(email=ADA)
    assert await world.sign_in(email=NEW)
    last = (await letters(world))[-1]
    assert (last.to, last.subject) == (ADA, "Your address was changed")
    assert NEW not in last.text
    told = [(event.kind, event.address, dict(event.about)) for event in world.audit.events if "email" in event.about]
    assert told == [
        (AuditKind.EMAIL_CHANGE_ASKED, HOME.address, {"email": NEW}),
        (AuditKind.EMAIL_CHANGED, ELSEWHERE.address, {"email": NEW}),
    ]


async def test_who_holds_a_link_guesses_passwords_no_faster_than_at_sign_in_and_the_owner_sees_it() -> None:
    world = await with_ada()
    link = await asked(world)

    refusals = []
    for number in range(100):
        try:
            await world.confirmations.confirm(link, f"guess {number}", Visit(f"198.51.100.{number}", "a crowd"))
        except (WrongPasswordError, SignInsThrottledError) as refusal:
            refusals.append(type(refusal))

    looked_at = refusals.count(WrongPasswordError)
    assert refusals.count(SignInsThrottledError) == 100 - looked_at > 50
    assert sum(event.kind is AuditKind.SIGN_IN_FAILED for event in world.audit.events) == looked_at


async def test_a_link_that_is_good_no_more_tells_nothing_of_passwords() -> None:
    world = await with_ada()
    link = await asked(world)
    await world.confirmations.reset(await ask_for_reset(world), "a better horse", HOME)

    for password in ("a guess", "a better horse"):
        with pytest.raises(InvalidLinkError):
            await world.confirmations.confirm(link, password, ELSEWHERE)


async def test_a_link_is_good_once_for_a_day_and_with_the_password() -> None:
    world = await with_ada()
    first, second = await asked(world), await asked(world, "other@example.net")

    with pytest.raises(WrongPasswordError):
        await world.confirmations.confirm(first, "a guess", HOME)
    await world.confirmations.confirm(first, PASSWORD, HOME)
    for used in (first, second):
        with pytest.raises(InvalidLinkError):
            await world.confirmations.confirm(used, PASSWORD, HOME)
    late = await asked(world, "third@example.net")
    world.now += EMAIL_CHANGE_LIVES
    with pytest.raises(InvalidLinkError):
        await world.confirmations.confirm(late, PASSWORD, HOME)

    assert world.accounts.accounts[world.ada.account_id].email == NEW


async def test_a_changed_password_makes_the_link_good_for_nothing() -> None:
    world = await with_ada()
    link = await asked(world)
    await world.confirmations.reset(await ask_for_reset(world), f"another {PASSWORD}", HOME)

    with pytest.raises(InvalidLinkError):
        await world.confirmations.confirm(link, f"another {PASSWORD}", HOME)


async def test_links_to_the_former_address_are_good_for_nothing_after_the_change() -> None:
    world = await with_ada()
    reset = await ask_for_reset(world)
    await world.confirmations.confirm(await asked(world), PASSWORD, HOME)

    with pytest.raises(InvalidLinkError):
        await world.confirmations.reset(reset, f"another {PASSWORD}", HOME)


async def test_whether_an_address_has_an_account_is_told_to_its_holder_alone() -> None:
    world = await with_ada()
    ada = world.ada
    await world.register(email="eve@example.com")
    await letters(world)

    await world.email_changes.ask(ada, email="EVE@example.com", password=PASSWORD, code=None, visit=HOME)

    last = (await letters(world))[-1]
    assert (last.to, last.subject) == ("eve@example.com", "You have a Heliograph account already")
    assert "#" not in last.text


async def test_an_address_that_somebody_took_meanwhile_stays_theirs() -> None:
    world = await with_ada()
    ada, link = world.ada, await asked(world)
    eve = await world.register(email=NEW)

    with pytest.raises(InvalidLinkError):
        await world.confirmations.confirm(link, PASSWORD, HOME)

    assert world.accounts.accounts[ada.account_id].email == ADA
    assert world.accounts.accounts[eve.account_id].email == NEW


async def test_it_takes_the_password_and_a_code_where_one_is_asked_for() -> None:
    ada = await Ada.with_a_second_factor()
    world, sent = ada.world, len(await letters(ada.world))

    async def change(code: str | None, password: str = PASSWORD) -> None:
        await world.email_changes.ask(ada.principal, email=NEW, password=password, code=code, visit=HOME)

    with pytest.raises(CodeNeededError):
        await change(None)
    with pytest.raises(WrongPasswordError):
        await change(ada.code(), "a guess")
    assert len(await letters(world)) == sent
    await change(ada.code())

    assert (await letters(world))[-1].to == NEW


@pytest.mark.parametrize(("email", "error"), [("no address", InvalidEmailError), (ADA, EmailUnchangedError)])
async def test_what_is_no_other_address_is_refused(email: str, error: type[Exception]) -> None:
    world = await with_ada()
    sent = len(await letters(world))

    with pytest.raises(error):
        await ask(world, email)

    assert len(await letters(world)) == sent


async def test_letters_to_one_address_are_counted() -> None:
    world = await with_ada()
    for _ in range(LETTERS_TO_ONE.free):
        await ask(world)

    with pytest.raises(TooManyTriesError):
        await ask(world)
