"""Reading in processes of their own: real ones, which are killed, kept busy and lied to here."""

import asyncio
import os
import signal
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from hashlib import sha256

import pytest
from pydantic import ValidationError

from heliograph.errors import UnavailableError
from heliograph_metadata.domain.media import (
    ChecksumMismatchError,
    PhotoContent,
    ReadingTimeoutError,
    TooManyPixelsError,
)
from heliograph_metadata.photo_reader import ProcessPhotoReader, _ReadingProcess
from heliograph_metadata.reading_process import content_of, in_time
from heliograph_metadata.service.prepare import ReadingProcessDiedError
from tests.photos import Exif, a_jpeg, a_png_bomb
from tools.test_photos import photo_path


@pytest.fixture
async def reader() -> AsyncIterator[ProcessPhotoReader]:
    async with ProcessPhotoReader(processes=1, timeout_seconds=30, max_pixels=100_000_000) as running:
        yield running


async def chunks_of(content: bytes, *, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def read(reader: ProcessPhotoReader, content: bytes) -> PhotoContent:
    return await reader.read(chunks_of(content), size_bytes=len(content), sha256=sha256(content).hexdigest())


def process_id(reader: ProcessPhotoReader) -> int:
    process = reader._idle._queue[0]  # type: ignore[attr-defined] # nobody else asks for it
    return int(process._process.pid)


async def test_a_photo_is_the_same_read_there_as_here(reader: ProcessPhotoReader) -> None:
    content = a_jpeg("bus.jpg", exif=Exif(make="FUJIFILM", model="X-T4", latitude=38.7223, longitude=-9.1393))

    photo = await read(reader, content)

    assert photo == content_of(content, sha256=sha256(content).hexdigest(), max_pixels=100_000_000)
    assert (photo.exif.make, photo.exif.latitude) == ("FUJIFILM", 38.7223)


async def test_a_file_larger_than_what_comes_ahead_of_the_process_arrives_whole(reader: ProcessPhotoReader) -> None:
    content = a_jpeg("zidane.jpg") + bytes(20_000_000)

    assert (await read(reader, content)).width_px == 1280


async def test_refusals_cross_over_with_their_kind_and_words_and_the_process_goes_on(
    reader: ProcessPhotoReader,
) -> None:
    first = process_id(reader)

    with pytest.raises(TooManyPixelsError, match="30000 × 30000"):
        await read(reader, a_png_bomb())
    with pytest.raises(ChecksumMismatchError):
        await reader.read(chunks_of(b"other"), size_bytes=5, sha256=sha256(b"bytes").hexdigest())

    assert (await read(reader, a_jpeg("zidane.jpg"))).width_px == 1280
    assert process_id(reader) == first


async def test_what_reads_a_backlog_starts_when_it_is_needed_and_gives_way_to_others() -> None:
    async with ProcessPhotoReader(processes=1, timeout_seconds=30, max_pixels=100_000_000, for_backlog=True) as reader:
        with pytest.raises(AttributeError):
            process_id(reader)
        assert (await read(reader, a_jpeg("zidane.jpg"))).width_px == 1280

        nicest = min(os.getpriority(os.PRIO_PROCESS, 0) + 10, 19)
        assert os.getpriority(os.PRIO_PROCESS, process_id(reader)) == nicest


async def test_a_photo_that_takes_too_long_is_refused_and_the_next_is_read_by_a_new_process() -> None:
    content = a_jpeg("zidane.jpg")
    async with ProcessPhotoReader(processes=1, timeout_seconds=4, max_pixels=100_000_000) as reader:
        await read(reader, content)
        os.kill(process_id(reader), signal.SIGSTOP)

        with pytest.raises(ReadingTimeoutError):
            await read(reader, content)

        assert (await read(reader, content)).width_px == 1280


async def test_a_process_that_dies_at_work_is_not_the_photos_fault(reader: ProcessPhotoReader) -> None:
    content = a_jpeg("zidane.jpg")
    process = process_id(reader)

    async def chunks_and_a_murder() -> AsyncIterator[bytes]:
        yield bytes(9_000_000)
        os.kill(process, signal.SIGKILL)
        for _ in range(100):
            yield bytes(1_000_000)

    with pytest.raises(ReadingProcessDiedError):
        await reader.read(chunks_and_a_murder(), size_bytes=109_000_000, sha256="0" * 64)

    assert (await read(reader, content)).width_px == 1280


async def test_a_source_that_breaks_off_leaves_no_half_file_behind(reader: ProcessPhotoReader) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield bytes(9_000_000)
        raise UnavailableError("S3 does not answer.")

    with pytest.raises(UnavailableError, match="S3"):
        await reader.read(broken(), size_bytes=20_000_000, sha256="0" * 64)

    assert (await read(reader, a_jpeg("zidane.jpg"))).width_px == 1280


async def test_the_process_holds_no_credentials_and_little_address_space(reader: ProcessPhotoReader) -> None:
    await read(reader, a_jpeg("zidane.jpg"))
    with open(f"/proc/{process_id(reader)}/environ", "rb") as file:  # noqa: ASYNC230, PTH123 - a file in memory
        environment = file.read()

    assert b"AWS" not in environment
    assert b"HELIOGRAPH" not in environment


@pytest.mark.parametrize(
    "claim",
    [
        struct.pack(">I", 2**31),
        b'{"thumbnail_bytes": 1000000000000}',
        b'{"preview_bytes": -1}',
        b'{"photo": {"content_type": "", "width_px": 0, "height_px": 1, "thumbhash": "", "exif": {}}}',
    ],
)
async def test_an_answer_that_no_honest_process_gives_is_not_taken_in(claim: bytes) -> None:
    answers = asyncio.StreamReader()
    answers.feed_data(claim if claim[:1] != b"{" else struct.pack(">I", len(claim)) + claim)
    process = _ReadingProcess(None, None, answers)  # type: ignore[arg-type] # only its answers are read

    async with asyncio.timeout(5):
        with pytest.raises((UnavailableError, ValidationError)):
            await process.answer()


def test_exif_made_to_keep_the_parser_busy_is_given_up_soon() -> None:
    entries = 4_000
    endless = struct.pack("<HHII", 33_434, 5, 900, 8) * entries
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", entries) + endless + bytes(4)
    segment = b"\xff\xe1" + struct.pack(">H", len(block) + 8) + b"Exif\0\0" + block
    jpeg = photo_path("zidane.jpg").read_bytes()
    content = jpeg[:2] + segment + jpeg[2:]

    photo = content_of(content, sha256=sha256(content).hexdigest(), max_pixels=100_000_000)

    assert photo.width_px == 1280
    assert photo.exif.shutter_seconds is None


def test_work_that_swallows_the_first_alarms_is_given_up_all_the_same() -> None:
    swallowed = 0

    def stubborn() -> str:
        nonlocal swallowed
        while swallowed < 2:
            with suppress(Exception):
                while True:
                    pass
            swallowed += 1
        while True:
            pass

    assert in_time(stubborn, seconds=0.05) is None
    assert swallowed == 2
    assert in_time(lambda: "done", seconds=0.05) == "done"
