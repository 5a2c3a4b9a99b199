"""The account page: name, password, where one is signed in, and the log of it; and where the session is kept."""

from dataclasses import replace

from playwright.sync_api import expect

from tests.e2e.conftest import OpenWindow
from tests.e2e.visitor import Account, Visitor

NEW_PASSWORD = "a much better horse for staples"


def open_account(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Account and settings").click()
    visitor.page.get_by_role("link", name="Account", exact=True).click()
    expect(visitor.page.get_by_role("heading", name="Account", exact=True)).to_be_visible()


def test_a_session_outlives_a_reload_and_no_script_can_read_what_keeps_it(visitor: Visitor) -> None:
    visitor.register(Account())
    page = visitor.page

    page.reload()

    expect(page.get_by_role("button", name="Account and settings")).to_be_visible()
    [cookie] = page.context.cookies(f"{visitor.address}/api/v1/tokens")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert page.context.cookies(visitor.address) == []
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
    assert cookie["value"] not in kept
    assert "eyJ" not in kept


def test_who_signs_out_in_one_tab_is_signed_out_in_the_other(visitor: Visitor) -> None:
    visitor.register(Account())
    other = visitor.page.context.new_page()
    other.goto(visitor.address)
    expect(other.get_by_role("button", name="Account and settings")).to_be_visible()

    visitor.sign_out()

    expect(other.get_by_role("heading", name="Welcome back")).to_be_visible()


def test_a_changed_password_ends_the_session_elsewhere_and_goes_on_here(
    visitor: Visitor, open_window: OpenWindow
) -> None:
    account = Account()
    visitor.register(account)
    elsewhere = open_window()
    elsewhere.sign_in(account)
    open_account(visitor)
    page = visitor.page
    sessions = page.get_by_role("region", name="Where you are signed in").get_by_role("listitem")
    expect(sessions).to_have_count(2)

    page.get_by_label("Current password").fill(account.password)
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()

    expect(page.get_by_text("Your password is changed")).to_be_visible()
    expect(sessions).to_have_count(1)
    expect(page.get_by_role("region", name="Security log").get_by_text("Password changed")).to_be_visible()
    for path in ("/api/v1/me", "/api/v1/tokens/refresh"):
        elsewhere.expects(401, path)
    elsewhere.visit("/trash")
    expect(elsewhere.page.get_by_role("heading", name="Welcome back")).to_be_visible()
    elsewhere.sign_in(replace(account, password=NEW_PASSWORD))


def test_a_session_elsewhere_is_ended_by_its_row(visitor: Visitor, open_window: OpenWindow) -> None:
    account = Account()
    visitor.register(account)
    elsewhere = open_window()
    elsewhere.sign_in(account)
    open_account(visitor)

    visitor.page.get_by_role("button", name="Sign out Chrome").click()

    expect(visitor.page.get_by_role("button", name="Sign out Chrome")).to_be_hidden()
    for path in ("/api/v1/me", "/api/v1/tokens/refresh"):
        elsewhere.expects(401, path)
    elsewhere.visit("/")
    expect(elsewhere.page.get_by_role("heading", name="Welcome back")).to_be_visible()


def test_a_weak_password_is_told_beside_its_field(visitor: Visitor) -> None:
    page = visitor.page
    visitor.expects(422, "/api/v1/accounts")
    visitor.visit("/register")
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("E-mail").fill("ada.weak@example.org")
    page.get_by_label("Password").fill("Password123!")
    page.get_by_role("button", name="Create account").click()

    expect(page.get_by_text("This password is too easy to guess.")).to_be_visible()


def test_a_name_is_changed(visitor: Visitor) -> None:
    visitor.register(Account())
    open_account(visitor)
    page = visitor.page
    page.get_by_label("Name", exact=True).fill("Countess")

    page.get_by_role("button", name="Save name").click()

    page.get_by_role("button", name="Account and settings").click()
    expect(page.locator("#account-menu").get_by_text("Countess")).to_be_visible()


def test_an_api_key_is_made_shown_once_and_revoked(visitor: Visitor) -> None:
    account = Account()
    visitor.register(account)
    open_account(visitor)
    page = visitor.page
    page.get_by_role("button", name="New API key").click()
    dialog = page.get_by_role("dialog", name="New API key")
    dialog.get_by_label("Name").fill("My phone")
    dialog.get_by_label("add photos").check()
    visitor.prove("New API key", account, "Make key")
    key = page.get_by_test_id("api-key").inner_text()
    page.get_by_role("button", name="Done").click()

    def answered() -> int:
        headers = {"Authorization": f"Bearer {key}"}
        return page.context.request.get(f"{visitor.address}/api/v1/search", headers=headers).status

    assert answered() == 200
    expect(page.get_by_text("see photos, add photos")).to_be_visible()
    expect(page.get_by_text(key)).to_be_hidden()
    page.get_by_role("button", name="Revoke My phone").click()
    expect(page.get_by_role("region", name="Security log").get_by_text("API key revoked: My phone")).to_be_visible()
    assert answered() == 401
