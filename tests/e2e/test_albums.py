"""Albums: made of picked photos, renamed, emptied and deleted, while the photos stay in the library."""

from playwright.sync_api import APIRequestContext, expect

from tests.e2e.library import cat, coffee, make_library
from tests.e2e.visitor import Visitor


def test_an_album_is_made_renamed_emptied_and_deleted_and_its_photos_stay(
    visitor: Visitor, api: APIRequestContext
) -> None:
    page = visitor.page
    visitor.sign_in(make_library(api, [cat(), coffee()]).account)
    page.get_by_role("checkbox", name="Select cat.jpg").check(force=True)
    page.get_by_role("checkbox", name="Select coffee.jpg").check(force=True)
    page.get_by_role("button", name="Add to album").click()
    page.get_by_label("Find an album, or name a new one").fill("Breakfast")
    page.get_by_role("button", name="Create “Breakfast”").click()
    page.get_by_role("button", name="Open album").click()

    expect(page.get_by_role("heading", name="Breakfast")).to_be_visible()
    expect(visitor.photos).to_have_count(2)

    page.get_by_role("button", name="Rename album").click()
    page.get_by_label("Album name").fill("Breakfast with the cat")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Breakfast with the cat")).to_be_visible()

    page.get_by_role("checkbox", name="Select coffee.jpg").check(force=True)
    page.get_by_role("button", name="Remove from album").click()
    expect(visitor.photos).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(visitor.photos).to_have_count(2)

    page.get_by_role("link", name="Albums", exact=True).click()
    page.get_by_role("link", name="Breakfast with the cat 2 photos").click()
    page.get_by_role("button", name="Delete album").click()
    page.get_by_role("dialog", name="Delete this album?").get_by_role("button", name="Delete album").click()
    expect(page.get_by_role("heading", name="No albums yet")).to_be_visible()
    page.get_by_role("link", name="Photos", exact=True).click()
    expect(visitor.photos).to_have_count(2)


def test_the_open_photo_is_added_to_an_album_that_is_there(visitor: Visitor, api: APIRequestContext) -> None:
    page = visitor.page
    visitor.sign_in(make_library(api, [cat()]).account)
    visitor.visit("/albums")
    page.get_by_role("button", name="New album").click()
    page.get_by_label("Name").fill("Cats")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This album is empty")).to_be_visible()

    page.get_by_role("link", name="Go to the timeline").click()
    visitor.photo("cat.jpg").click()
    expect(page.get_by_role("dialog", name="cat.jpg")).to_be_visible()
    page.keyboard.press("a")
    page.get_by_label("Find an album, or name a new one").fill("cat")
    expect(page.get_by_role("button", name="Cats 0 photos")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Added 1 photo to “Cats”.")).to_be_visible()
    page.get_by_role("button", name="Open album").click()
    expect(page.get_by_role("heading", name="Cats")).to_be_visible()
    expect(visitor.photos).to_have_count(1)
