"""Reads a CloudFormation template: parameters and intrinsic functions become plain values.

Only what infra/storage.yaml and access.yaml use is understood (`Ref`, `Sub`, `GetAtt … .Arn`, `If` on an `Equals`);
anything else is an error, never a guess.
Every resource there has a name of its own, so each ARN follows from the name and nothing need be created first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_SUB_NAME = re.compile(r"\$\{([^}]+)\}")
_NOTHING = object()
"""What `AWS::NoValue` is: a property of that value is not there."""
_TARGET_PROPERTIES = ("ResourceId", "ScalableDimension", "ServiceNamespace")
"""What `Ref` of a scalable target gives, with bars between."""
_NAME_PROPERTY = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::DynamoDB::Table": "TableName",
}


class TemplateError(ValueError):
    """The template says something that only CloudFormation itself would understand."""


@dataclass(frozen=True)
class Place:
    """Where the resources are: what CloudFormation calls pseudo parameters."""

    account_id: str = "000000000000"
    region: str = "us-east-1"
    partition: str = "aws"


@dataclass(frozen=True)
class Resource:
    """One resource, its properties resolved."""

    logical_id: str
    kind: str
    properties: dict[str, Any] = field(default_factory=dict)


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, each read as its long form `{"Fn::…": value}`."""


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        raise TemplateError(f"!{suffix} of a mapping is not understood here")
    return {"Ref" if suffix == "Ref" else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tagged)


def read_template(path: Path, parameters: Mapping[str, str], place: Place) -> list[Resource]:
    """Return the template's resources whose condition holds, in the order they stand in, every property resolved.

    Args:
        path: A CloudFormation template in YAML.
        parameters: Values of its parameters; what is left out takes its default.
        place: Account, region and partition.

    Raises:
        TemplateError: An unknown parameter, a missing value, or an intrinsic function that isn't understood.
    """
    document = read_document(path)
    declared = document.get("Parameters", {})
    if unknown := set(parameters) - set(declared):
        raise TemplateError(f"{path.name} has no parameter {', '.join(sorted(unknown))}")
    values = {name: parameters.get(name, about.get("Default")) for name, about in declared.items()}
    if missing := [name for name, value in values.items() if value is None]:
        raise TemplateError(f"{path.name} needs a value for {', '.join(missing)}")
    resolver = _Resolver(document["Resources"], document.get("Conditions", {}), values, place)
    return [
        Resource(logical_id, about["Type"], resolver.resolved(about.get("Properties", {})))
        for logical_id, about in document["Resources"].items()
        if "Condition" not in about or resolver.holds(about["Condition"])
    ]


def parameters_of(path: Path) -> dict[str, str | None]:
    """Return the names of a template's parameters with their defaults, None where a value has to be given."""
    declared = read_document(path).get("Parameters", {})
    return {name: None if "Default" not in about else str(about["Default"]) for name, about in declared.items()}


def read_outputs(path: Path) -> list[str]:
    """Return the names of a template's outputs."""
    return list(read_document(path).get("Outputs", {}))


def read_document(path: Path) -> dict[str, Any]:
    """Return the whole template, its intrinsic functions as they are, each in its long form."""
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    return document


class _Resolver:
    """Replaces intrinsic functions by their values."""

    def __init__(
        self, resources: dict[str, Any], conditions: dict[str, Any], parameters: Mapping[str, Any], place: Place
    ) -> None:
        self._resources = resources
        self._conditions = conditions
        self._parameters = parameters
        self._place = place

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template does, given the parameters."""
        asked = self._conditions.get(condition)
        if not isinstance(asked, dict) or list(asked) != ["Fn::Equals"]:
            raise TemplateError(f"the condition {condition} is not understood here")
        one, other = self.resolved(asked["Fn::Equals"])
        return bool(one == other)

    def resolved(self, value: Any) -> Any:
        if isinstance(value, list):
            return [item for item in map(self.resolved, value) if item is not _NOTHING]
        if not isinstance(value, dict):
            return value
        return self._of_mapping(value)

    def _of_mapping(self, value: dict[str, Any]) -> Any:
        if "Ref" in value:
            return self._ref(value["Ref"])
        if "Fn::Sub" in value:
            return _SUB_NAME.sub(lambda match: str(self._ref(match[1])), value["Fn::Sub"])
        if "Fn::GetAtt" in value:
            return self._arn(value["Fn::GetAtt"])
        if "Fn::If" in value:
            condition, then, otherwise = value["Fn::If"]
            return self.resolved(then if self.holds(condition) else otherwise)
        if function := next((key for key in value if key.startswith("Fn::")), None):
            raise TemplateError(f"{function} is not understood here")
        resolved = {key: self.resolved(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not _NOTHING}

    def _ref(self, name: str) -> Any:
        pseudo = {
            "AWS::AccountId": self._place.account_id,
            "AWS::Region": self._place.region,
            "AWS::Partition": self._place.partition,
            "AWS::NoValue": _NOTHING,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self._parameters:
            return self._parameters[name]
        return self._name(name)

    def _name(self, logical_id: str) -> str:
        """Return a resource's own name: what `Ref` gives for a bucket and a table, and stands for a queue's URL."""
        about = self._resources.get(logical_id)
        if about is not None and about["Type"] == "AWS::ApplicationAutoScaling::ScalableTarget":
            return "|".join(self.resolved(about["Properties"][name]) for name in _TARGET_PROPERTIES)
        if about is None or about["Type"] not in _NAME_PROPERTY:
            raise TemplateError(f"nothing with a name is called {logical_id}")
        return str(self.resolved(about["Properties"][_NAME_PROPERTY[about["Type"]]]))

    def _arn(self, attribute: str | list[str]) -> str:
        logical_id, _, what = (attribute if isinstance(attribute, str) else ".".join(attribute)).partition(".")
        if what != "Arn":
            raise TemplateError(f"GetAtt {logical_id}.{what} is not understood here")
        name, place = self._name(logical_id), self._place
        match self._resources[logical_id]["Type"]:
            case "AWS::S3::Bucket":
                return f"arn:{place.partition}:s3:::{name}"
            case "AWS::SQS::Queue":
                return f"arn:{place.partition}:sqs:{place.region}:{place.account_id}:{name}"
            case _:
                return f"arn:{place.partition}:dynamodb:{place.region}:{place.account_id}:table/{name}"
