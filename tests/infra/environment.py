"""What the stack tells each process by its environment, read from the templates."""

import re
from typing import Any

from tools.deploy.stacks import INFRA
from tools.template import read_document


def told_to_all() -> dict[str, dict[str, str]]:
    """Return each process's environment by its name, intrinsic functions as text."""
    told = {}
    for about in read_document(INFRA / "services.yaml")["Resources"].values():
        if about["Type"] == "AWS::ECS::TaskDefinition":
            (container,) = about["Properties"]["ContainerDefinitions"]
            told[container["Name"]] = {one["Name"]: _text(one["Value"]) for one in container["Environment"]}
    machine = read_document(INFRA / "inference.yaml")["Resources"]["LaunchTemplate"]["Properties"]
    script = machine["LaunchTemplateData"]["UserData"]["Fn::Base64"]["Fn::Sub"]
    told["inference"] = dict(re.findall(r"--env ([A-Z_]+)=(\S+)", script))
    return told


def told(process: str) -> dict[str, str]:
    """Return what the stack tells a process: the names and values of its environment."""
    return told_to_all()[process]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else next(iter(value.values()))
