"""The stand-in behaves as Heliograph needs AWS to, and infra/*.yaml can be applied to it again and again."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from heliograph.aws import AwsClients, aws_clients
from heliograph.errors import UnavailableError
from heliograph.messages import photos_uploaded
from heliograph.settings import SharedSettings
from heliograph.sqs import SqsQueue
from tests.standin import running_standin
from tools.access import AccessKey, apply_access
from tools.standin import Standin, dynoxide_is_available
from tools.storage import STORAGE_TEMPLATE, StorageMismatchError, apply_storage


async def arrivals(queue: SqsQueue, *, until: str) -> list[str]:
    """Return the keys that the queue tells of, up to the one that is waited for."""
    keys: list[str] = []
    while until not in keys:
        messages = await queue.receive(wait_seconds=10)
        assert messages, f"no more messages; so far: {keys}"
        await queue.delete(messages)
        keys += [uploaded.object_key for message in messages for uploaded in photos_uploaded(message.body)]
    return keys


@pytest.mark.parametrize(
    ("name", "key"),
    [("photo-uploaded", "originals/anna/a photo+1"), ("photo-uploaded-backlog", "imports/anna/a photo+1")],
)
async def test_an_original_that_arrives_is_told_of_on_its_lane_s_queue_alone(
    aws: AwsClients, stack: SharedSettings, name: str, key: str
) -> None:
    for other in ("renditions/anna/not-told", "originals/anna/other", "imports/anna/other"):
        if not other.startswith(key.split("/", maxsplit=1)[0]):
            await aws.s3.put_object(Bucket=stack.bucket_name, Key=other, Body=b"other")
    await aws.s3.put_object(Bucket=stack.bucket_name, Key=key, Body=b"large")

    assert await arrivals(SqsQueue(aws.sqs, stack.queue_name(name)), until=key) == [key]


async def test_applying_storage_again_keeps_items_messages_and_objects(
    standin: Standin, aws: AwsClients, stack: SharedSettings
) -> None:
    prepared = SqsQueue(aws.sqs, stack.queue_name("photo-prepared"))
    await prepared.send(["a message"])
    await aws.s3.put_object(Bucket=stack.bucket_name, Key="originals/anna/one", Body=b"bytes")
    await aws.dynamodb.put_item(TableName=stack.table_name("photos"), Item={"photo_id": {"S": "one"}})

    apply_storage(standin.endpoint, stack_name=stack.stack_name)

    assert [message.body for message in await prepared.receive(wait_seconds=1)] == ["a message"]
    assert (await aws.s3.get_object(Bucket=stack.bucket_name, Key="originals/anna/one"))["ContentLength"] == 5
    found = await aws.dynamodb.get_item(TableName=stack.table_name("photos"), Key={"photo_id": {"S": "one"}})
    assert found["Item"] == {"photo_id": {"S": "one"}}


async def test_an_index_that_the_template_gained_is_added_and_other_keys_are_refused(
    standin: Standin, aws: AwsClients, stack: SharedSettings, tmp_path: Path
) -> None:
    written = STORAGE_TEMPLATE.read_text(encoding="utf-8")
    older = tmp_path / "storage.yaml"
    older.write_text(written.replace("IndexName: unfinished", "IndexName: formerly"), encoding="utf-8")
    apply_storage(standin.endpoint, stack_name=f"{stack.stack_name}-old", template=older)

    apply_storage(standin.endpoint, stack_name=f"{stack.stack_name}-old")

    described = await aws.dynamodb.describe_table(TableName=f"{stack.stack_name}-old-photos")
    indexes = {index["IndexName"] for index in described["Table"]["GlobalSecondaryIndexes"]}
    assert indexes == {"by-owner", "unfinished", "formerly", "trash"}

    older.write_text(written.replace("AttributeName: album_id", "AttributeName: title"), encoding="utf-8")
    with pytest.raises(StorageMismatchError, match="albums has other keys"):
        apply_storage(standin.endpoint, stack_name=stack.stack_name, template=older)


async def test_a_message_received_five_times_moves_to_the_dead_letter_queue(
    aws: AwsClients, stack: SharedSettings
) -> None:
    queue = SqsQueue(aws.sqs, stack.queue_name("photo-prepared"))
    dead = SqsQueue(aws.sqs, stack.queue_name("photo-prepared-dead"))
    await queue.send(["poison"])

    for receive_count in range(1, 6):
        [message] = await queue.receive(wait_seconds=5)
        assert message.receive_count == receive_count
        await queue.change_visibility([message], 0)

    assert await queue.receive(wait_seconds=0) == []
    assert [message.body for message in await dead.receive(wait_seconds=5)] == ["poison"]


@pytest.fixture
def keys(standin: Standin, stack: SharedSettings) -> dict[str, AccessKey]:
    """Each service's own key."""
    return apply_access(standin.endpoint, {}, stack_name=stack.stack_name)


def sign_as(key: AccessKey, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AWS_ACCESS_KEY_ID", key.access_key_id)
    environment.setenv("AWS_SECRET_ACCESS_KEY", key.secret_access_key)


async def test_inference_reads_renditions_and_its_queue_and_is_refused_all_else(
    aws: AwsClients, stack: SharedSettings, keys: dict[str, AccessKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = stack.bucket_name
    for key in ("originals/anna/one", "renditions/anna/one"):
        await aws.s3.put_object(Bucket=bucket, Key=key, Body=b"bytes")
    sign_as(keys["inference"], monkeypatch)

    async with aws_clients() as inference:
        assert (await inference.s3.get_object(Bucket=bucket, Key="renditions/anna/one"))["ContentLength"] == 5
        prepared = SqsQueue(inference.sqs, stack.queue_name("photo-prepared"))
        assert await prepared.receive(wait_seconds=0) == []
        await SqsQueue(inference.sqs, stack.queue_name("photo-classified")).send(["labels"])

        with pytest.raises(ClientError, match="AccessDenied"):
            await inference.s3.get_object(Bucket=bucket, Key="originals/anna/one")
        with pytest.raises(ClientError, match="AccessDenied"):
            await inference.s3.put_object(Bucket=bucket, Key="renditions/anna/two", Body=b"bytes")
        with pytest.raises(UnavailableError, match="AccessDenied"):
            await prepared.send(["not its to send"])
        with pytest.raises(ClientError, match="AccessDenied"):
            await inference.sqs.get_queue_url(QueueName=stack.queue_name("photo-uploaded"))


async def test_upload_puts_originals_and_is_refused_renditions_and_deletion(
    stack: SharedSettings, keys: dict[str, AccessKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_as(keys["upload"], monkeypatch)

    async with aws_clients() as upload:
        await upload.s3.put_object(Bucket=stack.bucket_name, Key="originals/anna/one", Body=b"bytes")
        with pytest.raises(ClientError, match="404"):
            await upload.s3.head_object(Bucket=stack.bucket_name, Key="originals/anna/missing")
        with pytest.raises(ClientError, match="AccessDenied"):
            await upload.s3.put_object(Bucket=stack.bucket_name, Key="renditions/anna/one", Body=b"bytes")
        with pytest.raises(ClientError, match="AccessDenied"):
            await upload.s3.delete_object(Bucket=stack.bucket_name, Key="originals/anna/one")


async def test_a_key_that_the_stand_in_remembers_is_kept_and_a_lost_one_is_replaced(
    standin: Standin, stack: SharedSettings, keys: dict[str, AccessKey]
) -> None:
    again = apply_access(standin.endpoint, keys, stack_name=stack.stack_name)
    assert again == keys

    replaced = apply_access(standin.endpoint, {}, stack_name=stack.stack_name)
    assert all(replaced[service] != keys[service] for service in keys)


def test_the_keys_that_the_services_hold_outlive_a_kill_of_the_stand_in_that_made_them(tmp_path: Path) -> None:
    with running_standin(tmp_path, keep=True) as standin:
        keys = standin.set_up()
        assert set(keys) == {"auth", "upload", "metadata", "metadata-worker", "inference"}
        standin.kill()

    with running_standin(tmp_path, keep=True) as standin:
        assert standin.set_up() == keys


@pytest.mark.skipif(not dynoxide_is_available(), reason="MiniStack's own DynamoDB keeps its tables on SIGTERM only")
async def test_objects_items_and_messages_outlive_a_stop_and_objects_and_items_a_kill(tmp_path: Path) -> None:
    with running_standin(tmp_path, keep=True) as standin:
        first_keys = standin.set_up()
        async with aws_clients() as clients:
            await clients.s3.put_object(Bucket="heliograph-photos", Key="originals/anna/one", Body=b"bytes")
            await clients.dynamodb.put_item(TableName="heliograph-photos", Item={"photo_id": {"S": "one"}})
            await SqsQueue(clients.sqs, "heliograph-photo-prepared").send(["a message"])

    with running_standin(tmp_path, keep=True) as standin:
        assert standin.set_up() == first_keys
        async with aws_clients() as clients:
            queue = SqsQueue(clients.sqs, "heliograph-photo-prepared")
            [message] = await queue.receive(wait_seconds=1)
            await queue.delete([message])
            await clients.s3.put_object(Bucket="heliograph-photos", Key="originals/anna/two", Body=b"more bytes")
            await clients.dynamodb.put_item(TableName="heliograph-photos", Item={"photo_id": {"S": "two"}})
        standin.kill()

    with running_standin(tmp_path, keep=True) as standin:
        assert standin.set_up() == first_keys
        async with aws_clients() as clients:
            listed = await clients.s3.list_objects_v2(Bucket="heliograph-photos")
            assert [found["Key"] for found in listed["Contents"]] == ["originals/anna/one", "originals/anna/two"]
            items = await clients.dynamodb.scan(TableName="heliograph-photos")
            assert sorted(item["photo_id"]["S"] for item in items["Items"]) == ["one", "two"]
            uploaded = SqsQueue(clients.sqs, "heliograph-photo-uploaded")
            await clients.s3.put_object(Bucket="heliograph-photos", Key="originals/anna/three", Body=b"bytes")
            await arrivals(uploaded, until="originals/anna/three")
