"""Many photos edited at once and put back; the trash emptied; one photo's details set right."""

import re

from playwright.sync_api import APIRequestContext, expect

from tests.e2e.conftest import PHONE, OpenWindow
from tests.e2e.library import everything, make_library
from tests.e2e.visitor import PIPELINE_MS, Visitor


def test_dates_are_shifted_and_put_back(visitor: Visitor, api: APIRequestContext) -> None:
    page = visitor.page
    library = make_library(api, everything())
    visitor.sign_in(library.account)
    expect(visitor.photos).to_have_count(4)

    for name in ("cat.jpg", "bus-in-lisbon.jpg"):
        page.get_by_role("checkbox", name=f"Select {name}").click()
    page.get_by_role("toolbar", name="Selected photos").get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit 2 photos")
    dialog.get_by_label("Direction").select_option("Earlier")
    dialog.get_by_label("days").fill("31")
    dialog.get_by_label("hours").fill("2")
    expect(dialog.get_by_text(re.compile("20 May 2024.*16:00"))).to_be_visible()
    dialog.get_by_role("button", name="Edit 2 photos").click()

    card = page.get_by_role("region", name="Bulk edits").get_by_role("article")
    expect(card).to_contain_text("2 photos changed", timeout=PIPELINE_MS)
    expect(page.get_by_role("heading", name="May 2024")).to_be_visible()
    expect(page.get_by_role("heading", name="June 2024")).to_be_hidden()

    card.get_by_role("button", name="Undo").click()

    expect(card).to_contain_text("2 photos as before", timeout=PIPELINE_MS)
    expect(page.get_by_role("heading", name="June 2024")).to_be_visible()
    expect(page.get_by_role("heading", name="May 2024")).to_be_hidden()


def test_all_photos_go_into_the_trash_which_is_emptied(open_window: OpenWindow, api: APIRequestContext) -> None:
    visitor = open_window(size=PHONE, scheme="dark")
    page = visitor.page
    library = make_library(api, everything())
    visitor.sign_in(library.account)
    visitor.photo("cat.jpg").press("x")
    bar = page.get_by_role("toolbar", name="Selected photos")
    bar.get_by_role("button", name="Select all").click()
    expect(bar).to_contain_text("All selected")
    assert visitor.fits_its_width()
    bar.get_by_role("button", name="Move to trash").click()
    cards = page.get_by_role("region", name="Bulk edits")
    expect(cards).to_contain_text("4 photos moved to the trash", timeout=PIPELINE_MS)
    expect(page.get_by_role("heading", name="Drop your photos here")).to_be_visible()

    visitor.visit("/trash")
    expect(visitor.photos).to_have_count(4)
    expect(page.get_by_text("Photos stay here for 30 days")).to_be_visible()
    page.get_by_role("button", name="Empty trash").click()
    question = page.get_by_role("dialog", name="Empty the trash?")
    expect(question).to_contain_text("Nothing brings that back")
    question.get_by_role("button", name="Empty trash").click()

    expect(cards).to_contain_text("4 photos deleted for good", timeout=PIPELINE_MS)
    expect(page.get_by_role("heading", name="The trash is empty")).to_be_visible()


def test_one_photo_s_date_place_and_keywords_are_set_right(visitor: Visitor, api: APIRequestContext) -> None:
    page = visitor.page
    library = make_library(api, everything()[:1])
    visitor.sign_in(library.account)
    visitor.photo("cat.jpg").click()
    page.keyboard.press("i")
    details = page.get_by_role("complementary", name="Details")
    details.get_by_role("button", name="Edit the details").click()

    dialog = page.get_by_role("dialog", name="Edit details")
    dialog.get_by_label("Taken").fill("2020-02-29T08:15:00")
    dialog.get_by_label("Coordinates").fill("north of here")
    expect(dialog.get_by_text("Write them as")).to_be_visible()
    dialog.get_by_label("Coordinates").fill("38.7139, -9.1394")
    dialog.get_by_label("Keywords").fill("Chelsea, pets")
    dialog.get_by_role("button", name="Save").click()

    expect(dialog).to_be_hidden()
    expect(details).to_contain_text("29 February 2020")
    expect(details).to_contain_text("from you")
    expect(details).to_contain_text(re.compile("Lisbo"))
    expect(details.get_by_role("link", name="Chelsea")).to_be_visible()
