"""The services run on storage that CloudFormation has made, told what their task definitions tell them.

Each signs with keys that have its deployed policy and nothing else. What is other than on AWS: the address of AWS, of
auth and of the models, the folder of the signing key, and the names of batch calls, for which MiniStack asks beside
those of single ones (tools/access.py).
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.infra.cloud import AllOfAws, all_of_aws, policy_output
from tests.infra.environment import told
from tests.photos import a_jpeg
from tests.standin import free_ports
from tools.access import AccessKey, with_batch_actions
from tools.deploy import cdn_key
from tools.deploy.stacks import STACKS
from tools.standin import answers

_ROOT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 60.0
_APPS = {
    "auth": "heliograph_auth.main",
    "upload": "heliograph_upload.main",
    "metadata": "heliograph_metadata.main",
    "metadata-worker": "heliograph_metadata.worker",
    "inference": "heliograph_inference.worker",
}


_POLICIES = {"metadata-worker": ("metadata", "metadata-worker")}
"""Of processes whose role has other policies than the one of their own name; infra/services.yaml says the same."""


def _keys(cloud: AllOfAws, outputs: dict[str, str], service: str) -> AccessKey:
    iam = cloud.target().client("iam")
    iam.create_user(UserName=service)
    for name in _POLICIES.get(service, (service,)):
        arn = outputs[policy_output(name)]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        iam.put_user_policy(UserName=service, PolicyName=name, PolicyDocument=json.dumps(with_batch_actions(document)))
    made = iam.create_access_key(UserName=service)["AccessKey"]
    return AccessKey(made["AccessKeyId"], made["SecretAccessKey"])


@dataclass
class Running:
    """All processes: where each answers, and what its environment is."""

    ports: dict[str, int]
    operator: AccessKey
    environments: dict[str, dict[str, str]] = field(default_factory=dict)
    started: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """All processes, once all are ready."""
    folder = tmp_path_factory.mktemp("services")
    with all_of_aws(folder) as cloud, ExitStack() as processes:
        target = cloud.target()
        outputs: dict[str, str] = {}
        for stack in STACKS[:2]:
            stacks = target.stacks(stack)
            change_set, _ = stacks.plan(target.name(stack), stack.path, {"StackName": "heliograph"})
            stacks.carry_out(target.name(stack), change_set, protect=False)
            outputs |= stacks.outputs(target.name(stack))
        target.client("s3").delete_bucket_policy(Bucket="heliograph-photos")  # the stand-in speaks no TLS
        ports = dict(zip(_APPS, free_ports(len(_APPS)), strict=True))
        running = Running(ports, cloud.root)
        target.client("s3").create_bucket(Bucket="heliograph-secrets")
        cdn_key.kept_or_made(target.client("s3"), "heliograph-secrets")
        secrets = target.client("s3").get_object(Bucket="heliograph-secrets", Key=cdn_key.FILE)["Body"].read().decode()
        for process, app in _APPS.items():
            key = _keys(cloud, outputs, process)
            environment = {
                **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},  # noqa: TID251 - passed on
                **told(process),
                **(dict(line.split("=", 1) for line in secrets.splitlines()) if process == "metadata" else {}),
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": cloud.url,
                "AWS_ACCESS_KEY_ID": key.access_key_id,
                "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
                "AWS_EC2_METADATA_DISABLED": "true",
                "HELIOGRAPH_STACK_NAME": "heliograph",
                "HELIOGRAPH_JWKS_URL": f"http://127.0.0.1:{ports['auth']}/.well-known/jwks.json",
                "HELIOGRAPH_AUTH_KEYRING_FILE": str(folder / "keyring.json"),
                "HELIOGRAPH_MODELS_DIRECTORY": str(_ROOT / "models"),
                "HELIOGRAPH_INFERENCE_INSTANCE_METADATA_URL": "",
                # The stand-in wants a permission to send letters from every domain, and auth has one for its own.
                "HELIOGRAPH_EMAIL_VERIFICATION": "offered",
            }
            log = processes.enter_context((folder / f"{process}.log").open("wb"))
            command = [sys.executable, "-m", "uvicorn", "--factory", f"{app}:create_app", "--port", str(ports[process])]
            started = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            processes.callback(started.wait)
            processes.callback(started.terminate)
            running.environments[process] = environment
            running.started[process] = started
        for process, port in ports.items():
            _until_ready(port, running.started[process], folder / f"{process}.log")
        yield running


def _until_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if answers(f"http://127.0.0.1:{port}/readyz"):
            return
        time.sleep(0.1)
    pytest.fail(f"not ready: {log.read_text()[-2000:]}")


@pytest.mark.parametrize("process", _APPS)
def test_a_process_finds_everything_that_it_needs(running: Running, process: str) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{running.ports[process]}/readyz", timeout=10) as answer:
        assert json.load(answer)["ready"] is True


def test_a_photo_goes_its_whole_way(running: Running) -> None:
    def at(process: str) -> str:
        return f"http://127.0.0.1:{running.ports[process]}/api/v1"

    who = {"email": "ada@example.org", "password": "correct horse battery staple", "name": "Ada"}
    with httpx.Client(timeout=30, trust_env=False) as client:
        assert client.post(f"{at('auth')}/accounts", json=who).status_code == 201
        signed_in = client.post(f"{at('auth')}/tokens", data={"username": who["email"], "password": who["password"]})
        client.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
        sent = client.post(f"{at('upload')}/photos", files={"file": ("street.jpg", a_jpeg(), "image/jpeg")})
        photo = f"{at('metadata')}/photos/{sent.json()['photo_id']}"
        until = time.monotonic() + _READY_SECONDS
        while (seen := client.get(photo).json()).get("status") != "ready" and time.monotonic() < until:
            time.sleep(0.1)

    assert seen["status"] == "ready"
    assert "&Key-Pair-Id=CdnKeyPairId&Signature=" in seen["thumbnail_url"]


@pytest.mark.parametrize("command", ["reindex", "verify-index", "reclassify --models yolov8n@2", "orphans"])
def test_an_operators_command_runs_with_the_operators_own_keys(running: Running, command: str) -> None:
    keys = {
        "AWS_ACCESS_KEY_ID": running.operator.access_key_id,
        "AWS_SECRET_ACCESS_KEY": running.operator.secret_access_key,
    }
    done = subprocess.run(
        [sys.executable, "-m", "heliograph_metadata.admin", *command.split()],
        env=running.environments["metadata"] | keys,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
