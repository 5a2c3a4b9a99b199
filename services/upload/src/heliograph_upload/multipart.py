"""Reads one file and its lane out of a multipart/form-data body: hashed while it comes, never whole in memory.

Source: RFC 7578.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from heliograph.photos import Lane
from heliograph_upload.domain import (
    MalformedFormError,
    MissingFileError,
    UnknownLaneError,
    UploadLimits,
    accepted_size,
)

FORM_OVERHEAD_BYTES = 64 * 1024
"""How much longer than its file a form may be."""

_FIELD = b"file"
_LANE_FIELD = b"lane"
_MOST_LANE_BYTES = 32
_IN_MEMORY_BYTES = 4 * 1024 * 1024
_PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class ReceivedFile:
    """A file that has come whole; `body` is at its start and is gone when the request is over."""

    filename: str
    content_type: str
    size_bytes: int
    sha256: str
    body: BinaryIO
    lane: Lane = Lane.INTERACTIVE


@asynccontextmanager
async def received_file(
    chunks: AsyncIterator[bytes], content_type: str, limits: UploadLimits
) -> AsyncIterator[ReceivedFile]:
    """Read the fields `file` and `lane` of a form; a file of more than 4 MiB lies on disk.

    Args:
        chunks: The request's body.
        content_type: The request's own Content-Type, with the boundary.
        limits: A larger file is refused as soon as it is.

    Raises:
        MalformedFormError: The body is no whole form.
        MissingFileError: It has no file.
        UnknownLaneError: There is no such lane.
        EmptyFileError, FileTooLargeError: The file is refused.
    """
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as spool:
        body = cast("BinaryIO", spool)
        form = _FormReader(content_type, body, limits)
        async for chunk in chunks:
            await form.take(chunk)
        yield await form.finished()


class _FormReader:
    """Collects what the parser calls back with."""

    def __init__(self, content_type: str, body: BinaryIO, limits: UploadLimits) -> None:
        media_type, options = parse_options_header(content_type)
        if media_type != b"multipart/form-data" or not options.get(b"boundary"):
            raise MalformedFormError("Send the photo as multipart/form-data, in the field `file`.")
        self._body = body
        self._limits = limits
        self._sha256 = hashlib.sha256()
        self._size_bytes = 0
        self._piece = bytearray()
        self._header_name = b""
        self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._is_ours = False
        self._is_lane = False
        self._lane = bytearray()
        self._has_lane = False
        self._is_whole = False
        self._filename: str | None = None
        self._content_type = ""
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_part_begin": self._headers.clear,
                    "on_header_field": self._add_to_name,
                    "on_header_value": self._add_to_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._begin_content,
                    "on_part_data": self._add_content,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise MalformedFormError("The boundary of the form is too long.") from error

    async def take(self, chunk: bytes) -> None:
        """Read on."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise MalformedFormError("The body is not the form that its header announces.") from error
        if len(self._piece) >= _PIECE_BYTES:
            await self._put_away()

    async def finished(self) -> ReceivedFile:
        """Return the file; the body has come to its end."""
        if not self._is_whole:
            raise MalformedFormError("The form breaks off before its end.")
        if self._filename is None:
            raise MissingFileError("The form has no file in its field `file`.")
        accepted_size(self._size_bytes, self._limits)
        lane = self._known_lane()
        await self._put_away()
        self._body.seek(0)
        sha256 = self._sha256.hexdigest()
        return ReceivedFile(self._filename, self._content_type, self._size_bytes, sha256, self._body, lane)

    def _known_lane(self) -> Lane:
        if not self._has_lane:
            return Lane.INTERACTIVE
        try:
            return Lane(self._lane.decode(errors="replace").strip())
        except ValueError as error:
            raise UnknownLaneError(f"The field `lane` is one of: {', '.join(Lane)}.") from error

    async def _put_away(self) -> None:
        piece, self._piece = self._piece, bytearray()
        await asyncio.to_thread(self._hash_and_write, piece)

    def _hash_and_write(self, piece: bytearray) -> None:
        self._sha256.update(piece)
        self._body.write(piece)

    def _add_to_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _begin_content(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._is_lane = options.get(b"name") == _LANE_FIELD
        self._has_lane |= self._is_lane
        self._is_ours = options.get(b"name") == _FIELD
        if not self._is_ours:
            return
        if self._filename is not None:
            raise MalformedFormError("The form has two files; send one a request.")
        self._filename = options.get(b"filename", b"").decode(errors="replace")
        self._content_type = self._headers.get(b"content-type", b"").decode("latin-1")

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        if self._is_lane:
            self._lane += data[start:end][: _MOST_LANE_BYTES - len(self._lane)]
        if not self._is_ours:
            return
        self._size_bytes += end - start
        accepted_size(self._size_bytes, self._limits)
        self._piece += data[start:end]

    def _end(self) -> None:
        self._is_whole = True
