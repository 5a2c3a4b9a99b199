"""`make deploy` and `make destroy`, done to a stand-in: a first deployment, an update, a rollback, a removal."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.infra.cloud import is_known_to_the_standin
from tests.infra.conftest import SETTINGS, Deployment, record
from tests.infra.storage_seen import StorageSeen
from tests.standin import running_standin
from tools.access import apply_access
from tools.deploy.__main__ import check_domain, destroy, given_inputs
from tools.deploy.cloudformation import DeploymentError
from tools.deploy.stacks import STACKS, STORAGE, MissingInputError, inputs
from tools.nginx import MapTiles
from tools.template import read_document

_INDEXES = "GlobalSecondaryIndexes"


@pytest.fixture(scope="module")
def deployment(empty_account: Deployment) -> Deployment:
    """Everything, in its first release."""
    empty_account.deploy("r1")
    return empty_account


def test_a_dry_run_of_the_first_deployment_names_every_stack_and_leaves_nothing(
    empty_account: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    empty_account.deploy("r1", dry_run=True)

    said = capsys.readouterr().out
    assert all(f"heliograph-{stack.name}: " in said for stack in empty_account.stacks)
    assert "AWS::DynamoDB::Table" in said
    assert [stack.name for stack in STACKS if _status(empty_account, stack.name)] == []


def test_every_resource_that_the_standin_knows_is_made(deployment: Deployment) -> None:
    missing = []
    for stack in STACKS:
        for logical_id, about in read_document(stack.path)["Resources"].items():
            if not is_known_to_the_standin(about):
                continue
            made = _made(deployment, stack.name)
            if made.get(logical_id) != about["Type"]:
                missing.append(f"{stack.name}.{logical_id}")
            else:
                record("deployed", about["Type"], f"{stack.template} {logical_id}")
    assert missing == []


def test_a_second_deployment_of_the_same_release_changes_nothing(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment.deploy("r1", dry_run=True)

    said = capsys.readouterr().out
    assert said.count("nothing to change") == len(deployment.stacks)


def test_storage_is_what_the_demo_runs_on(deployment: Deployment, tmp_path: Path) -> None:
    with running_standin(tmp_path) as standin:
        standin.set_up(stack_name="heliograph")
        demo = StorageSeen.through(standin.endpoint.client)
    aws = StorageSeen.through(deployment.target.client)

    assert aws.tables == demo.tables
    assert aws.queues == demo.queues
    assert aws.buckets == demo.buckets
    for kind, logical_id in aws.counterparts():
        record("compared", kind, f"storage.yaml {logical_id}")


def test_roles_may_do_what_the_users_of_the_demo_may(deployment: Deployment, tmp_path: Path) -> None:
    iam = deployment.target.client("iam")
    allowed = {}
    for policy in iam.list_policies(Scope="Local")["Policies"]:
        version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        allowed[policy["PolicyName"]] = version["PolicyVersion"]["Document"]["Statement"]
    with running_standin(tmp_path) as standin:
        apply_access(standin.endpoint, {})
        users = standin.endpoint.client("iam")
        for name, statements in allowed.items():
            service = name.removeprefix("heliograph-")
            of_demo = users.get_user_policy(UserName=name, PolicyName=service)["PolicyDocument"]["Statement"]
            assert [_without_batches(one) for one in of_demo] == [_without_batches(one) for one in statements]
            record("compared", "AWS::IAM::ManagedPolicy", f"access.yaml {name}")
    assert sorted(allowed) == [
        f"heliograph-{name}" for name in ("auth", "inference", "metadata", "metadata-worker", "upload")
    ]


def test_a_new_release_changes_what_runs_and_an_earlier_one_takes_it_back(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment.deploy("r2")
    changed = [line.split()[2] for line in capsys.readouterr().out.splitlines() if line.startswith("    modify")]
    after_update = _images(deployment)
    deployment.deploy("r1")

    assert {one for one in changed if one.endswith("Task")} == {"AuthTask", "UploadTask", "MetadataTask", "WorkerTask"}
    assert "LaunchTemplate" in changed
    assert {image.rpartition(":")[2] for image in after_update} == {"r2"}
    assert {image.rpartition(":")[2] for image in _images(deployment)} == {"r1"}


def test_a_photo_s_tables_are_bought_by_the_hour_for_a_while_and_keep_what_they_have(deployment: Deployment) -> None:
    dynamodb = deployment.target.client("dynamodb")
    before = StorageSeen.through(deployment.target.client).tables
    dynamodb.put_item(TableName="heliograph-photos", Item={"photo_id": {"S": "one"}, "owner_id": {"S": "anna"}})

    deployment.deploy("r1", "Tables=by-the-hour")
    bought = StorageSeen.through(deployment.target.client).tables
    found = dynamodb.describe_table(TableName="heliograph-photos")["Table"]
    deployment.deploy("r1")

    ours = {"heliograph-photos", "heliograph-terms"}
    assert bought == {
        name: table | ({"billing": "PROVISIONED"} if name in ours else {}) for name, table in before.items()
    }
    assert {
        one.get("IndexName", "photos"): one["ProvisionedThroughput"]["WriteCapacityUnits"]
        for one in [found, *found[_INDEXES]]
    } == {"photos": 20, "unfinished": 20, "by-owner": 10, "trash": 5}
    assert dynamodb.query(
        TableName="heliograph-photos",
        IndexName="by-owner",
        KeyConditionExpression="owner_id = :anna",
        ExpressionAttributeValues={":anna": {"S": "anna"}},
    )["Items"] == [{"photo_id": {"S": "one"}, "owner_id": {"S": "anna"}}]
    assert StorageSeen.through(deployment.target.client).tables == before
    dynamodb.delete_item(TableName="heliograph-photos", Key={"photo_id": {"S": "one"}})


def test_thumbnails_within_previews_are_told_to_the_services_and_stay_chosen(deployment: Deployment) -> None:
    deployment.deploy("r1", "Thumbnails=within-previews")
    chosen = _told_of_thumbnails(deployment)
    deployment.deploy("r2")
    afterwards = _told_of_thumbnails(deployment)

    assert chosen == afterwards == {"metadata": "within-previews", "metadata-worker": "within-previews"}
    with pytest.raises(DeploymentError, match="Thumbnails=objects: it is within-previews"):
        deployment.deploy("r2", "Thumbnails=objects")
    deployment.deploy("r1")


def _told_of_thumbnails(deployment: Deployment) -> dict[str, str]:
    """Return what the containers that are running now are told of where thumbnails lie, by their names."""
    return {
        container["name"]: one["value"]
        for container in _containers(deployment)
        for one in container.get("environment", [])
        if one["name"] == "HELIOGRAPH_THUMBNAILS"
    }


def test_what_no_stack_knows_is_refused_by_name(deployment: Deployment) -> None:
    with pytest.raises(MissingInputError, match=r"certificate.yaml needs DomainName, HostedZoneId"):
        inputs(next(stack for stack in STACKS if stack.name == "certificate"), {})


def test_settings_that_no_template_has_and_names_that_are_none_are_refused(empty_account: Deployment) -> None:
    with pytest.raises(DeploymentError, match=r"no stack has a parameter Machine$"):
        given_inputs(empty_account.target, "r1", MapTiles(), ["Machine=cpu"])
    with pytest.raises(DeploymentError, match="'MostMachines' is not of the form Name=value"):
        given_inputs(empty_account.target, "r1", MapTiles(), ["MostMachines"])
    with pytest.raises(DeploymentError, match="Machines=p5: there are cpu, cpu-x86, g4dn, g5, g6"):
        given_inputs(empty_account.target, "r1", MapTiles(), ["Machines=p5"])
    for domain in ("", "photos", "https://photos.example.org", "photos.example.org/"):
        with pytest.raises(DeploymentError, match="is no name"):
            check_domain(domain)


def test_the_hosted_zone_is_the_nearest_one_above_the_domain(empty_account: Deployment) -> None:
    route53 = empty_account.target.client("route53")
    nearer = route53.create_hosted_zone(Name="photos.example.org", CallerReference="nearer")["HostedZone"]["Id"]
    elsewhere = replace(empty_account.target, domain="photos.example.com")

    known = given_inputs(empty_account.target, "r1", MapTiles(), SETTINGS)
    route53.delete_hosted_zone(Id=nearer)

    assert known["HostedZoneId"] == nearer.removeprefix("/hostedzone/")
    with pytest.raises(DeploymentError, match=r"no public hosted zone for photos\.example\.com"):
        given_inputs(elsewhere, "r1", MapTiles(), SETTINGS)


def test_a_stack_that_cannot_be_made_says_which_resource_failed(deployment: Deployment, tmp_path: Path) -> None:
    template = tmp_path / "no-good.yaml"
    template.write_text(
        "Resources:\n  Topic:\n    Type: AWS::CloudWatch::Alarm\n"
        "    Properties:\n      Metrics: [{Id: a, Expression: '1'}]\n"
        "      EvaluationPeriods: 1\n      ComparisonOperator: LessThanThreshold\n"
    )
    stacks = deployment.target.stacks(STORAGE)
    change_set, _ = stacks.plan("no-good", template, {})

    with pytest.raises(DeploymentError, match="Topic"):
        stacks.carry_out("no-good", change_set, protect=False)


def test_destroying_leaves_what_people_have_given_and_nothing_else(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    destroy(deployment.target, dry_run=True)
    assert _status(deployment, "web") is not None
    destroy(deployment.target, dry_run=False)

    assert [stack.name for stack in STACKS if _status(deployment, stack.name)] == ["storage"]
    assert "heliograph-photos" in [one["Name"] for one in deployment.target.client("s3").list_buckets()["Buckets"]]
    described = deployment.target.client("cloudformation").describe_stacks(StackName="heliograph-storage")
    assert described["Stacks"][0]["EnableTerminationProtection"] is True


def _status(deployment: Deployment, name: str) -> str | None:
    stack = next(stack for stack in STACKS if stack.name == name)
    return deployment.target.stacks(stack).status(f"heliograph-{name}")


def _made(deployment: Deployment, name: str) -> dict[str, str]:
    stack = next(stack for stack in STACKS if stack.name == name)
    region = "us-east-1" if stack.at_the_edge else deployment.target.region
    listed = deployment.target.client("cloudformation", region).list_stack_resources(StackName=f"heliograph-{name}")
    return {one["LogicalResourceId"]: one["ResourceType"] for one in listed["StackResourceSummaries"]}


def _without_batches(statement: dict[str, object]) -> dict[str, object]:
    actions = statement["Action"]
    assert isinstance(actions, (str, list))
    named = [actions] if isinstance(actions, str) else actions
    return statement | {"Action": [action for action in named if not action.endswith("Batch")]}


def _images(deployment: Deployment) -> set[str]:
    return {container["image"] for container in _containers(deployment)}


def _containers(deployment: Deployment) -> list[dict[str, Any]]:
    """Return what the present task definitions of all services say of their containers."""
    ecs = deployment.target.client("ecs")
    services = ecs.list_services(cluster="heliograph")["serviceArns"]
    described = ecs.describe_services(cluster="heliograph", services=services)["services"]
    return [
        container
        for service in described
        for container in ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"][
            "containerDefinitions"
        ]
    ]
