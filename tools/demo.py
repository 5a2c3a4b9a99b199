"""`make demo`: the whole of Heliograph on one machine, from the stand-in for AWS to nginx, until Ctrl-C.

PORT        nginx; the next seven ports are the services', the workers' and the stand-in's (8080)
DATA        the folder that keeps everything (.heliograph)
TLS         1: nginx speaks TLS at PORT, with a certificate of this machine's own, and PORT + 8 sends plain HTTP there
HOST        the address to listen on; 0.0.0.0 lets a phone on the same network in (127.0.0.1)
PHOTOS      a folder of photos to import into a demo account
"""

import argparse
import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tools.access import AccessKey
from tools.api_client import DemoAccount, ImportFailedError
from tools.certificate import own_certificate
from tools.import_photos import import_folder
from tools.lifeline import follow_make
from tools.nginx import WEB_ROOT, MapTiles, Tls, Upstreams, configuration, nginx_program, user_directive
from tools.standin import Standin, dynoxide_is_available
from tools.supervisor import Program, ProgramDiedError, Supervisor, end_leftovers, until_it_answers

ROOT = Path(__file__).resolve().parent.parent
STACK_NAME = "heliograph"
_LAST_FIRST_PORT = 65535 - 8
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE")
_PASSED_ON_PREFIXES = ("HELIOGRAPH_", "CUDA_", "NVIDIA_", "OMP_", "MALLOC_")
_PLAIN_HTTP = "plain HTTP"
_PORT_NAMES = ("nginx", "auth", "upload", "metadata", "metadata's worker", "inference", "the stand-in", "its database")


class DemoError(RuntimeError):
    """The demo can't start here; the text says why in a sentence."""


def say(text: str) -> None:
    """Tell the person what goes on."""
    print(f"heliograph: {text}", flush=True)


def _python_program(name: str, app: str, port: int, key: AccessKey, environment: dict[str, str]) -> Program:
    command = [sys.executable, "-m", "uvicorn", "--factory", app, "--host", "127.0.0.1", "--port", str(port)]
    return Program(
        name,
        [*command, "--no-access-log", "--timeout-graceful-shutdown", "5"],
        {
            "OPENBLAS_NUM_THREADS": "1",  # idle threads of numpy would spin
            **environment,
            "AWS_ACCESS_KEY_ID": key.access_key_id,
            "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        },
        f"http://127.0.0.1:{port}/readyz",
        stop_seconds=20.0,
    )


class Demo:
    """What runs, where, and with which keys."""

    def __init__(self, *, host: str, port: int, data: Path, tls: bool = False) -> None:
        self.host = host
        self.port = port
        self.data = data
        self.standin = Standin(port + 6, port + 7, folder=data / "standin", keep=True)
        self.tls: Tls | None = None
        if tls:
            own, key = own_certificate(data / "tls", host)
            self.tls = Tls(own, key, plain_listen=f"{host}:{port + 8}")

    @property
    def address(self) -> str:
        """Where a browser on this machine finds it."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def named_address(self) -> str:
        """The same by name: passkeys are made for a name, and browsers take no number for one."""
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    @property
    def certificate(self) -> Path | None:
        """What nginx shows by TLS."""
        return self.tls.certificate if self.tls else None

    def environment(self, key: AccessKey | None = None) -> dict[str, str]:
        """Return what a process needs to reach the stand-in, with a key if one is given."""
        endpoint = self.standin.endpoint
        return base_environment() | {
            "AWS_ENDPOINT_URL": endpoint.url,
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint.dynamodb_url,
            "AWS_REGION": endpoint.place.region,
            "AWS_DEFAULT_REGION": endpoint.place.region,  # botocore's own name for it
            "HELIOGRAPH_STACK_NAME": STACK_NAME,
            **({"AWS_ACCESS_KEY_ID": key.access_key_id, "AWS_SECRET_ACCESS_KEY": key.secret_access_key} if key else {}),
        }

    @property
    def keyring(self) -> Path:
        """Where the keys are that sign access tokens."""
        return self.data / "auth" / "keyring.json"

    @property
    def letters(self) -> Path:
        """The folder of what would go by mail."""
        return self.data / "mail"

    @property
    def operator(self) -> AccessKey:
        """The key of whoever operates it: the stand-in's root user."""
        return AccessKey(self.standin.endpoint.access_key_id, self.standin.endpoint.secret_access_key)

    def services(self, keys: dict[str, AccessKey]) -> tuple[list[Program], list[Program]]:
        """Return the HTTP services and the workers."""
        base = self.environment() | {"HELIOGRAPH_JWKS_URL": f"http://127.0.0.1:{self.port + 1}/.well-known/jwks.json"}
        own = {
            "HELIOGRAPH_AUTH_KEYRING_FILE": str(self.keyring),
            "HELIOGRAPH_PASSKEY_URL": self.named_address,
            "HELIOGRAPH_MAIL": "folder",
            "HELIOGRAPH_MAIL_FOLDER": str(self.letters),
            "HELIOGRAPH_PUBLIC_URL": base.get("HELIOGRAPH_PUBLIC_URL", self.address),
        }
        models = {"HELIOGRAPH_MODELS_DIRECTORY": os.environ.get("HELIOGRAPH_MODELS_DIRECTORY", str(ROOT / "models"))}  # noqa: TID251 - passed on
        port = self.port
        auth = _python_program("auth", "heliograph_auth.main:create_app", port + 1, keys["auth"], own | base)
        upload = _python_program("upload", "heliograph_upload.main:create_app", port + 2, keys["upload"], base)
        metadata = _python_program("metadata", "heliograph_metadata.main:create_app", port + 3, keys["metadata"], base)
        # The stand-in counts its queues' messages exactly, so what stands still can be told sooner than on AWS.
        soon = {"HELIOGRAPH_RECONCILE_EVERY_SECONDS": "5", "HELIOGRAPH_RECONCILE_AFTER_SECONDS": "10"}
        preparing = _python_program(
            "metadata-worker", "heliograph_metadata.worker:create_app", port + 4, keys["metadata-worker"], soon | base
        )
        inference = _python_program(
            "inference", "heliograph_inference.worker:create_app", port + 5, keys["inference"], base | models
        )
        return [auth, upload, metadata], [preparing, inference]

    def nginx(self) -> Program:
        """Return nginx, its configuration written."""
        run_dir = self.data / "nginx"
        run_dir.mkdir(parents=True, exist_ok=True)
        default = MapTiles()
        tiles = MapTiles(
            os.environ.get("HELIOGRAPH_TILE_URL", default.url),  # noqa: TID251 - this is the composition root
            os.environ.get("HELIOGRAPH_TILE_ATTRIBUTION", default.attribution),  # noqa: TID251
        )
        written = configuration(
            listen=f"{self.host}:{self.port}",
            upstreams=Upstreams.of_demo(self.port),
            run_dir=run_dir,
            web_root=WEB_ROOT,
            bucket=f"{STACK_NAME}-photos",
            tiles=tiles,
            directives=user_directive(),
            tls=self.tls,
        )
        (run_dir / "nginx.conf").write_text(written, encoding="utf-8")
        arguments = [nginx_program(), "-p", str(run_dir), "-e", "stderr", "-c", str(run_dir / "nginx.conf")]
        return Program(
            "nginx",
            arguments,
            base_environment(),
            f"{self.address}/config.json",
            folder=run_dir,
            trusted=self.certificate,
        )

    async def run(self, photos: Path | None, stopping: asyncio.Event) -> None:
        """Start everything, say so, import `photos`, and return when `stopping` is set and all has ended.

        Raises:
            ProgramDiedError: A process ended by itself; the others have been stopped.
        """
        started = time.monotonic()
        logs = self.data / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        supervisor = Supervisor(logs, owner=self.data)
        told_to_stop = asyncio.create_task(stopping.wait())
        running = asyncio.create_task(self._run(supervisor, photos, started))
        try:
            await asyncio.wait([running, told_to_stop], return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
        finally:
            for task in (running, told_to_stop):
                task.cancel()
            say("stopping; what is in hand is finished first")
            await supervisor.stop()
            say("stopped")

    async def _run(self, supervisor: Supervisor, photos: Path | None, started: float) -> None:
        await supervisor.start(
            [
                Program(command.name, command.arguments, command.environment, command.ready_url, stop_seconds=30)
                for command in self.standin.commands()
            ]
        )
        keys = await asyncio.to_thread(self.standin.set_up, stack_name=STACK_NAME)
        http, workers = self.services(keys)
        await supervisor.start(workers, http)
        await supervisor.start([self.nginx()])
        await self._whole_way()
        say(f"ready after {time.monotonic() - started:.0f} s: {self.address}   (Ctrl-C stops it; data: {self.data})")
        say(f"letters, as those that replace a forgotten password, lie in {self.letters}")
        beside = [asyncio.create_task(self._renew_indexes())]
        if photos:
            beside.append(asyncio.create_task(self._import(photos)))
        try:
            await supervisor.first_death()
        finally:
            for task in beside:
                task.cancel()

    async def _whole_way(self) -> None:
        """Return when each service and the storage answer through nginx, if only that one has to sign in first."""
        for path in ("/", "/api/v1/me", "/api/v1/uploads", "/api/v1/progress", f"/{STACK_NAME}-photos/"):
            await until_it_answers(self.address + path, trusted=self.certificate)

    async def _renew_indexes(self) -> None:
        """Build the indexes anew that an older Heliograph has left here, while everything is in use."""
        command = [sys.executable, "-m", "heliograph_metadata.admin", "reindex", "--if-needed"]
        process = await asyncio.create_subprocess_exec(*command, env=self.environment(self.operator))
        try:
            await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()

    async def _import(self, photos: Path) -> None:
        try:
            account = DemoAccount.kept_in(self.data / "demo-account.json")
            say(f"importing {photos}")
            print(await import_folder(self.address, account, [photos], trusted=self.certificate), flush=True)
            say(f"sign in at {self.address} as {account.email} with the password {account.password}")
        except ImportFailedError as error:
            say(f"the import stopped: {error}")


def base_environment() -> dict[str, str]:
    """Return what every process gets: nothing of the person's AWS settings, nor of anybody's secrets."""
    passed = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - passed on
        if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)
    }
    aws = {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return passed | aws | {"PYTHONUNBUFFERED": "1"}


@contextlib.contextmanager
def alone(data: Path) -> Iterator[None]:
    """Hold the folder for this supervisor alone, and end what an earlier one left behind.

    Raises:
        DemoError: Another one holds it.
    """
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    with (data / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise DemoError(
                f"it runs already, or is still stopping, with the data in {data} ({lock.read().strip()})"
            ) from None
        if ended := end_leftovers(data):
            say(f"ended {ended} processes that an earlier start had left behind")
        lock.truncate(0)
        lock.write(f"process {os.getpid()}")
        lock.flush()
        yield


def check_ports(host: str, first: int, *, tls: bool = False) -> None:
    """See that nobody listens where the demo will.

    Raises:
        DemoError: A port is taken, or there are not enough of them.
    """
    names = (*_PORT_NAMES, _PLAIN_HTTP) if tls else _PORT_NAMES
    if not 1 <= first <= _LAST_FIRST_PORT:
        raise DemoError(f"PORT={first} is no good: it has to be from 1 to {_LAST_FIRST_PORT}")
    for port, name in enumerate(names, first):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host if name in {"nginx", _PLAIN_HTTP} else "127.0.0.1", port))
            except OSError as error:
                raise DemoError(
                    f"port {port} (for {name}) can't be had: {error.strerror}. "
                    f"Ports {first} to {first + len(names) - 1} are needed; choose others with PORT=, "
                    f"as in PORT={first + 1000}"
                ) from error


async def _main(given: argparse.Namespace) -> None:
    stopping = asyncio.Event()
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(sent, stopping.set)
    await Demo(host=given.host, port=given.port, data=given.data, tls=given.tls).run(given.photos, stopping)


def main() -> int:
    """Run Heliograph on this machine until Ctrl-C."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--tls", action="store_true", help="speak TLS, with a certificate of this machine's own")
    parser.add_argument("--data", type=lambda given: Path(given).expanduser().resolve(), default=ROOT / ".heliograph")
    parser.add_argument("--photos", type=lambda given: Path(given).expanduser().resolve() if given else None)
    given = parser.parse_args()
    if given.photos and not given.photos.is_dir():
        say(f"PHOTOS={given.photos} is no folder")
        return 2
    follow_make()
    os.umask(0o077)
    try:
        with alone(given.data):
            check_ports(given.host, given.port, tls=given.tls)
            if not dynoxide_is_available():
                say("there is no dynoxide for this machine: MiniStack's own DynamoDB serves, good for small libraries")
            asyncio.run(_main(given))
    except (DemoError, ProgramDiedError, FileNotFoundError) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
