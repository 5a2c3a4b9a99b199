"""Sharing: a link opened without an account, with a password and without, and an album shared with another account."""

from urllib.parse import urlsplit

from playwright.sync_api import APIRequestContext, expect

from tests.e2e.conftest import PHONE, OpenWindow
from tests.e2e.library import bus_in_lisbon, cat, coffee, make_library
from tests.e2e.test_screens import check
from tests.e2e.visitor import Account, Visitor

LINK_PASSWORD = "sand and salt"
VISITS = "/api/v1/shared/visits"


def make_album(visitor: Visitor, name: str, *filenames: str) -> None:
    """Put photos of the timeline into a new album, and open it."""
    page = visitor.page
    for filename in filenames:
        page.get_by_role("checkbox", name=f"Select {filename}").check(force=True)
    page.get_by_role("button", name="Add to album").click()
    page.get_by_label("Find an album, or name a new one").fill(name)
    page.get_by_role("button", name=f"Create “{name}”").click()
    page.get_by_role("button", name="Open album").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def handed_on(visitor: Visitor) -> str:
    """Return the path, with its fragment, of what was just made to be handed on."""
    address = urlsplit(
        visitor.page.get_by_label("The new link").or_(visitor.page.get_by_label("The invitation for")).input_value()
    )
    return f"{address.path}#{address.fragment}"


def share_by_link(owner: Visitor) -> str:
    """Make a link with a password, as an album's owner; return where it leads."""
    page = owner.page
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("button", name="New link").click()
    page.get_by_label("For whom").fill("Grandma")
    page.get_by_label("Password").fill(LINK_PASSWORD)
    check(owner, "sharing dialog")
    page.get_by_role("button", name="Make the link").click()
    path = handed_on(owner)
    check(owner, "sharing dialog")
    page.get_by_role("button", name="Done").click()
    return path


def open_with_password(guest: Visitor, path: str) -> None:
    """Open a link as somebody who gets its password wrong first."""
    guest.expects(401, VISITS)
    guest.visit(path)
    expect(guest.page.get_by_role("heading", name="This album has a password")).to_be_visible()
    check(guest, "shared album")
    assert "Lisbon" not in guest.page.content()
    guest.page.get_by_label("Password").fill("salt and sand")
    guest.page.keyboard.press("Enter")
    expect(guest.page.get_by_role("alert")).to_have_text("This is not the password of the link.")
    guest.page.get_by_label("Password").fill(LINK_PASSWORD)
    guest.page.keyboard.press("Enter")
    expect(guest.page.get_by_role("heading", name="Lisbon")).to_be_visible()


def look_and_download(guest: Visitor) -> bytes:
    """Open the last photo, download it, go to the one before, and close it again; return what was downloaded."""
    expect(guest.photos).to_have_count(2)
    check(guest, "shared album")
    guest.photos.last.click()
    viewer = guest.page.get_by_role("dialog", name="Photo")
    expect(viewer.locator("img.preview.loaded")).to_be_visible()
    expect(viewer).to_contain_text("1 June 2024")
    expect(viewer).not_to_contain_text("Portugal")
    check(guest, "shared album")
    with guest.page.expect_download() as saved:
        viewer.get_by_role("link", name="Download a copy of 1440 pixels").click()
    assert saved.value.suggested_filename == "2024-06-01 10.30.00.jpg"
    guest.page.keyboard.press("ArrowLeft")
    expect(viewer).to_contain_text("20 June 2024")
    guest.page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    return saved.value.path().read_bytes()


def test_a_link_with_a_password_opens_without_an_account_until_it_is_taken_back(
    open_window: OpenWindow, api: APIRequestContext
) -> None:
    owner, guest = open_window(), open_window(size=PHONE, scheme="dark")
    owner.sign_in(make_library(api, [bus_in_lisbon(), cat()]).account)
    make_album(owner, "Lisbon", "bus-in-lisbon.jpg", "cat.jpg")
    path = share_by_link(owner)
    open_with_password(guest, path)
    content = look_and_download(guest)

    assert content.startswith(b"\xff\xd8")
    assert b"Exif" not in content
    secret = path.partition("#")[2]
    assert not [request.url for request in guest.requests if secret in request.url.partition("#")[0]]
    assert not [request.url for request in guest.requests if secret in request.headers.get("referer", "")]
    assert not [request.url for request in guest.requests if "originals/" in request.url]

    owner.page.get_by_role("button", name="Share", exact=True).click()
    expect(owner.page.get_by_text("opened once")).to_be_visible()
    owner.page.get_by_role("button", name="Take back Grandma").click()
    expect(owner.page.get_by_text("opened once")).to_be_hidden()
    guest.expects(404, VISITS)
    guest.page.reload()
    expect(guest.page.get_by_role("heading", name="This link doesn’t show anything")).to_be_visible()
    check(guest, "shared album")


def test_what_a_link_lets_people_do_can_be_changed_and_takes_effect_at_once(
    open_window: OpenWindow, api: APIRequestContext
) -> None:
    owner, guest = open_window(), open_window(size=PHONE, scheme="dark")
    owner.sign_in(make_library(api, [bus_in_lisbon()]).account)
    make_album(owner, "Lisbon", "bus-in-lisbon.jpg")
    path = share_by_link(owner)
    owner.page.get_by_role("button", name="Share", exact=True).click()
    owner.page.get_by_role("button", name="Change Grandma").click()
    expect(owner.page.get_by_label("For whom")).to_have_value("Grandma")
    owner.page.get_by_label("Take the password off").check()
    owner.page.get_by_label("Show where photos were taken").check()
    check(owner, "sharing dialog")
    owner.page.get_by_role("button", name="Save").click()
    expect(owner.page.get_by_text("not opened yet · shows places")).to_be_visible()

    guest.visit(path)
    guest.photos.first.click()
    expect(guest.page.get_by_role("dialog", name="Photo")).to_contain_text("Portugal")

    owner.page.get_by_role("button", name="Change Grandma").click()
    owner.page.get_by_label("Show where photos were taken").uncheck()
    owner.page.get_by_label("Password").fill(LINK_PASSWORD)
    owner.page.get_by_role("button", name="Save").click()
    expect(owner.page.get_by_text("opened once", exact=True)).to_be_visible()
    guest.expects(401, VISITS)
    guest.page.reload()
    expect(guest.page.get_by_role("heading", name="This album has a password")).to_be_visible()


def invite(owner: Visitor, whom: str) -> str:
    """Make an invitation, as an album's owner; return where it leads."""
    page = owner.page
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("button", name="Invite").click()
    page.get_by_label("Whom").fill(whom)
    check(owner, "sharing dialog")
    page.get_by_role("button", name="Make the invitation").click()
    path = handed_on(owner)
    page.get_by_role("button", name="Done").click()
    return path


def give_role(owner: Visitor, whom: str, role: str) -> None:
    """Let a member do more, or less."""
    owner.page.get_by_role("button", name="Share", exact=True).click()
    owner.page.get_by_label(f"What {whom} may do").select_option(role)
    check(owner, "sharing dialog")
    owner.page.get_by_role("button", name="Done").click()


def join(other: Visitor, path: str, account: Account) -> None:
    """Take an invitation up as somebody who has to sign in first."""
    page = other.page
    other.visit(path)
    expect(page.get_by_role("heading", name="You are invited to a shared album")).to_be_visible()
    check(other, "shared album of an account")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill(account.email)
    page.get_by_label("Password").fill(account.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Ada shares “Trip” with you")).to_be_visible()
    check(other, "shared album of an account")
    assert not [request.url for request in other.requests if path.partition("#")[2] in request.url.partition("#")[0]]
    page.get_by_role("button", name="Join the album").click()
    expect(page.get_by_role("heading", name="Trip")).to_be_visible()


def contribute(other: Visitor) -> None:
    """Put one's own photo into the shared album."""
    other.visit("/")
    other.page.get_by_role("checkbox", name="Select coffee.jpg").check(force=True)
    other.page.get_by_role("button", name="Add to album").click()
    other.page.get_by_role("button", name="Trip").click()
    other.page.get_by_role("button", name="Open album").click()
    expect(other.photos).to_have_count(2)


def leave(other: Visitor) -> None:
    """Leave the album that is shown."""
    other.page.get_by_role("button", name="More for this album").click()
    other.page.get_by_role("button", name="Leave this album").click()
    other.page.get_by_role("dialog", name="Leave this album?").get_by_role("button", name="Leave album").click()
    expect(other.page.get_by_role("heading", name="No albums yet")).to_be_visible()


def test_another_account_looks_then_contributes_then_edits_then_leaves(
    open_window: OpenWindow, api: APIRequestContext
) -> None:
    owner, other = open_window(), open_window(scheme="dark")
    owner.sign_in(make_library(api, [bus_in_lisbon()]).account)
    make_album(owner, "Trip", "bus-in-lisbon.jpg")
    join(other, invite(owner, "Ben"), make_library(api, [coffee()]).account)
    expect(other.photos).to_have_count(1)
    expect(other.page.get_by_role("checkbox")).to_have_count(0)
    expect(other.page.get_by_role("button", name="Rename album")).to_have_count(0)
    check(other, "shared album of an account")
    other.visit("/albums")
    expect(other.page.get_by_role("heading", name="Shared with you")).to_be_visible()
    check(other, "shared album of an account")

    give_role(owner, "Ben", "contributor")
    contribute(other)
    owner.page.reload()
    expect(owner.photos).to_have_count(2)
    owner.photos.first.click()
    expect(owner.page.get_by_role("dialog", name="Photo").locator("img.preview.loaded")).to_be_visible()
    owner.page.go_back()
    expect(owner.page.get_by_role("dialog", name="Photo")).to_be_hidden()

    give_role(owner, "Ben", "editor")
    other.page.reload()
    other.page.get_by_role("button", name="Rename album").click()
    other.page.get_by_label("Album name").fill("Our trip")
    other.page.keyboard.press("Enter")
    expect(other.page.get_by_role("heading", name="Our trip")).to_be_visible()
    leave(other)
    owner.page.reload()
    expect(owner.page.get_by_role("heading", name="Our trip")).to_be_visible()
    expect(owner.photos).to_have_count(1)
