"""How soon one photo is ready: alone, and while a backlog is worked off.

    python -m tests.bench.latency [--photos 40] [--backlog 20000]

A photo's time runs from the answer to its PUT, when S3 tells of it, until the API says `ready`, asked every 25 ms.
The backlog is uploaded first, by its own lane, into the same library, and what is left of it is told with the result.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from heliograph.sqs import batches as runs_of
from heliograph_upload.schemas import MAX_FILES
from tests.bench.ingest import percentile
from tests.bench.meter import cpu_seconds, machine
from tests.bench.pictures import photos
from tests.bench.system import System, free_port
from tests.client import Client, File, client
from tests.photos import a_jpeg, unlike

_ASKED_EVERY_SECONDS = 0.025
_WARM = 4
"""Photos that go first and aren't counted: processes start and caches fill with them."""


async def seconds_until_ready(uploader: Client, file: File) -> float:
    """Bring one photo in; return the seconds from its arrival in S3 until it is ready."""
    [admitted] = await uploader.admit([file])
    answer = await uploader.put(admitted["upload"], file.content)
    assert answer.status == HTTPStatus.OK, answer
    arrived = time.perf_counter()
    photo = await uploader.settled(admitted["photo_id"], within_seconds=300, every_seconds=_ASKED_EVERY_SECONDS)
    assert photo["status"] == "ready", photo
    return time.perf_counter() - arrived


async def one_after_another(uploader: Client, paths: Iterable[Path], *, pause_seconds: float) -> list[float]:
    """Return how long each photo took, each brought in after the one before is ready and a pause."""
    taken = []
    for path in paths:
        taken.append(await seconds_until_ready(uploader, File(path.name, path.read_bytes())))
        await asyncio.sleep(pause_seconds)
    return taken


async def fill_backlog(uploader: Client, count: int, *, concurrency: int = 8) -> None:
    """Upload so many small photos by the backlog lane, without waiting for what becomes of them."""
    street = a_jpeg("bus.jpg", size_px=(480, 640))
    batches = iter(list(runs_of(range(count), MAX_FILES)))
    done = 0

    async def upload_batches() -> None:
        nonlocal done
        for numbers in batches:
            files = [File(f"old-{number}.jpg", unlike(street, number)) for number in numbers]
            admitted = await uploader.announce([{**file.announcement, "lane": "backlog"} for file in files])
            for file, one in zip(files, admitted, strict=True):
                answer = await uploader.put(one["upload"], file.content)
                assert answer.status == HTTPStatus.OK, answer
            done += len(files)
            print(f"\r  {done} of {count} uploaded", end="", file=sys.stderr, flush=True)

    await asyncio.gather(*(upload_batches() for _ in range(concurrency)))
    print(file=sys.stderr)


def line(name: str, taken: Sequence[float]) -> str:
    """Return a line of the table: percentiles in seconds."""
    columns = [percentile(taken, 0.5), percentile(taken, 0.95), max(taken)]
    return f"  {name:<44}{len(taken):>7}" + "".join(f"{seconds:>9.2f}" for seconds in columns)


async def measure(system: System, paths: Sequence[Path], backlog: int) -> list[str]:
    """Return the table's lines."""
    half = (len(paths) - _WARM) // 2
    async with client(system.url, patience_seconds=60, connections=32) as uploader:
        await uploader.register()
        await one_after_another(uploader, paths[:_WARM], pause_seconds=0)
        alone = await one_after_another(uploader, paths[_WARM : _WARM + half], pause_seconds=0.5)
        print(line("into an idle system", alone), file=sys.stderr)
        await fill_backlog(uploader, backlog)
        before = await uploader.get("/api/v1/progress")
        started, cpu = time.perf_counter(), sum(cpu_seconds(system.process_id).values())
        among = await one_after_another(uploader, paths[_WARM + half : _WARM + 2 * half], pause_seconds=0.5)
        seconds = time.perf_counter() - started
        print("  in order: " + " ".join(f"{one:.2f}" for one in among), file=sys.stderr)
        after = await uploader.get("/api/v1/progress")
        cpu = sum(cpu_seconds(system.process_id).values()) - cpu
    left = [backlog + half + _WARM - progress["ready"] for progress in (before, after)]
    done = after["ready"] - before["ready"] - half
    return [
        f"  {'':<44}{'photos':>7}{'p50 s':>9}{'p95 s':>9}{'most s':>9}",
        line("into an idle system", alone),
        line(f"while {left[0]} to {left[1]} photos of a backlog wait", among),
        "",
        f"  meanwhile {done / seconds:.1f} photos of the backlog became ready a second, {cpu / seconds:.2f} cores busy",
    ]


def main() -> None:
    """Run the benchmark against a system of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=40, help="brought in one by one in each of the two rounds")
    parser.add_argument("--backlog", type=int, default=20_000, help="small photos uploaded by the backlog lane")
    given = parser.parse_args()
    paths = photos(_WARM + 2 * given.photos)
    print(f"one photo of 12 megapixels at a time, on {machine()}", flush=True)
    with (
        suppress(KeyboardInterrupt),
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        System(free_port(), Path(folder) / "data") as system,
    ):
        print("\n".join(asyncio.run(measure(system, paths, given.backlog))))


if __name__ == "__main__":
    main()
