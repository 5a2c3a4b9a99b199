"""The stand-in for AWS on one machine: MiniStack (S3, SQS, IAM) and dynoxide (DynamoDB on SQLite).

Both speak AWS's APIs to an unmodified SDK and keep their data in a folder, or in memory for tests. Where dynoxide has
no binary for the machine, MiniStack's own DynamoDB takes its place; its queries cost more the larger a table is.

    python -m tools.standin --port 4566 --dynamodb-port 4569 [--data FOLDER]
"""

import argparse
import contextlib
import os
import platform
import secrets
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tools.access import (
    AccessKey,
    apply_access,
    read_credentials,
    write_credentials,
    write_shared_credentials,
)
from tools.lifeline import dies_with_parent
from tools.storage import Endpoint, apply_storage

ROOT = Path(__file__).resolve().parent.parent
MINISTACK_PYTHON = ROOT / ".tools" / "standin" / "bin" / "python"
_DYNOXIDE = ROOT / "tools" / "node_modules" / "@dynoxide" / "linux-x64" / "dynoxide"
_PAST_ANY_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
START_SECONDS = 60.0
STOP_SECONDS = 25.0
"""MiniStack ends after the last long poll, which may last 20 s; what it holds in memory is written down only then."""


class StandinError(RuntimeError):
    """A part of the stand-in did not start; the text says which and why."""


@dataclass(frozen=True)
class Command:
    """One process to start: what it is called, how it is started, how one sees that it is ready."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    ready_url: str


def dynoxide_is_available() -> bool:
    """Whether there is a dynoxide binary for this machine, and it is installed."""
    return sys.platform == "linux" and platform.machine() in ("x86_64", "AMD64") and _DYNOXIDE.exists()


def ministack_command(
    port: int, *, host: str, root: AccessKey, folder: Path, keep: bool, own_dynamodb: bool
) -> Command:
    """Return how MiniStack is started.

    Args:
        port: Where it answers.
        host: The address it listens on.
        root: Its root user's key.
        folder: For its data, its state and its pid file.
        keep: Whether it keeps its data over a restart.
        own_dynamodb: Whether its own DynamoDB serves, which asks for permissions as AWS does; dynoxide asks for none.
    """
    services = ["s3", "sqs", "iam", "sts", "ses"] + (["dynamodb"] if own_dynamodb else [])
    environment = _plain_environment() | {
        "AUTH": "true",  # signatures, expiry and policies hold, as on AWS
        "AWS_ACCESS_KEY_ID": root.access_key_id,
        "AWS_SECRET_ACCESS_KEY": root.secret_access_key,
        "BIND_HOST": host,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "SERVICES": ",".join(services),
        "PERSIST_STATE": "1" if keep else "0",
        "STATE_DIR": str(folder / "state"),
        "S3_PERSIST": "1" if keep else "0",
        "S3_DATA_DIR": str(folder / "objects"),
        "TMPDIR": str(folder),
        "LOG_LEVEL": "WARNING",
        # Listeners and a Docker clean-up that Heliograph has no use for.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder / 'no-docker'}",
    }
    return Command(
        "ministack",
        [str(MINISTACK_PYTHON), "-m", "ministack"],
        environment,
        f"http://127.0.0.1:{port}/_ministack/ready",
    )


def dynoxide_command(port: int, *, host: str, folder: Path, keep: bool) -> Command:
    """Return how dynoxide is started; see `ministack_command`."""
    database = ["--db-path", str(folder / "dynamodb.sqlite")] if keep else []
    return Command(
        "dynoxide",
        [str(_DYNOXIDE), "serve", "--host", host, "--port", str(port), *database],
        _plain_environment(),
        f"http://127.0.0.1:{port}/",
    )


def _plain_environment() -> dict[str, str]:
    """The environment without anything that would make the stand-in talk to the real AWS."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}  # noqa: TID251 - passed on


def answers(url: str, *, trusted: Path | None = None) -> bool:
    """Whether a server answers there with anything but a failure of its own.

    Args:
        url: Where it should.
        trusted: A certificate that it may show though no authority has signed it.
    """
    opener = _PAST_ANY_PROXY
    if trusted:
        https = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(trusted)))
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), https)
    try:
        with opener.open(url, timeout=2):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500  # noqa: PLR2004 - HTTP's own number
    except OSError:
        return False


class Standin:
    """MiniStack and dynoxide as child processes, set up from infra/*.yaml; a context manager."""

    def __init__(
        self,
        port: int,
        dynamodb_port: int,
        *,
        folder: Path,
        keep: bool,
        host: str = "127.0.0.1",
        own_dynamodb: bool = False,
    ) -> None:
        self._host = host
        self._own_dynamodb = own_dynamodb or not dynoxide_is_available()
        self._folder = folder
        self._keep = keep
        self._port = port
        self._dynamodb_port = dynamodb_port
        self._processes: list[subprocess.Popen[bytes]] = []
        self.root = read_credentials(folder / "root.json").get("root") or AccessKey(
            f"AKIA{secrets.token_hex(8).upper()}", secrets.token_urlsafe(30)
        )

    @property
    def endpoint(self) -> Endpoint:
        """Where it answers, as its root user."""
        url = f"http://127.0.0.1:{self._port}"
        dynamodb = url if self._own_dynamodb else f"http://127.0.0.1:{self._dynamodb_port}"
        return Endpoint(url, dynamodb, self.root.access_key_id, self.root.secret_access_key)

    def commands(self) -> list[Command]:
        """Return its processes, for a supervisor that starts them itself."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write_credentials(self._folder / "root.json", {"root": self.root})
        commands = [
            ministack_command(
                self._port,
                host=self._host,
                root=self.root,
                folder=self._folder,
                keep=self._keep,
                own_dynamodb=self._own_dynamodb,
            )
        ]
        if not self._own_dynamodb:
            commands.append(
                dynoxide_command(self._dynamodb_port, host=self._host, folder=self._folder, keep=self._keep)
            )
        return commands

    def set_up(self, *, stack_name: str = "heliograph") -> dict[str, AccessKey]:
        """Apply infra/storage.yaml and infra/access.yaml; return each service's key.

        MiniStack writes its users down only when it ends in order. Where it made new ones it is therefore ended and
        started once, so that a power cut later on does not change the keys that the services hold.
        """
        apply_storage(self.endpoint, stack_name=stack_name)
        credentials = self._folder / "credentials.json"
        known = read_credentials(credentials)
        keys = apply_access(self.endpoint, known, stack_name=stack_name)
        write_credentials(credentials, keys)
        if self._keep and self._processes and keys != known:
            self._stop()
            self._start()
        return keys

    def __enter__(self) -> Self:
        self._start()
        return self

    def _start(self) -> None:
        for command in self.commands():
            with (self._folder / f"{command.name}.log").open("ab") as log:
                self._processes.append(
                    subprocess.Popen(
                        command.arguments,
                        env=command.environment,
                        stdout=log,
                        stderr=log,
                        stdin=subprocess.DEVNULL,
                        preexec_fn=dies_with_parent(),  # noqa: PLW1509 - async-signal-safe
                    )
                )
        for command, process in zip(self.commands(), self._processes, strict=True):
            self._wait(command, process)

    def _wait(self, command: Command, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + START_SECONDS
        while not answers(command.ready_url):
            if process.poll() is not None or time.monotonic() > until:
                log = (self._folder / f"{command.name}.log").read_text(encoding="utf-8", errors="replace")
                self._stop()
                raise StandinError(f"{command.name} did not start:\n" + "\n".join(log.splitlines()[-20:]))
            time.sleep(0.02)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        for process in self._processes:
            process.kill()

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        for process in self._processes:
            try:
                process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()


def main() -> None:
    """Run the stand-in until Ctrl-C, set up as Heliograph needs it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--dynamodb-port", type=int, default=4569)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument(
        "--shared-credentials", type=Path, help="write the services' keys there as the AWS SDK reads them"
    )
    parser.add_argument("--data", type=Path, help="where data is kept; without it nothing outlives the stand-in")
    parser.add_argument("--tell", type=Path, help="a file that is made once everything is set up, for a health check")
    parser.add_argument("--stack-name", default="heliograph")
    given = parser.parse_args()
    keep = given.data is not None
    folder = given.data or ROOT / ".tools" / f"standin-{given.port}"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stops it as Ctrl-C does
    with Standin(given.port, given.dynamodb_port, folder=folder, keep=keep, host=given.host) as standin:
        keys = standin.set_up(stack_name=given.stack_name)
        if given.shared_credentials:
            write_shared_credentials(given.shared_credentials, keys)
        if given.tell:
            given.tell.touch()
        print(f"S3, SQS and IAM at {standin.endpoint.url}, DynamoDB at {standin.endpoint.dynamodb_url}")
        print(
            f"The root user's key: {folder / 'root.json'}; each service's own: {folder / 'credentials.json'}",
            flush=True,
        )
        with contextlib.suppress(KeyboardInterrupt):
            os.wait()  # until one of its processes ends, which none should
            raise SystemExit("a part of the stand-in ended by itself")


if __name__ == "__main__":
    main()
