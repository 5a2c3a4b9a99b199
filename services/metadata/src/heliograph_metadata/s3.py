"""Originals and renditions in S3, and the bucket as an operator sees it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph.messages import PhotoUploaded
from heliograph.photos import (
    EXPORTS,
    RENDITIONS,
    OriginalPrefix,
    OwnerId,
    PhotoId,
    original_keys,
    preview_key,
    thumbnail_key,
)
from heliograph_metadata.domain.within_preview import (
    USUAL_BYTES,
    Thumbnails,
    bytes_wanted,
    thumbnail_in,
    with_thumbnail,
)
from heliograph_metadata.service.orphans import StoredObject
from heliograph_metadata.service.prepare import Original, OriginalMissingError

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

_CHUNK_BYTES: Final = 512 * 1024
_CACHED: Final = "private, max-age=31536000, immutable"


class _EmptyError(Exception):
    """An object without a byte has no last ones. Source: RFC 9110, 14.1.2."""


class S3Originals:
    """`Originals` in one bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @asynccontextmanager
    async def opened(self, key: str) -> AsyncIterator[Original]:
        """See `Originals.opened`."""
        with _answering(key):
            response = await self._client.get_object(Bucket=self._bucket, Key=key)
        async with response["Body"] as body:
            yield Original(response["ContentLength"], self._chunks(body, key))

    async def _chunks(self, body: aiohttp.ClientResponse, key: str) -> AsyncIterator[bytes]:
        with _answering(key):
            async for chunk in body.content.iter_chunked(_CHUNK_BYTES):
                yield chunk

    async def arrived(self, owner_id: OwnerId, photo_id: PhotoId) -> PhotoUploaded | None:
        """See `Originals.arrived`; a HEAD for each place."""
        for key in original_keys(owner_id, photo_id):
            with suppress(OriginalMissingError), _answering(key):
                head = await self._client.head_object(Bucket=self._bucket, Key=key)
                return PhotoUploaded(object_key=key, size_bytes=head["ContentLength"])
        return None

    async def check(self) -> str:
        """Say where the photos are.

        Raises:
            UnavailableError: S3 does not answer.
        """
        with _answering(self._bucket):
            await self._client.head_bucket(Bucket=self._bucket)
        return self._bucket


class S3Renditions:
    """`Renditions` in the same bucket, in two objects or one."""

    def __init__(self, client: "S3Client", bucket: str, thumbnails: Thumbnails = Thumbnails.OBJECTS) -> None:
        self._client = client
        self._bucket = bucket
        self._thumbnails = thumbnails

    async def put(self, owner_id: OwnerId, photo_id: PhotoId, *, thumbnail: bytes, preview: bytes) -> None:
        """See `Renditions.put`."""
        with _answering(f"objects of {photo_id}"):
            if self._thumbnails is Thumbnails.WITHIN_PREVIEWS:
                both = with_thumbnail(preview, thumbnail)
                await self._put(preview_key(owner_id, photo_id), both, "image/jpeg")
                return
            await asyncio.gather(
                self._put(thumbnail_key(owner_id, photo_id), thumbnail, "image/webp"),
                self._put(preview_key(owner_id, photo_id), preview, "image/jpeg"),
            )

    async def remove(self, owner_id: OwnerId, photo_id: PhotoId) -> None:
        """See `Renditions.remove`."""
        keys = [thumbnail_key(owner_id, photo_id), preview_key(owner_id, photo_id)]
        await remove_objects(self._client, self._bucket, keys)

    async def _put(self, key: str, body: bytes, content_type: str) -> None:
        await self._client.put_object(
            Bucket=self._bucket, Key=key, Body=body, ContentType=content_type, CacheControl=_CACHED
        )


class S3Thumbnails:
    """`StoredThumbnails` in the same bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    async def get(self, owner_id: OwnerId, photo_id: PhotoId) -> bytes | None:
        """See `StoredThumbnails.get`; one request for nearly all that lie within previews, two for all others."""
        within = await thumbnail_within(self._client, self._bucket, preview_key(owner_id, photo_id))
        if within is not None:
            return within
        key = thumbnail_key(owner_id, photo_id)
        with suppress(OriginalMissingError), _answering(key):
            response = await self._client.get_object(Bucket=self._bucket, Key=key)
            async with response["Body"] as body:
                return await body.read()
        return None


class S3PhotoObjects:
    """`PhotoObjects` in the same bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    async def remove_all(self, owner_id: OwnerId, photo_id: PhotoId) -> None:
        """See `PhotoObjects.remove_all`; one request."""
        keys = [thumbnail_key(owner_id, photo_id), preview_key(owner_id, photo_id), *original_keys(owner_id, photo_id)]
        await remove_objects(self._client, self._bucket, keys)


class S3OwnedObjects:
    """`OwnedObjects` in the same bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    async def remove_all_of(self, owner_id: OwnerId) -> int:
        """See `OwnedObjects.remove_all_of`."""
        removed = 0
        for prefix in (*OriginalPrefix, RENDITIONS, EXPORTS):
            under = f"{prefix}/{owner_id}/"
            removed += await self._end_uploads(under)
            while True:
                with _answering(self._bucket):
                    page = await self._client.list_objects_v2(Bucket=self._bucket, Prefix=under)
                keys = [one["Key"] for one in page.get("Contents", [])]
                if not keys:
                    break
                await remove_objects(self._client, self._bucket, keys)
                removed += len(keys)
        return removed

    async def _end_uploads(self, under: str) -> int:
        """Drop what came of uploads in parts, which no listing of objects shows."""
        with _answering(self._bucket):
            page = await self._client.list_multipart_uploads(Bucket=self._bucket, Prefix=under)
            begun = [(one["Key"], one["UploadId"]) for one in page.get("Uploads", []) if one["Key"].startswith(under)]
            for key, upload_id in begun:
                await self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
        return len(begun)


class S3Objects:
    """`Objects`: the whole bucket, for operators."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    async def pages(self) -> AsyncIterator[Sequence[StoredObject]]:
        """See `Objects.pages`."""
        request: dict[str, Any] = {"Bucket": self._bucket}
        while True:
            with _answering(self._bucket):
                page = await self._client.list_objects_v2(**request)
            yield [StoredObject(one["Key"], one["Size"], one["LastModified"]) for one in page.get("Contents", [])]
            if not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    async def is_there(self, key: str) -> bool:
        """See `Objects.is_there`."""
        try:
            with _answering(self._bucket):
                await self._client.head_object(Bucket=self._bucket, Key=key)
        except OriginalMissingError:
            return False
        return True

    async def holds_thumbnail(self, key: str) -> bool:
        """See `Objects.holds_thumbnail`."""
        return await thumbnail_within(self._client, self._bucket, key) is not None

    async def remove(self, keys: Sequence[str]) -> None:
        """See `Objects.remove`."""
        await remove_objects(self._client, self._bucket, keys)


async def remove_objects(client: "S3Client", bucket: str, keys: Sequence[str]) -> None:
    """Remove up to 1,000 objects; nothing happens where there are none.

    Raises:
        UnavailableError: S3 does not answer, or has not removed them all.
    """
    with _answering(bucket):
        response = await client.delete_objects(
            Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
        )
    if errors := response.get("Errors"):
        raise UnavailableError(f"photo bucket: {errors[0].get('Key')} was not removed: {errors[0].get('Message')}")


async def thumbnail_within(client: "S3Client", bucket: str, key: str) -> bytes | None:
    """Return the thumbnail within a preview; None where it holds none, or is not there.

    Raises:
        UnavailableError: S3 does not answer.
    """
    tail = await _tail(client, bucket, key, USUAL_BYTES)
    wanted = bytes_wanted(tail)
    if wanted is not None and wanted > len(tail) == USUAL_BYTES:
        tail = await _tail(client, bucket, key, wanted)
    return thumbnail_in(tail)


async def _tail(client: "S3Client", bucket: str, key: str, count: int) -> bytes:
    """Return the last bytes of an object, all where it has fewer, and none where it is empty or not there."""
    with suppress(OriginalMissingError, _EmptyError), _answering(key):
        response = await client.get_object(Bucket=bucket, Key=key, Range=f"bytes=-{count}")
        async with response["Body"] as body:
            return await body.read()
    return b""


@contextmanager
def _answering(what: str) -> Iterator[None]:
    """Turn the SDK's exceptions into ours."""
    try:
        yield
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
            raise OriginalMissingError(f"S3 has no {what}.") from error
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise _EmptyError from error
        raise UnavailableError(f"photo bucket: {error}") from error
    except (BotoCoreError, aiohttp.ClientError, TimeoutError) as error:
        raise UnavailableError(f"photo bucket: {error}") from error
