"""What is taken, what is refused, and what is made of a file's name."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph_upload.domain import (
    MAX_FILENAME_CHARACTERS,
    EmptyFileError,
    FileTooLargeError,
    OfferedFile,
    UnsupportedTypeError,
    UploadLimits,
    admission_of,
    safe_filename,
)

LIMITS = UploadLimits(max_bytes=1024 * 1024, content_types=frozenset({"image/jpeg", "image/png", "image/bmp"}))


def a_file(filename: str = "a.jpg", content_type: str = "image/jpeg", size_bytes: int = 1) -> OfferedFile:
    return OfferedFile(filename, content_type, size_bytes, "0" * 64)


@pytest.mark.parametrize(
    ("offered", "safe"),
    [
        ("DSCF2041.JPG", "DSCF2041.JPG"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\beach.jpg", "beach.jpg"),
        ("folder/", "folder"),
        ("a\x00b\r\nc.jpg", "abc.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("e\u0301t\u00e9.jpg", "été.jpg"),
        ("日本の海 🌊.jpg", "日本の海 🌊.jpg"),
        ("", "photo"),
        ("..", "photo"),
        ("/", "photo"),
        ("\x07", "photo"),
        ("a" * 300 + ".jpeg", "a" * 195 + ".jpeg"),
        ("." + "a" * 300, "." + "a" * 199),
        ("b" * 300, "b" * 200),
    ],
)
def test_a_file_name_is_made_fit_to_be_shown(offered: str, safe: str) -> None:
    assert safe_filename(offered) == safe


@given(st.text(max_size=600))
def test_whatever_is_offered_becomes_a_name_and_stays_it(offered: str) -> None:
    safe = safe_filename(offered)

    assert 1 <= len(safe) <= MAX_FILENAME_CHARACTERS
    assert not set(safe) & set("/\\\0\n\r")
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in safe)
    assert safe not in {".", ".."}


@pytest.mark.parametrize(
    ("filename", "offered", "taken"),
    [
        ("a.jpg", "image/jpeg", "image/jpeg"),
        ("a.jpg", "IMAGE/JPEG; charset=binary", "image/jpeg"),
        ("a.jpg", "image/jpg", "image/jpeg"),
        ("a.BMP", "", "image/bmp"),
        ("a.b.png", "application/octet-stream", "image/png"),
        ("a.png", "image/jpeg", "image/jpeg"),  # preparing looks at the bytes
    ],
)
def test_a_type_is_taken_in_its_usual_spelling_or_from_the_name(filename: str, offered: str, taken: str) -> None:
    assert admission_of(a_file(filename, offered), LIMITS).content_type == taken


@pytest.mark.parametrize(
    ("filename", "offered"),
    [("a.txt", "text/plain"), ("a.jpg", "text/plain"), ("a.txt", ""), ("jpg", "x"), ("a.webp", ""), ("a.", "")],
)
def test_another_type_is_refused(filename: str, offered: str) -> None:
    with pytest.raises(UnsupportedTypeError, match="image/bmp, image/jpeg, image/png"):
        admission_of(a_file(filename, offered), LIMITS)


def test_sizes_are_taken_from_one_byte_to_the_limit() -> None:
    for size_bytes in (1, LIMITS.max_bytes):
        assert admission_of(a_file(size_bytes=size_bytes), LIMITS).size_bytes == size_bytes
    with pytest.raises(EmptyFileError):
        admission_of(a_file(size_bytes=0), LIMITS)
    with pytest.raises(FileTooLargeError, match="1 MiB"):
        admission_of(a_file(size_bytes=LIMITS.max_bytes + 1), LIMITS)
