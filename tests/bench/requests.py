"""Counts the requests to S3 and SQS that a photo costs on its way: `python -m tests.bench.requests`.

The browser's own PUT of the original goes past the services, and is not among them.
"""

import argparse
import asyncio
import tempfile
from collections import Counter
from pathlib import Path

from tests.bench.like_a_browser import upload
from tests.bench.pictures import photos
from tests.bench.system import free_port
from tests.client import Client, client
from tests.faulty_endpoint import FaultyEndpoint
from tools.access import AccessKey
from tools.demo import Demo
from tools.supervisor import until_it_answers

_BESIDE_PHOTOS = ("SQS GetQueueAttributes", "SQS GetQueueUrl")
"""What the reconciler and the readiness checks ask, whether photos come or not."""


class _MeteredDemo(Demo):
    """The demo, its services' way to S3 and SQS through an endpoint that counts."""

    metered = ""

    def environment(self, key: AccessKey | None = None) -> dict[str, str]:
        return super().environment(key) | {"AWS_ENDPOINT_URL": self.metered}


async def _count(count: int) -> Counter[str]:
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
                    return await _while(uploader, endpoint, count)
            finally:
                stopping.set()
                await running


async def _while(uploader: Client, endpoint: FaultyEndpoint, count: int) -> Counter[str]:
    await uploader.register()
    before = endpoint.seen.copy()
    await upload(uploader, photos(count), 8)
    await uploader.all_settled(count, within_seconds=300)
    return Counter({name: times - before[name] for name, times in endpoint.seen.items()})


def main() -> None:
    """Print the requests of each kind per photo."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--photos", type=int, default=200)
    given = parser.parse_args()
    counted = asyncio.run(_count(given.photos))
    print(f"{given.photos} photos; requests per photo")
    for name, times in sorted(counted.items()):
        if name not in _BESIDE_PHOTOS:
            print(f"  {name:<36}{times / given.photos:8.3f}")


if __name__ == "__main__":
    main()
