"""Reading photos in processes of their own: one that hangs or crashes takes nothing else along."""

import asyncio
import json
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from heliograph.errors import UnavailableError
from heliograph_metadata.domain.looks import FINGERPRINT_BITS, MOST_PREFIX_BITS, Look
from heliograph_metadata.domain.media import UNREADABLE, Exif, PhotoContent, ReadingTimeoutError, UnreadablePhotoError
from heliograph_metadata.service.prepare import ReadingProcessDiedError

_LENGTH_BYTES: Final = 4
_AHEAD_BYTES: Final = 8 * 1024 * 1024
"""So much of a file comes from S3 before a process is taken for it: most photos whole."""

_MOST_ANSWER_BYTES: Final = 64 * 1024
_MOST_RENDITION_BYTES: Final = 16 * 1024 * 1024
"""Many times what an honest process answers: what has taken one over must not fill the worker's memory."""

_BACKLOG_NICENESS: Final = 10
"""A tenth of the processor's time where others want all of it: enough that a backlog never stands still."""

_LEAN: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    # Pixels stay in the heap from one photo to the next: fresh pages for them cost a tenth of the reading
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 1024 * 1024),
}
"""For glibc and numpy; others ignore it."""

_logger = logging.getLogger(__name__)


class _Refusal(BaseModel):
    code: str
    detail: str


class _Look(BaseModel):
    model_config = ConfigDict(extra="forbid")

    fingerprint: str = Field(pattern=r"^[0-9a-f]{64}$")
    doubtful: list[Annotated[int, Field(ge=0, lt=MOST_PREFIX_BITS)]] = Field(max_length=MOST_PREFIX_BITS)
    sharpness: float = Field(ge=0, le=255)
    detail: int = Field(ge=0, le=FINGERPRINT_BITS)


class _Photo(BaseModel):
    model_config = ConfigDict(extra="forbid")

    content_type: str
    width_px: int = Field(ge=1)
    height_px: int = Field(ge=1)
    thumbhash: str
    look: _Look | None
    exif: Exif


class _Answer(BaseModel):
    """What the process says; checked, because a file may have taken it over."""

    photo: _Photo | None = None
    refused: _Refusal | None = None
    thumbnail_bytes: int = Field(default=0, ge=0, le=_MOST_RENDITION_BYTES)
    preview_bytes: int = Field(default=0, ge=0, le=_MOST_RENDITION_BYTES)


class ProcessPhotoReader:
    """A `PhotoReader` over reading_process.py: `async with` it; the processes start then and end after.

    They get no environment, so no credentials either.
    """

    def __init__(self, *, processes: int, timeout_seconds: float, max_pixels: int, for_backlog: bool = False) -> None:
        """Make one.

        Args:
            processes: How many photos are read at a time.
            timeout_seconds: How long one may take.
            max_pixels: How large one may be.
            for_backlog: The processes start when they are first needed, and leave the processor to whoever else wants
                it: nobody waits for these photos.
        """
        self._niceness = _BACKLOG_NICENESS if for_backlog else 0
        self._count = processes
        self._timeout_seconds = timeout_seconds
        self._max_pixels = max_pixels
        self._idle: asyncio.Queue[_ReadingProcess | None] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        for _ in range(self._count):
            self._idle.put_nowait(None if self._niceness else await _ReadingProcess.started())
        return self

    async def __aexit__(self, *exception: object) -> None:
        for _ in range(self._count):
            if process := await self._idle.get():
                await process.end()

    async def read(self, chunks: AsyncIterator[bytes], *, size_bytes: int, sha256: str) -> PhotoContent:
        """See `PhotoReader.read`."""
        ahead: list[bytes] = []
        async for chunk in chunks:
            ahead.append(chunk)
            if sum(map(len, ahead)) >= _AHEAD_BYTES:
                break
        request = {"size_bytes": size_bytes, "sha256": sha256, "max_pixels": self._max_pixels}
        process = await self._idle.get()
        try:
            if process is None or not process.is_alive:
                process = await _ReadingProcess.started(self._niceness)
            await process.ask(request, ahead, chunks)
            answer = await self._answer_in_time(process)
        except BaseException as error:
            if process is not None:
                await process.kill(error)
                process = None
            if isinstance(error, (ConnectionError, asyncio.IncompleteReadError)):
                raise ReadingProcessDiedError("The process that was reading the photo has died.") from error
            raise
        finally:
            self._idle.put_nowait(process)
        if isinstance(answer, _Refusal):
            raise UNREADABLE.get(answer.code, UnreadablePhotoError)(answer.detail)
        return answer

    async def _answer_in_time(self, process: "_ReadingProcess") -> "PhotoContent | _Refusal":
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await process.answer()
        except TimeoutError as error:
            raise ReadingTimeoutError("Reading this picture did not come to an end.") from error


class _ReadingProcess:
    """One process, and the pipes to it."""

    def __init__(self, process: Process, requests: asyncio.StreamWriter, answers: asyncio.StreamReader) -> None:
        self._process = process
        self._requests = requests
        self._answers = answers

    @classmethod
    async def started(cls, niceness: int = 0) -> Self:
        """Start one."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "heliograph_metadata.reading_process",
            str(niceness),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(sys.path), **_LEAN},
        )
        if process.stdin is None or process.stdout is None:
            raise UnavailableError("A reading process has no pipes.")
        return cls(process, process.stdin, process.stdout)

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.returncode is None

    async def ask(self, request: Mapping[str, Any], ahead: list[bytes], chunks: AsyncIterator[bytes]) -> None:
        """Hand over a file: what came of it ahead, then the rest as it comes."""
        encoded = json.dumps(request).encode()
        self._requests.writelines([len(encoded).to_bytes(_LENGTH_BYTES, "big"), encoded, *ahead])
        await self._requests.drain()
        async for chunk in chunks:
            self._requests.write(chunk)
            await self._requests.drain()

    async def answer(self) -> PhotoContent | _Refusal:
        """Return what it says of the file."""
        length = int.from_bytes(await self._answers.readexactly(_LENGTH_BYTES), "big")
        if length > _MOST_ANSWER_BYTES:
            raise UnavailableError("The process that was reading the photo answers nonsense.")
        answer = _Answer.model_validate_json(await self._answers.readexactly(length))
        if answer.photo is None:
            return answer.refused or _Refusal(code="", detail="The picture cannot be read.")
        look = answer.photo.look
        return PhotoContent(
            content_type=answer.photo.content_type,
            width_px=answer.photo.width_px,
            height_px=answer.photo.height_px,
            thumbnail=await self._answers.readexactly(answer.thumbnail_bytes),
            preview=await self._answers.readexactly(answer.preview_bytes),
            thumbhash=answer.photo.thumbhash,
            look=Look(look.fingerprint, tuple(look.doubtful), look.sharpness, look.detail) if look else None,
            exif=answer.photo.exif,
        )

    async def kill(self, reason: BaseException) -> None:
        """End it at once, whatever it is doing."""
        with suppress(ProcessLookupError):
            self._process.kill()
        status = await self._process.wait()
        _logger.warning("a reading process is replaced", extra={"reason": repr(reason), "exit_status": status})

    async def end(self) -> None:
        """End it when nothing is asked of it."""
        self._requests.close()
        await self._process.wait()
