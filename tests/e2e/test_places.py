"""Places: countries lead to regions, these to cities, and those to their photos."""

from playwright.sync_api import expect

from tests.e2e.library import Library
from tests.e2e.visitor import Visitor


def test_a_country_leads_to_its_photos_by_region_and_city(visitor: Visitor, library: Library) -> None:
    page = visitor.page
    visitor.sign_in(library.account)
    page.get_by_role("banner").get_by_role("link", name="Places").click()
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(2)

    page.get_by_role("link", name="Portugal").click()
    page.get_by_role("link", name="Lisbon").click()
    expect(page.get_by_role("heading", name="Lisbon", level=1)).to_be_visible()
    expect(page.get_by_role("navigation", name="Around it").get_by_role("link", name="Portugal")).to_be_visible()

    page.get_by_role("main").get_by_role("listitem").get_by_role("link", name="Lisbon").click()
    expect(visitor.photo("bus-in-lisbon.jpg")).to_be_visible()
    expect(visitor.photos).to_have_count(1)
