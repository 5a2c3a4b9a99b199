"""What `Originals`, `Renditions` and `StoredThumbnails` of the metadata service do: fake and S3, held to the same."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from heliograph.aws import AwsClients
from heliograph.messages import PhotoUploaded
from heliograph.photos import OriginalPrefix, OwnerId, PhotoId, original_key, preview_key, thumbnail_key
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.within_preview import USUAL_BYTES, Thumbnails
from heliograph_metadata.s3 import S3Originals, S3PhotoObjects, S3Renditions, S3Thumbnails
from heliograph_metadata.service.prepare import OriginalMissingError, Originals, Renditions
from heliograph_metadata.service.purge import PhotoObjects
from heliograph_metadata.service.thumbnails import StoredThumbnails
from tests.fakes.in_memory_photo_files import InMemoryPhotoFiles
from tests.photos import like_a_webp

OWNER, PHOTO = OwnerId("owner"), PhotoId("photo")


@dataclass
class Files:
    originals: Originals
    renditions: Renditions
    joined: Renditions
    """The same, with thumbnails within previews."""
    thumbnails: StoredThumbnails
    objects: PhotoObjects
    put: Callable[[str, bytes], Awaitable[object]]
    get: Callable[[str], Awaitable[bytes]]
    keys: Callable[[], Awaitable[set[str]]]


@pytest.fixture(params=["in memory", "s3"])
def files(request: pytest.FixtureRequest) -> Files:
    if request.param == "in memory":
        return _in_memory()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    bucket = stack.bucket_name

    async def put(key: str, content: bytes) -> None:
        await aws.s3.put_object(Bucket=bucket, Key=key, Body=content)

    async def get(key: str) -> bytes:
        return await (await aws.s3.get_object(Bucket=bucket, Key=key))["Body"].read()

    async def keys() -> set[str]:
        response = await aws.s3.list_objects_v2(Bucket=bucket)
        return {content["Key"] for content in response.get("Contents", [])}

    return Files(
        S3Originals(aws.s3, bucket),
        S3Renditions(aws.s3, bucket),
        S3Renditions(aws.s3, bucket, Thumbnails.WITHIN_PREVIEWS),
        S3Thumbnails(aws.s3, bucket),
        S3PhotoObjects(aws.s3, bucket),
        put,
        get,
        keys,
    )


def _in_memory() -> Files:
    fake, joined = InMemoryPhotoFiles(), InMemoryPhotoFiles(Thumbnails.WITHIN_PREVIEWS)
    joined.objects = fake.objects

    async def put(key: str, content: bytes) -> None:
        fake.objects[key] = content

    async def get(key: str) -> bytes:
        return fake.objects[key]

    async def keys() -> set[str]:
        return set(fake.objects)

    return Files(fake, fake, joined, fake, fake, put, get, keys)


async def test_an_original_comes_in_chunks_that_make_the_whole(files: Files) -> None:
    content = bytes(range(256)) * 8_000
    await files.put(original_key(OWNER, PHOTO), content)

    async with files.originals.opened(original_key(OWNER, PHOTO)) as original:
        chunks = [chunk async for chunk in original.chunks]

    assert original.size_bytes == len(content)
    assert b"".join(chunks) == content
    assert len(chunks) > 1


async def test_an_original_need_not_be_read(files: Files) -> None:
    await files.put(original_key(OWNER, PHOTO), b"original")

    async with files.originals.opened(original_key(OWNER, PHOTO)) as original:
        assert original.size_bytes == len(b"original")


async def test_a_missing_original_is_said_to_be_missing(files: Files) -> None:
    assert await files.originals.arrived(OWNER, PHOTO) is None
    with pytest.raises(OriginalMissingError):
        async with files.originals.opened(original_key(OWNER, PHOTO)):
            pass


@pytest.mark.parametrize("prefix", OriginalPrefix)
async def test_an_original_that_has_arrived_has_a_key_and_a_size(files: Files, prefix: OriginalPrefix) -> None:
    key = original_key(OWNER, PHOTO, prefix)
    await files.put(key, b"original")

    assert await files.originals.arrived(OWNER, PHOTO) == PhotoUploaded(object_key=key, size_bytes=len(b"original"))


async def test_renditions_take_the_place_of_earlier_ones(files: Files) -> None:
    await files.renditions.put(OWNER, PHOTO, thumbnail=b"old", preview=b"old")

    await files.renditions.put(OWNER, PHOTO, thumbnail=b"small", preview=b"large")

    assert await files.get(thumbnail_key(OWNER, PHOTO)) == b"small"
    assert await files.get(preview_key(OWNER, PHOTO)) == b"large"


async def test_a_photo_s_objects_are_removed_and_no_other_s_and_may_be_gone_already(files: Files) -> None:
    other = PhotoId("other")
    await files.put(original_key(OWNER, other), b"original")
    for prefix in OriginalPrefix:
        await files.put(original_key(OWNER, PHOTO, prefix), b"original")
    await files.renditions.put(OWNER, PHOTO, thumbnail=b"small", preview=b"large")

    await files.objects.remove_all(OWNER, PHOTO)
    await files.objects.remove_all(OWNER, PHOTO)

    assert await files.keys() == {original_key(OWNER, other)}


async def test_renditions_are_removed_without_the_original(files: Files) -> None:
    await files.put(original_key(OWNER, PHOTO), b"original")
    await files.renditions.put(OWNER, PHOTO, thumbnail=b"small", preview=b"large")

    await files.renditions.remove(OWNER, PHOTO)

    assert await files.keys() == {original_key(OWNER, PHOTO)}


@pytest.mark.parametrize("size_bytes", [20_000, 3 * USUAL_BYTES])
async def test_a_thumbnail_within_its_preview_is_found_and_is_no_object(files: Files, size_bytes: int) -> None:
    thumbnail = like_a_webp(size_bytes)
    await files.joined.put(OWNER, PHOTO, thumbnail=thumbnail, preview=b"large")

    assert await files.thumbnails.get(OWNER, PHOTO) == thumbnail
    assert await files.keys() == {preview_key(OWNER, PHOTO)}
    assert (await files.get(preview_key(OWNER, PHOTO))).startswith(b"large" + thumbnail)


async def test_a_thumbnail_that_is_an_object_is_found_as_well(files: Files) -> None:
    await files.renditions.put(OWNER, PHOTO, thumbnail=b"small", preview=b"large" * USUAL_BYTES)

    assert await files.thumbnails.get(OWNER, PHOTO) == b"small"


async def test_a_thumbnail_made_anew_within_its_preview_is_found_before_the_older_object(files: Files) -> None:
    await files.renditions.put(OWNER, PHOTO, thumbnail=b"small", preview=b"large")
    await files.joined.put(OWNER, PHOTO, thumbnail=like_a_webp(40), preview=b"large")

    assert await files.thumbnails.get(OWNER, PHOTO) == like_a_webp(40)
    await files.objects.remove_all(OWNER, PHOTO)
    assert await files.keys() == set()


async def test_a_photo_without_renditions_has_no_thumbnail(files: Files) -> None:
    assert await files.thumbnails.get(OWNER, PHOTO) is None
    await files.put(preview_key(OWNER, PHOTO), b"")
    assert await files.thumbnails.get(OWNER, PHOTO) is None
    await files.put(preview_key(OWNER, PHOTO), b"large")
    assert await files.thumbnails.get(OWNER, PHOTO) is None
