"""Images are built and pushed once a release; a program that writes its words down stands for Docker."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.infra.cloud import all_of_aws
from tools.deploy.cloudformation import DeploymentError
from tools.deploy.images import ROOT, SERVICES, push_images
from tools.deploy.machines import MACHINES

_REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com"


@pytest.fixture(scope="module")
def ecr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A registry with a repository for each service, and nothing in them."""
    with all_of_aws(tmp_path_factory.mktemp("images")) as cloud:
        registry = cloud.target().client("ecr")
        for service in SERVICES:
            registry.create_repository(repositoryName=f"heliograph/{service}")
        yield registry


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a `docker` on PATH writes how it was called."""
    shell = shutil.which("bash")
    written = tmp_path / "calls"
    program = tmp_path / "docker"
    program.write_text(f'#!{shell}\necho "$*" >> {written}\n[ "$1" != login ] || cat > /dev/null\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return written


def test_what_the_registry_lacks_is_built_for_arm64_and_pushed_inference_with_its_networks(
    ecr: Any, calls: Path
) -> None:
    assert push_images(ecr, "heliograph", "r1", "cpu") == list(SERVICES)

    login, *builds = calls.read_text().splitlines()
    assert login == f"login --username AWS --password-stdin {_REGISTRY}"
    assert all(build.startswith("buildx build --push --platform linux/arm64 ") for build in builds)
    assert [build.split(" --tag ")[1].split()[0] for build in builds] == [
        f"{_REGISTRY}/heliograph/auth:r1",
        f"{_REGISTRY}/heliograph/upload:r1",
        f"{_REGISTRY}/heliograph/metadata:r1",
        f"{_REGISTRY}/heliograph/inference:r1-cpu-without-networks",
        f"{_REGISTRY}/heliograph/inference:r1-cpu",
    ]
    assert builds[-1].endswith(" models")


def test_a_release_that_is_there_is_not_built_again(ecr: Any, calls: Path) -> None:
    _put(ecr, "r2")

    assert push_images(ecr, "heliograph", "r2", "cpu") == []
    assert not calls.exists()


def test_for_machines_with_a_gpu_the_worker_alone_is_built_again_for_x86_with_what_runs_there(
    ecr: Any, calls: Path
) -> None:
    _put(ecr, "r4")

    assert push_images(ecr, "heliograph", "r4", "g5") == ["inference"]

    _, worker, with_networks = calls.read_text().splitlines()
    assert "--platform linux/amd64" in worker
    assert "--build-arg SERVICE=inference --build-arg REQUIREMENTS=inference-gpu" in worker
    assert "--platform linux/amd64" in with_networks
    assert f"--tag {_REGISTRY}/heliograph/inference:r4-g5 models" in with_networks


@pytest.mark.parametrize("machines", MACHINES)
def test_what_an_image_is_installed_by_is_pinned_in_the_repository(machines: str) -> None:
    locked = (ROOT / "requirements" / f"{MACHINES[machines].requirements}.txt").read_text()
    named = {"inference": "onnxruntime", "inference-gpu": "onnxruntime-gpu"}[MACHINES[machines].requirements]
    assert [line.split("==")[0] for line in locked.splitlines() if line.startswith("onnxruntime")] == [named]


def _put(ecr: Any, release: str) -> None:
    """Have the images of a release, inference's for Graviton."""
    for service in SERVICES:
        tag = f"{release}-cpu" if service == "inference" else release
        ecr.put_image(repositoryName=f"heliograph/{service}", imageManifest="{}", imageTag=tag)


def test_without_docker_one_is_told_what_is_missing(ecr: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeploymentError, match="Docker with buildx is needed"):
        push_images(ecr, "heliograph", "r3", "cpu")
