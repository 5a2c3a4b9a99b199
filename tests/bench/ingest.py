"""The ingest benchmark: photos of 12 megapixels through the API until all are ready (`make bench`).

    python -m tests.bench.ingest [--photos 300] [--concurrency 8] [--json FILE]
    python -m tests.bench.ingest --url http://127.0.0.1:8080 --pid <process id of the running `make demo`>

Photos are announced by POST /api/v1/uploads and then PUT, as the web app does it. Wall-clock figures mean something on
a quiet machine only; CPU seconds per photo hold on a busy one, too, if only nearly: a core that is shared is slower.
"""

import argparse
import asyncio
import contextlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.like_a_browser import upload
from tests.bench.meter import MemoryWatch, cpu_seconds, machine
from tests.bench.pictures import mean_size_bytes, photos
from tests.bench.system import System, free_port
from tests.client import client

_PEERS = (
    # name, uploads/s, photos/s until all are ready, CPU-s per photo, peak MB, upload p50 and p99 in ms
    ("Immich 1.135, no ML", "18.0", "7.0", "0.263", "1222", "467 / 740"),
    ("Immich 1.135 + CLIP ViT-B/32", "11–13", "3.4–3.5", "0.50", "2317", "708 / 1299"),
    ("PiGallery2, 320+1080 px", "69", "1.3", "0.74", "468", "109 / 357"),
    ("Piwigo, 240+1656 px", "13.1", "2.1", "0.89", "436", "599 / 919"),
)


@dataclass(frozen=True)
class Result:
    """What one run measured."""

    photos: int
    ready: int
    failed: int
    mean_size_bytes: int
    upload_seconds: float
    ready_seconds: float
    cpu_by_part: dict[str, float]
    client_cpu: float
    idle_bytes: int
    peak_bytes: int
    peak_by_part: dict[str, int]
    upload_p50: float
    """Of the PUTs, and each photo's share of the request that announced it."""
    upload_p99: float
    machine: str

    @property
    def cpu_per_photo(self) -> float:
        """CPU seconds of the whole system per photo."""
        return sum(self.cpu_by_part.values()) / self.photos


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0-1) of the values lie, by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def ingest(url: str, root: int, paths: Sequence[Path], *, concurrency: int, warm: Sequence[Path]) -> Result:
    """Upload the photos with a new account, wait until all are ready, and return what it took.

    Args:
        url: Where the system is.
        root: The process id of its `make demo`, below which its parts are found; 0 leaves CPU and memory out.
        paths: The photos.
        concurrency: How many are uploaded at a time.
        warm: Photos that go first, with another account, and aren't counted.
    """
    async with client(url, connections=2 * concurrency) as first:
        await first.register()
        await upload(first, warm, concurrency)
        await first.all_settled(len(warm), within_seconds=300)
    async with client(url, connections=2 * concurrency) as uploader:
        await uploader.register()
        watch = MemoryWatch(root)
        idle = watch.sample()
        found = machine()
        before, own_before, started = cpu_seconds(root), _own_cpu(), time.perf_counter()
        sampling = asyncio.create_task(watch.run())
        await upload(uploader, paths, concurrency)
        uploaded = time.perf_counter() - started
        progress = await uploader.all_settled(len(paths), within_seconds=60 + 3 * len(paths))
        ready = time.perf_counter() - started
        sampling.cancel()
        after = cpu_seconds(root)
        own = _own_cpu() - own_before
    timings = uploader.timings
    announcing = sum(timings.admission) / len(paths)
    return Result(
        photos=len(paths),
        ready=progress["ready"],
        failed=progress["failed"],
        mean_size_bytes=mean_size_bytes(paths),
        upload_seconds=uploaded,
        ready_seconds=ready,
        cpu_by_part={name: after[name] - before.get(name, 0) for name in after},
        client_cpu=own,
        idle_bytes=idle,
        peak_bytes=watch.peak_bytes,
        peak_by_part=watch.by_part,
        upload_p50=percentile(timings.put, 0.5) + announcing,
        upload_p99=percentile(timings.put, 0.99) + announcing,
        machine=found,
    )


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def report(result: Result) -> str:
    """Return the result as text, beside what the peers reached."""
    count = result.photos
    parts = sorted(result.cpu_by_part.items(), key=lambda part: -part[1])
    lines = [
        f"{count} photos of {result.mean_size_bytes / 1e6:.1f} MB: {result.ready} ready, {result.failed} failed",
        f"on {result.machine} (before the run)",
        "",
        f"  photos/s until all are ready  {count / result.ready_seconds:8.2f}   ({result.ready_seconds:.1f} s)",
        f"  uploads/s                     {count / result.upload_seconds:8.2f}   ({result.upload_seconds:.1f} s)",
        f"  CPU-seconds per photo         {result.cpu_per_photo:8.3f}   (client: {result.client_cpu / count:.3f})",
        f"  memory, idle → peak (PSS)     {result.idle_bytes / 1e6:.0f} → {result.peak_bytes / 1e6:.0f} MB",
        f"  upload p50 / p99              {_milliseconds(result.upload_p50, result.upload_p99)} ms",
        "",
        f"  {'part':<18}{'CPU-s per photo':>16}{'share':>8}{'MB at the peak':>16}",
    ]
    total = sum(result.cpu_by_part.values()) or 1
    for name, seconds in parts:
        memory = result.peak_by_part.get(name, 0) / 1e6
        lines.append(f"  {name:<18}{seconds / count:>16.4f}{seconds / total:>8.0%}{memory:>16.0f}")
    lines += ["", f"  {'':<30}{'uploads/s':>11}{'ready/s':>9}{'CPU-s':>8}{'peak MB':>9}{'p50 / p99 ms':>14}"]
    own = (
        "Heliograph, with labels",
        f"{count / result.upload_seconds:.1f}",
        f"{count / result.ready_seconds:.1f}",
        f"{result.cpu_per_photo:.3f}",
        f"{result.peak_bytes / 1e6:.0f}",
        _milliseconds(result.upload_p50, result.upload_p99),
    )
    for name, uploads, ready, cpu, memory_mb, latency in (own, *_PEERS):
        lines.append(f"  {name:<30}{uploads:>11}{ready:>9}{cpu:>8}{memory_mb:>9}{latency:>14}")
    lines.append("  The peers were measured on a machine of this kind on another day: only the ratios count.")
    return "\n".join(lines)


def _milliseconds(p50: float, p99: float) -> str:
    return f"{p50 * 1000:.0f} / {p99 * 1000:.0f}"


def main() -> int:
    """Run the benchmark and print its report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=300)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--warm", type=int, default=8, help="photos that go first and aren't counted")
    parser.add_argument("--port", type=int, help="the first of eight free ports")
    parser.add_argument(
        "--data", type=Path, help="where the system keeps its data (a folder that is removed afterwards)"
    )
    parser.add_argument("--url", help="a system that is running already")
    parser.add_argument("--pid", type=int, default=0, help="the process id of that system's `make demo`")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args()
    paths = photos(given.photos + given.warm)
    with contextlib.ExitStack() as stack:
        if given.url is None:
            data = given.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heliograph-bench-")))
            system = stack.enter_context(System(given.port or free_port(), data))
            url, root = system.url, system.process_id
        else:
            url, root = given.url.rstrip("/"), given.pid
        measured, warm = paths[: given.photos], paths[given.photos :]
        result = asyncio.run(ingest(url, root, measured, concurrency=given.concurrency, warm=warm))
    print(report(result))
    if given.json:
        given.json.write_text(json.dumps(asdict(result), indent=2) + "\n")
    return 0 if result.ready == result.photos else 1


if __name__ == "__main__":
    sys.exit(main())
