"""Measures a running system from /proc: CPU seconds by process and the memory of all of them (Linux)."""

import asyncio
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
_NAMES = (
    ("heliograph_auth.main", "auth"),
    ("heliograph_upload.main", "upload"),
    ("heliograph_metadata.worker", "metadata worker"),
    ("heliograph_metadata.main", "metadata"),
    ("heliograph_inference.worker", "inference"),
    ("ministack", "MiniStack"),
    ("dynoxide", "dynoxide"),
    ("nginx", "nginx"),
)


@dataclass(frozen=True)
class Process:
    """A line of the process table."""

    process_id: int
    parent_id: int
    name: str | None
    """What it is in Heliograph, if its command line says so."""
    cpu_seconds: float
    """Its own, and that of children that have ended."""


def process_table() -> dict[int, Process]:
    """Return every process that can be read, by its id."""
    table = {}
    for folder in _PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        # After the name in parentheses: state ppid … and, from the 12th on, utime stime cutime cstime.
        fields = stat[stat.rindex(")") + 2 :].split()
        ticks = sum(int(ticks) for ticks in fields[11:15])
        name = next((name for part, name in _NAMES if part in command), None)
        table[int(folder.name)] = Process(int(folder.name), int(fields[1]), name, ticks / _TICKS_PER_SECOND)
    return table


def parts(root: int) -> dict[str, list[Process]]:
    """Return the processes below `root` (`make demo`'s own) by the part of Heliograph that they belong to.

    A child whose command line says nothing belongs to the nearest ancestor whose does; what is left over is "demo".
    """
    table = process_table()
    found: dict[str, list[Process]] = {}
    for process in table.values():
        name, ancestor = None, process
        while ancestor.process_id != root:
            name = name or ancestor.name
            if ancestor.parent_id not in table:
                break
            ancestor = table[ancestor.parent_id]
        else:
            found.setdefault(name or "demo", []).append(process)
    return found


def cpu_seconds(root: int) -> dict[str, float]:
    """Return the CPU time that each part has used so far."""
    return {name: sum(process.cpu_seconds for process in found) for name, found in parts(root).items()}


def memory_bytes(process_ids: Iterable[int]) -> int:
    """Return the processes' proportional set size: shared pages are counted once among those that share them."""
    total = 0
    for process_id in process_ids:
        try:
            for line in (_PROC / str(process_id) / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return total


class MemoryWatch:
    """Samples the memory of every part in the background and keeps the peaks."""

    def __init__(self, root: int, *, every_seconds: float = 1.0) -> None:
        self._root = root
        self._every_seconds = every_seconds
        self.peak_bytes = 0
        self.by_part: dict[str, int] = {}
        """Each part's share at the moment of the peak."""

    def sample(self) -> int:
        """Measure once and return the sum."""
        found = {name: memory_bytes(p.process_id for p in some) for name, some in parts(self._root).items()}
        if (total := sum(found.values())) > self.peak_bytes:
            self.peak_bytes, self.by_part = total, found
        return total

    async def run(self) -> None:
        """Sample until cancelled."""
        while True:
            self.sample()
            await asyncio.sleep(self._every_seconds)


def machine() -> str:
    """Return the processor, its cores and what else is going on, in words."""
    model = platform.processor() or platform.machine()
    for line in (_PROC / "cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    load = ", ".join(f"{load:.2f}" for load in os.getloadavg())
    return f"{model}, {os.cpu_count()} cores, load {load}"
