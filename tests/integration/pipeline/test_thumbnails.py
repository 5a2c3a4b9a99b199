"""A library whose thumbnails were objects at first and then lie within previews: one is as good as the other."""

import asyncio
import time
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image

from heliograph.photos import OwnerId, PhotoId, preview_key, thumbnail_key
from heliograph_metadata.domain.thumbnail_addresses import ThumbnailSigner
from tests.bench.system import System, free_port
from tests.client import Answer, Client, File, client
from tests.photos import Exif, a_jpeg
from tools.demo import STACK_NAME

KEY = "the key of a deployment, made once for all of its tasks"
FLOOD = 300
"""As many thumbnails as a timeline shows at once on a large screen."""


async def read(somebody: Client, url: str) -> Answer:
    """Return what an address leads to, asked for as an `<img>` does it: without a token."""
    assert url.startswith(somebody.url)
    answer = await somebody.call("GET", url.removeprefix(somebody.url), signed_in=False)
    assert answer.status == HTTPStatus.OK, answer
    return answer


async def refusal(somebody: Client, url: str) -> tuple[int, str | None]:
    answer = await somebody.call("GET", url.removeprefix(somebody.url), signed_in=False)
    return answer.status, answer.code


def renditions(system: System) -> set[str]:
    """Return the keys of all renditions."""
    listed = system.storage.client("s3").list_objects_v2(Bucket=f"{STACK_NAME}-photos", Prefix="renditions/")
    return {one["Key"] for one in listed.get("Contents", [])}


async def a_ready_photo(ada: Client, name: str) -> str:
    photo_id = await ada.upload(File(name, a_jpeg(name, exif=Exif(latitude=38.7223, longitude=-9.1393))))
    photo = await ada.settled(photo_id)
    assert (photo["status"], bool(photo["labels"])) == ("ready", True)
    return photo_id


async def test_thumbnails_of_before_and_after_the_switch_are_read_by_addresses_of_one_kind(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    # The connections that are kept open end with the first system.
    async with client(url, patience_seconds=10) as ada, client(url) as bob:
        with System(port, data):
            await ada.register("ada@example.org")
            before = await a_ready_photo(ada, "bus.jpg")
        monkeypatch.setenv("HELIOGRAPH_THUMBNAILS", "within-previews")
        monkeypatch.setenv("HELIOGRAPH_THUMBNAIL_SIGNING_KEY", KEY)
        with System(port, data) as system:
            after = await a_ready_photo(ada, "zidane.jpg")
            owner = OwnerId((await ada.get("/api/v1/me"))["account_id"])
            assert renditions(system) == {
                thumbnail_key(owner, PhotoId(before)),
                preview_key(owner, PhotoId(before)),
                preview_key(owner, PhotoId(after)),
            }
            await _is_shown_everywhere(ada, owner, before, after)
            await _is_shown_to_those_it_is_shared_with(ada, bob, after)
            await _is_shown_to_nobody_else(ada, bob, owner, before, after)
            assert system.operate("orphans") == ""
            for photo_id in (before, after):
                await ada.call("DELETE", f"/api/v1/photos/{photo_id}")
                await ada.call("DELETE", f"/api/v1/photos/{photo_id}?permanently=true")
            assert renditions(system) == set()


async def _is_shown_everywhere(ada: Client, owner: OwnerId, before: str, after: str) -> None:
    for photo_id in (before, after):
        photo = await ada.photo(photo_id)
        url = photo["thumbnail_url"]
        assert url.startswith(f"{ada.url}/api/v1/thumbnails/{owner}/{photo_id}?expires=")
        thumbnail, preview = await read(ada, url), await read(ada, photo["preview_url"])
        expires = int(parse_qs(urlsplit(url).query)["expires"][0])
        kept = thumbnail.headers["Cache-Control"]
        assert kept.startswith("private, max-age=")
        assert int(kept.split("=")[1].split(",")[0]) <= expires - int(time.time()) + 1
        assert thumbnail.headers["Content-Type"] == "image/webp"
        assert thumbnail.headers["X-Content-Type-Options"] == "nosniff"
        with Image.open(BytesIO(thumbnail.body)) as small, Image.open(BytesIO(preview.body)) as large:
            assert (small.format, large.format, min(small.size)) == ("WEBP", "JPEG", 320)
            as_small = np.asarray(large.convert("RGB").resize(small.size), np.int16)
            assert np.abs(np.asarray(small.convert("RGB"), np.int16) - as_small).mean() < 8
        redirected = await ada.call("GET", f"/api/v1/photos/{photo_id}/thumbnail")
        assert redirected.headers["Location"] == url
    url = (await ada.photo(after))["thumbnail_url"]
    month = (await ada.get("/api/v1/timeline"))["months"][0]["month"]
    for columns in (
        await ada.get(f"/api/v1/timeline/{month}"),
        await ada.get("/api/v1/map?bbox=-180,-85,180,85&zoom=20"),
    ):
        template, signatures = columns["thumbnail"]["url"], columns["thumbnail"]["signature"]
        addresses = [
            template.replace("{photo_id}", photo_id).replace("{signature}", signature)
            for photo_id, signature in zip(columns["photo_id"], signatures, strict=True)
        ]
        assert addresses
        for address in addresses:
            await read(ada, address)
    found = (await ada.get("/api/v1/search?q=person"))["items"]
    assert url in [one["thumbnail_url"] for one in found]
    assert len(await asyncio.gather(*(read(ada, url) for _ in range(FLOOD)))) == FLOOD


async def _is_shown_to_those_it_is_shared_with(ada: Client, bob: Client, photo_id: str) -> None:
    album = (await ada.call("POST", "/api/v1/albums", json_body={"name": "Sea"})).body
    path = f"/api/v1/albums/{album['album_id']}"
    await ada.call("PATCH", f"{path}/photos", json_body={"add": [photo_id]})
    cover = (await ada.get(path))["cover_thumbnail_url"]
    assert cover == (await ada.photo(photo_id))["thumbnail_url"]
    link = (await ada.call("POST", f"{path}/links", json_body={})).body
    visit = (await bob.call("POST", "/api/v1/shared/visits", json_body={"secret": link["secret"]})).body
    shared = visit["album"]["cover_thumbnail_url"]
    assert shared != cover
    assert int(parse_qs(urlsplit(shared).query)["expires"][0]) - time.time() <= 1200
    assert (await read(bob, shared)).body == (await read(ada, cover)).body


async def _is_shown_to_nobody_else(ada: Client, bob: Client, owner: OwnerId, before: str, after: str) -> None:
    url = (await ada.photo(after))["thumbnail_url"]
    expires = parse_qs(urlsplit(url).query)["expires"][0]
    for changed in (
        url.replace(after, before),
        url.replace(str(owner), "somebody"),
        url.replace(expires, str(int(expires) + 1)),
        f"{url[:-1]}{'A' if url[-1] != 'A' else 'E'}",
    ):
        assert await refusal(bob, changed) == (HTTPStatus.FORBIDDEN, "wrong-address")
    signer = ThumbnailSigner(KEY)
    expired = signer.family(ada.url, owner, expires_at=int(time.time()) - 5).url(PhotoId(after))
    assert await refusal(bob, expired) == (HTTPStatus.FORBIDDEN, "address-expired")
    gone = signer.family(ada.url, owner, expires_at=int(time.time()) + 60).url(PhotoId("b" * 26))
    assert await refusal(bob, gone) == (HTTPStatus.NOT_FOUND, "thumbnail-not-found")
