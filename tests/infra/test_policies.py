"""What each role may call and what it may not, by IAM's own simulation in the stand-in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.infra.cloud import AllOfAws, all_of_aws, policy_output
from tools.deploy.stacks import STORAGE
from tools.template import Place, Resource, read_template

_ACCESS = STORAGE.path.with_name("access.yaml")
_STATEMENTS = [
    (policy.properties["ManagedPolicyName"].removeprefix("heliograph-"), statement)
    for policy in read_template(_ACCESS, {}, Place())
    for statement in policy.properties["PolicyDocument"]["Statement"]
]


@dataclass(frozen=True)
class Call:
    """One action on one resource."""

    action: str
    resource: str


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _allowed(service: str) -> set[Call]:
    """Return every call that a service's statements name, a thing of a bucket or an index given a name."""
    return {
        Call(action, resource.replace("*", "some/thing" if ":s3:::" in resource else "some-index"))
        for of_service, statement in _STATEMENTS
        if of_service == service
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    }


_CALLS = {service: _allowed(service) for service, _ in _STATEMENTS}


def _arn(resource: Resource) -> str:
    place = Place()
    match resource.kind:
        case "AWS::S3::Bucket":
            return f"arn:aws:s3:::{resource.properties['BucketName']}"
        case "AWS::SQS::Queue":
            return f"arn:aws:sqs:{place.region}:{place.account_id}:{resource.properties['QueueName']}"
        case _:
            return f"arn:aws:dynamodb:{place.region}:{place.account_id}:table/{resource.properties['TableName']}"


_KINDS = ("AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::DynamoDB::Table")
_RESOURCES = [_arn(one) for one in read_template(STORAGE.path, {}, Place()) if one.kind in _KINDS]
_FOLDERS = ("originals/", "imports/", "renditions/")
_OF_NOBODY = {
    "s3": ("s3:DeleteBucket", "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration"),
    "sqs": ("sqs:PurgeQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes"),
    "dynamodb": ("dynamodb:DeleteTable", "dynamodb:UpdateTable", "dynamodb:DescribeContinuousBackups"),
}


def _universe() -> set[Call]:
    """Return every action that any service has, and some that none has, on every resource that could be meant."""
    actions = {call.action for calls in _CALLS.values() for call in calls}
    universe = {call for calls in _CALLS.values() for call in calls}
    for resource in _RESOURCES:
        kind = resource.split(":")[2]
        things = (
            [f"{resource}/{folder}a" for folder in ("originals/", "imports/", "renditions/", "")]
            if kind == "s3"
            else []
        )
        for action in {action for action in actions if action.startswith(f"{kind}:")} | set(_OF_NOBODY[kind]):
            universe |= {Call(action, named) for named in (resource, *things)}
    return universe


def _means(pattern: str, resource: str) -> bool:
    before, star, _ = pattern.partition("*")
    return resource.startswith(before) if star else resource == pattern


def _is_allowed(service: str, call: Call) -> bool:
    return any(
        call.action in _listed(statement["Action"])
        and any(_means(pattern, call.resource) for pattern in _listed(statement["Resource"]))
        for of_service, statement in _STATEMENTS
        if of_service == service
    )


@pytest.fixture(scope="module")
def iam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """IAM of the stand-in, with the policies of access.yaml deployed and a role for each."""
    with all_of_aws(tmp_path_factory.mktemp("iam")) as cloud:
        yield _with_roles(cloud)


def _with_roles(cloud: AllOfAws) -> Any:
    target = cloud.target()
    stacks = target.stacks(STORAGE)
    change_set, _ = stacks.plan("heliograph-access", _ACCESS, {"StackName": "heliograph"})
    stacks.carry_out("heliograph-access", change_set, protect=False)
    iam = target.client("iam")
    trust = '{"Version":"2012-10-17","Statement":[]}'
    for service in _CALLS:
        iam.create_role(RoleName=service, AssumeRolePolicyDocument=trust)
        arn = stacks.outputs("heliograph-access")[policy_output(service)]
        iam.attach_role_policy(RoleName=service, PolicyArn=arn)
    return iam


@pytest.mark.parametrize("service", _CALLS)
def test_a_role_may_call_what_its_policy_names_and_nothing_else(iam: Any, service: str) -> None:
    role = iam.get_role(RoleName=service)["Role"]["Arn"]
    wrong = []
    by_resource: dict[str, list[str]] = {}
    for call in _universe():
        by_resource.setdefault(call.resource, []).append(call.action)
    refused = 0
    for resource, actions in by_resource.items():
        answered = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=actions, ResourceArns=[resource])
        for result in answered["EvaluationResults"]:
            call = Call(result["EvalActionName"], resource)
            is_allowed = result["EvalDecision"] == "allowed"
            refused += not is_allowed
            if is_allowed != _is_allowed(service, call):
                wrong.append(call)
    assert wrong == []
    assert refused > len(_CALLS[service])


@pytest.mark.parametrize("service", _CALLS)
def test_a_policy_has_no_wildcard_but_for_the_things_in_a_folder_or_the_indexes_of_a_table(service: str) -> None:
    for of_service, statement in _STATEMENTS:
        if of_service == service:
            assert [action for action in _listed(statement["Action"]) if "*" in action] == []
            for resource in _listed(statement["Resource"]):
                assert resource.count("*") == resource.endswith(
                    ("/originals/*", "/imports/*", "/exports/*", "/renditions/*", "/index/*")
                )
