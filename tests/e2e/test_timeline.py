"""The timeline of a small library and of one of a million photos: days, jumps to a date, and what is in the page."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import large_timeline
from tests.e2e.conftest import PHONE, OpenWindow
from tests.e2e.large_timeline import LARGE_DAY
from tests.e2e.library import Library
from tests.e2e.visitor import Account, Visitor

MOST_NODES = 3_000
"""What is in the page is what is near the window, whatever the library holds."""


def _first_in_sight(visitor: Visitor) -> str:
    """Return the day of the photo that lies topmost in the window, below the bar."""
    return str(
        visitor.page.evaluate(
            """() => {
                const tiles = [...document.querySelectorAll('main a[data-photo]')]
                const seen = tiles.filter((tile) => tile.getBoundingClientRect().bottom > 70)
                seen.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
                return seen[0]?.closest('[data-day]')?.dataset.day ?? ''
            }"""
        )
    )


def _nodes(visitor: Visitor) -> int:
    return int(visitor.page.evaluate("document.querySelectorAll('*').length"))


def _go_to(visitor: Visitor, day: str) -> None:
    visitor.page.keyboard.press("g")
    dialog = visitor.page.get_by_role("dialog", name="Go to date")
    dialog.get_by_label("Day", exact=True).fill(day)
    visitor.page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


def _day(visitor: Visitor, day: str) -> Locator:
    return visitor.page.locator(f"[data-day^='{day}']").first


@pytest.fixture
def millionaire(visitor: Visitor) -> Visitor:
    """Somebody with a million photos, on the timeline."""
    large_timeline.serve(visitor.page)
    visitor.register(Account())
    expect(visitor.photos.first).to_be_visible()
    return visitor


def test_days_have_headers_and_a_day_without_photos_leads_to_the_one_before(visitor: Visitor, library: Library) -> None:
    visitor.sign_in(library.account)

    expect(visitor.page.get_by_role("heading", name="Thu 20 Jun")).to_be_visible()
    expect(visitor.page.get_by_role("heading", name="Sat 1 Jun")).to_be_visible()
    _go_to(visitor, "2023-12-24")

    expect(visitor.page.get_by_text("No photos of 24 December 2023. These are of 5 October 2023.")).to_be_visible()
    expect(visitor.photo("temple-in-beijing.jpg")).to_be_focused()


def test_a_day_is_picked_by_its_header(visitor: Visitor, library: Library) -> None:
    visitor.sign_in(library.account)

    visitor.page.get_by_role("checkbox", name="Select all of Thu 20 Jun").press(" ")

    expect(visitor.page.get_by_text("1 selected")).to_be_visible()


@pytest.mark.parametrize("day", [LARGE_DAY, "2014-06-07", "2005-01-02", "2024-12-31", "2009-02-28"])
def test_any_day_of_a_million_photos_is_gone_to_by_keyboard(millionaire: Visitor, day: str) -> None:
    _go_to(millionaire, day)

    expect(_day(millionaire, day)).to_be_in_viewport()
    expect(millionaire.page.locator(f"[data-day^='{day}'] a:focus")).to_be_in_viewport()
    assert _first_in_sight(millionaire)[:10] == day
    assert _nodes(millionaire) < MOST_NODES


def test_the_page_stays_below_what_browsers_can_show_and_both_ends_are_reached(millionaire: Visitor) -> None:
    page = millionaire.page

    assert page.evaluate("document.documentElement.scrollHeight") < 16_700_000
    strip = page.get_by_role("slider", name="Go to a month")
    strip.press("End")
    expect(page.get_by_role("heading", name="January 2005")).to_be_visible()
    expect(_day(millionaire, "2005-01-01")).to_be_in_viewport()
    strip.press("Home")
    expect(page.get_by_role("heading", name="December 2024")).to_be_in_viewport()
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    expect(_day(millionaire, "2005-01-01")).to_be_in_viewport()


def test_scrolling_by_hand_moves_on_pixel_by_pixel_far_down_a_large_library(millionaire: Visitor) -> None:
    page = millionaire.page
    _go_to(millionaire, "2014-06-20")
    tile = page.locator("[data-day^='2014-06-20'] a:focus")
    expect(tile).to_be_in_viewport()
    before = tile.bounding_box()

    page.mouse.move(400, 400)
    page.mouse.wheel(0, 130)

    assert before is not None
    page.wait_for_function(
        "([top]) => Math.abs(document.activeElement.getBoundingClientRect().top - top) <= 1", arg=[before["y"] - 130]
    )
    page.wait_for_function("new Promise((done) => setTimeout(() => done(true), 400))")  # the bar is put right by then
    after = tile.bounding_box()
    assert after is not None
    assert abs(after["y"] - (before["y"] - 130)) <= 1


def test_a_part_that_only_flew_past_is_not_read(millionaire: Visitor) -> None:
    strip = millionaire.page.get_by_role("slider", name="Go to a month")
    box = strip.bounding_box()
    assert box is not None
    mouse = millionaire.page.mouse
    mouse.move(box["x"] + 40, box["y"] + 2)
    mouse.down()
    for step in range(60):
        mouse.move(box["x"] + 40, box["y"] + 2 + step * (box["height"] - 4) / 60)
    mouse.up()
    expect(millionaire.photos.first).to_be_visible()

    months = {found[1] for path in millionaire.sent("GET") if (found := re.search(r"/timeline/(\d{4}-\d\d)$", path))}
    assert len(months) < 12


def test_the_date_dialog_fits_a_phone(open_window: OpenWindow, library: Library) -> None:
    visitor = open_window(size=PHONE, scheme="dark")
    visitor.sign_in(library.account)
    expect(visitor.photos.first).to_be_visible()

    visitor.page.keyboard.press("d")
    visitor.page.get_by_role("button", name="June 2024, 2 photos").click()

    expect(visitor.photo("cat.jpg")).to_be_focused()
    assert visitor.fits_its_width()
