"""The map: photos where they were taken, on tiles where there are any and on the world's outline where not."""

import re
from base64 import b64decode

from playwright.sync_api import Locator, Route, expect

from tests.e2e.library import Library
from tests.e2e.visitor import TILE_HOST, Visitor

ONE_GREY_PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)


def clusters(visitor: Visitor) -> Locator:
    """The photos and groups of photos on the map."""
    return visitor.page.get_by_role("application").get_by_role("button", name=re.compile(r"^\d+ photos? near "))


def test_photos_stand_on_the_worlds_outline_where_no_tiles_can_be_had(visitor: Visitor, library: Library) -> None:
    page = visitor.page
    visitor.sign_in(library.account)
    page.get_by_role("link", name="Map").click()

    expect(clusters(visitor)).to_have_count(2)
    expect(page.get_by_text("Map tiles can’t be reached")).to_be_visible()
    expect(page.locator(".outline-land").first).to_be_attached()
    expect(page.get_by_role("link", name="Natural Earth")).to_be_visible()
    expect(page.get_by_role("button", name="2 photos in view")).to_be_visible()

    page.get_by_role("button", name=re.compile("1 photo near 38.71° N, 9.14° W")).click()
    expect(page.get_by_role("dialog", name="bus-in-lisbon.jpg")).to_be_visible()
    page.keyboard.press("Escape")
    expect(clusters(visitor)).to_have_count(2)


def test_the_photos_of_the_view_open_as_a_strip_and_close_by_escape(visitor: Visitor, library: Library) -> None:
    page = visitor.page
    visitor.sign_in(library.account)
    visitor.visit("/map")
    page.get_by_role("button", name="2 photos in view").click()
    strip = page.get_by_role("region", name="Photos in this view")
    expect(strip.locator("a[data-photo]")).to_have_count(2)

    strip.get_by_role("link", name="temple-in-beijing.jpg").click()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("dialog", name="bus-in-lisbon.jpg")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(strip).to_be_hidden()


def test_tiles_that_can_be_reached_take_the_outlines_place(visitor: Visitor, library: Library) -> None:
    def tile(route: Route) -> None:
        route.fulfill(content_type="image/png", body=ONE_GREY_PIXEL)

    page = visitor.page
    page.context.route(f"https://{TILE_HOST}/**", tile)
    visitor.sign_in(library.account)
    visitor.visit("/map")
    expect(page.locator("img.leaflet-tile-loaded").first).to_be_visible()
    expect(page.get_by_role("link", name="OpenStreetMap")).to_be_visible()
    expect(page.get_by_text("Map tiles can’t be reached")).to_be_hidden()
    expect(page.locator(".outline-land")).to_have_count(0)
    referrers = {request.headers.get("referer") for request in visitor.requests if TILE_HOST in request.url}
    assert referrers == {f"{visitor.address}/"}, "OpenStreetMap asks for the origin, and needs no more than that"


def test_the_map_shows_the_photos_of_a_span_of_months_by_keyboard_too(visitor: Visitor, library: Library) -> None:
    page = visitor.page
    visitor.sign_in(library.account)
    visitor.visit("/map")
    page.get_by_role("button", name="2 photos in view").click()
    strip = page.get_by_role("region", name="Photos in this view")
    expect(strip.locator("a[data-photo]")).to_have_count(2)

    page.get_by_role("button", name="All time").click()
    page.get_by_role("slider", name="From").focus()
    page.keyboard.press("End")
    expect(clusters(visitor)).to_have_count(1)
    expect(strip.locator("a[data-photo]")).to_have_count(1)
    expect(strip.get_by_role("link", name="bus-in-lisbon.jpg")).to_be_visible()

    page.get_by_role("button", name="Show photos of all time").click()
    expect(clusters(visitor)).to_have_count(2)
