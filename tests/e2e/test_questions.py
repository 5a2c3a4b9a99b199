"""Questions in the browser: one tap gives photos a place and takes it back; by keyboard, by swipes, for everybody."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import APIRequestContext, Locator, expect

from tests.e2e.conftest import PHONE, OpenWindow
from tests.e2e.library import LISBON, File, make_library
from tests.e2e.test_map import clusters
from tests.e2e.test_screens import check
from tests.e2e.visitor import PIPELINE_MS, Visitor
from tests.photos import Exif, a_jpeg

SMALL = (240, 320)
PORTO, SEVILLE, LONDON = (41.1496, -8.611), (37.3886, -5.9953), (51.5072, -0.1276)
PARIS, LYON = (48.8566, 2.3522), (45.764, 4.8357)
THAT_DAY = datetime(2024, 6, 13, 10, 0, tzinfo=UTC)
MANY_MS = 4 * PIPELINE_MS


def placed(count: int, *, a_day: int = 10) -> list[File]:
    """Return photos of Lisbon by a camera with GPS, some every third day, those of 13 June among them."""
    return [
        _file(
            f"placed-{number}.jpg",
            datetime(2024, 6, 1 + 3 * (number // a_day), 9, tzinfo=UTC),
            number % a_day,
            LISBON,
        )
        for number in range(count)
    ]


def unplaced(count: int) -> list[File]:
    """Return photos of 13 June by a camera without GPS."""
    return [_file(f"unplaced-{number}.jpg", THAT_DAY, number / 7) for number in range(count)]


def elsewhere() -> list[File]:
    """Return photos of the weeks before and after 13 June, each of another town."""
    return [
        _file(f"elsewhere-{number}.jpg", THAT_DAY + timedelta(days=days), 0, where)
        for number, (days, where) in enumerate(((-12, LISBON), (15, PORTO), (-60, SEVILLE), (-90, LONDON)))
    ]


def trips() -> list[File]:
    """Return a year in Lisbon, days in Porto, and days in Paris and on to Lyon, where most photos were taken."""
    home = [_file(f"home-{month}.jpg", datetime(2024, month, 5, 12, tzinfo=UTC), 0, LISBON) for month in range(1, 13)]
    march, autumn = datetime(2024, 3, 10, 9, tzinfo=UTC), datetime(2024, 9, 12, 9, tzinfo=UTC)
    return [
        *home,
        *(_file(f"paris-{n}.jpg", march, 5 * n, PARIS) for n in range(12)),
        *(_file(f"lyon-{n}.jpg", march + timedelta(days=3), 4 * n, LYON) for n in range(16)),
        *(_file(f"porto-{n}.jpg", autumn, 4 * n, PORTO) for n in range(13)),
    ]


def _file(name: str, day: datetime, hours: float, where: tuple[float, float] | None = None) -> File:
    at = day + timedelta(hours=hours)
    maker, model = ("FUJIFILM", "X-T4") if where else ("Canon", "EOS 80D")
    exif = Exif(at, maker, model, *(where or ()))
    return File(name, a_jpeg("bus.jpg", exif=exif, size_px=SMALL, quality=70))


def home_card(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("region", name="A question about your photos")


def question(visitor: Visitor) -> Locator:
    """The question that is asked on the page of questions."""
    return visitor.page.get_by_role("main").get_by_role("article")


def outcome(visitor: Visitor) -> Locator:
    """What the last answer has done."""
    return visitor.page.get_by_role("main").locator("[data-status]:not(li)")


def answered(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("region", name="Answered").get_by_role("listitem")


def test_thirty_photos_without_gps_get_a_place_by_one_tap_and_lose_it_by_another(
    visitor: Visitor, api: APIRequestContext, tmp_path: Path
) -> None:
    library = make_library(api, placed(100), within_seconds=MANY_MS / 1000)
    page = visitor.page
    visitor.sign_in(library.account)
    for file in unplaced(30):
        (tmp_path / file.name).write_bytes(file.content)

    visitor.drop([tmp_path])
    card = home_card(visitor)
    expect(card).to_contain_text("30 photos get a place", timeout=MANY_MS)
    card.get_by_role("button", name=re.compile("^Yes, Lisb")).click()
    expect(card).to_contain_text("30 photos got a place", timeout=PIPELINE_MS)

    page.get_by_role("link", name="Map").first.click()
    expect(page.get_by_role("button", name="130 photos in view")).to_be_visible()

    page.get_by_role("link", name="Questions").first.click()
    given = answered(visitor)
    expect(given).to_have_count(1)
    given.get_by_role("button", name=re.compile("^Undo")).click()
    expect(given).to_have_attribute("data-status", "undone", timeout=PIPELINE_MS)

    page.get_by_role("link", name="Map").first.click()
    expect(page.get_by_role("button", name="100 photos in view")).to_be_visible()
    expect(clusters(visitor)).to_have_count(1)
    page.get_by_role("link", name="Questions").first.click()
    expect(question(visitor)).to_contain_text("30 photos get a place", timeout=PIPELINE_MS)


@pytest.fixture
def asked(visitor: Visitor, api: APIRequestContext) -> Visitor:
    """Somebody on the page of questions, whose library has some photos without a place."""
    library = make_library(api, [*placed(10, a_day=2), *unplaced(7)])
    visitor.sign_in(library.account)
    visitor.visit("/questions")
    expect(question(visitor)).to_contain_text("7 photos get a place")
    return visitor


def test_questions_are_answered_and_taken_back_by_keyboard_alone(asked: Visitor) -> None:
    page, keyboard = asked.page, asked.page.keyboard
    first = question(asked).get_attribute("data-question")

    keyboard.press("s")
    expect(outcome(asked)).to_contain_text("Skipped for today")
    expect(page.locator(f'[data-question="{first}"]')).to_be_hidden()
    keyboard.press("z")
    expect(page.locator(f'[data-question="{first}"]')).to_be_visible()
    expect(answered(asked).first).to_have_attribute("data-status", "undone")

    keyboard.press("1")
    expect(question(asked).get_by_role("checkbox").first).to_have_attribute("aria-checked", "false")
    keyboard.press("1")
    keyboard.press("y")
    expect(outcome(asked)).to_contain_text("7 photos got a place", timeout=PIPELINE_MS)
    expect(answered(asked)).to_have_count(2)

    keyboard.press("z")
    expect(outcome(asked)).to_contain_text("everything is as it was", timeout=PIPELINE_MS)
    keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Never ask this")


def test_another_place_is_taken_by_its_key_or_a_tap_and_given_back_by_a_second_one(
    open_window: OpenWindow, api: APIRequestContext
) -> None:
    visitor, phone = open_window(), open_window(size=PHONE, scheme="dark")
    library = make_library(api, [*elsewhere(), *unplaced(14)])
    for window in (visitor, phone):
        window.sign_in(library.account)
        window.visit("/questions")
        expect(question(window)).to_contain_text("Where were you, 13 June 2024?")
        expect(places(window)).to_contain_text(["Porto", "Sevilla", "London"])
        check(window, "a question about a place")

    keyboard = visitor.page.keyboard
    keyboard.press("1")
    expect(places(visitor).first).to_have_attribute("aria-pressed", "true")
    expect(question(visitor).get_by_label("Look up a place")).to_have_value("Porto, Portugal")
    expect(question(visitor).get_by_role("status")).to_have_text("The pin is at Porto, Portugal.")
    expect(question(visitor).get_by_role("button", name="It was Porto")).to_be_visible()
    keyboard.press("1")
    expect(question(visitor).get_by_role("button", name="Yes, Lisbon")).to_be_visible()
    expect(question(visitor).get_by_role("status")).to_have_text("The pin is back where it was.")

    places(phone).get_by_text("Porto").tap()
    check(phone, "a place that was taken")
    question(phone).get_by_role("button", name="It was Porto").tap()
    expect(outcome(phone)).to_contain_text("14 photos got a place", timeout=PIPELINE_MS)
    expect(answered(phone).first).to_contain_text("Porto")


def places(visitor: Visitor) -> Locator:
    """The other places that a question offers."""
    return question(visitor).get_by_role("group", name="Other places that it may have been").get_by_role("button")


def test_of_several_trips_one_with_a_doubtful_name_begins_unticked_and_is_named_once_it_is_ticked(
    visitor: Visitor, api: APIRequestContext
) -> None:
    visitor.sign_in(make_library(api, trips(), within_seconds=MANY_MS / 1000).account)
    visitor.visit("/questions")
    asked = visitor.page.locator("[data-kind=events]")
    expect(asked).to_contain_text("tick what is right")
    lyon, porto = (asked.get_by_role("checkbox", name=re.compile(name)) for name in ("Lyon 2024", "Porto 2024"))
    expect(lyon).not_to_be_checked()
    expect(porto).to_be_checked()
    expect(asked.get_by_role("button", name="Yes, 1 of 2")).to_be_visible()

    visitor.page.keyboard.press("1")
    expect(lyon).to_be_checked()
    visitor.page.keyboard.press("y")

    expect(outcome(visitor)).to_contain_text("41 photos got into", timeout=PIPELINE_MS)
    visitor.visit("/albums")
    expect(visitor.page.get_by_role("link", name=re.compile("Lyon 2024"))).to_be_visible()
    expect(visitor.page.get_by_role("link", name=re.compile("Porto 2024"))).to_be_visible()


def test_on_a_phone_a_swipe_to_the_right_says_yes_and_one_to_the_left_skips(
    open_window: OpenWindow, api: APIRequestContext
) -> None:
    visitor = open_window(size=PHONE, scheme="dark")
    library = make_library(api, [*placed(10, a_day=2), *unplaced(7)])
    visitor.sign_in(library.account)
    visitor.visit("/questions")
    expect(question(visitor)).to_contain_text("7 photos get a place")
    check(visitor, "questions on a phone")
    first = visitor.page.locator(f'[data-question="{question(visitor).get_attribute("data-question")}"]')

    swipe(visitor, question(visitor), -180)
    expect(outcome(visitor)).to_contain_text("Skipped for today")
    visitor.page.get_by_role("button", name="Undo", exact=True).click()
    expect(first).to_be_visible()
    swipe(visitor, first, 180)
    expect(outcome(visitor)).to_contain_text("7 photos got a place", timeout=PIPELINE_MS)
    check(visitor, "an answered question on a phone")


def swipe(visitor: Visitor, over: Locator, by_px: int) -> None:
    """Move a finger sideways over the heading of a card."""
    box = over.get_by_role("heading").bounding_box()
    assert box is not None
    x, y = PHONE[0] / 2 - by_px / 2, box["y"] + box["height"] / 2
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 9):
        point = {"x": x + by_px * step / 8, "y": y}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def test_the_card_beside_the_photos_is_away_for_the_day_by_one_press(asked: Visitor) -> None:
    check(asked, "questions")
    asked.visit("/")
    card = home_card(asked)
    expect(card).to_be_visible()
    check(asked, "photos with a question")
    card.get_by_role("button", name="No questions here today").click()
    expect(card).to_be_hidden()

    asked.visit("/")
    expect(asked.photos.first).to_be_visible()
    expect(asked.page.get_by_role("link", name=re.compile(r"^Questions \d")).first).to_be_visible()
    expect(card).to_be_hidden()
