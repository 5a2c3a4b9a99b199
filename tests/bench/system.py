"""Starts the whole system as `make demo` does, on ports and in a folder of its own, and harms it where a test asks."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.meter import Process, parts
from tests.leaks import leaks
from tools.standin import Standin, answers
from tools.storage import Endpoint

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 90.0
_STOP_SECONDS = 40.0
_MUCH_FROM_ONE_ADDRESS = {"HELIOGRAPH_REGISTRATIONS_FREE": "1000000", "HELIOGRAPH_LETTERS_FREE": "1000000"}
"""All tests come from one."""


class System:
    """A running `make demo`; its log lies beside its data. Left as a context, no log of it may tell a secret."""

    def __init__(self, port: int, data: Path, *, tls: bool = False) -> None:
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        self.named_url = self.url.replace("127.0.0.1", "localhost")
        self.certificate = data / "tls" / "certificate.pem" if tls else None
        self.log = data.parent / f"{data.name}.log"
        self._port = port
        self.data = data
        self._process: subprocess.Popen[bytes] | None = None
        self._log_seen = 0

    @property
    def process_id(self) -> int:
        """The id of the process that holds all the others."""
        assert self._process is not None, "the system was not started"
        return self._process.pid

    @property
    def storage(self) -> Endpoint:
        """Where its stand-in for AWS answers, as the root user."""
        return Standin(self._port + 6, self._port + 7, folder=self.data / "standin", keep=True).endpoint

    def start(self) -> None:
        """Start everything and wait until it answers.

        Raises:
            RuntimeError: It stopped, or doesn't answer in time; the text ends with its last lines.
        """
        options = ["--tls"] if self.certificate else []
        with self.log.open("ab") as log:
            self._log_seen = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tools.demo", "--port", str(self._port), "--data", str(self.data), *options],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ | _MUCH_FROM_ONE_ADDRESS,  # noqa: TID251 - passed on
            )
        until = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise RuntimeError("the system did not start:\n" + self.last_lines())
            time.sleep(0.1)

    def _answers(self) -> bool:
        """Whether the last line that `make demo` prints when all is ready is there, and nginx answers."""
        if self.url.encode() not in self.log.read_bytes()[self._log_seen :]:
            return False
        return answers(f"{self.url}/.well-known/jwks.json", trusted=self.certificate)

    def operate(self, *command: str) -> str:
        """Run an operator's command (`verify-index`, `orphans`) against it; return what it complains of, or nothing."""
        done = subprocess.run(
            [sys.executable, "-m", "tools.operate", "--data", str(self.data), "--port", str(self._port), *command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout if done.returncode else ""

    def stop(self) -> None:
        """Stop everything as Ctrl-C does, and kill what is left after a while."""
        if self._process is None:
            return
        with contextlib.ExitStack() as held:
            left = [held.enter_context(_held(process)) for some in self.processes().values() for process in some]
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_SECONDS)
            for handle in left:
                _kill(handle)
        self._process.kill()
        self._process.wait()
        self._process = None

    def processes(self) -> dict[str, list[Process]]:
        """Return what runs, by part."""
        return parts(self.process_id)

    def kill(self, part: str) -> None:
        """End one part with SIGKILL: its first process, not what that one has started itself."""
        found = self.processes()[part]
        own = {process.process_id for process in found}
        for process in found:
            if process.parent_id not in own:
                with _held(process) as handle:
                    _kill(handle)

    def wait_stopped(self) -> None:
        """Wait until `make demo` has noticed that a part died, and has stopped the rest."""
        assert self._process is not None, "the system was not started"
        self._process.wait(_STOP_SECONDS)
        self._process = None

    def last_lines(self, count: int = 30) -> str:
        """Return the end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if kind is None and (told := leaks(self.data)):
            raise AssertionError("secrets stand in its logs:\n" + "\n".join(told[:20]))


def free_port(count: int = 9) -> int:
    """Return the first of `count` ports in a row that nothing listens on, below those that systems hand out."""
    while True:
        first = secrets.choice(range(20_000, 30_000, 16))
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first


@contextlib.contextmanager
def _held(process: Process) -> Iterator[int | None]:
    """A handle that stays this process's own, also where its id is given to another one later."""
    try:
        handle = os.pidfd_open(process.process_id)
    except ProcessLookupError:
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _kill(handle: int | None) -> None:
    if handle is not None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
