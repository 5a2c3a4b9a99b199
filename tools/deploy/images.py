"""Builds the services' images and pushes them to the registry of the account, each release once."""

import base64
import subprocess
from pathlib import Path
from typing import Any

from tools.deploy.cloudformation import DeploymentError
from tools.deploy.machines import MACHINES

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("auth", "upload", "metadata", "inference")
_PLATFORM = "linux/arm64"
"""Of all but inference."""


def push_images(ecr: Any, stack_name: str, release: str, machines: str) -> list[str]:
    """Build and push what the registry doesn't have of this release; return the services whose images were pushed.

    Args:
        ecr: A botocore client of ECR.
        stack_name: The prefix of the repositories.
        release: The images' tag; inference's has the kind of its machines behind it.
        machines: Which kind, of `MACHINES`.

    Raises:
        DeploymentError: Docker is missing, or failed; or the networks of models/ are not there.
    """
    tags = {service: f"{release}-{machines}" if service == "inference" else release for service in SERVICES}
    missing = [service for service in SERVICES if not _is_there(ecr, f"{stack_name}/{service}", tags[service])]
    if not missing:
        return []
    registry = _sign_in(ecr)
    for service in missing:
        image = f"{registry}/{stack_name}/{service}:{tags[service]}"
        if service == "inference":
            _push_with_networks(image, machines)
        else:
            _docker("buildx", "build", "--push", *_of_service(service), "--tag", image, ".")
    return missing


def _is_there(ecr: Any, repository: str, release: str) -> bool:
    try:
        return bool(ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": release}])["imageDetails"])
    except ecr.exceptions.ImageNotFoundException:
        return False


def _sign_in(ecr: Any) -> str:
    """Sign Docker in for twelve hours; return the registry's host."""
    given = ecr.get_authorization_token()["authorizationData"][0]
    user, _, password = base64.b64decode(given["authorizationToken"]).decode().partition(":")
    registry: str = given["proxyEndpoint"].removeprefix("https://")
    _docker("login", "--username", user, "--password-stdin", registry, given=password)
    return registry


def _of_service(service: str, platform: str = _PLATFORM) -> list[str]:
    return ["--platform", platform, "--file", "services/Dockerfile", "--build-arg", f"SERVICE={service}"]


def _push_with_networks(image: str, machines: str) -> None:
    """Push the worker with the networks in it: the machines that run it can fetch nothing from elsewhere."""
    if not list((ROOT / "models").glob("*.onnx")):
        raise DeploymentError("there are no networks in models/: run `make models` first")
    machine = MACHINES[machines]
    worker = f"{image}-without-networks"
    _docker(
        *("buildx", "build", "--push", *_of_service("inference", machine.platform)),
        *("--build-arg", f"REQUIREMENTS={machine.requirements}", "--tag", worker, "."),
    )
    _docker(
        *("buildx", "build", "--push", "--platform", machine.platform, "--file", "infra/inference.Dockerfile"),
        *("--build-arg", f"WORKER_IMAGE={worker}", "--tag", image, "models"),
    )


def _docker(*arguments: str, given: str | None = None) -> None:
    try:
        done = subprocess.run(["docker", *arguments], cwd=ROOT, input=given, text=True, check=False)
    except FileNotFoundError as error:
        raise DeploymentError("Docker with buildx is needed to build the images, and there is none on PATH") from error
    if done.returncode != 0:
        raise DeploymentError(f"docker {arguments[0]} failed")
