"""The question beside a search in the browser: a doubtful search is settled there, and the answer taken back there."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import APIRequestContext, expect

from tests.e2e.library import File, make_library
from tests.e2e.test_screens import check
from tests.e2e.visitor import PIPELINE_MS, Visitor
from tests.photos import Exif, a_jpeg

NOON = datetime(2024, 6, 13, 12, 0, tzinfo=UTC)


def dahlias(count: int) -> list[File]:
    """Return photos of a flower that the network takes for a donut, but isn't sure."""
    return [
        File(
            f"dahlia-{number}.jpg",
            a_jpeg("flower.jpg", exif=Exif(NOON + timedelta(hours=number)), size_px=(320 + 8 * number, 240)),
        )
        for number in range(count)
    ]


def test_a_doubtful_search_is_settled_beside_it_and_the_answer_is_taken_back_there(
    visitor: Visitor, api: APIRequestContext
) -> None:
    page = visitor.page
    visitor.sign_in(make_library(api, dahlias(12)).account)
    visitor.visit("/search?q=donut")
    beside = page.get_by_role("region", name="Question about this search")
    expect(beside).to_contain_text("Is this a donut?")
    found = page.get_by_role("main").locator("a[href^='/photos/'] img")

    beside.get_by_role("button", name="Look").click()
    ticks = page.get_by_role("group", name="Photos to tick").get_by_role("checkbox")
    expect(ticks.first).to_be_visible()
    expect(page.get_by_role("group", name="Photos to tick").locator("kbd")).to_have_count(0)
    check(visitor, "a doubtful search")
    asked = ticks.count()
    for tick in ticks.all():
        tick.click()
    beside.get_by_role("button", name="None of them").click()

    outcome = page.get_by_role("main").locator("[data-status]")
    expect(outcome).to_have_attribute("data-status", "done", timeout=PIPELINE_MS)
    outcome.get_by_role("button", name="Undo").click()
    expect(outcome).to_have_attribute("data-status", "undone", timeout=PIPELINE_MS)
    page.reload()
    expect(page.get_by_role("region", name="Question about this search")).to_contain_text("Is this a donut?")
    assert asked > 1
    expect(found.nth(asked - 1)).to_be_visible()
