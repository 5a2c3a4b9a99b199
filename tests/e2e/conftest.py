"""The running system, the browser and its windows; a test that fails leaves a screenshot and a trace in artifacts/."""

import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import APIRequestContext, Browser, Playwright, expect, sync_playwright

from tests.bench.system import System, free_port
from tests.e2e.chromium import find_chromium
from tests.e2e.library import Library, everything, make_library
from tests.e2e.visitor import Visitor

ARTIFACTS = Path(__file__).parent / "artifacts"
EXPECT_MS = 10_000
# Nothing but this machine: tiles can't be reached wherever the tests run, so what is shown then is what is tested.
NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
DESKTOP = (1280, 800)
PHONE = (390, 844)

OpenWindow = Callable[..., Visitor]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the system: the one that HELIOGRAPH_E2E_DATA names, where HELIOGRAPH_E2E_URL names a system."""
    given = os.environ.get("HELIOGRAPH_E2E_DATA")  # noqa: TID251 - the tests' own switch
    return Path(given) if given else tmp_path_factory.mktemp("e2e") / "data"


@pytest.fixture(scope="session")
def address(data: Path) -> Iterator[str]:
    """Where the system answers: the one that HELIOGRAPH_E2E_URL names, else one started for these tests."""
    given = os.environ.get("HELIOGRAPH_E2E_URL")  # noqa: TID251 - the tests' own switch
    if given:
        yield given.rstrip("/")
        return
    with System(free_port(), data) as system:
        yield system.url


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    expect.set_options(timeout=EXPECT_MS)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A headless Chromium."""
    chromium = find_chromium()
    launched = playwright.chromium.launch(
        executable_path=chromium.path,
        args=[*chromium.flags, NO_NETWORK],
        env={**os.environ, **chromium.environment},  # noqa: TID251 - handed on to the child
    )
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def api(playwright: Playwright, address: str) -> Iterator[APIRequestContext]:
    """Plain HTTP to the system, without a browser."""
    context = playwright.request.new_context(base_url=address)
    yield context
    context.dispose()


@pytest.fixture(scope="session")
def library(api: APIRequestContext) -> Library:
    """An account with photos that are ready, for tests that look and don't touch."""
    return make_library(api, everything())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures see how the test went."""
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


_FAILED = pytest.StashKey[bool]()


@pytest.fixture
def open_window(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[OpenWindow]:
    """Open browser windows, each with a session of its own; at the end none of them may have had trouble."""
    folder = ARTIFACTS / re.sub(r"[^\w-]+", "-", request.node.name).strip("-")
    shutil.rmtree(folder, ignore_errors=True)
    visitors: list[Visitor] = []

    def window(*, size: tuple[int, int] = DESKTOP, scheme: Literal["light", "dark"] = "light") -> Visitor:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            has_touch=size == PHONE,
            color_scheme=scheme,
            locale="en-GB",
            timezone_id="Europe/Lisbon",
            reduced_motion="reduce",
        )
        context.set_default_timeout(EXPECT_MS)
        context.tracing.start(snapshots=True)
        visitors.append(Visitor(context.new_page(), address))
        return visitors[-1]

    yield window

    failed = request.node.stash.get(_FAILED, True)
    trouble = [line for visitor in visitors for line in visitor.trouble()]
    for number, visitor in enumerate(visitors, 1):
        context = visitor.page.context
        if failed or trouble:
            visitor.page.screenshot(path=folder / f"window-{number}.png")
            context.tracing.stop(path=folder / f"window-{number}-trace.zip")
        context.close()
    assert not trouble, "\n".join(trouble)


@pytest.fixture
def visitor(open_window: OpenWindow) -> Visitor:
    """One window of a desktop's size, in light colours."""
    return open_window()
