"""The docs explorer: sign in by Authorize, and try a call."""

from playwright.sync_api import expect

from tests.e2e.library import Library
from tests.e2e.visitor import Visitor


def test_a_call_is_tried_after_authorize(visitor: Visitor, library: Library) -> None:
    page = visitor.page
    visitor.visit("/docs")
    page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".dialog-ux")
    dialog.get_by_label("username").fill(library.account.email)
    dialog.get_by_label("password:").fill(library.account.password)
    dialog.get_by_role("button", name="Apply given OAuth2 credentials").click()
    expect(dialog.get_by_role("button", name="Remove authorization")).to_be_visible()
    dialog.locator(".btn-done").first.click()

    operation = page.locator(".opblock-get").filter(has=page.locator("[data-path='/api/v1/progress']"))
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response").first
    expect(answer).to_contain_text("200")
    expect(answer).to_contain_text(f'"ready": {len(library.photo_ids)}')


def test_the_explorer_keeps_no_password_and_links_to_the_app(visitor: Visitor, library: Library) -> None:
    page = visitor.page
    visitor.visit("/docs/")
    page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".dialog-ux")
    dialog.get_by_label("username").fill(library.account.email)
    dialog.get_by_label("password:").fill(library.account.password)
    dialog.get_by_role("button", name="Apply given OAuth2 credentials").click()
    expect(dialog.get_by_role("button", name="Remove authorization")).to_be_visible()
    assert library.account.password not in page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    page.reload()
    expect(page.locator(".auth-wrapper .authorize.unlocked")).to_be_visible()
    page.get_by_role("link", name="Heliograph").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
