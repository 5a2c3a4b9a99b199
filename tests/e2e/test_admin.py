"""The administrators' page in the browser: inviting people, closing and reopening accounts."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect

from tests.bench.system import ROOT
from tests.e2e.conftest import OpenWindow
from tests.e2e.test_account import open_account
from tests.e2e.visitor import Account, Visitor


def appoint(visitor: Visitor, data: Path, account: Account) -> None:
    """Make somebody an administrator as an operator does, and open their page."""
    port = visitor.address.rpartition(":")[2]
    command = ["-m", "tools.operate", "--data", str(data), "--port", port, "accounts", "appoint", account.email]
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    visitor.sign_out()
    visitor.sign_in(account)
    visitor.visit("/admin")
    expect(visitor.page.get_by_role("heading", name="Administration")).to_be_visible()


def test_somebody_is_invited_by_a_link_and_shows_in_the_log_as_having_come(
    visitor: Visitor, open_window: OpenWindow, data: Path
) -> None:
    admin, guest = Account(name="Admin"), Account(name="Ben")
    visitor.register(admin)
    appoint(visitor, data, admin)
    page = visitor.page
    page.get_by_label("For whom").fill("Ben next door")
    page.get_by_role("button", name="Make an invitation").click()
    link = page.get_by_test_id("invitation-link").inner_text()
    section = page.get_by_role("region", name="Invitations to register")
    expect(section.get_by_text("from you")).to_be_visible()

    other = open_window()
    other.page.goto(link)
    other.page.get_by_label("Name").fill(guest.name)
    other.page.get_by_label("E-mail").fill(guest.email)
    other.page.get_by_label("Password").fill(guest.password)
    other.page.get_by_role("button", name="Create account", exact=True).click()
    expect(other.page.get_by_role("button", name="Account and settings")).to_be_visible()

    page.reload()
    expect(section.get_by_text("Ben next door")).to_be_hidden()
    open_account(visitor)
    log = page.get_by_role("region", name="Security log")
    expect(log.get_by_text(f"Somebody registered by an invitation: Ben next door, {guest.email}")).to_be_visible()


def test_an_invitation_is_taken_back_by_another_administrator_and_good_for_nothing(
    visitor: Visitor, open_window: OpenWindow, data: Path
) -> None:
    admin, second = Account(name="Admin"), Account(name="Second")
    visitor.register(admin)
    appoint(visitor, data, admin)
    visitor.page.get_by_label("For whom").fill("Ben")
    visitor.page.get_by_role("button", name="Make an invitation").click()
    link = visitor.page.get_by_test_id("invitation-link").inner_text()
    other = open_window()
    other.register(second)
    appoint(other, data, second)
    row = other.page.get_by_role("listitem").filter(has_text=f"from {admin.email}")
    row.get_by_role("button", name="Take back the invitation for Ben").click()
    expect(row).to_be_hidden()

    guest = open_window()
    guest.expects(403, "/api/v1/accounts")
    guest.page.goto(link)
    guest.page.get_by_label("Name").fill("Ben")
    guest.page.get_by_label("E-mail").fill(Account().email)
    guest.page.get_by_label("Password").fill(second.password)
    guest.page.get_by_role("button", name="Create account", exact=True).click()
    expect(guest.page.get_by_text("This invitation is wrong, was used or taken back")).to_be_visible()


def test_an_account_is_closed_with_the_administrators_password_and_reopened(
    visitor: Visitor, open_window: OpenWindow, data: Path
) -> None:
    admin, guest = Account(name="Admin"), Account(name="Ben")
    theirs = open_window()
    theirs.register(guest)
    theirs.sign_out()
    visitor.register(admin)
    appoint(visitor, data, admin)
    page = visitor.page
    more = page.get_by_role("button", name="Show more")
    close = page.get_by_role("button", name=f"Close {guest.email}")
    expect(close.or_(more).first).to_be_visible()
    while not close.is_visible():
        with page.expect_response("**/api/v1/admin/accounts?*"):
            more.click()
        expect(close.or_(more).first).to_be_visible()

    close.click()
    visitor.prove("Close this account?", admin, "Close account")

    expect(page.get_by_text("The account is closed.")).to_be_visible()
    theirs.expects(403, "/api/v1/tokens")
    theirs.page.get_by_label("E-mail").fill(guest.email)
    theirs.page.get_by_label("Password").fill(guest.password)
    theirs.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(theirs.page.get_by_text("This account is closed")).to_be_visible()
    page.get_by_role("button", name=f"Reopen {guest.email}").click()
    expect(page.get_by_text("The account is open again.")).to_be_visible()
    theirs.sign_in(guest)
    open_account(visitor)
    log = page.get_by_role("region", name="Security log")
    expect(log.get_by_text(f"Account closed by an administrator: {guest.email}")).to_be_visible()
