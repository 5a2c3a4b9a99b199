"""infra/*.yaml as tools/template.py reads them, and what it refuses to guess."""

from pathlib import Path

import pytest

from heliograph.messages import JOB_STEP, PHOTO_CLASSIFIED, PHOTO_PREPARED, PHOTO_UPLOADED, Lane, queue_in
from heliograph.photos import OriginalPrefix
from tools.access import ACCESS_TEMPLATE
from tools.storage import STORAGE_TEMPLATE
from tools.template import Place, Resource, TemplateError, read_template

_INDEXES = "GlobalSecondaryIndexes"
_IN_LANES = (PHOTO_UPLOADED, PHOTO_PREPARED, PHOTO_CLASSIFIED)


def storage(stack_name: str = "heliograph", **parameters: str) -> list[Resource]:
    return read_template(STORAGE_TEMPLATE, {"StackName": stack_name, **parameters}, Place())


def one(resources: list[Resource], logical_id: str) -> Resource:
    return next(resource for resource in resources if resource.logical_id == logical_id)


def read(text: str, tmp_path: Path, **parameters: str) -> list[Resource]:
    template = tmp_path / "template.yaml"
    template.write_text(text, encoding="utf-8")
    return read_template(template, parameters, Place())


def test_every_name_begins_with_the_stack_s_name() -> None:
    names = {"AWS::S3::Bucket": "BucketName", "AWS::SQS::Queue": "QueueName", "AWS::DynamoDB::Table": "TableName"}
    found = [each.properties[names[each.kind]] for each in storage("anna") if each.kind in names]

    assert len(found) == 27
    assert all(name.startswith("anna-") for name in found)


def test_each_queue_but_the_dead_letter_ones_gives_up_after_five_receives() -> None:
    queues = [each.properties for each in storage() if each.kind == "AWS::SQS::Queue"]
    redriven = {queue["QueueName"]: queue["RedrivePolicy"] for queue in queues if "RedrivePolicy" in queue}

    assert redriven == {
        f"heliograph-{kind}": {
            "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:000000000000:heliograph-{kind}-dead",
            "maxReceiveCount": 5,
        }
        for kind in (*(queue_in(kind, lane) for kind in _IN_LANES for lane in Lane), JOB_STEP)
    }


@pytest.mark.parametrize("lane", Lane)
def test_s3_tells_each_lane_s_queue_of_what_comes_under_its_prefix_only_and_may(lane: Lane) -> None:
    told = one(storage(), "PhotoBucket").properties["NotificationConfiguration"]["QueueConfigurations"]
    prefixes = {each["Queue"]: each["Filter"]["S3Key"]["Rules"] for each in told}
    name = f"PhotoUploaded{'' if lane is Lane.INTERACTIVE else 'Backlog'}QueuePolicy"
    [statement] = one(storage(), name).properties["PolicyDocument"]["Statement"]

    assert statement["Resource"].endswith(f":heliograph-{queue_in(PHOTO_UPLOADED, lane)}")
    assert prefixes[statement["Resource"]] == [{"Name": "prefix", "Value": f"{OriginalPrefix.of_lane(lane)}/"}]
    assert statement["Condition"]["ArnLike"] == {"aws:SourceArn": "arn:aws:s3:::heliograph-photos"}


def test_tables_buckets_and_their_items_stay_when_the_stack_is_deleted() -> None:
    text = STORAGE_TEMPLATE.read_text(encoding="utf-8")

    kept = text.count("Type: AWS::DynamoDB::Table\n") + text.count("Type: AWS::S3::Bucket\n")
    assert text.count("DeletionPolicy: Retain") == text.count("UpdateReplacePolicy: Retain") == kept


def test_no_service_may_do_anything_to_everything() -> None:
    policies = read_template(ACCESS_TEMPLATE, {"StackName": "heliograph"}, Place())
    statements = [each for policy in policies for each in policy.properties["PolicyDocument"]["Statement"]]

    assert [policy.properties["ManagedPolicyName"] for policy in policies] == [
        f"heliograph-{service}" for service in ("auth", "upload", "metadata", "metadata-worker", "inference")
    ]
    for statement in statements:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        assert not any("*" in action for action in actions)
        # Letters come from a domain, which has a name of its own
        own = ":identity/" if actions == ["ses:SendEmail"] else "heliograph-"
        assert all(own in resource for resource in resources)


def test_tables_are_paid_for_by_the_request_unless_the_operator_says_otherwise() -> None:
    tables = [each.properties for each in storage() if each.kind == "AWS::DynamoDB::Table"]

    assert {table["BillingMode"] for table in tables} == {"PAY_PER_REQUEST"}
    assert "ProvisionedThroughput" not in str(tables)
    assert not any(each.kind.startswith("AWS::ApplicationAutoScaling") for each in storage())


def test_by_the_hour_a_photo_s_tables_and_their_indexes_are_bought_and_follow_what_is_used() -> None:
    resources = storage(Tables="by-the-hour", LeastTermsWrites="4400", LeastPhotosWrites="700", LeastByOwnerWrites="70")
    tables = {each.properties["TableName"]: each.properties for each in resources if "TableName" in each.properties}
    bought = {name: table for name, table in tables.items() if table["BillingMode"] == "PROVISIONED"}
    written = {
        f"table/{name}{index}": throughput["WriteCapacityUnits"]
        for name, table in bought.items()
        for index, throughput in [
            ("", table["ProvisionedThroughput"]),
            *((f"/index/{one['IndexName']}", one["ProvisionedThroughput"]) for one in table.get(_INDEXES, [])),
        ]
    }
    targets = [each.properties for each in resources if each.kind.endswith("ScalableTarget")]
    policies = [each.properties for each in resources if each.kind.endswith("ScalingPolicy")]

    assert set(bought) == {"heliograph-photos", "heliograph-terms"}
    assert written == {
        target["ResourceId"]: target["MinCapacity"]
        for target in targets
        if target["ScalableDimension"].endswith("WriteCapacityUnits")
    }
    assert {each: str(units) for each, units in written.items()} == {
        "table/heliograph-terms": "4400",
        "table/heliograph-photos": "700",
        "table/heliograph-photos/index/unfinished": "700",
        "table/heliograph-photos/index/by-owner": "70",
        "table/heliograph-photos/index/trash": "5",
    }
    assert sorted(policy["ScalingTargetId"] for policy in policies) == sorted(
        f"{target['ResourceId']}|{target['ScalableDimension']}|dynamodb" for target in targets
    )


def test_a_condition_takes_resources_and_properties_away(tmp_path: Path) -> None:
    text = """
    Parameters: {Large: {Type: String, Default: "no"}}
    Conditions: {IsLarge: !Equals [!Ref Large, "yes"]}
    Resources:
      A:
        Type: "AWS::S3::Bucket"
        Properties: {BucketName: a, Size: !If [IsLarge, [1, !Ref "AWS::NoValue"], !Ref "AWS::NoValue"]}
      B: {Type: "AWS::S3::Bucket", Condition: IsLarge, Properties: {BucketName: b}}
    """

    assert [each.properties for each in read(text, tmp_path)] == [{"BucketName": "a"}]
    large = read(text, tmp_path, Large="yes")
    assert [each.properties for each in large] == [{"BucketName": "a", "Size": [1]}, {"BucketName": "b"}]
    with pytest.raises(TemplateError, match="the condition IsLarge is not understood"):
        read(text.replace("!Equals", "!And"), tmp_path)


def test_a_function_that_is_not_understood_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="Fn::Join"):
        read("Resources: {B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Join ['', [a]]}}}", tmp_path)
    with pytest.raises(TemplateError, match=r"B\.WebsiteURL"):
        read(
            "Resources: {B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: a, X: !GetAtt B.WebsiteURL}}}", tmp_path
        )
    with pytest.raises(TemplateError, match="nothing with a name is called Elsewhere"):
        read("Resources: {B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Ref Elsewhere}}}", tmp_path)


def test_a_parameter_that_is_unknown_or_missing_is_an_error(tmp_path: Path) -> None:
    text = "{Parameters: {Name: {Type: String}}, Resources: {}}"

    with pytest.raises(TemplateError, match="needs a value for Name"):
        read(text, tmp_path)
    with pytest.raises(TemplateError, match="has no parameter Nmae"):
        read(text, tmp_path, Name="a", Nmae="b")
