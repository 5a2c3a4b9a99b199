"""The whole system as `make demo` starts it, for the tests beside this file: nginx, services, workers and stand-in."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.bench.system import System, free_port
from tests.client import Client, client


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One that the tests share; each brings an account of its own."""
    with System(free_port(), tmp_path_factory.mktemp("pipeline") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def url(request: pytest.FixtureRequest) -> str:
    """Where the shared system answers, or the one given by `--url`."""
    given: str = request.config.getoption("--url")
    if given:
        return given
    system: System = request.getfixturevalue("system")
    return system.url


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder for a system of the test's own."""
    return tmp_path / "data"


@pytest.fixture
async def ada(url: str) -> AsyncIterator[Client]:
    """Somebody who has just registered."""
    async with AsyncExitStack() as stack:
        yield await (await stack.enter_async_context(client(url))).register()


@pytest.fixture
async def bob(url: str) -> AsyncIterator[Client]:
    """Somebody else."""
    async with AsyncExitStack() as stack:
        yield await (await stack.enter_async_context(client(url))).register()
