"""The queues of a worker in this test's stack, and the settings by which it finds them."""

import pytest

from heliograph.aws import AwsClients
from heliograph.messages import PHOTO_CLASSIFIED, PHOTO_PREPARED
from heliograph.settings import SharedSettings
from heliograph.sqs import SqsQueue


@pytest.fixture
def worker_settings(stack: SharedSettings, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let a worker that is made in this process, or by it, work in this stack; more can be set."""
    monkeypatch.setenv("HELIOGRAPH_STACK_NAME", stack.stack_name)
    monkeypatch.setenv("HELIOGRAPH_MODELS_DIRECTORY", "models")
    monkeypatch.setenv("HELIOGRAPH_INFERENCE_PROVIDER", "cpu")
    return monkeypatch


@pytest.fixture
async def prepared(aws: AwsClients, stack: SharedSettings) -> SqsQueue:
    """The interactive lane's photos."""
    return SqsQueue(aws.sqs, stack.queue_name(PHOTO_PREPARED))


@pytest.fixture
async def classified(aws: AwsClients, stack: SharedSettings) -> SqsQueue:
    """The interactive lane's answers."""
    return SqsQueue(aws.sqs, stack.queue_name(PHOTO_CLASSIFIED))
