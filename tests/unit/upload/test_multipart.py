"""One file out of a form, however its bytes are cut."""

import tracemalloc
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.errors import HeliographError
from heliograph.photos import Lane
from heliograph_upload.domain import (
    EmptyFileError,
    FileTooLargeError,
    MalformedFormError,
    MissingFileError,
    UnknownLaneError,
    UploadLimits,
)
from heliograph_upload.multipart import received_file

MEBIBYTE = 1024 * 1024
HEADER = "multipart/form-data; boundary=edge"
LIMITS = UploadLimits(max_bytes=1000, content_types=frozenset())
END = b"--edge--\r\n"


def a_part(content: bytes, *, name: str = "file", filename: str = "a.jpg") -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
    return f"--edge\r\n{disposition}\r\nContent-Type: image/jpeg\r\n\r\n".encode() + content + b"\r\n"


async def cut(body: bytes, length: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), length):
        yield body[start : start + length]


async def refusal(body: bytes, header: str = HEADER, limits: UploadLimits = LIMITS) -> type[HeliographError]:
    with pytest.raises(HeliographError) as refused:
        async with received_file(cut(body, 64), header, limits):
            pass
    assert str(refused.value)
    return refused.type


@given(content=st.binary(min_size=1, max_size=500), length=st.integers(min_value=1, max_value=700))
async def test_a_file_is_read_whole_wherever_it_is_cut(content: bytes, length: int) -> None:
    body = a_part(b"note", name="caption") + a_part(content, filename="été.jpg") + END

    async with received_file(cut(body, length), HEADER, LIMITS) as file:
        assert file.body.read() == content
        assert (file.filename, file.content_type) == ("été.jpg", "image/jpeg")
        assert (file.size_bytes, file.sha256) == (len(content), sha256(content).hexdigest())


@pytest.mark.parametrize("length", [1, 7, 700])
async def test_a_form_may_say_that_its_file_belongs_to_a_bulk_import(length: int) -> None:
    said = b'--edge\r\nContent-Disposition: form-data; name="lane"\r\n\r\nbacklog\r\n'

    for body in (said + a_part(b"bytes") + END, a_part(b"bytes") + said + END):
        async with received_file(cut(body, length), HEADER, LIMITS) as file:
            assert (file.lane, file.size_bytes) == (Lane.BACKLOG, 5)
    async with received_file(cut(a_part(b"bytes") + END, length), HEADER, LIMITS) as file:
        assert file.lane is Lane.INTERACTIVE


@pytest.mark.parametrize("lane", [b"", b"fast", b"BACKLOG", b"\xff\xfe", b"backlog" * 10_000])
async def test_a_lane_that_there_is_not_is_refused(lane: bytes) -> None:
    said = b'--edge\r\nContent-Disposition: form-data; name="lane"\r\n\r\n' + lane + b"\r\n"

    assert await refusal(said + a_part(b"bytes") + END) is UnknownLaneError


@pytest.mark.parametrize("length", [3 * MEBIBYTE, 9 * MEBIBYTE + 7])
async def test_a_large_file_is_hashed_and_kept_without_filling_the_memory(length: int) -> None:
    piece = bytes(range(256)) * 256

    async def chunks() -> AsyncIterator[bytes]:
        yield a_part(b"").removesuffix(b"\r\n")
        for _ in range(length // len(piece)):
            yield piece
        yield piece[: length % len(piece)]
        yield b"\r\n" + END

    limits = UploadLimits(max_bytes=length, content_types=frozenset())
    tracemalloc.start()
    async with received_file(chunks(), HEADER, limits) as file:
        _, peak = tracemalloc.get_traced_memory()
        assert file.size_bytes == length
        assert file.sha256 == sha256((piece * (length // len(piece) + 1))[:length]).hexdigest()
    tracemalloc.stop()
    assert peak < 8 * MEBIBYTE


async def test_a_file_that_grows_too_large_is_refused_before_its_end() -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        yield a_part(b"").removesuffix(b"\r\n")
        while True:
            read += 100
            yield b"x" * 100

    with pytest.raises(FileTooLargeError):
        async with received_file(endless(), HEADER, LIMITS):
            pass

    assert read == 1100


async def test_an_empty_file_is_refused() -> None:
    assert await refusal(a_part(b"") + END) is EmptyFileError


async def test_a_form_without_a_file_is_refused() -> None:
    assert await refusal(a_part(b"x", name="photo") + END) is MissingFileError


async def test_two_files_are_refused() -> None:
    assert await refusal(a_part(b"x") + a_part(b"y") + END) is MalformedFormError


@pytest.mark.parametrize(
    "body", [b"", a_part(b"x"), a_part(b"x")[:-10], b"no form at all", b"--edge\r\nno header\r\n\r\nx\r\n--edge--"]
)
async def test_a_form_that_breaks_off_or_is_none_is_refused(body: bytes) -> None:
    assert await refusal(body) is MalformedFormError


@pytest.mark.parametrize(
    "header", ["", "application/json", "multipart/form-data", f"multipart/form-data; boundary={'x' * 300}"]
)
async def test_another_media_type_is_refused(header: str) -> None:
    assert await refusal(a_part(b"x") + END, header) is MalformedFormError
