"""The inference machine's user data, run by bash: what it starts, and what it does when the machine is to go.

The metadata service is a real server, and curl is the machine's own. Docker, systemd and the AWS CLI are not here: in
their place stand programs that write down how they were called, and calls of the CLI are held against the SDK's own
description of the service.
"""

import os
import re
import shutil
import stat
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import botocore.session
import pytest

from tests.infra.environment import user_data
from tools.deploy.machines import MACHINES
from tools.deploy.stacks import INFRA
from tools.template import read_document

_VALUES = {
    "AWS::Region": "eu-west-1",
    "StackName": "heliograph",
    "InferenceRepositoryUri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/heliograph/inference",
    "Release": "abc123",
    "Logs": "/heliograph/inference",
}
_REAL = ("bash", "cat", "chmod", "dirname", "sleep", "curl", "env")


class _Metadata(BaseHTTPRequestHandler):
    """EC2's metadata service, version 2 only."""

    answers: dict[str, str] = {}  # noqa: RUF012 - set for each test
    token = "a-token"

    def do_PUT(self) -> None:
        self._say(self.token if self.headers.get("X-aws-ec2-metadata-token-ttl-seconds") else None)

    def do_GET(self) -> None:
        if self.headers.get("X-aws-ec2-metadata-token") != self.token:
            self._say(None)
            return
        self._say(self.answers.get(self.path.removeprefix("/latest/meta-data/")))

    def _say(self, text: str | None) -> None:
        self.send_response(200 if text is not None else 404)
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


class Machine:
    """A folder in which user data finds the programs and writes the files that it would on a machine of its own."""

    def __init__(self, folder: Path, metadata_url: str) -> None:
        self.root = folder / "root"
        self.calls_file = folder / "calls"
        self._programs = folder / "programs"
        self._metadata_url = metadata_url
        for made in ("usr/local/bin", "etc/systemd/system"):
            (self.root / made).mkdir(parents=True)
        self._programs.mkdir()
        for name in _REAL:
            found = shutil.which(name)
            assert found, f"{name} is missing on this machine"
            (self._programs / name).symlink_to(found)
        self.has("systemctl")
        self.has("aws", prints="secret")
        self.has("dnf")

    def has(self, program: str, *, prints: str = "") -> None:
        """Put a program there that writes down how it was called."""
        path = self._programs / program
        path.write_text(
            f"#!{shutil.which('bash')}\n"
            f'echo "{program} $*" >> {self.calls_file}\n'
            'case "$*" in *--password-stdin*) cat > /dev/null;; esac\n'
            f"echo {prints}\n"
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def run(self, script: str) -> list[str]:
        """Run a script and return the calls it made."""
        for there, here in (("/usr/local/bin/", "usr/local/bin/"), ("/etc/systemd/", "etc/systemd/")):
            script = script.replace(f"> {there}", f"> {self.root}/{here}").replace(
                f"755 {there}", f"755 {self.root}/{here}"
            )
        script = script.replace("http://169.254.169.254/latest", f"{self._metadata_url}/latest")
        done = subprocess.run(
            ["bash", "-c", script], env={"PATH": str(self._programs)}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return self.calls_file.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine that stays as long as it likes."""
    _Metadata.answers = {"instance-id": "i-0123", "autoscaling/target-lifecycle-state": "InService"}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Metadata)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Machine(tmp_path, f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    server.server_close()
    thread.join()


def handed_over(machines: str = "cpu") -> str:
    """Return the script as CloudFormation would hand it over to this kind of machine."""
    values = _VALUES | {"Machines": machines}
    return re.sub(r"\$\{([A-Za-z:]+)\}", lambda match: values[match[1]], user_data(machines))


def test_a_new_machine_installs_docker_and_runs_the_worker_after_the_watchman(machine: Machine) -> None:
    script = handed_over().replace("command -v docker > /dev/null", "false")
    machine.has("docker")
    calls = machine.run(script)

    assert calls[0] == "dnf install --quiet --assumeyes docker"
    kinds = [" ".join(call.split()[:3]) for call in calls]
    assert kinds.index("systemctl enable --now", 3) < kinds.index("docker run --detach")
    (run,) = [call for call in calls if call.startswith("docker run")]
    assert run.endswith("heliograph/inference:abc123-cpu")
    assert "--gpus" not in run
    assert "--read-only" in run
    assert "--cap-drop ALL" in run
    assert "docker login --username AWS --password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com" in calls
    unit = (machine.root / "etc/systemd/system/heliograph-leave.service").read_text()
    assert "ExecStart=/usr/local/bin/heliograph-leave\n" in unit
    assert os.access(machine.root / "usr/local/bin/heliograph-leave", os.X_OK)


@pytest.mark.parametrize("machines", ["g4dn", "g5", "g6"])
def test_on_a_machine_with_a_gpu_the_worker_has_it_and_must_run_there(machine: Machine, machines: str) -> None:
    machine.has("docker")
    (run,) = [call for call in machine.run(handed_over(machines)) if call.startswith("docker run")]
    assert "--gpus all" in run
    assert "HELIOGRAPH_INFERENCE_PROVIDER=cuda" in run
    assert run.endswith(f"heliograph/inference:abc123-{machines}")


def test_each_kind_of_machine_has_types_a_device_and_an_image_of_its_architecture() -> None:
    template = read_document(INFRA / "inference.yaml")
    assert list(MACHINES) == template["Parameters"]["Machines"]["AllowedValues"]
    for kind, about in MACHINES.items():
        types = template["Mappings"]["Types"][kind]["Of"]
        is_arm = all(re.match(r"[a-z]\d+g[a-z]*\.", one) for one in types)
        assert is_arm == (about.platform == "linux/arm64") == about.image_parameter.endswith("arm64")
        assert (template["Mappings"]["Devices"][kind]["Provider"] == "cuda") == (about.requirements == "inference-gpu")


def test_a_machine_with_docker_installs_nothing(machine: Machine) -> None:
    machine.has("docker")
    assert not [call for call in machine.run(handed_over()) if call.startswith("dnf")]


@pytest.mark.parametrize("notice", ["auto scaling", "spot"])
def test_a_machine_that_is_to_go_stops_the_worker_and_then_says_so(machine: Machine, notice: str) -> None:
    machine.has("docker")
    machine.run(handed_over())
    machine.calls_file.unlink()
    _Metadata.answers["autoscaling/target-lifecycle-state"] = "Terminated"
    if notice == "spot":
        _Metadata.answers["spot/instance-action"] = '{"action": "terminate"}'

    stopped, told = machine.run((machine.root / "usr/local/bin/heliograph-leave").read_text())

    assert stopped == "docker stop --time 110 inference"
    assert told.startswith("aws autoscaling complete-lifecycle-action")
    assert told.endswith("--instance-id i-0123")


def test_calls_of_the_cli_are_calls_that_there_are(machine: Machine) -> None:
    machine.has("docker")
    calls = machine.run(handed_over())
    _Metadata.answers["autoscaling/target-lifecycle-state"] = "Terminated"
    calls = machine.run((machine.root / "usr/local/bin/heliograph-leave").read_text())

    session = botocore.session.get_session()
    (told,) = [call.split() for call in calls if call.startswith("aws autoscaling")]
    operation = session.get_service_model("autoscaling").operation_model("CompleteLifecycleAction")
    assert operation.input_shape is not None
    known = {re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower() for name in operation.input_shape.members}
    assert {word.removeprefix("--") for word in told if word.startswith("--")} <= known
    assert "aws ecr get-login-password" in calls


def test_the_lifecycle_hook_is_the_one_that_the_script_completes_and_gives_it_time() -> None:
    group = read_document(INFRA / "inference.yaml")["Resources"]["Group"]["Properties"]
    (hook,) = group["LifecycleHookSpecificationList"]
    assert f"--lifecycle-hook-name {hook['LifecycleHookName']} " in handed_over()
    assert (
        f"--auto-scaling-group-name {group['AutoScalingGroupName']['Fn::Sub'].replace('${StackName}', 'heliograph')} "
        in handed_over()
    )
    seconds = [int(found) for found in re.findall(r"docker stop --time (\d+)", handed_over())]
    assert max(seconds) < int(hook["HeartbeatTimeout"])
