"""A person at the web app: one browser window, what is done in it, and a record of all that it asked for."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

from tests.client import PASSWORD

TILE_HOST = "tile.openstreetmap.org"
PIPELINE_MS = 30_000
"""How long a photo may take from its upload to its labels while the machine has other work."""


@dataclass(frozen=True)
class Account:
    """What somebody signs in with."""

    email: str = field(default_factory=lambda: f"{secrets.token_hex(8)}@example.org")
    password: str = PASSWORD
    name: str = "Ada"


class Visitor:
    """One window with a session of its own; `trouble()` lists what should not have happened in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.requests: list[Request] = []
        self._errors: list[str] = []
        self._expected: list[tuple[int, str]] = []
        page.context.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108 - it wants a function
        page.context.on("console", self._heard)
        page.context.on("weberror", lambda error: self._errors.append(f"uncaught: {error.error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        where = urlsplit(message.location.get("url", ""))
        if where.hostname == TILE_HOST:
            return
        status = re.search(r"status of (\d{3})", message.text)
        if status and (int(status[1]), where.path) in self._expected:
            return
        self._errors.append(f"{message.type}: {message.text} ({where.path})")

    def expects(self, status: int, path: str) -> None:
        """Take a refusal for granted: the browser reports each answer of 400 and above as an error."""
        self._expected.append((status, path))

    def trouble(self) -> list[str]:
        """Return console errors and requests to other hosts than our own and the tiles'."""
        own = urlsplit(self.address).netloc
        abroad = [
            f"request to another host: {request.url}"
            for request in self.requests
            if (parts := urlsplit(request.url)).scheme in {"http", "https", "ws", "wss"}
            and parts.netloc not in {own, TILE_HOST}
        ]
        return [*self._errors, *abroad]

    def sent(self, method: str) -> list[str]:
        """Return the paths of all requests of a method so far."""
        return [urlsplit(request.url).path for request in self.requests if request.method == method]

    def visit(self, path: str = "/") -> None:
        """Go to a page by its address."""
        self.page.goto(self.address + path)

    # --- accounts -----------------------------------------------------------------------------------------------

    def register(self, account: Account) -> None:
        """Make an account as a person does; ends on the empty timeline."""
        self.visit("/register")
        self.page.get_by_label("Name").fill(account.name)
        self._fill_and_send(account, "Create account")

    def sign_in(self, account: Account) -> None:
        """Sign in as a person does; ends on the timeline."""
        self.visit("/sign-in")
        self._fill_and_send(account, "Sign in")

    def _fill_and_send(self, account: Account, button: str) -> None:
        self.page.get_by_label("E-mail").fill(account.email)
        self.page.get_by_label("Password").fill(account.password)
        self.page.get_by_role("button", name=button, exact=True).click()
        expect(self.page.get_by_role("button", name="Account and settings")).to_be_visible()

    def sign_out(self) -> None:
        """Sign out by the account menu."""
        self.page.get_by_role("button", name="Account and settings").click()
        self.page.get_by_role("button", name="Sign out", exact=True).click()
        expect(self.page.get_by_role("heading", name="Welcome back")).to_be_visible()

    def prove(self, title: str, account: Account, button: str, *, code: str = "") -> None:
        """Say who one is in the dialog that asks for it once more, and go on."""
        dialog = self.page.get_by_role("dialog", name=title)
        dialog.get_by_label("Your password").fill(account.password)
        if code:
            dialog.get_by_label("Code").fill(code)
        dialog.get_by_role("button", name=button, exact=True).click()

    # --- uploads ------------------------------------------------------------------------------------------------

    def drop(self, paths: Sequence[Path]) -> None:
        """Drop files and folders of this machine on the window, as a file manager does."""
        session = self.page.context.new_cdp_session(self.page)
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}

        def drag(kind: str) -> None:
            session.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})

        drag("dragEnter")
        drag("dragOver")
        # The browser drops only where the page has already said that it takes the files.
        invitation = self.page.get_by_text("Drop to add to your library")
        expect(invitation).to_be_visible()
        drag("dragOver")
        self.page.evaluate("() => new Promise(requestAnimationFrame)")  # its answer has reached the browser by then
        drag("drop")
        expect(invitation).to_be_hidden()
        session.detach()

    def upload_row(self, filename: str) -> Locator:
        """One file in the upload panel."""
        return self.page.locator("[data-state]").filter(has=self.page.get_by_text(filename, exact=True))

    def expect_uploaded(self, *filenames: str) -> None:
        """Wait until these are through the whole pipeline, by what the panel says and nothing else."""
        for filename in filenames:
            expect(self.upload_row(filename)).to_have_attribute("data-state", "ready", timeout=PIPELINE_MS)

    # --- photos -------------------------------------------------------------------------------------------------

    @property
    def photos(self) -> Locator:
        """The photos of the grid that is shown."""
        return self.page.locator("main a[data-photo]")

    def photo(self, filename: str) -> Locator:
        """One photo of the grid."""
        return self.page.get_by_role("main").get_by_role("link", name=filename)

    def search(self, text: str) -> None:
        """Type into the search box and press Enter."""
        box = self.page.get_by_role("combobox", name="Search your photos")
        box.fill(text)
        box.press("Enter")

    def fits_its_width(self) -> bool:
        """Whether nothing makes the page scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
