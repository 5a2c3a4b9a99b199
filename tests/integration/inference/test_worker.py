"""The worker as it runs: its ASGI app against the stand-in, from a prepared photo to a classified one."""

import pytest
from fastapi import FastAPI

from heliograph.aws import AwsClients
from heliograph.messages import (
    PHOTO_CLASSIFIED,
    PHOTO_PREPARED,
    Lane,
    PhotoPrepared,
    Reclassification,
    queue_in,
)
from heliograph.settings import SharedSettings
from heliograph.sqs import SqsQueue
from heliograph_inference.worker import create_app
from tests.inference_worker import a_prepared_photo, results, running
from tests.photos import a_jpeg, text_named_jpg


@pytest.fixture
def worker(worker_settings: pytest.MonkeyPatch) -> FastAPI:
    return create_app()


async def test_a_prepared_photo_becomes_a_classified_one(
    worker: FastAPI, aws: AwsClients, stack: SharedSettings, prepared: SqsQueue, classified: SqsQueue
) -> None:
    preview = a_jpeg("bus.jpg", size_px=(1080, 1440))
    await prepared.send([await a_prepared_photo(aws, stack, "bus", preview)])

    async with running(worker):
        result = (await results(classified, 1))["bus"]

    labels = {label.name: label for label in result.labels}
    assert (result.owner_id, result.correlation_id, result.failure) == ("anna", "correlation-bus", None)
    assert result.models == ("yolov8n@1", "efficientnet-lite0@1")
    assert labels["bus"].confidence > 0.5
    assert labels["person"].confidence > 0.5
    assert labels["bus"].boxes[0].confidence == labels["bus"].confidence
    assert await prepared.is_idle()


async def test_a_photo_of_the_backlog_is_answered_by_the_backlog(
    worker: FastAPI, aws: AwsClients, stack: SharedSettings, classified: SqsQueue
) -> None:
    backlog = SqsQueue(aws.sqs, stack.queue_name(queue_in(PHOTO_PREPARED, Lane.BACKLOG)))
    answers = SqsQueue(aws.sqs, stack.queue_name(queue_in(PHOTO_CLASSIFIED, Lane.BACKLOG)))
    again = Reclassification(looked=("yolov8n@0",))
    message = PhotoPrepared.model_validate_json(await a_prepared_photo(aws, stack, "coffee", a_jpeg("coffee.png")))
    await backlog.send([message.model_copy(update={"again": again}).model_dump_json()])

    async with running(worker):
        result = (await results(answers, 1))["coffee"]

    assert result.again == again
    assert await classified.is_idle()


async def test_a_photo_just_dropped_in_does_not_wait_for_a_backlog_and_the_backlog_goes_on(
    worker: FastAPI, aws: AwsClients, stack: SharedSettings, prepared: SqsQueue, classified: SqsQueue
) -> None:
    backlog = SqsQueue(aws.sqs, stack.queue_name(queue_in(PHOTO_PREPARED, Lane.BACKLOG)))
    answers = SqsQueue(aws.sqs, stack.queue_name(queue_in(PHOTO_CLASSIFIED, Lane.BACKLOG)))
    old = await a_prepared_photo(aws, stack, "old", a_jpeg("bus.jpg"))
    dropped_in = await a_prepared_photo(aws, stack, "dropped in", a_jpeg("coffee.png"))
    await backlog.send([old] * 100)

    async with running(worker):
        assert "old" in await results(answers, 1)
        await prepared.send([dropped_in])
        assert "dropped in" in await results(classified, 1)
        assert await backlog.depth() > 50
        assert "old" in await results(answers, 1)


async def test_missing_and_broken_previews_fail_alone_and_say_why(
    worker: FastAPI, aws: AwsClients, stack: SharedSettings, prepared: SqsQueue, classified: SqsQueue
) -> None:
    await prepared.send(
        [
            await a_prepared_photo(aws, stack, "missing", None),
            await a_prepared_photo(aws, stack, "text", text_named_jpg()),
            await a_prepared_photo(aws, stack, "coffee", a_jpeg("coffee.png")),
        ]
    )

    async with running(worker):
        found = await results(classified, 3)

    assert "there is no preview" in (found["missing"].failure or "")
    assert "cannot be decoded" in (found["text"].failure or "")
    assert "espresso" in {label.name for label in found["coffee"].labels}
    assert await prepared.is_idle()


async def test_a_message_that_another_worker_dropped_is_taken_again(
    worker: FastAPI, aws: AwsClients, stack: SharedSettings, prepared: SqsQueue, classified: SqsQueue
) -> None:
    await prepared.send([await a_prepared_photo(aws, stack, "coffee", a_jpeg("coffee.png"))])
    (dropped,) = await prepared.receive(wait_seconds=5)

    async with running(worker):
        await prepared.change_visibility([dropped], 0)
        result = (await results(classified, 1))["coffee"]

    assert result.failure is None
    assert await prepared.is_idle()


async def test_a_stop_loses_nothing(
    worker: FastAPI, aws: AwsClients, stack: SharedSettings, prepared: SqsQueue, classified: SqsQueue
) -> None:
    coffee = a_jpeg("coffee.png")
    names = [f"coffee-{number}" for number in range(24)]
    await prepared.send([await a_prepared_photo(aws, stack, name, coffee) for name in names])

    async with running(worker):
        first = await results(classified, 1)
    async with running(create_app()):
        rest = await results(classified, len(names) - len(first))

    assert sorted({**first, **rest}) == sorted(names)
    assert await prepared.is_idle()


async def test_a_worker_is_ready_once_its_models_are_loaded_and_its_dependencies_answer(worker: FastAPI) -> None:
    async with running(worker) as http:
        response = await http.get("/readyz")

    checks = response.json()["checks"]
    assert response.status_code == 200
    assert checks["models"] == "yolov8n@1 on CPU, efficientnet-lite0@1 on CPU"
    assert set(checks) == {"models", "s3", "sqs", "consumer"}


async def test_a_worker_without_its_storage_is_not_ready(
    worker: FastAPI, aws: AwsClients, stack: SharedSettings
) -> None:
    async with running(worker) as http:
        await aws.sqs.delete_queue(
            QueueUrl=(await aws.sqs.get_queue_url(QueueName=stack.queue_name(PHOTO_CLASSIFIED)))["QueueUrl"]
        )
        response = await http.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["sqs"].startswith("not ready")
