"""The search box in a browser: parts as chips, errors at their character, suggestions, and why a photo was found."""

import re

from playwright.sync_api import APIRequestContext, Locator, expect

from tests.e2e.conftest import PHONE, OpenWindow
from tests.e2e.library import Library, cat, coffee, make_library
from tests.e2e.visitor import Visitor


def _box(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("combobox", name="Search your photos")


def _chips(visitor: Visitor) -> list[str]:
    return [chip.inner_text() for chip in visitor.page.locator("[data-chip]").all()]


def _query(visitor: Visitor) -> str:
    return str(visitor.page.evaluate("new URL(location.href).searchParams.get('q') ?? ''"))


def test_a_search_becomes_chips_that_are_edited_and_removed_by_keyboard(visitor: Visitor, library: Library) -> None:
    visitor.sign_in(library.account)
    keyboard = visitor.page.keyboard

    visitor.search("label:bus 2024")
    expect(visitor.photos).to_have_count(1)
    expect(visitor.page.locator("[data-chip]")).to_have_count(2)
    assert _chips(visitor) == ["bus", "2024"]

    keyboard.press("/")
    keyboard.press("Backspace")
    expect(_box(visitor)).to_have_value("2024")
    keyboard.press("Backspace")
    keyboard.press("Backspace")
    keyboard.type("23")
    keyboard.press("Enter")
    expect(visitor.page.get_by_role("heading", name="No photos found")).to_be_visible()
    assert _query(visitor) == "label:bus 2023"

    keyboard.press("/")
    keyboard.press("ArrowLeft")
    expect(visitor.page.get_by_role("button", name="Edit 2023")).to_be_focused()
    keyboard.press("ArrowLeft")
    keyboard.press("Delete")
    expect(visitor.photo("temple-in-beijing.jpg")).to_be_visible()
    assert _query(visitor) == "2023"
    keyboard.press("Enter")
    expect(_box(visitor)).to_be_focused()
    expect(_box(visitor)).to_have_value("2023")


def test_a_chip_is_edited_and_removed_by_mouse(visitor: Visitor, library: Library) -> None:
    visitor.sign_in(library.account)
    visitor.visit("/search?q=label:bus is:favourite")
    expect(visitor.page.get_by_role("heading", name="No photos found")).to_be_visible()

    visitor.page.get_by_role("button", name="Remove favourite").click()
    expect(visitor.photo("bus-in-lisbon.jpg")).to_be_visible()
    visitor.page.get_by_role("button", name="Edit bus").click()
    expect(_box(visitor)).to_have_value("label:bus")
    _box(visitor).fill("label:cat")
    _box(visitor).press("Enter")

    expect(visitor.photo("cat.jpg")).to_be_visible()


def test_an_error_is_underlined_at_its_character_and_nothing_is_searched(visitor: Visitor, library: Library) -> None:
    visitor.sign_in(library.account)

    visitor.search("cat (bus from:yesterday")

    problem = visitor.page.get_by_role("alert")
    expect(problem).to_be_visible()
    underlined = visitor.page.locator("form[role=search] u")
    expect(underlined).to_have_count(1)
    caret = _box(visitor).evaluate("box => box.selectionStart")
    assert "cat (bus from:yesterday"[caret:].startswith(underlined.inner_text().strip() or "")
    expect(_box(visitor)).to_be_focused()
    assert visitor.page.url.endswith("/")
    _box(visitor).press_sequentially("x")
    expect(problem).to_be_hidden()


def test_an_address_that_can_t_be_read_says_so(visitor: Visitor, library: Library) -> None:
    visitor.sign_in(library.account)
    visitor.expects(400, "/api/v1/search")

    visitor.visit("/search?q=from:yesterday")

    expect(visitor.page.get_by_role("heading", name="This search can’t be read")).to_be_visible()
    expect(_box(visitor)).to_have_value("from:yesterday")


def test_a_suggestion_is_taken_by_keyboard(visitor: Visitor, library: Library) -> None:
    visitor.sign_in(library.account)
    keyboard = visitor.page.keyboard
    keyboard.press("/")
    keyboard.type("2024 bu")
    expect(visitor.page.get_by_role("option", name=re.compile("^bus label"))).to_be_visible()

    keyboard.press("ArrowDown")
    expect(visitor.page.get_by_role("option", selected=True)).to_contain_text("bus")
    keyboard.press("Enter")

    expect(visitor.photos).to_have_count(1)
    assert _query(visitor) == "2024 label:bus"


def test_a_photo_says_why_it_was_found_in_the_grid_and_open(visitor: Visitor, library: Library) -> None:
    visitor.sign_in(library.account)
    visitor.search("bus")

    photo = visitor.photo("bus-in-lisbon.jpg")
    expect(photo).to_have_accessible_description(re.compile(r"bus.*\d+ %"))
    photo.press("Enter")
    visitor.page.keyboard.press("i")
    found_by = visitor.page.get_by_role("complementary", name="Details").locator("section", has_text="Found by")
    expect(found_by).to_contain_text("bus")


def test_a_search_is_refined_by_what_its_photos_have_in_common(visitor: Visitor, library: Library) -> None:
    visitor.sign_in(library.account)
    visitor.search("2024")
    expect(visitor.photos).to_have_count(2)

    visitor.page.get_by_role("button", name="Refine").click()
    refine = visitor.page.get_by_role("region", name="Refine the search")
    refine.get_by_role("button", name=re.compile("^bus")).click()

    expect(visitor.photos).to_have_count(1)
    expect(visitor.page.get_by_role("button", name="Edit bus")).to_be_visible()


def test_a_search_is_saved_as_an_album(visitor: Visitor, api: APIRequestContext) -> None:
    visitor.sign_in(make_library(api, [cat(), coffee()]).account)
    visitor.search("cat")
    expect(visitor.photos).to_have_count(1)

    visitor.page.get_by_role("button", name="Save as album").click()
    dialog = visitor.page.get_by_role("dialog", name="New smart album")
    dialog.get_by_label("Name").fill("Our cat")
    dialog.get_by_role("button", name="Create").click()

    expect(visitor.page.get_by_role("heading", name="Our cat")).to_be_visible()
    expect(visitor.photo("cat.jpg")).to_be_visible()


def test_the_search_fits_a_phone(open_window: OpenWindow, library: Library) -> None:
    visitor = open_window(size=PHONE, scheme="dark")
    visitor.sign_in(library.account)

    visitor.visit("/search?q=2024 label:bus place:portugal camera:fujifilm -label:unicorn")

    expect(visitor.photos).to_have_count(1)
    assert visitor.fits_its_width()


def test_a_search_that_finds_nothing_says_which_part_to_leave_out(visitor: Visitor, library: Library) -> None:
    visitor.sign_in(library.account)
    visitor.search("label:bus year:2010")

    question = visitor.page.get_by_role("region", name="Question about this search")
    question.get_by_role("button", name="without “year:2010” 1").click()

    expect(visitor.photo("bus-in-lisbon.jpg")).to_be_visible()
    expect(visitor.photos).to_have_count(1)
    assert _query(visitor) == "label:bus"
    expect(question).to_be_hidden()
