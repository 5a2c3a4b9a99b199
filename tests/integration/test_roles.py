"""Least privilege, tried out: each service's key calls everything there is, and gets what is its own and no more.

On MiniStack's own DynamoDB, which asks for permissions as AWS does (dynoxide, on which the demo runs, asks for none).
What a role may do stands here a second time, by hand, so that a permission too many is seen by whoever adds it.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.standin import running_standin
from tools.access import AccessKey, apply_access
from tools.standin import Standin
from tools.storage import STORAGE_TEMPLATE, Client, Endpoint, apply_storage
from tools.template import Place, read_template

STACK = "roles"

RESOURCES = read_template(STORAGE_TEMPLATE, {"StackName": STACK}, Place())
TABLES = {
    one.properties["TableName"].removeprefix(f"{STACK}-"): [key["AttributeName"] for key in one.properties["KeySchema"]]
    for one in RESOURCES
    if one.kind == "AWS::DynamoDB::Table"
}
"""The names of each table's keys."""
PREFIXES = ("originals", "imports", "renditions", "exports", "elsewhere")
DOMAINS = ("photos.example.org", "elsewhere.example")
"""The first is auth's to send letters from, by the default of infra/access.yaml.

MiniStack asks for a permission to send from all domains. That auth may send from its own is shown by
tests/infra/test_policies.py, and here that nobody may from all.
"""
QUEUES = [one.properties["QueueName"].removeprefix(f"{STACK}-") for one in RESOURCES if one.kind == "AWS::SQS::Queue"]


def _key(client: Client, table: str) -> dict[str, Any]:
    """Return a key of that table's form."""
    return {name: {"S": "no-such"} for name in TABLES[table.removeprefix(f"{STACK}-")]}


def _queue(client: Client, name: str) -> str:
    return f"{client.meta.endpoint_url}/000000000000/{name}"


Actions = dict[str, Callable[..., Any]]

TABLE_ACTIONS: Actions = {
    "GetItem": lambda db, table: db.get_item(TableName=table, Key=_key(db, table)),
    "PutItem": lambda db, table: db.put_item(TableName=table, Item=_key(db, table)),
    "UpdateItem": lambda db, table: db.update_item(TableName=table, Key=_key(db, table)),
    "DeleteItem": lambda db, table: db.delete_item(TableName=table, Key=_key(db, table)),
    "Query": lambda db, table: db.query(
        TableName=table,
        KeyConditionExpression="#k = :v",
        ExpressionAttributeNames={"#k": TABLES[table.removeprefix(f"{STACK}-")][0]},
        ExpressionAttributeValues={":v": {"S": "no-such"}},
    ),
    "Scan": lambda db, table: db.scan(TableName=table, Limit=1),
    "BatchGetItem": lambda db, table: db.batch_get_item(RequestItems={table: {"Keys": [_key(db, table)]}}),
    "BatchWriteItem": lambda db, table: db.batch_write_item(
        RequestItems={table: [{"DeleteRequest": {"Key": _key(db, table)}}]}
    ),
    "DescribeTable": lambda db, table: db.describe_table(TableName=table),
    "DeleteTable": lambda db, table: db.delete_table(TableName=table),
    "UpdateTable": lambda db, table: db.update_table(TableName=table, BillingMode="PAY_PER_REQUEST"),
}
OBJECT_ACTIONS: Actions = {
    "GetObject": lambda s3, prefix: s3.get_object(Bucket=f"{STACK}-photos", Key=f"{prefix}/one"),
    "PutObject": lambda s3, prefix: s3.put_object(Bucket=f"{STACK}-photos", Key=f"{prefix}/one", Body=b"1"),
    "DeleteObject": lambda s3, prefix: s3.delete_object(Bucket=f"{STACK}-photos", Key=f"{prefix}/no-such"),
}
BUCKET_ACTIONS: Actions = {
    "ListBucket": lambda s3, bucket: s3.list_objects_v2(Bucket=bucket),
    "ListBucketMultipartUploads": lambda s3, bucket: s3.list_multipart_uploads(Bucket=bucket),
    "PutBucketPolicy": lambda s3, bucket: s3.put_bucket_policy(Bucket=bucket, Policy='{"Version":"2012-10-17"}'),
    "DeleteBucket": lambda s3, bucket: s3.delete_bucket(Bucket=bucket),
}
QUEUE_ACTIONS: Actions = {
    "SendMessage": lambda sqs, name: sqs.send_message(QueueUrl=_queue(sqs, name), MessageBody="m"),
    "ReceiveMessage": lambda sqs, name: sqs.receive_message(QueueUrl=_queue(sqs, name), WaitTimeSeconds=0),
    "DeleteMessage": lambda sqs, name: sqs.delete_message(QueueUrl=_queue(sqs, name), ReceiptHandle="no-such"),
    "GetQueueAttributes": lambda sqs, name: sqs.get_queue_attributes(QueueUrl=_queue(sqs, name)),
    "PurgeQueue": lambda sqs, name: sqs.purge_queue(QueueUrl=_queue(sqs, name)),
    "DeleteQueue": lambda sqs, name: sqs.delete_queue(QueueUrl=_queue(sqs, name)),
}
MAIL_ACTIONS: Actions = {
    "SendEmail": lambda ses, domain: ses.send_email(
        FromEmailAddress=f"heliograph@{domain}",
        Destination={"ToAddresses": ["ada@example.com"]},
        Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
    ),
    "GetEmailIdentity": lambda ses, domain: ses.get_email_identity(EmailIdentity=domain),
    "DeleteEmailIdentity": lambda ses, domain: ses.delete_email_identity(EmailIdentity=domain),
}

READ_AND_WRITE = frozenset({"GetItem", "PutItem", "UpdateItem", "DeleteItem"})
BATCHES = frozenset({"BatchGetItem", "BatchWriteItem"})
SEEN = frozenset({"GetQueueAttributes"})
CONSUMED = SEEN | {"ReceiveMessage", "DeleteMessage"}
SENT = SEEN | {"SendMessage"}

ACCESS_SEEN: dict[str, frozenset[str]] = {"access": frozenset({"BatchGetItem"}), "audit": frozenset({"PutItem"})}
"""Whether a token was taken back, and that an API key was used: of whoever takes tokens."""

METADATA: dict[str, frozenset[str]] = {
    **ACCESS_SEEN,
    "photos": frozenset({"BatchGetItem", "DeleteItem", "DescribeTable", "GetItem", "UpdateItem"}),
    "terms": READ_AND_WRITE | BATCHES | {"DescribeTable", "Query"},
    "albums": BATCHES | {"DeleteItem", "DescribeTable", "GetItem", "PutItem", "Query"},
    "shares": READ_AND_WRITE | {"DescribeTable", "Query"},
    "stacks": frozenset({"BatchGetItem", "DescribeTable", "GetItem", "PutItem"}),
    "jobs": frozenset({"BatchWriteItem", "DescribeTable", "GetItem", "PutItem", "Query"}),
    "questions": READ_AND_WRITE | {"BatchGetItem", "DescribeTable", "Query"},
    "originals": frozenset({"GetObject", "DeleteObject"}),
    "imports": frozenset({"GetObject", "DeleteObject"}),
    "renditions": frozenset({"GetObject", "DeleteObject"}),
    "exports": frozenset({"GetItem", "UpdateItem", "GetObject"}),
    "bucket": frozenset({"ListBucket"}),
    "photo-uploaded": SENT,
    "job-step": SENT,
}
MAY: dict[str, dict[str, frozenset[str]]] = {
    "auth": {
        "accounts": READ_AND_WRITE | BATCHES | {"Scan"},
        "access": BATCHES | {"DeleteItem", "PutItem", "UpdateItem"},
        "audit": BATCHES | {"PutItem", "Query"},
        "departures": frozenset({"DeleteItem", "PutItem", "Scan", "UpdateItem"}),
        "exports": frozenset({"PutItem"}),
    },
    "upload": ACCESS_SEEN
    | {
        "photos": frozenset({"BatchGetItem", "PutItem", "UpdateItem"}),
        "originals": frozenset({"GetObject", "PutObject"}),
        "imports": frozenset({"GetObject", "PutObject"}),
        "bucket": frozenset({"ListBucket"}),
    },
    "metadata": METADATA,
    "metadata-worker": METADATA
    | {
        "departures": frozenset({"Scan", "UpdateItem"}),
        "exports": METADATA["exports"] | {"BatchWriteItem", "DeleteItem", "Query", "Scan", "PutObject", "DeleteObject"},
        "questions": METADATA["questions"] | {"BatchWriteItem"},
        "stacks": METADATA["stacks"] | {"BatchWriteItem", "Query"},
        "bucket": METADATA["bucket"] | {"ListBucketMultipartUploads"},
        "renditions": frozenset({"GetObject", "PutObject", "DeleteObject"}),
        "photo-uploaded": CONSUMED | SENT,
        "photo-uploaded-backlog": CONSUMED | SENT,
        "photo-prepared": SENT,
        "photo-prepared-backlog": SENT,
        "photo-classified": CONSUMED,
        "photo-classified-backlog": CONSUMED,
        "job-step": CONSUMED | SENT,
    },
    "inference": {
        "renditions": frozenset({"GetObject"}),
        "bucket": frozenset({"ListBucket"}),
        "photo-prepared": CONSUMED,
        "photo-prepared-backlog": CONSUMED,
        "photo-classified": SENT,
        "photo-classified-backlog": SENT,
    },
}
"""What each role may do, by resource; every other call has to be refused."""


def calls() -> Iterator[tuple[str, str, str, Callable[[Client], Any]]]:
    """Every call that is tried: service, resource, action, and how it is made."""
    for resource in TABLES:
        for action, make in TABLE_ACTIONS.items():
            yield "dynamodb", resource, action, partial(make, table=f"{STACK}-{resource}")
    for resource in PREFIXES:
        for action, make in OBJECT_ACTIONS.items():
            yield "s3", resource, action, partial(make, prefix=resource)
    for action, make in BUCKET_ACTIONS.items():
        yield "s3", "bucket", action, partial(make, bucket=f"{STACK}-photos")
    for resource in QUEUES:
        for action, make in QUEUE_ACTIONS.items():
            yield "sqs", resource, action, partial(make, name=f"{STACK}-{resource}")
    for resource in DOMAINS:
        for action, make in MAIL_ACTIONS.items():
            yield "sesv2", resource, action, partial(make, domain=resource)


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    """A stand-in all of which asks for permissions, with something to be had under each prefix."""
    with running_standin(tmp_path_factory.mktemp("roles"), own_dynamodb=True) as running:
        apply_storage(running.endpoint, stack_name=STACK)
        for prefix in PREFIXES:
            running.endpoint.client("s3").put_object(Bucket=f"{STACK}-photos", Key=f"{prefix}/one", Body=b"1")
        yield running


@pytest.fixture(scope="module")
def keys(standin: Standin) -> dict[str, AccessKey]:
    """Each role's key."""
    return apply_access(standin.endpoint, {}, stack_name=STACK)


def is_refused(make: Callable[[Client], Any], client: Client) -> bool:
    """Whether a call is refused for want of a permission; that it finds nothing is no refusal."""
    try:
        make(client)
    except ClientError as error:
        return "AccessDenied" in error.response["Error"]["Code"]
    return False


def test_there_is_a_role_for_each_process_that_works_with_aws_and_no_other(keys: dict[str, AccessKey]) -> None:
    assert set(keys) == set(MAY)


@pytest.mark.parametrize("role", MAY)
def test_a_role_may_do_what_its_service_does_and_is_refused_everything_else(
    standin: Standin, keys: dict[str, AccessKey], role: str
) -> None:
    key, everywhere = keys[role], standin.endpoint
    endpoint = Endpoint(everywhere.url, everywhere.dynamodb_url, key.access_key_id, key.secret_access_key)
    found: dict[str, set[str]] = {}
    tried = 0

    for service, resource, action, make in calls():
        tried += 1
        if not is_refused(make, endpoint.client(service)):
            found.setdefault(resource, set()).add(action)

    wanted = {resource: set(actions) for resource, actions in MAY[role].items()}
    print(f"{role}: {tried} calls, {tried - sum(map(len, found.values()))} refused")
    assert found == wanted


@pytest.mark.parametrize("role", MAY)
def test_a_role_can_neither_raise_its_own_rights_nor_see_who_else_there_is(
    standin: Standin, keys: dict[str, AccessKey], role: str
) -> None:
    key, everywhere = keys[role], standin.endpoint
    iam = Endpoint(everywhere.url, everywhere.url, key.access_key_id, key.secret_access_key).client("iam")
    everything = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'

    for attempt in (
        lambda client: client.list_users(),
        lambda client: client.create_access_key(UserName=f"{STACK}-metadata"),
        lambda client: client.put_user_policy(UserName=f"{STACK}-{role}", PolicyName=role, PolicyDocument=everything),
    ):
        assert is_refused(attempt, iam)


@pytest.fixture
def guarded(standin: Standin) -> Iterator[str]:
    """A bucket with the photo bucket's policy, which the stand-in has for this test only."""
    name = "guarded"
    apply_storage(standin.endpoint, stack_name=name)
    resources = read_template(STORAGE_TEMPLATE, {"StackName": name}, Place())
    [policy] = [one.properties["PolicyDocument"] for one in resources if one.kind == "AWS::S3::BucketPolicy"]
    s3 = standin.endpoint.client("s3")
    s3.put_object(Bucket=f"{name}-photos", Key="originals/one", Body=b"1")
    s3.put_bucket_policy(Bucket=f"{name}-photos", Policy=json.dumps(policy))
    yield f"{name}-photos"
    s3.delete_bucket_policy(Bucket=f"{name}-photos")


def test_plain_http_reads_nothing_from_the_photo_bucket_whatever_the_key_may(standin: Standin, guarded: str) -> None:
    metadata = apply_access(standin.endpoint, {}, stack_name="guarded")["metadata"]
    url = standin.endpoint.url
    s3 = Endpoint(url, url, metadata.access_key_id, metadata.secret_access_key).client("s3")

    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=guarded, Key="originals/one")


def test_nothing_of_the_photo_bucket_is_ever_public(standin: Standin) -> None:
    s3 = standin.endpoint.client("s3")
    bucket = f"{STACK}-photos"

    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    [rule] = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]

    assert set(blocked.values()) == {True}
    assert len(blocked) == 4
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
