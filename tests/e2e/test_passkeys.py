"""Passkeys in the browser, with a virtual authenticator of Chromium's own; by name, since a number makes no site."""

import pytest
from playwright.sync_api import CDPSession, expect

from tests.e2e.conftest import OpenWindow
from tests.e2e.test_account import open_account
from tests.e2e.test_second_factor import say_the_password, turn_on
from tests.e2e.visitor import Account, Visitor


@pytest.fixture
def named(open_window: OpenWindow, address: str) -> Visitor:
    """A window in which the app is open under its name."""
    visitor = open_window()
    visitor.address = address.replace("127.0.0.1", "localhost")
    return visitor


def an_authenticator(visitor: Visitor) -> tuple[CDPSession, str]:
    """Give the browser an authenticator that says yes to everything and knows who is there."""
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, str(made["authenticatorId"])


def add(visitor: Visitor, account: Account, name: str, code: str = "") -> None:
    page = visitor.page
    page.get_by_role("button", name="Add a passkey").click()
    dialog = page.get_by_role("dialog", name="Add a passkey")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Your password").fill(account.password)
    if code:
        dialog.get_by_label("Code").fill(code)
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("region", name="Passkeys").get_by_text(name, exact=True)).to_be_visible()


def test_a_passkey_is_added_named_signed_in_with_and_removed(named: Visitor) -> None:
    account = Account()
    named.register(account)
    session, authenticator = an_authenticator(named)
    open_account(named)
    page = named.page
    add(named, account, "Phone")
    kept = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
    assert [(one["rpId"], one["isResidentCredential"]) for one in kept] == [("localhost", True)]
    page.get_by_role("button", name="Rename Phone").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Old phone")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("region", name="Passkeys").get_by_text("Old phone", exact=True)).to_be_visible()

    named.sign_out()
    page.get_by_role("button", name="Sign in with a passkey").click()
    open_account(named)
    expect(page.get_by_role("region", name="Passkeys").get_by_text("last used")).to_be_visible()

    page.get_by_role("button", name="Remove Old phone").click()
    named.prove("Remove this passkey?", account, "Remove")
    log = page.get_by_role("region", name="Security log")
    expect(log.get_by_text("Passkey removed: Old phone")).to_be_visible()
    named.sign_out()
    named.expects(401, "/api/v1/tokens/passkey")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey signs nobody in here.")).to_be_visible()


def test_a_passkey_does_for_the_second_step(named: Visitor) -> None:
    account = Account()
    named.register(account)
    an_authenticator(named)
    open_account(named)
    page = named.page
    _, codes = turn_on(named, account)
    add(named, account, "Phone", codes[0])

    named.sign_out()
    say_the_password(page, account)
    page.get_by_role("button", name="Use a passkey instead").click()

    expect(page.get_by_role("button", name="Account and settings")).to_be_visible()


def test_a_device_that_does_not_know_its_person_is_taken_at_its_word(named: Visitor) -> None:
    account = Account()
    named.register(account)
    session, authenticator = an_authenticator(named)
    open_account(named)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page = named.page
    page.get_by_role("button", name="Add a passkey").click()
    dialog = page.get_by_role("dialog", name="Add a passkey")
    dialog.get_by_label("Name").fill("Phone")
    dialog.get_by_label("Your password").fill(account.password)
    dialog.get_by_role("button", name="Add", exact=True).click()

    expect(dialog.get_by_text("The passkey was not used")).to_be_visible()


def test_under_a_number_the_button_is_hidden_and_the_account_page_says_where_to_go(visitor: Visitor) -> None:
    visitor.visit("/sign-in")
    with visitor.page.expect_response("**/api/v1/tokens/ways"):
        visitor.page.reload()
    expect(visitor.page.get_by_role("heading", name="Welcome back")).to_be_visible()
    expect(visitor.page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()

    visitor.register(Account())
    open_account(visitor)

    named = visitor.address.replace("127.0.0.1", "localhost")
    expect(visitor.page.get_by_text("Passkeys don’t work at this address.")).to_be_visible()
    expect(visitor.page.get_by_role("link", name=named)).to_have_attribute("href", f"{named}/account")
