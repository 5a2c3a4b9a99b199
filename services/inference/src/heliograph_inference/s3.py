"""Previews in S3."""

from typing import TYPE_CHECKING

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError

from heliograph_inference.domain import PreviewUnavailableError, UnreadablePreviewError

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

_PREFIX = "renditions/"
_MOST_BYTES = 32 * 1024 * 1024
"""A preview has half a megabyte."""

_MISSING = frozenset({"NoSuchKey", "404"})
_REFUSED = frozenset({"AccessDenied", "403"})
"""What S3 also says of a missing object to a role that may not list the bucket."""


class S3PreviewStore:
    """A `PreviewStore` over one bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    async def read(self, preview_key: str) -> bytes:
        """See `PreviewStore.read`."""
        if not preview_key.startswith(_PREFIX):
            raise UnreadablePreviewError(f"{preview_key} is the key of no preview")
        try:
            response = await self._client.get_object(Bucket=self._bucket, Key=preview_key)
            async with response["Body"] as body:
                if response["ContentLength"] > _MOST_BYTES:
                    raise UnreadablePreviewError(f"the preview has {response['ContentLength']} bytes")
                return await body.read()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _MISSING:
                raise UnreadablePreviewError(f"there is no preview at {preview_key}") from error
            raise PreviewUnavailableError(f"{preview_key}: {error}") from error
        except (BotoCoreError, aiohttp.ClientError, OSError) as error:
            raise PreviewUnavailableError(f"{preview_key}: {error}") from error

    async def answers(self) -> str:
        """Say that S3 answers this role; a missing object is answer enough.

        Raises:
            PreviewUnavailableError: S3 does not answer.
        """
        try:
            await self._client.head_object(Bucket=self._bucket, Key=f"{_PREFIX}readiness")
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in _MISSING | _REFUSED:
                raise PreviewUnavailableError(f"{self._bucket}: {error}") from error
        except (BotoCoreError, aiohttp.ClientError, OSError) as error:
            raise PreviewUnavailableError(f"{self._bucket}: {error}") from error
        return f"{self._bucket} answers"
