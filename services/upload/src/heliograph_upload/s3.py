"""Originals in S3: presigned PUTs that take the announced bytes only, and our own PUT for direct uploads."""

import asyncio
from base64 import b64encode
from collections.abc import Collection, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, BinaryIO, Literal

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph.photos import Admission, PhotoId, original_keys
from heliograph.presign import S3Presigner
from heliograph_upload.domain import NewPhoto, PresignedUpload

if TYPE_CHECKING:
    from aiobotocore.credentials import AioCredentials
    from types_aiobotocore_s3 import S3Client

_NEVER_REPLACE = "*"
_HEADS_AT_ONCE = 16


class S3Originals:
    """`Originals` in one bucket."""

    def __init__(
        self,
        client: "S3Client",
        credentials: "AioCredentials",
        *,
        region: str,
        bucket: str,
        url_lives_seconds: int,
        storage_class: Literal["", "INTELLIGENT_TIERING"] = "",
    ) -> None:
        self._client = client
        self._credentials = credentials
        self._region = region
        self._bucket = bucket
        self._url_lives_seconds = url_lives_seconds
        # Moved there by a lifecycle rule later, an object would cost twice its PUT once more.
        self._storage_class = storage_class

    async def presigned_uploads(self, photos: Sequence[NewPhoto], base_url: str) -> list[PresignedUpload]:
        """See `Originals.presigned_uploads`.

        S3 compares the length and the headers with what was signed, and the body with the SHA-256. Content-Length is
        signed but not among the headers returned: a client sends it by itself, and browsers let nobody set it.
        """
        keys = await self._credentials.get_frozen_credentials()
        presigner = S3Presigner(keys, region=self._region, bucket=self._bucket)
        uploads = []
        for photo in photos:
            headers = {
                "Content-Type": photo.admission.content_type,
                "If-None-Match": _NEVER_REPLACE,
                "x-amz-checksum-sha256": checksum_of(photo.admission),
                **({"x-amz-storage-class": self._storage_class} if self._storage_class else {}),
            }
            url = presigner.put_url(
                base_url,
                photo.key,
                headers={**headers, "Content-Length": str(photo.admission.size_bytes)},
                expires_seconds=self._url_lives_seconds,
            )
            uploads.append(PresignedUpload(url, headers))
        return uploads

    async def arrived(self, photos: Collection[NewPhoto]) -> set[PhotoId]:
        """See `Originals.arrived`: a HEAD for each place where it can lie, a few photos at a time."""
        at_once = asyncio.Semaphore(_HEADS_AT_ONCE)

        async def has_arrived(photo: NewPhoto) -> bool:
            async with at_once:
                keys = original_keys(photo.owner_id, photo.photo_id)
                return any([await self._is_there(key) for key in keys])

        found = await asyncio.gather(*map(has_arrived, photos))
        return {photo.photo_id for photo, is_there in zip(photos, found, strict=True) if is_there}

    async def _is_there(self, key: str) -> bool:
        try:
            await self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
                return False
            raise UnavailableError(f"photo bucket: {error}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"photo bucket: {error}") from error
        return True

    async def put(self, photo: NewPhoto, body: BinaryIO) -> bool:
        """See `Originals.put`."""
        try:
            await self._client.put_object(
                Bucket=self._bucket,
                Key=photo.key,
                Body=body,
                ContentLength=photo.admission.size_bytes,
                ContentType=photo.admission.content_type,
                ChecksumSHA256=checksum_of(photo.admission),
                IfNoneMatch=_NEVER_REPLACE,
                StorageClass=self._storage_class or "STANDARD",
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.PRECONDITION_FAILED:
                return False
            raise UnavailableError(f"photo bucket: {error}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"photo bucket: {error}") from error
        return True


def checksum_of(admission: Admission) -> str:
    """Return the content's SHA-256 as S3 spells it: base64."""
    return b64encode(bytes.fromhex(admission.sha256)).decode()
