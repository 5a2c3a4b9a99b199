"""Whether a system in containers keeps a photo over a restart: `python -m tests.compose before|after ADDRESS`."""

import argparse
import asyncio
from http import HTTPStatus

import aiohttp

from tests.client import File, client
from tests.photos import a_jpeg

_OWNER = "keeper@example.org"


async def before(address: str) -> None:
    """Bring a photo in."""
    async with client(address, patience_seconds=30) as keeper:
        await keeper.register(_OWNER)
        photo = await keeper.settled(await keeper.upload(File("bus.jpg", a_jpeg("bus.jpg"))), within_seconds=120)
        assert photo["status"] == "ready", photo


async def after(address: str) -> None:
    """Find it again: the account, the document, the index and the picture."""
    async with client(address, patience_seconds=60) as keeper, aiohttp.ClientSession() as http:
        await keeper.register(_OWNER)
        [again] = await keeper.admit([File("bus.jpg", a_jpeg("bus.jpg"))])
        assert again["status"] == "duplicate", again
        [found] = (await keeper.get("/api/v1/search?label=bus"))["items"]
        async with http.get(found["thumbnail_url"]) as response:
            assert response.status == HTTPStatus.OK, await response.text()
            assert response.content_type == "image/webp"


def main() -> None:
    """Run one of the two halves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("half", choices=("before", "after"))
    parser.add_argument("address")
    given = parser.parse_args()
    asyncio.run(before(given.address) if given.half == "before" else after(given.address))
    print(f"{given.half} the restart: the photo is there")


if __name__ == "__main__":
    main()
