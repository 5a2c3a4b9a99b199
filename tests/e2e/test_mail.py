"""What goes by mail: a forgotten password, an address that is confirmed; and signing out that fails."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenWindow
from tests.e2e.test_account import open_account
from tests.e2e.visitor import Account, Visitor
from tests.letters import link_in_a_letter

NEW_PASSWORD = "a much better horse for staples"


@pytest.fixture
def letters(data: Path) -> Path:
    """The folder of letters."""
    return data / "mail"


def test_a_forgotten_password_is_replaced_by_a_letter_and_whoever_was_signed_in_is_signed_out(
    visitor: Visitor, open_window: OpenWindow, letters: Path
) -> None:
    account = Account()
    elsewhere = open_window()
    elsewhere.register(account)
    page = visitor.page
    visitor.visit("/sign-in")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill(account.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()

    link = link_in_a_letter(letters, account.email, "reset-password")
    page.goto(link)
    expect(page).to_have_url(f"{visitor.address}/reset-password")
    page.get_by_label("New password").fill("Password123!")
    visitor.expects(422, "/api/v1/password-resets/complete")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("This password is too easy to guess.")).to_be_visible()
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change the password").click()

    expect(page.get_by_role("heading", name="Your password is changed")).to_be_visible()
    for path in ("/api/v1/me", "/api/v1/tokens/refresh"):
        elsewhere.expects(401, path)
    elsewhere.visit("/trash")
    expect(elsewhere.page.get_by_role("heading", name="Welcome back")).to_be_visible()
    page.goto(link)
    page.get_by_label("New password").fill("a third horse, better still")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("heading", name="This link isn’t good any more")).to_be_visible()
    visitor.sign_in(replace(account, password=NEW_PASSWORD))


def test_an_address_is_confirmed_by_a_button_and_not_by_looking_at_the_link(visitor: Visitor, letters: Path) -> None:
    account = Account()
    visitor.register(account)
    page = visitor.page
    visitor.visit("/account")
    expect(page.get_by_text("This address is not confirmed yet.")).to_be_visible()
    page.get_by_role("button", name="Send the letter again").click()
    expect(page.get_by_text("A letter is on its way")).to_be_visible()
    link = link_in_a_letter(letters, account.email, "verify")

    page.goto(link)
    expect(page.get_by_role("heading", name="Confirm your address")).to_be_visible()
    visitor.visit("/account")
    expect(page.get_by_text("This address is not confirmed yet.")).to_be_visible()
    page.goto(link)
    page.get_by_label("Password").fill("not the one that was chosen")
    visitor.expects(403, "/api/v1/verifications/confirm")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("This is not the password that was chosen")).to_be_visible()
    page.get_by_label("Password").fill(account.password)
    page.get_by_role("button", name="Confirm").click()

    expect(page.get_by_text(f"{account.email} is confirmed.")).to_be_visible()
    visitor.visit("/account")
    expect(page.get_by_text("This address is confirmed.")).to_be_visible()
    expect(page.get_by_role("region", name="Security log").get_by_text("Address confirmed")).to_be_visible()


def test_a_link_that_is_none_says_so(visitor: Visitor) -> None:
    for address in ("/verify", "/verify#short", "/reset-password"):
        visitor.visit(address)
        expect(visitor.page.get_by_role("heading", name="This link isn’t good any more")).to_be_visible()


def test_signing_out_that_fails_is_said_and_can_be_tried_again(visitor: Visitor) -> None:
    visitor.register(Account())
    page = visitor.page
    path = "/api/v1/sessions/current"
    visitor.expects(503, path)
    page.route(f"**{path}", lambda route: route.fulfill(status=503, body="{}"))

    page.get_by_role("button", name="Account and settings").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are still signed in:")).to_be_visible()
    page.unroute(f"**{path}")
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()


def test_an_address_is_changed_by_a_letter_and_the_former_one_is_told(visitor: Visitor, letters: Path) -> None:
    account = Account()
    moved = Account(email=f"new.{account.email}")
    visitor.register(account)
    open_account(visitor)
    page = visitor.page
    page.get_by_role("button", name="Change address…").click()
    page.get_by_role("dialog").get_by_label("New e-mail address").fill(moved.email)
    visitor.prove("Change your address", account, "Send the letter")
    expect(page.get_by_text(f"A letter is on its way to {moved.email}")).to_be_visible()
    log = page.get_by_role("region", name="Security log")
    expect(log.get_by_text(f"Letter to a new address sent: {moved.email}")).to_be_visible()

    page.goto(link_in_a_letter(letters, moved.email, "verify"))
    page.get_by_label("Password").fill(account.password)
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_text(f"{moved.email} is confirmed.")).to_be_visible()
    page.get_by_role("link", name="To your photos").click()

    open_account(visitor)
    expect(page.get_by_text(f"You sign in as {moved.email}.")).to_be_visible()
    visitor.sign_out()
    visitor.sign_in(moved)
