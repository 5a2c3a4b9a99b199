"""Everything that is looked at by mouse can be looked at by keyboard."""

from playwright.sync_api import expect

from tests.e2e.library import Library
from tests.e2e.visitor import Visitor


def test_the_library_is_walked_through_by_keyboard_alone(visitor: Visitor, library: Library) -> None:
    page = visitor.page
    keyboard = page.keyboard
    visitor.sign_in(library.account)
    expect(visitor.photos).to_have_count(len(library.photo_ids))

    visitor.photo("cat.jpg").focus()
    keyboard.press("ArrowRight")
    expect(visitor.photo("bus-in-lisbon.jpg")).to_be_focused()
    keyboard.press("Enter")
    viewer = page.get_by_role("dialog")
    expect(viewer).to_have_accessible_name("bus-in-lisbon.jpg")
    keyboard.press("ArrowLeft")
    expect(viewer).to_have_accessible_name("cat.jpg")
    keyboard.press("ArrowRight")
    expect(viewer).to_have_accessible_name("bus-in-lisbon.jpg")
    keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(visitor.photo("bus-in-lisbon.jpg")).to_be_focused()

    keyboard.press("x")
    expect(page.get_by_text("1 selected")).to_be_visible()
    keyboard.press("Escape")
    expect(page.get_by_text("1 selected")).to_be_hidden()

    keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search your photos")).to_be_focused()
    keyboard.type("person")
    keyboard.press("Enter")
    expect(visitor.photo("bus-in-lisbon.jpg")).to_be_visible()
    expect(visitor.photo("cat.jpg")).to_be_hidden()

    keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()


def test_the_maps_photos_are_reached_by_tab_and_opened_by_enter(visitor: Visitor, library: Library) -> None:
    page = visitor.page
    visitor.sign_in(library.account)
    visitor.visit("/map")
    photo = page.get_by_role("button", name="1 photo near 39.92° N, 116.40° E")
    expect(photo).to_be_visible()
    page.get_by_role("application").focus()
    for _ in range(4):
        page.keyboard.press("Tab")
        if photo.evaluate("element => element === document.activeElement"):
            break
    expect(photo).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="temple-in-beijing.jpg")).to_be_visible()
