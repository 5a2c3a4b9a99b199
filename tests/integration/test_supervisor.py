"""Several processes run as one: ready together, stopped in reverse, ended together, none left behind."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.standin import free_ports
from tools.supervisor import Program, ProgramDiedError, Supervisor, end_leftovers, leftovers, rotate

SERVER = """
import http.server, os, signal, subprocess, sys
name, port, journal, behaviour = sys.argv[1:]
def stop(*_):
    with open(journal, "a") as file:
        file.write(name + "\\n")
    os._exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if behaviour == "stubborn" else stop)
if behaviour == "parent":
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/end":
            print('{"level": "critical", "event": "the last word"}', flush=True)
            os._exit(7)
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(port)), Answer).serve_forever()
"""


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Where programs write their name when they are asked to stop."""
    return tmp_path / "journal"


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    """One whose programs are stopped at the end."""
    running = Supervisor(tmp_path, owner=tmp_path)
    yield running
    await running.stop()


def a_program(name: str, journal: Path, *, behaviour: str = "", stop_seconds: float = 10.0) -> Program:
    [port] = free_ports(1)
    arguments = [sys.executable, "-c", SERVER, name, str(port), str(journal), behaviour]
    return Program(name, arguments, {"PATH": os.defpath}, f"http://127.0.0.1:{port}/", stop_seconds=stop_seconds)


def stopped(journal: Path) -> list[str]:
    """Return the names of those that were asked to stop, in order."""
    return journal.read_text(encoding="utf-8").split()


async def get(program: Program, path: str) -> None:
    """Send a request and don't care for the answer."""
    port = int(program.ready_url.rstrip("/").rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    await reader.read()
    writer.close()


async def test_what_was_started_last_is_stopped_first(supervisor: Supervisor, journal: Path, tmp_path: Path) -> None:
    await supervisor.start([a_program("storage", journal)])
    await supervisor.start([a_program("worker", journal)], [a_program("service", journal)])
    assert len(leftovers(tmp_path)) == 3

    await supervisor.stop()

    assert stopped(journal) == ["service", "worker", "storage"]
    assert leftovers(tmp_path) == []


async def test_the_first_to_die_is_named_with_its_last_lines(supervisor: Supervisor, journal: Path) -> None:
    doomed = a_program("doomed", journal)
    await supervisor.start([a_program("other", journal), doomed])

    await get(doomed, "/end")

    with pytest.raises(
        ProgramDiedError, match=r"(?s)doomed ended by itself \(exit status 7\).*critical: the last word"
    ):
        await supervisor.first_death()


async def test_a_program_that_cannot_start_is_named_at_once(supervisor: Supervisor, tmp_path: Path) -> None:
    broken = Program("broken", [sys.executable, "-c", "raise SystemExit('no such thing')"], {}, "http://127.0.0.1:9/")

    with pytest.raises(ProgramDiedError, match=r"(?s)broken ended by itself \(exit status 1\).*no such thing"):
        await supervisor.start([broken])


async def test_one_that_will_not_stop_is_killed_with_what_it_has_started_itself(
    supervisor: Supervisor, journal: Path, tmp_path: Path
) -> None:
    await supervisor.start(
        [
            a_program("parent", journal, behaviour="parent"),
            a_program("deaf", journal, behaviour="stubborn", stop_seconds=0.2),
        ]
    )

    await supervisor.stop()

    assert leftovers(tmp_path) == []


async def test_what_a_killed_supervisor_left_behind_is_found_and_ended(journal: Path, tmp_path: Path) -> None:
    stubborn = a_program("stubborn", journal, behaviour="stubborn")
    program = f"""
import asyncio, os, pathlib
from tools.supervisor import Program, Supervisor
async def main():
    supervisor = Supervisor(pathlib.Path({str(tmp_path)!r}), owner=pathlib.Path({str(tmp_path)!r}))
    await supervisor.start([Program("stubborn", {list(stubborn.arguments)!r}, {{}}, {stubborn.ready_url!r})])
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    assert await killed.wait() == -signal.SIGKILL
    assert len(leftovers(tmp_path)) == 1

    assert await asyncio.to_thread(end_leftovers, tmp_path, patience_seconds=0.2) == 1

    assert leftovers(tmp_path) == []


def test_three_earlier_logs_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "auth.log"
    for start in range(5):
        rotate(log)
        log.write_text(str(start), encoding="utf-8")

    kept = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    assert kept == {"auth.log": "4", "auth.log.1": "3", "auth.log.2": "2", "auth.log.3": "1"}
