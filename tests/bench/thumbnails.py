"""What a thumbnail within its preview costs to read, beside one that is an object: `python -m tests.bench.thumbnails`.

The same thumbnails are read through nginx in turn, round by round: by the metadata service's addresses, and by
presigned addresses of objects in S3 that are laid beside them. The stand-in is S3 in both; its own time is told, and
is none of what a deployment pays for. Milliseconds of CPU are nearly the same on a busy machine; latencies are not.
"""

import argparse
import asyncio
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
from botocore.credentials import ReadOnlyCredentials

from heliograph.photos import OwnerId, PhotoId, thumbnail_key
from heliograph.presign import S3Presigner
from heliograph_metadata.domain.within_preview import USUAL_BYTES
from tests.bench.ingest import percentile
from tests.bench.like_a_browser import upload
from tests.bench.meter import cpu_seconds, machine
from tests.bench.pictures import photos
from tests.bench.system import System, free_port
from tests.client import Client, client
from tools.demo import STACK_NAME

_PARTS = ("metadata", "nginx", "MiniStack")
_HOURS = 4 * 3600


@dataclass
class Way:
    """One way to read the same thumbnails, and what it has taken."""

    name: str
    urls: list[str]
    seconds: list[float] = field(default_factory=list)
    cpu: Counter[str] = field(default_factory=Counter)

    def line(self) -> str:
        """Return the row of the table."""
        cpu = "  ".join(f"{1000 * self.cpu[part] / len(self.seconds):9.2f}" for part in _PARTS)
        middle, late = 1000 * statistics.median(self.seconds), 1000 * percentile(self.seconds, 0.95)
        return f"  {self.name:<24}{cpu}  {middle:8.1f}  {late:8.1f}"


async def _read(way: Way, system: System, http: aiohttp.ClientSession, *, concurrency: int) -> list[int]:
    """Read all thumbnails one way; return their sizes."""
    waiting, sizes = iter(way.urls), []

    async def one_after_another(urls: Iterable[str]) -> None:
        for url in urls:
            started = time.perf_counter()
            async with http.get(url) as response:
                assert response.status == HTTPStatus.OK, url
                sizes.append(len(await response.read()))
            way.seconds.append(time.perf_counter() - started)

    before = cpu_seconds(system.process_id)
    await asyncio.gather(*(one_after_another(waiting) for _ in range(concurrency)))
    after = cpu_seconds(system.process_id)
    way.cpu.update({part: after.get(part, 0.0) - before.get(part, 0.0) for part in _PARTS})
    return sizes


async def _ways(reader: Client, system: System, count: int) -> tuple[Way, Way]:
    """Bring photos in, lay their thumbnails beside them as objects, and return both ways to them."""
    await upload(reader, photos(count), 8)
    await reader.all_settled(count, within_seconds=300)
    owner_id = OwnerId((await reader.get("/api/v1/me"))["account_id"])
    found = (await reader.get(f"/api/v1/search?limit={count}"))["items"]
    storage = system.storage
    key = ReadOnlyCredentials(storage.access_key_id, storage.secret_access_key, None)
    presigner = S3Presigner(key, region=storage.place.region, bucket=f"{STACK_NAME}-photos")
    within, beside = Way("within the preview", []), Way("an object of its own", [])
    s3 = storage.client("s3")
    for one in found:
        answer = await reader.call("GET", one["thumbnail_url"].removeprefix(reader.url), signed_in=False)
        at = thumbnail_key(owner_id, PhotoId(one["photo_id"]))
        s3.put_object(Bucket=f"{STACK_NAME}-photos", Key=at, Body=answer.body, ContentType="image/webp")
        within.urls.append(one["thumbnail_url"])
        beside.urls.append(presigner.get_url(reader.url, at, stable_seconds=_HOURS, now=datetime.now(UTC)))
    return within, beside


async def _measure(count: int, rounds: int, concurrency: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("HELIOGRAPH_THUMBNAILS", "within-previews")
        environment.setenv("HELIOGRAPH_THUMBNAIL_SIGNING_KEY", secrets.token_urlsafe(32))
        with System(free_port(), Path(folder) / "data") as system:
            async with client(system.url) as reader, aiohttp.ClientSession() as http:
                ways = await _ways(await reader.register(), system, count)
                sizes = []
                for _ in range(rounds):
                    for way in ways:
                        sizes = await _read(way, system, http, concurrency=concurrency)
    large = sum(size > USUAL_BYTES for size in sizes) / len(sizes)
    print(f"{count} thumbnails of {statistics.mean(sizes) / 1000:.1f} kB, {large:.0%} of them in two requests to S3")
    print(f"{rounds} rounds in turn, {concurrency} at a time; {machine()}")
    print(f"  {'CPU-ms a thumbnail':<24}{'  '.join(f'{part:>9}' for part in _PARTS)}  {'p50 ms':>8}  {'p95 ms':>8}")
    for way in ways:
        print(way.line())


def main() -> None:
    """Print what both ways take."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--concurrency", type=int, default=6, help="as many as a browser asks for at a time")
    given = parser.parse_args()
    asyncio.run(_measure(given.photos, given.rounds, given.concurrency))


if __name__ == "__main__":
    main()
