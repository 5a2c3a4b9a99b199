"""Photos that look alike, reviewed in the browser: chosen, told apart, taken back, and not asked about again."""

import re

from playwright.sync_api import APIRequestContext, Locator, expect

from tests.e2e.conftest import PHONE, OpenWindow
from tests.e2e.library import File, Library, bus_in_lisbon, cat, coffee, make_library
from tests.e2e.test_screens import check
from tests.e2e.visitor import Visitor
from tests.photos import a_jpeg


def with_copies(api: APIRequestContext) -> Library:
    """Return a library in which two photos have copies and one has none."""
    copies = [
        File("bus-small.jpg", a_jpeg("bus.jpg", size_px=(405, 540), quality=60)),
        File("cat-small.jpg", a_jpeg("chelsea.png", size_px=(300, 200), quality=60)),
    ]
    return make_library(api, [bus_in_lisbon(), cat(), coffee(), *copies])


def stacks(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("article")


def stack_of(visitor: Visitor, filename: str) -> Locator:
    return stacks(visitor).filter(has=visitor.page.get_by_text(filename, exact=True))


def test_copies_are_decided_by_keyboard_and_every_decision_can_be_taken_back(
    api: APIRequestContext, visitor: Visitor
) -> None:
    library, page = with_copies(api), visitor.page
    visitor.sign_in(library.account)
    page.get_by_role("button", name="Account and settings").click()
    page.get_by_role("link", name="Duplicates").click()
    expect(stacks(visitor)).to_have_count(2)
    bus = stack_of(visitor, "bus-small.jpg")
    expect(bus.get_by_role("button", name="Keep bus-in-lisbon.jpg")).to_have_attribute("aria-pressed", "true")
    expect(bus.get_by_role("button", name="Keep bus-small.jpg")).to_have_attribute("aria-pressed", "false")

    bus.click(position={"x": 8, "y": 8})
    page.keyboard.press("2")
    expect(bus.get_by_role("button", name="Keep all 2")).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("k")
    expect(stacks(visitor)).to_have_count(1)
    expect(page.get_by_text("1 photo moved to trash")).to_be_visible()
    page.keyboard.press("u")
    expect(stacks(visitor)).to_have_count(2)
    expect(bus).to_be_visible()

    page.keyboard.press("ArrowUp")
    bus.click(position={"x": 8, "y": 8})
    page.keyboard.press("k")
    expect(stacks(visitor)).to_have_count(1)
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name="Nothing to decide")).to_be_visible()

    visitor.visit("/")
    expect(visitor.photo("cat-small.jpg")).to_be_visible()
    expect(visitor.photo("bus-small.jpg")).to_be_hidden()
    visitor.visit("/duplicates?show=dismissed")
    expect(stack_of(visitor, "cat-small.jpg")).to_be_visible()
    visitor.visit("/duplicates?show=kept")
    bus.get_by_role("button", name="Undo").click()
    expect(stacks(visitor)).to_have_count(0)
    visitor.visit("/")
    expect(visitor.photo("bus-small.jpg")).to_be_visible()
    visitor.visit("/duplicates")
    expect(bus).to_be_visible()
    expect(stacks(visitor)).to_have_count(1)


def test_copies_are_reviewed_on_a_phone_by_everybody(api: APIRequestContext, open_window: OpenWindow) -> None:
    library = with_copies(api)
    visitor = open_window(size=PHONE, scheme="dark")
    visitor.sign_in(library.account)
    visitor.visit("/duplicates")
    expect(stacks(visitor)).to_have_count(2)
    check(visitor, "duplicates")

    bus = stack_of(visitor, "bus-small.jpg")
    bus.get_by_role("button", name="Keep bus-small.jpg").tap()
    bus.get_by_role("button", name="Keep bus-in-lisbon.jpg").tap()
    bus.get_by_role("button", name=re.compile("Keep 1, trash 1")).tap()
    expect(stacks(visitor)).to_have_count(1)
    visitor.page.get_by_role("button", name="Undo").tap()
    expect(stacks(visitor)).to_have_count(2)
