"""Storage as S3, SQS and DynamoDB themselves describe it, put into words that two of them can be compared by."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from tools.deploy.stacks import STORAGE
from tools.template import read_document

_QUEUE_ATTRIBUTES = (
    "VisibilityTimeout",
    "ReceiveMessageWaitTimeSeconds",
    "MessageRetentionPeriod",
    "SqsManagedSseEnabled",
    "RedrivePolicy",
    "Policy",
)
_PREFIX = "heliograph-"


@dataclass(frozen=True)
class StorageSeen:
    """Tables, queues and buckets by name, with what infra/storage.yaml says of them.

    MiniStack's CloudFormation leaves out lifecycle rules and expiry, which are therefore not compared.
    """

    tables: dict[str, Any]
    queues: dict[str, Any]
    buckets: dict[str, Any]

    @classmethod
    def through(cls, client: Callable[[str], Any]) -> Self:
        """Ask for everything whose name begins as ours do."""
        dynamodb, sqs, s3 = client("dynamodb"), client("sqs"), client("s3")
        tables = [name for name in dynamodb.list_tables()["TableNames"] if name.startswith(_PREFIX)]
        queues = sqs.list_queues(QueueNamePrefix=_PREFIX)["QueueUrls"]
        return cls(
            tables={name: _table(dynamodb, name) for name in tables},
            queues={url.rpartition("/")[2]: _queue(sqs, url) for url in queues},
            buckets={f"{_PREFIX}photos": _bucket(s3, f"{_PREFIX}photos")},
        )

    def counterparts(self) -> Iterator[tuple[str, str]]:
        """Yield the type and the logical id of each resource of storage.yaml that has been seen here."""
        seen = {*self.tables, *self.queues, *self.buckets}
        for logical_id, about in read_document(STORAGE.path)["Resources"].items():
            named = next((value for key, value in about["Properties"].items() if key.endswith("Name")), None)
            name = named["Fn::Sub"].replace("${StackName}-", _PREFIX) if named else None
            if name in seen or about["Type"] == "AWS::SQS::QueuePolicy":  # each is an attribute of its queue
                yield about["Type"], logical_id


def _table(dynamodb: Any, name: str) -> dict[str, Any]:
    found = dynamodb.describe_table(TableName=name)["Table"]
    return {
        "keys": found["KeySchema"],
        "attributes": sorted((one["AttributeName"], one["AttributeType"]) for one in found["AttributeDefinitions"]),
        "indexes": {
            one["IndexName"]: (one["KeySchema"], _projection(one["Projection"]))
            for one in found.get("GlobalSecondaryIndexes", [])
        },
        "billing": found.get("BillingModeSummary", {}).get("BillingMode"),
    }


def _projection(described: dict[str, Any]) -> tuple[str, list[str]]:
    return described["ProjectionType"], sorted(described.get("NonKeyAttributes", []))


def _queue(sqs: Any, url: str) -> dict[str, Any]:
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {name: _value(found.get(name)) for name in _QUEUE_ATTRIBUTES}


def _value(text: str | None) -> Any:
    if text is None or not text.startswith("{"):
        return text
    return {key: str(value) if key == "maxReceiveCount" else value for key, value in json.loads(text).items()}


def _bucket(s3: Any, name: str) -> dict[str, Any]:
    encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    notifications = s3.get_bucket_notification_configuration(Bucket=name)["QueueConfigurations"]
    return {
        "encryption": [rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in encryption],
        "public": s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"],
        "owner": s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"],
        "cors": [sorted(rule["AllowedMethods"]) for rule in s3.get_bucket_cors(Bucket=name)["CORSRules"]],
        "notifications": [
            (
                one["QueueArn"],
                one["Events"],
                [(rule["Name"].lower(), rule["Value"]) for rule in one["Filter"]["Key"]["FilterRules"]],
            )
            for one in notifications
        ],
    }
