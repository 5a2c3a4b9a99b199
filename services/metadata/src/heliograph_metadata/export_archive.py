"""ZIP files written to S3 as they come: the standard library's `zipfile` into an upload in parts.

Nothing is compressed that is compressed already: originals are stored, with their sizes and checksums behind them
(ZIP64), as the reader of an unfinished file could not know them before. Of what is written at most some megabytes
stay in memory.

Source: APPNOTE.TXT (the .ZIP file format specification), 4.3.9 and 4.5.3; "Multipart upload limits", Amazon S3 user
guide.
"""

import io
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph.photos import EXPORTS, OwnerId
from heliograph_metadata.domain.export import Export

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

SENT_TOGETHER_BYTES: Final = 8 * 1024 * 1024
"""S3 takes at least 5 MiB a part, and 10,000 parts."""
_OLDEST: Final = (1980, 1, 1, 0, 0, 0)
_COMPRESSED: Final = (".json", ".jsonl", ".txt")


class _Outbox(io.RawIOBase):
    """What `zipfile` has written and nobody has sent yet; it can't go back."""

    def __init__(self) -> None:
        self.waiting = bytearray()
        self.total = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        self.total += len(data)
        return len(data)


class S3ArchivePart:
    """A ZIP file that goes to S3 while it grows."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._send = send
        self._outbox = _Outbox()
        self._zip = zipfile.ZipFile(self._outbox, "w", zipfile.ZIP_STORED, allowZip64=True)

    @property
    def size_bytes(self) -> int:
        """See `ArchivePart.size_bytes`."""
        return self._outbox.total

    async def add(self, name: str, chunks: AsyncIterator[bytes], *, at: datetime) -> None:
        """See `ArchivePart.add`."""
        moment = at.astimezone(UTC).timetuple()[:6]
        entry = zipfile.ZipInfo(name, max(moment, _OLDEST))
        entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(_COMPRESSED) else zipfile.ZIP_STORED
        entry.external_attr = 0o644 << 16
        with self._zip.open(entry, "w", force_zip64=True) as file:
            async for chunk in chunks:
                file.write(chunk)
                await self._send_what_is_enough()

    async def close(self) -> None:
        """Write the directory, and send what is left."""
        self._zip.close()
        await self._send_what_is_enough()
        await self._send(bytes(self._outbox.waiting))

    async def _send_what_is_enough(self) -> None:
        waiting = self._outbox.waiting
        while len(waiting) >= SENT_TOGETHER_BYTES:
            await self._send(bytes(waiting[:SENT_TOGETHER_BYTES]))
            del waiting[:SENT_TOGETHER_BYTES]


class S3Archive:
    """An `Archive` in the photo bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @asynccontextmanager
    async def part(self, key: str) -> AsyncIterator[S3ArchivePart]:
        """See `Archive.part`."""
        with _answering():
            begun = await self._client.create_multipart_upload(
                Bucket=self._bucket, Key=key, ContentType="application/zip", CacheControl="private, no-store"
            )
        upload: Any = {"Bucket": self._bucket, "Key": key, "UploadId": begun["UploadId"]}
        sent: list[Any] = []

        async def send(body: bytes) -> None:
            with _answering():
                answer = await self._client.upload_part(**upload, PartNumber=len(sent) + 1, Body=body)
            sent.append({"PartNumber": len(sent) + 1, "ETag": answer["ETag"]})

        part = S3ArchivePart(send)
        try:
            yield part
            await part.close()
            with _answering():
                await self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": sent})
        except BaseException:
            with suppress(ClientError, BotoCoreError):
                await self._client.abort_multipart_upload(**upload)
            raise

    async def clear(self, account_id: OwnerId, *, keep: Sequence[str]) -> None:
        """See `Archive.clear`."""
        await self._clear(f"{EXPORTS}/{account_id}/", keep)

    async def remove(self, export: Export) -> None:
        """See `Archive.remove`."""
        await self._clear(f"{EXPORTS}/{export.account_id}/{export.export_id}/", ())

    async def _clear(self, under: str, keep: Sequence[str]) -> None:
        with _answering():
            begun = await self._client.list_multipart_uploads(Bucket=self._bucket, Prefix=under)
            for one in begun.get("Uploads", []):
                if one["Key"].startswith(under):
                    await self._client.abort_multipart_upload(
                        Bucket=self._bucket, Key=one["Key"], UploadId=one["UploadId"]
                    )
            page = await self._client.list_objects_v2(Bucket=self._bucket, Prefix=under)
            for there in page.get("Contents", []):  # of an export there are never a thousand parts
                if there["Key"] not in keep:
                    await self._client.delete_object(Bucket=self._bucket, Key=there["Key"])


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise UnavailableError(f"photo bucket: {error}") from error
