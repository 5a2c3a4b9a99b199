"""Two-step sign-in in the browser: turned on with an app, asked for at the door, and helped by a recovery code."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenWindow
from tests.e2e.test_account import open_account
from tests.e2e.visitor import PIPELINE_MS, Account, Visitor


def code_of(secret: str, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30 * steps))


def turn_on(visitor: Visitor, account: Account) -> tuple[str, list[str]]:
    """Turn it on as a person does who types the key in; return the key and the recovery codes."""
    page = visitor.page
    page.get_by_role("button", name="Turn on").click()
    dialog = page.get_by_role("dialog", name="Turn two-step sign-in on")
    dialog.get_by_label("Your password").fill(account.password)
    dialog.get_by_role("button", name="Next").click()
    picture = dialog.get_by_alt_text("QR code for your authenticator app")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    dialog.get_by_text("It can’t be read?").click()
    secret = dialog.get_by_test_id("totp-secret").inner_text().replace(" ", "")
    dialog.get_by_label("The code that the app shows").fill(code_of(secret))
    dialog.get_by_role("button", name="Turn on").click()
    codes = page.get_by_test_id("recovery-codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    given = codes.all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()
    return secret, given


def say_the_password(page: Page, account: Account) -> None:
    page.get_by_label("E-mail").fill(account.email)
    page.get_by_label("Password").fill(account.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()


def test_a_second_step_is_turned_on_and_asked_for_at_the_door(visitor: Visitor) -> None:
    account = Account()
    visitor.register(account)
    open_account(visitor)
    page = visitor.page
    secret, codes = turn_on(visitor, account)
    expect(page.get_by_text("You have 10 recovery codes left.")).to_be_visible()
    expect(page.get_by_role("region", name="Security log").get_by_text("Two-step sign-in turned on")).to_be_visible()
    assert page.get_by_text(codes[0]).count() == 0

    visitor.sign_out()
    say_the_password(page, account)
    visitor.expects(401, "/api/v1/tokens/second-factor")
    page.get_by_label("Code").fill("000000" if code_of(secret) != "000000" else "000001")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("The code is wrong, too old, or was used before.")).to_be_visible()
    page.get_by_label("Code").fill(code_of(secret, steps=1))
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("button", name="Account and settings")).to_be_visible()


def test_who_has_lost_the_app_comes_in_by_a_recovery_code_and_turns_it_off(
    visitor: Visitor, open_window: OpenWindow
) -> None:
    account = Account()
    visitor.register(account)
    open_account(visitor)
    _, codes = turn_on(visitor, account)

    elsewhere = open_window()
    elsewhere.visit("/sign-in")
    page = elsewhere.page
    say_the_password(page, account)
    page.get_by_role("button", name="Begin again").click()
    say_the_password(page, account)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    open_account(elsewhere)
    expect(page.get_by_text("You have 9 recovery codes left.")).to_be_visible()

    page.get_by_role("button", name="Turn off").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(account.password)
    dialog.get_by_label("Code").fill(codes[1].upper())
    dialog.get_by_role("button", name="Turn off").click()

    expect(page.get_by_text("Two-step sign-in is off")).to_be_visible()
    elsewhere.sign_out()
    elsewhere.sign_in(account)


def with_a_second_factor(visitor: Visitor) -> tuple[Account, list[str], Page]:
    """Return somebody on their account's page who is asked for a code, and their recovery codes."""
    account = Account()
    visitor.register(account)
    open_account(visitor)
    _, codes = turn_on(visitor, account)
    return account, codes, visitor.page


def test_an_export_is_begun_and_fetched_with_password_and_code(visitor: Visitor) -> None:
    account, codes, page = with_a_second_factor(visitor)
    page.get_by_role("button", name="Export everything").click()
    visitor.prove("Export everything", account, "Begin", code=codes[0])
    visitor.expects(403, "/api/v1/me/export/access")
    page.get_by_role("button", name="Download heliograph-").click(timeout=PIPELINE_MS)

    visitor.prove("Download your export", account, "Download", code=codes[0])
    expect(page.get_by_role("dialog").get_by_text("The code is wrong, too old, or was used before.")).to_be_visible()
    with page.expect_download() as downloading:
        visitor.prove("Download your export", account, "Download", code=codes[1])

    assert downloading.value.suggested_filename.endswith("-001.zip")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_password_is_changed_with_a_code(visitor: Visitor) -> None:
    account, codes, page = with_a_second_factor(visitor)
    visitor.expects(403, "/api/v1/me/password")
    page.get_by_label("Current password").fill(account.password)
    page.get_by_label("New password").fill("a better horse")
    page.get_by_role("button", name="Change password").click()

    page.get_by_label("Code", exact=True).fill(codes[0])
    page.get_by_role("button", name="Change password").click()

    expect(page.get_by_text("Your password is changed.")).to_be_visible()


def test_new_recovery_codes_ask_for_password_and_code_and_say_what_is_wrong(visitor: Visitor) -> None:
    account, codes, page = with_a_second_factor(visitor)
    page.get_by_role("button", name="New recovery codes").click()
    dialog = page.get_by_role("dialog", name="New recovery codes")
    visitor.expects(403, "/api/v1/me/second-factor/recovery-codes")

    dialog.get_by_label("Password").fill("not the password")
    dialog.get_by_label("Code").fill(codes[0])
    dialog.get_by_role("button", name="Make new codes").click()
    expect(dialog.get_by_text("The password is not the account's.")).to_be_visible()
    dialog.get_by_label("Password").fill(account.password)
    dialog.get_by_role("button", name="Make new codes").click()

    shown = page.get_by_test_id("recovery-codes").get_by_role("listitem")
    expect(shown).to_have_count(10)
    assert not set(shown.all_inner_texts()) & set(codes)
    assert all(re.fullmatch(r"[a-z2-9-]{19}", code) for code in shown.all_inner_texts())
