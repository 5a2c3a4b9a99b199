"""Counts what a photo asks of S3, SQS and DynamoDB on its way: `python -m tests.bench.requests`.

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
from tests.bench.capacity import MeteredTables
from tests.bench.like_a_browser import upload
from tests.bench.pictures import photos
from tests.bench.system import free_port
from tests.client import client
from tests.faulty_endpoint import FaultyEndpoint
from tools.access import AccessKey
from tools.demo import STACK_NAME, Demo
from tools.supervisor import until_it_answers

_BESIDE_PHOTOS = ("SQS GetQueueAttributes", "SQS GetQueueUrl")
"""What the reconciler and the readiness checks ask, whether photos come or not."""
_OWN_LOGS = ("auth", "upload", "metadata", "metadata-worker", "inference")


class _MeteredDemo(Demo):
    """The demo, its services' way to S3, SQS and DynamoDB through endpoints that count."""

    metered = ""
    metered_tables = ""

    def environment(self, key: AccessKey | None = None) -> dict[str, str]:
        return super().environment(key) | {
            "AWS_ENDPOINT_URL": self.metered,
            "AWS_ENDPOINT_URL_DYNAMODB": self.metered_tables,
            "HELIOGRAPH_BACKLOG_LINGERS_SECONDS": "4",  # as infra/services.yaml has it
        }


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
    read_units: Counter[str]
    """Of DynamoDB, by operation and table."""
    write_units: Counter[str]


async def _count(count: int, lane: Lane) -> Counted:
    with tempfile.TemporaryDirectory() as folder:
        demo = _MeteredDemo(host="127.0.0.1", port=free_port(), data=Path(folder))
        endpoint = FaultyEndpoint(demo.standin.endpoint.url)
        tables = MeteredTables(demo.standin.endpoint.dynamodb_url)
        stopping = asyncio.Event()
        async with endpoint.serving() as demo.metered, tables.serving() as demo.metered_tables:
            running = asyncio.create_task(demo.run(None, stopping))
            try:
                await until_it_answers(f"{demo.address}/api/v1/progress")
                async with client(demo.address, connections=16) as uploader:
                    logged = _logged(demo.data)
                    await uploader.register()
                    requests, reads, writes = endpoint.seen.copy(), tables.read_units.copy(), tables.write_units.copy()
                    await upload(uploader, photos(count), 8, lane)
                    await uploader.all_settled(count, within_seconds=600, every_seconds=5)
                    return Counted(
                        endpoint.seen - requests,
                        _logged(demo.data) - logged,
                        _kept(demo, "renditions/"),
                        *_saved(demo),
                        tables.read_units - reads,
                        tables.write_units - writes,
                    )
            finally:
                stopping.set()
                await running


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
    for units, what in ((counted.read_units, "read"), (counted.write_units, "write")):
        print(f"  {f'DynamoDB, units to {what}':<36}{units.total() / given.photos:8.2f}")
        for name, of_it in units.most_common():
            print(f"    {name:<34}{of_it / given.photos:8.2f}")


if __name__ == "__main__":
    main()
