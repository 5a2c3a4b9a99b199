"""Counts the requests to S3 and SQS that a photo costs on its way: `python -m tests.bench.requests`.

The browser's own PUT of the original goes past the services, and is not among them.
"""

import argparse
import asyncio
import json
import tempfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from heliograph.messages import Lane
from tests.bench.like_a_browser import upload
from tests.bench.pictures import photos
from tests.bench.system import free_port
from tests.client import Client, client
from tests.faulty_endpoint import FaultyEndpoint
from tools.access import AccessKey
from tools.demo import STACK_NAME, Demo
from tools.supervisor import until_it_answers

_BESIDE_PHOTOS = ("SQS GetQueueAttributes", "SQS GetQueueUrl")
"""What the reconciler and the readiness checks ask, whether photos come or not."""
_OWN_LOGS = ("auth", "upload", "metadata", "metadata-worker", "inference")


class _MeteredDemo(Demo):
    """The demo, its services' way to S3 and SQS through an endpoint that counts."""

    metered = ""

    def environment(self, key: AccessKey | None = None) -> dict[str, str]:
        return super().environment(key) | {"AWS_ENDPOINT_URL": self.metered}


@dataclass(frozen=True)
class Counted:
    """What so many photos have cost."""

    requests: Counter[str]
    log_bytes: int
    rendition_bytes: int
    saves: int
    """Of their documents."""
    groups: int
    """In which these were saved."""


async def _count(count: int, lane: Lane) -> Counted:
    with tempfile.TemporaryDirectory() as folder:
        demo = _MeteredDemo(host="127.0.0.1", port=free_port(), data=Path(folder))
        endpoint = FaultyEndpoint(demo.standin.endpoint.url)
        stopping = asyncio.Event()
        async with endpoint.serving() as url:
            demo.metered = url
            running = asyncio.create_task(demo.run(None, stopping))
            try:
                await until_it_answers(f"{demo.address}/api/v1/progress")
                async with client(demo.address, connections=16) as uploader:
                    logged = _logged(demo.data)
                    requests = await _while(uploader, endpoint, count, lane)
                    saves, groups = _saved(demo)
                    return Counted(requests, _logged(demo.data) - logged, _kept(demo, "renditions/"), saves, groups)
            finally:
                stopping.set()
                await running


async def _while(uploader: Client, endpoint: FaultyEndpoint, count: int, lane: Lane) -> Counter[str]:
    await uploader.register()
    before = endpoint.seen.copy()
    await upload(uploader, photos(count), 8, lane)
    await uploader.all_settled(count, within_seconds=300)
    return Counter({name: times - before[name] for name, times in endpoint.seen.items()})


def _logged(data: Path) -> int:
    return sum((data / "logs" / f"{name}.log").stat().st_size for name in _OWN_LOGS)


def _kept(demo: Demo, prefix: str) -> int:
    """Return how many bytes the objects with this prefix have."""
    pages = demo.standin.endpoint.client("s3").get_paginator("list_objects_v2")
    listed = pages.paginate(Bucket=f"{STACK_NAME}-photos", Prefix=prefix)
    return sum(one["Size"] for page in listed for one in page.get("Contents", []))


def _saved(demo: Demo) -> tuple[int, int]:
    """Return how many saves stand in the ledger's log, and in how many groups."""
    pages = demo.standin.endpoint.client("dynamodb").get_paginator("scan")
    scanned = pages.paginate(
        TableName=f"{STACK_NAME}-terms",
        FilterExpression="attribute_exists(operations)",
        ProjectionExpression="operations",
    )
    groups = [json.loads(zlib.decompress(one["operations"]["B"])) for page in scanned for one in page["Items"]]
    return sum(map(len, groups)), len(groups)


def main() -> None:
    """Print the requests of each kind per photo."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--lane", type=Lane, choices=list(Lane), default=Lane.BACKLOG, help="an import's is backlog")
    given = parser.parse_args()
    counted = asyncio.run(_count(given.photos, given.lane))
    print(f"{given.photos} photos in the lane {given.lane}; requests per photo")
    for name, times in sorted(counted.requests.items()):
        if name not in _BESIDE_PHOTOS:
            print(f"  {name:<36}{times / given.photos:8.3f}")
    print(f"  {'saves at a time':<36}{counted.saves / counted.groups:8.1f}")
    print(f"  {'renditions':<36}{counted.rendition_bytes / given.photos / 1000:8.1f} kB")
    print(f"  {'logs':<36}{counted.log_bytes / given.photos / 1000:8.1f} kB")


if __name__ == "__main__":
    main()
