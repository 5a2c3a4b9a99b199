"""`make demo` as a person meets it: one address, one sentence when it can't start, nothing lost and nothing left."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.system import System, free_port
from tests.photos import a_jpeg
from tools.api_client import DemoAccount
from tools.import_photos import import_folder
from tools.supervisor import leftovers


def started(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run tools/demo.py where it is expected to end by itself."""
    command = [sys.executable, "-m", "tools.demo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with two photos, one of them twice, and a file that is none."""
    folder = tmp_path / "pictures"
    (folder / "copies").mkdir(parents=True)
    (folder / "bus.jpg").write_bytes(a_jpeg("bus.jpg"))
    (folder / "people.jpg").write_bytes(a_jpeg("zidane.jpg"))
    shutil.copy(folder / "bus.jpg", folder / "copies" / "again.jpg")
    (folder / "notes.txt").write_text("no photo", encoding="utf-8")
    return folder


async def test_photos_outlive_a_stop_and_the_death_of_a_part_and_nothing_stays_behind(
    tmp_path: Path, pictures: Path
) -> None:
    data = tmp_path / "data"
    account = DemoAccount("anna@heliograph.example", "a long password")
    port = free_port()
    with System(port, data) as system:
        first = await import_folder(system.url, account, [pictures])
        assert (first.uploaded, first.duplicates) == (2, 1)
        refused = started("--port", str(free_port()), "--data", str(data))
        assert refused.returncode == 1
        assert f"it runs already, or is still stopping, with the data in {data}" in refused.stdout
    assert leftovers(data) == []

    with System(port, data) as system:
        again = await import_folder(system.url, account, [pictures])
        assert (again.uploaded, again.duplicates) == (0, 3)
        system.kill("upload")
        system.wait_stopped()
        assert "upload ended by itself (killed by SIGKILL)" in system.last_lines()
    assert leftovers(data) == []


def test_a_port_that_is_taken_is_named_in_one_sentence(tmp_path: Path) -> None:
    first = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first + 2))
        taken.listen()

        refused = started("--port", str(first), "--data", str(tmp_path / "data"))

    assert refused.returncode == 1
    [line] = refused.stdout.splitlines()
    assert line.startswith(f"heliograph: port {first + 2} (for upload) can't be had: ")
    assert refused.stderr == ""


def test_a_folder_of_photos_that_is_not_there_is_said_before_anything_starts(tmp_path: Path) -> None:
    refused = started("--photos", str(tmp_path / "nowhere"), "--data", str(tmp_path / "data"))

    assert refused.returncode == 2
    assert "is no folder" in refused.stdout
    assert not (tmp_path / "data").exists()
