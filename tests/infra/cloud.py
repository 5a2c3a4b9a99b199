"""A whole stand-in for AWS with CloudFormation, into which the templates of infra/ are deployed as they are."""

import json
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config

from tests.standin import free_ports
from tools.access import AccessKey
from tools.deploy.__main__ import Target
from tools.deploy.stacks import STACKS, Stack
from tools.standin import answers, ministack_command
from tools.template import read_document

DOMAIN = "photos.example.org"
STACK_NAME = "heliograph"
MACHINE_IMAGE = "/test/machine-image"
"""In place of AWS's own parameter, whose name nobody else may take."""

_UNHEARD_OF = {
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::CloudFront::KeyGroup",
    "AWS::CloudFront::PublicKey",
}


def is_known_to_the_standin(about: Mapping[str, Any]) -> bool:
    """Whether MiniStack's CloudFormation makes such a resource.

    Of alarms only those that watch one metric; of records none that names what SES signs letters with.
    """
    is_metric_math = about["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in about["Properties"]
    names_a_signature = "DkimDNSToken" in json.dumps(about)
    return about["Type"] not in _UNHEARD_OF and not is_metric_math and not names_a_signature


class AllOfAws:
    """MiniStack with all of its services, enforcing IAM."""

    def __init__(self, port: int, root: AccessKey) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.root = root

    def session(self, key: AccessKey | None = None) -> Any:
        """Return a botocore session whose clients reach the stand-in, as root or with another key."""
        key = key or self.root
        return _NearSession(self.url, key)

    def target(self) -> Target:
        """Return it as `make deploy` sees an account."""
        return Target("us-east-1", DOMAIN, STACK_NAME, self.session(), poll_seconds=0.05)


class _NearSession:
    """Makes clients as botocore's session does, for the stand-in's address."""

    def __init__(self, url: str, key: AccessKey) -> None:
        self._url = url
        self._key = key
        self._session = botocore.session.get_session()

    def create_client(self, service: str, *, region_name: str) -> Any:
        return self._session.create_client(
            service,
            region_name=region_name,
            endpoint_url=self._url,
            aws_access_key_id=self._key.access_key_id,
            aws_secret_access_key=self._key.secret_access_key,
            config=Config(s3={"addressing_style": "path"}, proxies={}, retries={"max_attempts": 1}),
        )


def policy_output(service: str) -> str:
    """Return the name under which access.yaml tells the ARN of a service's policy."""
    return f"{''.join(part.capitalize() for part in service.split('-'))}PolicyArn"


@contextmanager
def all_of_aws(folder: Path) -> Iterator[AllOfAws]:
    """Start MiniStack with every service it has, an account with a hosted zone, and stop it at the end."""
    root = AccessKey(f"AKIA{secrets.token_hex(8).upper()}", secrets.token_urlsafe(30))
    (port,) = free_ports(1)
    command = ministack_command(port, host="127.0.0.1", root=root, folder=folder, keep=False, own_dynamodb=True)
    environment = {name: value for name, value in command.environment.items() if name != "SERVICES"}
    with (folder / "ministack.log").open("wb") as log:
        process = subprocess.Popen(command.arguments, env=environment, stdout=log, stderr=log)
        try:
            while not answers(command.ready_url):
                assert process.poll() is None, (folder / "ministack.log").read_text()
            cloud = AllOfAws(port, root)
            _furnish(cloud.target())
            yield cloud
        finally:
            process.terminate()
            process.wait()


def _furnish(target: Target) -> None:
    """Make what an account of AWS has by itself, or its owner has made before."""
    target.client("route53").create_hosted_zone(Name="example.org", CallerReference="tests")
    target.client("ssm").put_parameter(Name=MACHINE_IMAGE, Type="String", Value="ami-0abcdef1234567890")


def deployable(folder: Path) -> list[Stack]:
    """Return the stacks as the stand-in can take them, which is nearly as they are.

    What it has never heard of is left out, with the references to it; and it takes a parameter of type Number for a
    string, on which some resources fail, so that such parameters are replaced by their defaults.
    """
    return [stack for stack in (_deployable(stack, folder) for stack in STACKS) if stack.template]


def _deployable(stack: Stack, folder: Path) -> Stack:
    document = read_document(stack.path)
    left_out = {name for name, about in document["Resources"].items() if not is_known_to_the_standin(about)}
    numbers = {
        name: int(about["Default"])
        for name, about in document.get("Parameters", {}).items()
        if about["Type"] == "Number"
    }
    if not left_out and not numbers:
        return stack
    resources = {
        name: _adapted(about, left_out, numbers)
        for name, about in document["Resources"].items()
        if name not in left_out
    }
    if not resources:
        return replace(stack, template="")
    written = folder / f"{stack.name}.json"
    written.write_text(json.dumps(document | {"Resources": resources}))
    return replace(stack, template=str(written))


def _adapted(value: Any, left_out: set[str], numbers: Mapping[str, int]) -> Any:
    if isinstance(value, list):
        return [_adapted(item, left_out, numbers) for item in value if _referred(item) not in left_out]
    if isinstance(value, Mapping):
        if (name := _referred(value)) in numbers:
            return numbers[str(name)]
        return {key: _adapted(item, left_out, numbers) for key, item in value.items()}
    return value


def _referred(value: Any) -> str | None:
    return value.get("Ref") if isinstance(value, Mapping) else None
