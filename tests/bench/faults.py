"""The long fault test: each part in turn is killed in the middle of an upload, and no photo may be lost or doubled.

    python -m tests.bench.faults [--photos 300] [--parts inference,MiniStack]

tests/integration/pipeline/test_faults.py runs the short one with every `make test`.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.pictures import photos
from tests.bench.system import System, free_port
from tests.client import Client, File, client

PARTS = ("auth", "upload", "metadata", "metadata worker", "inference", "MiniStack", "dynoxide", "nginx")
PATIENCE_SECONDS = 180.0


async def upload_through_kills(
    system: System, uploader: Client, files: Sequence[Callable[[], File]], kills: dict[int, str], *, concurrency: int
) -> list[str]:
    """Upload the files, killing a part and starting the system again after so many of them; return the photos' ids.

    Args:
        system: A running one.
        uploader: Patient enough for a restart.
        files: What to upload, each read when its turn comes.
        kills: The part to kill by how many uploads have come through before.
        concurrency: How many are uploaded at a time; they go on, and fail, while the system is away.
    """
    waiting = iter(range(len(files)))
    ids = [""] * len(files)
    done = 0
    restarts: list[asyncio.Task[None]] = []
    one_death_at_a_time = asyncio.Lock()

    async def kill_and_restart(part: str) -> None:
        async with one_death_at_a_time:
            await asyncio.to_thread(_kill_and_start_again, system, part)

    async def one_after_another() -> None:
        nonlocal done
        for i in waiting:
            ids[i] = await uploader.upload(files[i]())
            done += 1
            if done in kills:
                restarts.append(asyncio.create_task(kill_and_restart(kills[done])))

    await asyncio.gather(*(one_after_another() for _ in range(concurrency)))
    await asyncio.gather(*restarts)
    return ids


def _kill_and_start_again(system: System, part: str) -> None:
    system.kill(part)
    system.wait_stopped()
    system.start()


async def complaints(reader: Client, ids: Sequence[str]) -> list[str]:
    """Return what is wrong with a library that should hold just these photos, each of them ready and once."""
    wrong = []
    photos_by_id = {photo_id: await reader.photo(photo_id) for photo_id in ids}
    wrong += [
        f"{photo_id} is {photo['status']}: {photo['failure']}"
        for photo_id, photo in photos_by_id.items()
        if photo["status"] != "ready"
    ]
    expected = len(photos_by_id)
    progress = await reader.get("/api/v1/progress")
    if progress != {"awaiting_upload": 0, "prepared": 0, "ready": expected, "failed": 0, "total": expected}:
        wrong.append(f"progress says {progress}")
    timeline = await reader.get("/api/v1/timeline")
    if (timeline["total"], sum(month["count"] for month in timeline["months"])) != (expected, expected):
        wrong.append(f"the timeline counts {timeline}")
    if (listed := Counter(await _listed(reader))) != Counter(list(photos_by_id)):
        wrong.append(f"search lists {listed.total()} photos, {len(listed)} of them different")
    facets = await reader.get("/api/v1/facets?kind=label")
    counted = {item["value"]: item["count"] for item in facets["items"]}
    borne = Counter(name for photo in photos_by_id.values() for name in {label["name"] for label in photo["labels"]})
    if counted != dict(borne):
        wrong.append(f"labels are counted {counted}, but the photos bear {dict(borne)}")
    return wrong


async def _listed(reader: Client) -> list[str]:
    ids: list[str] = []
    cursor = ""
    while True:
        page: dict[str, Any] = await reader.get(f"/api/v1/search?limit=200{cursor}")
        ids += [photo["photo_id"] for photo in page["items"]]
        if page["next_cursor"] is None:
            return ids
        cursor = f"&cursor={page['next_cursor']}"


def _read(path: Path) -> File:
    return File(path.name, path.read_bytes())


async def _survived(system: System, part: str, paths: Sequence[Path], concurrency: int) -> list[str]:
    files = [partial(_read, path) for path in paths]
    async with client(system.url, patience_seconds=PATIENCE_SECONDS) as uploader:
        await uploader.register()
        kills = {len(files) // 2: part}
        ids = await upload_through_kills(system, uploader, files, kills, concurrency=concurrency)
        await uploader.all_settled(len(files), within_seconds=120 + 3 * len(files))
        return await complaints(uploader, ids)


def main() -> int:
    """Kill each part once and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=300)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--parts", type=lambda text: text.split(","), default=list(PARTS), help="comma-separated")
    given = parser.parse_args()
    paths = photos(given.photos)
    bad = 0
    print(f"{'killed':<18}{'photos':>8}{'seconds':>9}  result", flush=True)
    with tempfile.TemporaryDirectory(prefix="heliograph-faults-") as data, System(free_port(), Path(data)) as system:
        for part in given.parts:
            started = time.perf_counter()
            wrong = asyncio.run(_survived(system, part, paths, given.concurrency))
            seconds = time.perf_counter() - started
            print(
                f"{part:<18}{len(paths):>8}{seconds:>9.1f}  {'; '.join(wrong) or 'all ready, none twice'}", flush=True
            )
            bad += bool(wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
