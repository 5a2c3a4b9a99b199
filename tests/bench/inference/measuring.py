"""CPU time and memory of a process, and rounds of measurements side by side (Linux)."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """What some images took."""

    images: int
    wall_seconds: float
    cpu_seconds: float
    """Of the process that did the work, all of its threads."""
    beside_seconds: float = 0.0
    """CPU time of the stand-in for AWS meanwhile."""

    @property
    def per_second(self) -> float:
        """Images a second."""
        return self.images / self.wall_seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds an image."""
        return 1000 * self.cpu_seconds / self.images


class Meter:
    """Measures this process from where it is made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def spent(self, images: int) -> Spent:
        """Return what was spent since."""
        return Spent(images, time.perf_counter() - self._wall, time.process_time() - self._cpu)


def cpu_seconds_of(process_id: int) -> float:
    """Return the CPU time of a process so far."""
    stat = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8")
    fields = stat[stat.rindex(")") + 2 :].split()  # from the state on; utime and stime are the 12th and 13th
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def peak_bytes(process_id: int | str = "self") -> int:
    """Return the most memory that a process has had at once (its resident set's high-water mark)."""
    return _status(process_id, "VmHWM")


def resident_bytes(process_id: int | str = "self") -> int:
    """Return the memory that a process has now."""
    return _status(process_id, "VmRSS")


def _status(process_id: int | str, name: str) -> int:
    for line in Path(f"/proc/{process_id}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"this system does not tell a process's {name}")


def medians(rounds: Sequence[Spent]) -> tuple[float, float]:
    """Return the medians of images a second and of CPU milliseconds an image."""
    return median(spent.per_second for spent in rounds), median(spent.cpu_ms for spent in rounds)
