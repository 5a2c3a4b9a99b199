"""The running system that the authorisation matrix is tried on, and how large the matrix was."""

import contextlib
from collections.abc import Iterator

import httpx
import pytest

from tests.bench.system import System, free_port
from tests.fuzz import TOKEN_SECONDS
from tests.integration.access.addresses import ManyAddresses
from tests.integration.access.principals import PRINCIPALS
from tests.integration.access.rows import ROWS
from tests.integration.access.tally import tried
from tests.integration.access.world import THUMBNAIL_SIGNING_KEY, World, trusting


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.stash[tried] = {"calls": 0, "deviations": 0}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the size of the matrix."""
    counted = config.stash[tried]
    if counted["calls"]:
        terminalreporter.write_line(
            f"authorisation matrix: {len({row.route for row in ROWS})} routes in {len(ROWS)} rows × "
            f"{len(PRINCIPALS)} principals: {counted['calls']} calls, {counted['deviations']} deviations"
        )


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A system of these tests' own that speaks TLS, with two accounts and a library."""
    with contextlib.ExitStack() as stack:
        with pytest.MonkeyPatch.context() as environment:
            # The tests together take longer than a token lives; other tests' services are not to know of it.
            environment.setenv("HELIOGRAPH_ACCESS_TOKEN_SECONDS", TOKEN_SECONDS)
            environment.setenv("HELIOGRAPH_THUMBNAIL_SIGNING_KEY", THUMBNAIL_SIGNING_KEY)
            system = System(free_port(), tmp_path_factory.mktemp("access") / "data", tls=True)
            stack.enter_context(system)
        # The matrix calls for many people at once; from one address nginx would take them for a flood.
        http = httpx.Client(base_url=system.url, timeout=60, transport=ManyAddresses(trusting(system)))
        yield World(system, stack.enter_context(http))


@pytest.fixture(scope="module", autouse=True)
def signed_in_anew(world: World) -> None:
    """Begin each file's tests with sessions that no other file's have ended."""
    world.ada, world.eve, world.admin = map(world.signed_in, (world.ada, world.eve, world.admin))
