"""Sets up whatever stands in for AWS from infra/storage.yaml: bucket, queues and tables, as often as one likes.

Applying it again changes nothing that is right already, and mends what is not: a stand-in that was killed keeps its
objects and its tables but may have lost its queues and the settings of its bucket. AWS itself gets the template
through CloudFormation. Needs botocore and PyYAML only, so that it also runs inside a LocalStack container:

    python -m tools.storage --endpoint http://127.0.0.1:4566 [--dynamodb-endpoint …] [--stack-name heliograph]
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from tools.template import Place, Resource, TemplateError, read_template

STORAGE_TEMPLATE = Path(__file__).resolve().parent.parent / "infra" / "storage.yaml"

_TABLE_ARGUMENTS = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
_QUEUE_KINDS = ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy")
_FOR_AWS_ALONE = (
    "AWS::S3::BucketPolicy",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
)
"""A stand-in is reached by plain HTTP, which the bucket's policy refuses; and it bears whatever is asked of it."""
_KINDS = (*_QUEUE_KINDS, *_FOR_AWS_ALONE, "AWS::S3::Bucket", "AWS::DynamoDB::Table")


Client: TypeAlias = Any
"""A botocore client: its methods are made at run time, from AWS's own description of each service."""


class StorageMismatchError(RuntimeError):
    """What is there was made from another version of the template and can't become what this one says."""


@dataclass(frozen=True)
class Endpoint:
    """Where the stand-in answers, and as whom to set it up."""

    url: str
    dynamodb_url: str
    access_key_id: str
    secret_access_key: str
    place: Place = field(default_factory=Place)

    def client(self, service: str) -> Client:
        """Return a botocore client of `s3`, `sqs`, `dynamodb` or `iam`."""
        return _client(self, service)


@lru_cache(maxsize=16)  # making one costs as much as all the requests of a set-up
def _client(endpoint: Endpoint, service: str) -> Client:
    return botocore.session.get_session().create_client(
        service,
        region_name=endpoint.place.region,
        endpoint_url=endpoint.dynamodb_url if service == "dynamodb" else endpoint.url,
        aws_access_key_id=endpoint.access_key_id,
        aws_secret_access_key=endpoint.secret_access_key,
        config=Config(
            retries={"mode": "standard", "max_attempts": 5},
            s3={"addressing_style": "path"},
            proxies={},  # a stand-in is always near
        ),
    )


def apply_storage(endpoint: Endpoint, *, stack_name: str = "heliograph", template: Path = STORAGE_TEMPLATE) -> None:
    """Make the stand-in hold what the template lists, changing only what differs.

    Raises:
        StorageMismatchError: A table of that name has other keys.
        TemplateError: The template lists something that this loader doesn't know.
    """
    resources = read_template(template, {"StackName": stack_name}, endpoint.place)
    if unknown := {resource.kind for resource in resources} - set(_KINDS):
        raise TemplateError(f"{template.name} lists what this loader doesn't know: {', '.join(sorted(unknown))}")
    dynamodb = endpoint.client("dynamodb")
    for table in _of_kind(resources, "AWS::DynamoDB::Table"):
        _apply_table(dynamodb, table.properties)
    sqs = endpoint.client("sqs")
    # A queue's redrive policy names its dead-letter queue, so those without one come first.
    for queue in sorted(_of_kind(resources, "AWS::SQS::Queue"), key=lambda queue: "RedrivePolicy" in queue.properties):
        _apply_queue(sqs, queue.properties)
    for policy in _of_kind(resources, "AWS::SQS::QueuePolicy"):
        for name in policy.properties["Queues"]:
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            document = json.dumps(policy.properties["PolicyDocument"])
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    s3 = endpoint.client("s3")
    for bucket in _of_kind(resources, "AWS::S3::Bucket"):
        _apply_bucket(s3, bucket.properties, endpoint.place.region)


def _of_kind(resources: list[Resource], kind: str) -> list[Resource]:
    return [resource for resource in resources if resource.kind == kind]


def _apply_table(dynamodb: Client, wanted: Mapping[str, Any]) -> None:
    name = wanted["TableName"]
    try:
        found = dynamodb.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        dynamodb.create_table(**{key: wanted[key] for key in _TABLE_ARGUMENTS if key in wanted})
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    else:
        _apply_indexes(dynamodb, wanted, found)
    if expiry := wanted.get("TimeToLiveSpecification"):
        present = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        if present.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)


def _apply_indexes(dynamodb: Client, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    name = wanted["TableName"]
    if _keys(found) != _keys(wanted):
        raise StorageMismatchError(f"table {name} has other keys than infra/storage.yaml says: move its items first")
    present = {index["IndexName"]: _keys(index) for index in found.get("GlobalSecondaryIndexes", [])}
    for index in wanted.get("GlobalSecondaryIndexes", []):
        if index["IndexName"] not in present:
            dynamodb.update_table(
                TableName=name,
                AttributeDefinitions=wanted["AttributeDefinitions"],
                GlobalSecondaryIndexUpdates=[{"Create": index}],
            )
        elif present[index["IndexName"]] != _keys(index):
            raise StorageMismatchError(f"index {index['IndexName']} of {name} has other keys: drop it first")


def _keys(described: Mapping[str, Any]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in described["KeySchema"]}


def _apply_queue(sqs: Client, properties: Mapping[str, Any]) -> None:
    wanted = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in properties.items()
        if key != "QueueName"
    }
    try:
        url = sqs.get_queue_url(QueueName=properties["QueueName"])["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        sqs.create_queue(QueueName=properties["QueueName"], Attributes=wanted)
    else:
        sqs.set_queue_attributes(QueueUrl=url, Attributes=wanted)


def _apply_bucket(s3: Client, wanted: Mapping[str, Any], region: str) -> None:
    name = wanted["BucketName"]
    try:
        s3.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:  # noqa: PLR2004 - HTTP's own number
            raise
        elsewhere = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **elsewhere)
    # VersioningConfiguration is for AWS alone: a stand-in never expires what is deleted, and its disk would fill up.
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [
                {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}
                for rule in wanted["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            ]
        },
    )
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=wanted["PublicAccessBlockConfiguration"])
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=wanted["OwnershipControls"])
    s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [_cors(rule) for rule in _cors_rules(wanted)]})
    s3.put_bucket_lifecycle_configuration(
        Bucket=name,
        LifecycleConfiguration={
            "Rules": [
                {**_lifecycle(rule), "Filter": {"Prefix": ""}} for rule in wanted["LifecycleConfiguration"]["Rules"]
            ]
        },
    )
    notification = {"QueueConfigurations": [_notification(n) for n in _notifications(wanted)]}
    # S3 sends a test message whenever this is set, so it is left alone where it is right already.
    present = s3.get_bucket_notification_configuration(Bucket=name).get("QueueConfigurations", [])
    if [_essence(one) for one in present] != [_essence(one) for one in notification["QueueConfigurations"]]:
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=notification)


def _lifecycle(rule: Mapping[str, Any]) -> dict[str, Any]:
    """CloudFormation's words for a lifecycle rule in the S3 API's words."""
    said = {("ID" if key == "Id" else key): value for key, value in rule.items()}
    if said.pop("ExpiredObjectDeleteMarker", False):
        said["Expiration"] = {"ExpiredObjectDeleteMarker": True}
    if days := said.pop("ExpirationInDays", None):
        said["Expiration"] = {"Days": int(days)}
    return said


def _cors_rules(wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = wanted["CorsConfiguration"]["CorsRules"]
    return rules


def _cors(rule: Mapping[str, Any]) -> dict[str, Any]:
    """CloudFormation's words for a CORS rule in the S3 API's words."""
    words = {"Id": "ID", "ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds"}
    return {words.get(key, key): value for key, value in rule.items()}


def _notifications(wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    configurations: list[dict[str, Any]] = wanted["NotificationConfiguration"]["QueueConfigurations"]
    return configurations


def _notification(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """CloudFormation's words for a queue notification in the S3 API's words."""
    return {
        "QueueArn": configuration["Queue"],
        "Events": [configuration["Event"]],
        "Filter": {"Key": {"FilterRules": configuration["Filter"]["S3Key"]["Rules"]}},
    }


def _essence(notification: Mapping[str, Any]) -> tuple[str, list[str], list[tuple[str, str]]]:
    """What of a notification has to be equal; ids and the case of rule names are the server's own."""
    rules = notification.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return (
        notification["QueueArn"],
        sorted(notification["Events"]),
        sorted((rule["Name"].lower(), rule["Value"]) for rule in rules),
    )


def main() -> None:
    """Set up the stand-in at the given endpoints."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--endpoint", required=True, help="where S3 and SQS answer")
    parser.add_argument("--dynamodb-endpoint", help="where DynamoDB answers, if elsewhere")
    parser.add_argument("--stack-name", default="heliograph")
    parser.add_argument("--access-key-id", default="test")
    parser.add_argument("--secret-access-key", default="test")
    given = parser.parse_args()
    endpoint = Endpoint(
        url=given.endpoint,
        dynamodb_url=given.dynamodb_endpoint or given.endpoint,
        access_key_id=given.access_key_id,
        secret_access_key=given.secret_access_key,
    )
    apply_storage(endpoint, stack_name=given.stack_name)
    print(f"{given.stack_name}: storage is as infra/storage.yaml says")


if __name__ == "__main__":
    main()
