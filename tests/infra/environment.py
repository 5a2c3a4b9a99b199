"""What the stack tells each process by its environment, read from the templates."""

import re
from collections.abc import Mapping
from typing import Any

from tools.deploy.stacks import INFRA
from tools.template import read_document


def user_data(machines: str = "cpu") -> str:
    """Return the script that a machine of this kind starts with, its parameters as they stand in the template."""
    template = read_document(INFRA / "inference.yaml")
    launched = template["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"]
    script, own = launched["UserData"]["Fn::Base64"]["Fn::Sub"]
    for name, one in own.items():
        mapping, _, column = one["Fn::FindInMap"]
        script = script.replace(f"${{{name}}}", str(template["Mappings"][mapping][machines][column]))
    return str(script)


def told_to_all() -> dict[str, dict[str, str]]:
    """Return each process's environment by its name; parameters are at their defaults, other functions as text."""
    told = {}
    document = read_document(INFRA / "services.yaml")
    defaults = {name: str(about["Default"]) for name, about in document["Parameters"].items() if "Default" in about}
    for about in document["Resources"].values():
        if about["Type"] == "AWS::ECS::TaskDefinition":
            (container,) = about["Properties"]["ContainerDefinitions"]
            told[container["Name"]] = {one["Name"]: _text(one["Value"], defaults) for one in container["Environment"]}
    told["inference"] = dict(re.findall(r"--env ([A-Z_]+)=(\S+)", user_data()))
    return told


def told(process: str) -> dict[str, str]:
    """Return what the stack tells a process: the names and values of its environment."""
    return told_to_all()[process]


def _text(value: Any, defaults: Mapping[str, str]) -> str:
    said: str = value if isinstance(value, str) else next(iter(value.values()))
    return defaults.get(said, said) if isinstance(value, dict) and "Ref" in value else said
