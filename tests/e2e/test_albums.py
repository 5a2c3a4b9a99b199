"""Albums: made, filled, ordered, put into folders and deleted, while the photos stay in the library."""

import re

from playwright.sync_api import APIRequestContext, expect

from tests.e2e.library import cat, coffee, everything, make_library
from tests.e2e.test_screens import check
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
    page.get_by_role("button", name="More for this album").click()
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
    page.get_by_role("textbox", name="Name").fill("Cats")
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


def expect_order(visitor: Visitor, *files: str) -> None:
    """Wait until the photos stand in this order."""
    for number, file in enumerate(files):
        expect(visitor.photos.nth(number)).to_have_attribute("aria-label", re.compile(f"^{re.escape(file)}"))
    expect(visitor.photos).to_have_count(len(files))


def test_the_photos_of_an_album_are_put_into_another_order_by_mouse_and_by_keys(
    visitor: Visitor, api: APIRequestContext
) -> None:
    page = visitor.page
    visitor.sign_in(make_library(api, everything()).account)
    expect(visitor.photos).to_have_count(4)
    for name in ("cat.jpg", "bus-in-lisbon.jpg", "temple-in-beijing.jpg", "portrait.jpg"):
        page.get_by_role("checkbox", name=f"Select {name}").check(force=True)
    page.get_by_role("button", name="Add to album").click()
    page.get_by_label("Find an album, or name a new one").fill("Wall")
    page.get_by_role("button", name="Create “Wall”").click()
    page.get_by_role("button", name="Open album").click()
    expect_order(visitor, "cat.jpg", "bus-in-lisbon.jpg", "temple-in-beijing.jpg", "portrait.jpg")

    page.get_by_label("Order of the photos").select_option("My own order")
    expect(page.get_by_text("Drag photos to where they belong")).to_be_visible()
    expect_order(visitor, "cat.jpg", "bus-in-lisbon.jpg", "temple-in-beijing.jpg", "portrait.jpg")
    visitor.photo("cat.jpg").focus()
    with page.expect_response("**/photos/move"):
        page.keyboard.press("Alt+ArrowRight")
    expect_order(visitor, "bus-in-lisbon.jpg", "cat.jpg", "temple-in-beijing.jpg", "portrait.jpg")
    expect(visitor.photo("cat.jpg")).to_be_focused()

    dragged, onto = visitor.photo("portrait.jpg").bounding_box(), visitor.photo("bus-in-lisbon.jpg").bounding_box()
    assert dragged is not None
    assert onto is not None
    page.mouse.move(dragged["x"] + 40, dragged["y"] + 60)
    page.mouse.down()
    page.mouse.move(dragged["x"] + 80, dragged["y"] + 80, steps=3)
    page.mouse.move(onto["x"] + 10, onto["y"] + 60, steps=5)
    with page.expect_response("**/photos/move"):
        page.mouse.up()
    expect_order(visitor, "portrait.jpg", "bus-in-lisbon.jpg", "cat.jpg", "temple-in-beijing.jpg")

    page.reload()
    expect_order(visitor, "portrait.jpg", "bus-in-lisbon.jpg", "cat.jpg", "temple-in-beijing.jpg")
    check(visitor, "an album in its own order")
    page.get_by_label("Order of the photos").select_option("Oldest first")
    expect_order(visitor, "portrait.jpg", "temple-in-beijing.jpg", "bus-in-lisbon.jpg", "cat.jpg")


def test_an_album_lies_in_a_folder_that_can_be_taken_away_without_it(visitor: Visitor, api: APIRequestContext) -> None:
    page = visitor.page
    visitor.sign_in(make_library(api, [cat()]).account)
    visitor.visit("/albums")
    page.get_by_role("button", name="New folder").click()
    page.get_by_role("textbox", name="Name").fill("Animals")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Animals Empty").click()
    expect(page.get_by_role("heading", name="This folder is empty")).to_be_visible()
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("button", name="New album").click()
    page.get_by_role("textbox", name="Name").fill("Cats")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Cats")).to_be_visible()

    page.get_by_role("link", name="To its folder").click()
    expect(page.get_by_role("link", name="Cats 0 photos")).to_be_visible()
    check(visitor, "a folder")
    page.get_by_role("button", name="More for Cats").click()
    page.get_by_role("button", name="Move to a folder").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Animals")).to_be_visible()
    check(visitor, "moving an album")
    page.keyboard.press("Escape")
    page.get_by_role("navigation", name="Folders").get_by_role("link", name="Albums").click()
    page.get_by_role("button", name="More for Animals").click()
    page.get_by_role("button", name="Delete folder").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete folder").click()
    expect(page.get_by_role("link", name="Cats 0 photos")).to_be_visible()
    expect(page.get_by_role("list", name="Folders")).to_have_count(0)


def test_a_smart_album_shows_what_its_search_finds_and_leads_to_it(visitor: Visitor, api: APIRequestContext) -> None:
    page = visitor.page
    visitor.sign_in(make_library(api, everything()).account)
    visitor.visit("/albums")
    page.get_by_role("button", name="New smart album").click()
    page.get_by_role("textbox", name="Name").fill("On the road")
    page.get_by_role("textbox", name="Search for").fill("bus")
    expect(page.get_by_text("1 photo now")).to_be_visible()
    check(visitor, "a new smart album")
    page.get_by_role("button", name="Create").click()

    expect(page.get_by_role("heading", name="On the road")).to_be_visible()
    expect_order(visitor, "bus-in-lisbon.jpg")
    expect(page.get_by_label("Order of the photos")).to_have_count(0)
    check(visitor, "a smart album")
    page.get_by_role("button", name="More for this album").click()
    page.get_by_role("button", name="Change the search").click()
    page.get_by_role("textbox", name="Search for").fill("cat")
    page.get_by_role("button", name="Save").click()
    expect_order(visitor, "cat.jpg")

    page.get_by_role("link", name="Always up to date: cat").click()
    expect(page).to_have_url(re.compile("/search\\?q=cat"))
    expect_order(visitor, "cat.jpg")


def test_all_that_a_search_finds_is_put_into_an_album(visitor: Visitor, api: APIRequestContext) -> None:
    page = visitor.page
    visitor.sign_in(make_library(api, everything()).account)
    visitor.visit("/search?q=2024")
    expect(visitor.photos).to_have_count(2)
    page.get_by_role("checkbox", name="Select cat.jpg").check(force=True)
    page.get_by_role("button", name="Select all").click()
    page.get_by_role("button", name="Add to album").click()
    page.get_by_label("Find an album, or name a new one").fill("That year")
    page.get_by_role("button", name="Create “That year”").click()
    expect(page.get_by_text("2 photos changed")).to_be_visible()

    page.get_by_role("link", name="Albums", exact=True).click()
    page.get_by_role("link", name="That year 2 photos").click()
    expect_order(visitor, "cat.jpg", "bus-in-lisbon.jpg")
