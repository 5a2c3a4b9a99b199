"""Runs several processes as one: started in order, stopped in reverse, all of them ended when one of them dies."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.lifeline import dies_with_parent
from tools.standin import answers

OWNER_VARIABLE = "HELIOGRAPH_SUPERVISED_FOR"
"""Marks every process of a supervisor, and what those start, with the folder they work for."""

_KEPT_LOGS = 3
_POLL_SECONDS = 0.1
_LAST_LINES = 20
_DETAILS = ("error", "exception")


@dataclass(frozen=True)
class Program:
    """One process to run."""

    name: str
    arguments: Sequence[str]
    environment: dict[str, str]
    ready_url: str
    stop_seconds: float = 10.0
    """How long it may take to finish what it has in hand; then it is killed."""

    folder: Path | None = None
    """Where it is started; unset: where the supervisor was."""

    trusted: Path | None = None
    """The certificate at `ready_url`, where it is one of this machine's own."""


class ProgramDiedError(RuntimeError):
    """A process ended, or did not become ready; the text names it and ends with its last lines."""


@dataclass
class _Running:
    program: Program
    process: asyncio.subprocess.Process
    ended: asyncio.Task[int] = field(repr=False)


class Supervisor:
    """The processes of one running system."""

    def __init__(self, logs: Path, *, owner: Path) -> None:
        self._logs = logs
        self._owner = owner
        self._stages: list[list[_Running]] = []

    async def start(self, *stages: Sequence[Program]) -> None:
        """Start programs side by side and return when all of them are ready; later stages are stopped first.

        Raises:
            ProgramDiedError: One of these, or of those started before, ended.
        """
        for programs in stages:
            stage: list[_Running] = []
            self._stages.append(stage)
            for program in programs:
                running = await self._spawn(program)
                stage.append(running)
        started = [program for programs in stages for program in programs]
        ready = asyncio.create_task(_all_ready(started))
        died = asyncio.create_task(self.first_death())
        try:
            await asyncio.wait({ready, died}, return_when=asyncio.FIRST_COMPLETED)
            if died.done():
                died.result()
        finally:
            ready.cancel()
            died.cancel()

    async def first_death(self) -> None:
        """Wait for the first process to end, which none should.

        Raises:
            ProgramDiedError: Always, in the end.
        """
        running = [one for stage in self._stages for one in stage]
        await asyncio.wait([one.ended for one in running], return_when=asyncio.FIRST_COMPLETED)
        dead = next(one for one in running if one.ended.done())
        raise ProgramDiedError(
            f"{dead.program.name} ended by itself ({_how(dead.ended.result())}). Its last lines, from "
            f"{self._log_of(dead.program)}:\n{self._last_lines(dead.program)}"
        )

    async def stop(self) -> None:
        """Stop everything, what was started last first; each stage may finish what it has in hand."""
        while self._stages:
            stage = self._stages.pop()
            for one in stage:
                with contextlib.suppress(ProcessLookupError):
                    one.process.terminate()
            await asyncio.gather(*(self._ended(one) for one in stage))

    async def _spawn(self, program: Program) -> _Running:
        rotate(self._log_of(program))
        with self._log_of(program).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *program.arguments,
                env={**program.environment, OWNER_VARIABLE: str(self._owner)},
                cwd=program.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C is ours to pass on, in the right order
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )
        return _Running(program, process, asyncio.create_task(process.wait()))

    async def _ended(self, one: _Running) -> None:
        try:
            await asyncio.wait_for(asyncio.shield(one.ended), one.program.stop_seconds)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                one.process.kill()
            await one.ended
        # What it has started itself and not ended: nothing may stay behind.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(one.process.pid, signal.SIGKILL)

    def _log_of(self, program: Program) -> Path:
        return self._logs / f"{program.name}.log"

    def _last_lines(self, program: Program) -> str:
        logged = self._log_of(program).read_text(encoding="utf-8", errors="replace").splitlines()
        lines = "\n".join(_readable(line) for line in logged[-_LAST_LINES:]).splitlines()
        return "\n".join(f"    {line}" for line in lines[-_LAST_LINES:]) or "    (it said nothing)"


def _readable(line: str) -> str:
    """A line of a structured log as a person reads it; any other line as it is."""
    try:
        said = json.loads(line)
        return f"{said['level']}: {said['event']}" + "".join(f"\n{said[key]}" for key in _DETAILS if key in said)
    except (ValueError, TypeError, KeyError):
        return line


def _how(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"killed by {signal.Signals(-status).name}"


async def _all_ready(programs: Sequence[Program]) -> None:
    for program in programs:
        await until_it_answers(program.ready_url, trusted=program.trusted)


async def until_it_answers(url: str, *, trusted: Path | None = None) -> None:
    """Return when a server answers there with anything but a failure of its own; see `answers`."""
    while not await asyncio.to_thread(answers, url, trusted=trusted):  # noqa: ASYNC110 - another process has no event of ours to set
        await asyncio.sleep(_POLL_SECONDS)


def rotate(log: Path) -> None:
    """Set an earlier log aside as `….1`, the one before as `….2`, and forget the oldest."""
    for number in range(_KEPT_LOGS - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))


def leftovers(owner: Path) -> list[int]:
    """Return the processes that an earlier supervisor left behind for this folder (Linux; elsewhere none)."""
    if sys.platform != "linux":
        return []
    mark = f"{OWNER_VARIABLE}={owner}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):  # not ours to read, or gone meanwhile
            if mark in (entry / "environ").read_bytes().split(b"\0") or _is_nginx_of(owner, entry):
                found.append(int(entry.name))
    return found


def _is_nginx_of(owner: Path, entry: Path) -> bool:
    """Whether a process is an nginx that was started in the owner's folder: it paints over its environment."""
    return (entry / "comm").read_text() == "nginx\n" and (entry / "cwd").readlink().is_relative_to(owner)


def end_leftovers(owner: Path, *, patience_seconds: float = 5.0) -> int:
    """End what an earlier supervisor left behind for this folder; return how many processes that were."""
    found = leftovers(owner)
    for sent in (signal.SIGTERM, signal.SIGKILL):
        for pid in leftovers(owner):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sent)
        until = time.monotonic() + patience_seconds
        while leftovers(owner) and time.monotonic() < until:
            time.sleep(_POLL_SECONDS)
    return len(found)
