"""Fixtures for every test that needs the stand-in for AWS."""

from collections.abc import AsyncIterator, Iterator

import pytest

from heliograph.aws import AwsClients, aws_clients
from heliograph.settings import SharedSettings
from tests.standin import fresh_stack_name, running_standin
from tools.standin import Standin
from tools.storage import apply_storage


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the story of a photo be told by a system that runs already, for example the one in containers."""
    parser.addoption("--url", default="", help="a running Heliograph for tests/integration/pipeline/test_story.py")


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    """The stand-in of this pytest worker; while it runs, the SDK's environment variables point to it."""
    with running_standin(tmp_path_factory.mktemp("standin")) as running:
        yield running


@pytest.fixture
def stack(standin: Standin) -> SharedSettings:
    """A bucket, queues and tables of this test's own, made from infra/storage.yaml: nothing to clean up."""
    name = fresh_stack_name()
    apply_storage(standin.endpoint, stack_name=name)
    return SharedSettings(stack_name=name)


@pytest.fixture
async def aws(standin: Standin) -> AsyncIterator[AwsClients]:
    """S3, SQS and DynamoDB clients of the stand-in's root user."""
    async with aws_clients(max_pool_connections=16) as clients:
        yield clients
