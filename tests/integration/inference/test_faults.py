"""What goes wrong around a worker in the middle of its work: nothing is lost, and the photo or the service says why."""

import asyncio
import shutil
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from heliograph.aws import AwsClients
from heliograph.messages import PHOTO_PREPARED
from heliograph.settings import SharedSettings
from heliograph.sqs import SqsQueue
from heliograph_inference.domain import NetworkError
from heliograph_inference.worker import create_app
from tests.faulty_endpoint import FaultyEndpoint
from tests.inference_worker import a_prepared_photo, results, running
from tests.photos import a_jpeg, text_named_jpg
from tests.standin import free_ports
from tools.standin import Standin

MODELS = Path("models")
ATTEMPTS = 4
"""Of the SDK at each call."""


pytestmark = pytest.mark.usefixtures("worker_settings")


@asynccontextmanager
async def worker_behind(standin: Standin, environment: pytest.MonkeyPatch) -> AsyncIterator[FaultyEndpoint]:
    """Run a worker whose S3 and SQS are behind an endpoint that can fail."""
    endpoint = FaultyEndpoint(standin.endpoint.url)
    async with endpoint.serving() as url:
        environment.setenv("AWS_ENDPOINT_URL", url)
        async with running(create_app()):
            yield endpoint


async def test_a_store_that_fails_for_a_while_costs_no_photo_its_labels(
    standin: Standin,
    aws: AwsClients,
    stack: SharedSettings,
    prepared: SqsQueue,
    classified: SqsQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ["coffee-1", "coffee-2"]
    messages = [await a_prepared_photo(aws, stack, name, a_jpeg("coffee.png")) for name in names]

    async with worker_behind(standin, monkeypatch) as endpoint:
        endpoint.refuse("GetObject", times=ATTEMPTS * len(names))
        await prepared.send(messages)
        found = await results(classified, len(names))

    assert endpoint.is_well
    assert sorted(found) == names
    assert {result.failure for result in found.values()} == {None}
    assert await prepared.is_idle()


@pytest.mark.parametrize("status", [503, 0])
async def test_a_queue_that_is_gone_in_the_middle_of_the_work_loses_nothing(
    standin: Standin,
    aws: AwsClients,
    stack: SharedSettings,
    prepared: SqsQueue,
    classified: SqsQueue,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    names = [f"coffee-{number}" for number in range(25)]
    messages = [await a_prepared_photo(aws, stack, name, a_jpeg("coffee.png")) for name in names]

    async with worker_behind(standin, monkeypatch) as endpoint:
        await prepared.send(messages)
        found = await results(classified, 1)
        operations = ("ReceiveMessage", "SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch")
        endpoint.refuse(*operations, times=ATTEMPTS, status=status)
        found |= await results(classified, len(names) - len(found))

    assert sorted(found) == sorted(names)
    assert {result.failure for result in found.values()} == {None}
    assert endpoint.refused["SendMessageBatch"] == ATTEMPTS


async def test_a_missing_and_a_corrupt_preview_in_the_middle_of_a_batch_fail_alone(
    aws: AwsClients, stack: SharedSettings, prepared: SqsQueue, classified: SqsQueue
) -> None:
    coffee = a_jpeg("coffee.png")
    contents = {"missing": None, "text": text_named_jpg(), "half": coffee[: len(coffee) // 2], "empty": b""}
    contents |= {f"coffee-{number}": coffee for number in range(6)}
    await prepared.send([await a_prepared_photo(aws, stack, name, preview) for name, preview in contents.items()])

    async with running(create_app()):
        found = await results(classified, len(contents))

    failures = {name: result.failure for name, result in found.items() if result.failure}
    assert set(failures) == {"missing", "text", "half", "empty"}
    assert failures["missing"].startswith("there is no preview at")
    assert all("cannot be decoded" in failures[name] for name in ("text", "half", "empty"))
    assert await prepared.is_idle()


async def test_what_a_killed_worker_had_in_hand_is_looked_at_by_the_next(
    aws: AwsClients, stack: SharedSettings, prepared: SqsQueue, classified: SqsQueue
) -> None:
    url = (await aws.sqs.get_queue_url(QueueName=stack.queue_name(PHOTO_PREPARED)))["QueueUrl"]
    await aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "3"})
    names = [f"coffee-{number}" for number in range(24)]
    await prepared.send([await a_prepared_photo(aws, stack, name, a_jpeg("coffee.png")) for name in names])
    command = ("-m", "uvicorn", "--factory", "heliograph_inference.worker:create_app", "--port", str(free_ports(1)[0]))
    worker = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=DEVNULL, stderr=DEVNULL)
    try:
        seen = await results(classified, 1)
    finally:
        worker.kill()
        await worker.wait()

    async with running(create_app()):
        while set(seen) != set(names):
            seen |= await results(classified, 1)

    assert {result.failure for result in seen.values()} == {None}
    assert await prepared.is_idle()


def copied_models(folder: Path) -> Path:
    for path in MODELS.glob("*"):
        if path.suffix in {".toml", ".json", ".onnx"}:
            shutil.copy(path, folder)
    return folder


@pytest.mark.parametrize("harm", ["missing", "other bytes"])
async def test_a_worker_whose_network_is_not_the_one_it_should_be_says_so_and_takes_nothing(
    aws: AwsClients,
    stack: SharedSettings,
    prepared: SqsQueue,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    harm: str,
) -> None:
    network = copied_models(tmp_path) / "yolov8n@1.onnx"
    if harm == "missing":
        network.unlink()
    else:
        with network.open("ab") as file:
            file.write(b"\0")
    monkeypatch.setenv("HELIOGRAPH_MODELS_DIRECTORY", str(tmp_path))
    await prepared.send([await a_prepared_photo(aws, stack, "coffee", a_jpeg("coffee.png"))])

    with pytest.raises(NetworkError, match=r"yolov8n@1\.onnx (is not there|has SHA-256 .* instead of).*`make models`"):
        async with running(create_app()):
            pass

    [message] = await prepared.receive(wait_seconds=5)
    assert message.receive_count == 1
