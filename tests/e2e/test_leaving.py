"""Taking everything home and leaving: the ZIP file that comes, and that nobody gets in after the goodbye."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.test_account import open_account
from tests.e2e.visitor import PIPELINE_MS, Account, Visitor
from tests.photos import a_jpeg


def test_everything_is_exported_with_the_password_and_comes_as_a_zip_file(visitor: Visitor, tmp_path: Path) -> None:
    account = Account()
    visitor.register(account)
    content = a_jpeg("bus.jpg", size_px=(400, 540))
    photo = tmp_path / "Straße.jpg"
    photo.write_bytes(content)
    visitor.drop([photo])
    visitor.expect_uploaded("Straße.jpg")
    open_account(visitor)
    page = visitor.page
    section = page.get_by_role("region", name="Export everything")

    visitor.expects(403, "/api/v1/me/export")
    section.get_by_role("button", name="Export everything").click()
    visitor.prove("Export everything", replace(account, password="not the password"), "Begin")
    expect(page.get_by_text("The password is not the account's.")).to_be_visible()
    visitor.prove("Export everything", account, "Begin")
    link = section.get_by_role("button", name="Download heliograph-")
    expect(link).to_be_visible(timeout=PIPELINE_MS)
    link.click()
    with page.expect_download() as downloading:
        visitor.prove("Download your export", account, "Download")

    downloaded = downloading.value.path().read_bytes()
    assert downloading.value.suggested_filename.endswith("-001.zip")
    with zipfile.ZipFile(io.BytesIO(downloaded)) as found:
        assert found.testzip() is None
        [line] = found.read("heliograph-001/photos.jsonl").decode().splitlines()
        said = json.loads(line)
        assert said["filename"] == "Straße.jpg"
        assert found.read(said["file"]) == content
        assert json.loads(found.read("heliograph-001/account.json"))["account"]["email"] == account.email
    log = page.get_by_role("region", name="Security log")
    expect(log.get_by_text("Export downloaded")).to_be_visible()
    expect(log.get_by_text("Downloads of the export allowed")).to_be_visible()
    with page.expect_download():
        link.click()  # without the password: it was said just now
    section.get_by_role("button", name="Remove now").click()
    expect(link).to_be_hidden()


def test_an_account_is_deleted_after_its_address_was_typed_and_nobody_gets_in_any_more(visitor: Visitor) -> None:
    account = Account()
    visitor.register(account)
    open_account(visitor)
    page = visitor.page
    section = page.get_by_role("region", name="Delete account")
    section.get_by_role("button", name="Delete account…").click()
    title, label = "Delete your account?", "Delete my account and all my photos"
    dialog = page.get_by_role("dialog", name=title)
    dialog.get_by_label("Your password").fill(account.password)
    expect(dialog.get_by_role("button", name=label)).to_be_disabled()
    dialog.get_by_label("Type your e-mail address").fill(account.email.upper())

    visitor.expects(403, "/api/v1/me/deletion")
    visitor.prove(title, replace(account, password="not the password"), label)
    expect(page.get_by_text("The password is not the account's.")).to_be_visible()
    visitor.prove(title, account, label)

    expect(page.get_by_role("heading", name="Goodbye")).to_be_visible()
    expect(page.get_by_text("Your account is deleted")).to_be_visible()
    visitor.expects(401, "/api/v1/tokens")
    page.get_by_label("E-mail").fill(account.email)
    page.get_by_label("Password").fill(account.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    visitor.register(account)  # the address is free


def test_who_is_no_administrator_is_told_so(visitor: Visitor) -> None:
    visitor.register(Account())
    visitor.visit("/admin")

    expect(visitor.page.get_by_role("heading", name="This page is for administrators")).to_be_visible()
    visitor.page.get_by_role("button", name="Account and settings").click()
    expect(visitor.page.get_by_role("link", name="Administration")).to_be_hidden()
