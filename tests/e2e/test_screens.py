"""Every screen on a phone and a desktop, in light and dark: nothing scrolls sideways, nobody is left out."""

import re
from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import expect

from tests.e2e.chromium import node_modules
from tests.e2e.conftest import PHONE, OpenWindow
from tests.e2e.library import Library
from tests.e2e.visitor import Visitor

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"serious", "critical"}


def timeline(visitor: Visitor, _: Library) -> None:
    visitor.visit("/")
    expect(visitor.photo("cat.jpg")).to_be_visible()


def viewer(visitor: Visitor, library: Library) -> None:
    visitor.visit(f"/photos/{library.photo_ids['bus-in-lisbon.jpg']}")
    expect(visitor.page.get_by_role("dialog").locator("img").first).to_be_visible()


def search(visitor: Visitor, _: Library) -> None:
    visitor.visit("/search?label=bus")
    expect(visitor.photo("bus-in-lisbon.jpg")).to_be_visible()


def map_page(visitor: Visitor, _: Library) -> None:
    visitor.visit("/map")
    expect(visitor.page.get_by_role("button", name=re.compile("photo near")).first).to_be_visible()
    expect(visitor.page.get_by_text("Map tiles can’t be reached")).to_be_visible()


def albums(visitor: Visitor, _: Library) -> None:
    visitor.visit("/albums")
    expect(visitor.page.get_by_role("heading", name="No albums yet")).to_be_visible()


def duplicates(visitor: Visitor, _: Library) -> None:
    visitor.visit("/duplicates")
    expect(visitor.page.get_by_role("heading", name="Nothing to decide")).to_be_visible()


def questions(visitor: Visitor, _: Library) -> None:
    visitor.visit("/questions")
    expect(visitor.page.get_by_role("heading", level=1, name="Questions")).to_be_visible()
    expect(visitor.page.get_by_text("Loading questions")).to_be_hidden()


def trash(visitor: Visitor, _: Library) -> None:
    visitor.visit("/trash")
    expect(visitor.page.get_by_role("heading").first).to_be_visible()


SCREENS = [timeline, viewer, search, map_page, albums, duplicates, questions, trash]


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), ((1280, 800), "light")], ids=["phone", "desktop"])
def test_each_screen_fits_and_is_accessible(
    open_window: OpenWindow, library: Library, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> None:
    visitor = open_window(size=size, scheme=scheme)
    visitor.visit("/register")
    expect(visitor.page.get_by_role("button", name="Create account")).to_be_visible()
    check(visitor, "register")
    visitor.sign_in(library.account)
    for screen in SCREENS:
        screen(visitor, library)
        check(visitor, screen.__name__)


@pytest.mark.parametrize("screen", [timeline, map_page], ids=lambda screen: screen.__name__)
def test_the_other_pairs_of_size_and_colours_are_accessible_too(
    open_window: OpenWindow, library: Library, screen: Callable[[Visitor, Library], None]
) -> None:
    visitor = open_window(scheme="dark")
    visitor.sign_in(library.account)
    screen(visitor, library)
    check(visitor, screen.__name__)


def check(visitor: Visitor, screen: str) -> None:
    """See that a screen fits its width and that axe finds nothing grave on it."""
    assert visitor.fits_its_width(), f"{screen} scrolls sideways"
    found = violations(visitor)
    assert found == [], f"on {screen}:\n" + "\n".join(found)


def violations(visitor: Visitor) -> list[str]:
    """Return what axe-core calls serious or critical, one line for each element."""
    page = visitor.page
    axe = node_modules() / "axe-core" / "axe.min.js"
    page.evaluate(axe.read_text())  # not a script element: the content security policy would refuse it
    results: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })", AXE_RULES
    )
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in results["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
