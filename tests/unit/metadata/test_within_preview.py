"""A preview with its thumbnail behind it: a JPEG to everybody, and a thumbnail to whoever looks at its end."""

import io
import struct

import numpy as np
import pytest
import simplejpeg
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from heliograph_inference.imaging import decoded
from heliograph_metadata.domain.within_preview import USUAL_BYTES, bytes_wanted, thumbnail_in, with_thumbnail
from heliograph_metadata.imaging.renditions import picture_of
from tests.photos import a_jpeg, like_a_webp

PICTURE = picture_of(a_jpeg("bus.jpg"), max_pixels=100_000_000)
JOINED = with_thumbnail(PICTURE.preview, PICTURE.thumbnail)
FOOTER_BYTES = len(JOINED) - len(PICTURE.preview) - len(PICTURE.thumbnail)
MAGIC = JOINED[-11:]


def footer(length: int, version: int = 1, magic: bytes = MAGIC) -> bytes:
    return struct.pack("<IB11s", length, version, magic)


def test_both_renditions_of_a_photo_come_back_to_the_byte() -> None:
    assert thumbnail_in(JOINED) == PICTURE.thumbnail
    assert JOINED.startswith(PICTURE.preview)
    assert JOINED[-FOOTER_BYTES:] == footer(len(PICTURE.thumbnail))


def test_every_decoder_here_sees_the_preview_and_nothing_else() -> None:
    with Image.open(io.BytesIO(JOINED)) as joined, Image.open(io.BytesIO(PICTURE.preview)) as alone:
        assert (joined.format, joined.size) == ("JPEG", alone.size)
        assert np.array_equal(np.asarray(joined), np.asarray(alone))
    assert np.array_equal(simplejpeg.decode_jpeg(JOINED), simplejpeg.decode_jpeg(PICTURE.preview))
    assert np.array_equal(decoded(JOINED), decoded(PICTURE.preview))


def test_a_preview_that_somebody_uploads_again_is_read_as_the_picture_that_it_is() -> None:
    again = picture_of(JOINED, max_pixels=100_000_000)

    assert (again.width_px, again.height_px) == (PICTURE.width_px, PICTURE.height_px)
    assert thumbnail_in(again.preview) is None


@given(preview=st.binary(max_size=200), size_bytes=st.integers(12, 4_000), seen=st.integers(0, 5_000))
def test_the_end_of_an_object_says_how_much_of_it_is_wanted(preview: bytes, size_bytes: int, seen: int) -> None:
    thumbnail = like_a_webp(size_bytes)
    joined = with_thumbnail(preview, thumbnail)
    tail = joined[-seen:] if seen else b""

    wanted = bytes_wanted(tail)

    if seen < FOOTER_BYTES:
        assert wanted is None
    else:
        assert wanted == size_bytes + FOOTER_BYTES
        assert thumbnail_in(joined[-wanted:]) == thumbnail
    assert thumbnail_in(tail) == (thumbnail if seen >= size_bytes + FOOTER_BYTES else None)


@given(st.binary(max_size=300))
def test_no_jpeg_whatever_it_holds_is_taken_for_one_with_a_thumbnail(within: bytes) -> None:
    for content in (within, MAGIC, footer(len(within)), within + footer(12)):
        preview = content + b"\xff\xd9"
        assert bytes_wanted(preview) is None
        assert thumbnail_in(preview) is None


@given(st.binary(max_size=300))
def test_whatever_an_object_ends_with_is_a_whole_webp_or_no_thumbnail(tail: bytes) -> None:
    for end in (tail, tail + MAGIC, tail + footer(len(tail)), like_a_webp(40) + tail + footer(40 + len(tail))):
        found = thumbnail_in(end)
        assert found is None or found == like_a_webp(40)


@pytest.mark.parametrize(
    "joined",
    [
        b"preview" + like_a_webp(40) + footer(39),
        b"preview" + like_a_webp(40) + footer(41),
        b"preview" + like_a_webp(40) + footer(0),
        b"preview" + like_a_webp(40) + footer(2**32 - 1),
        b"preview" + like_a_webp(40) + footer(40, version=2),
        b"preview" + like_a_webp(40) + footer(40, magic=b"heliograph\xfe"),
        b"preview" + b"<svg onload=alert(1)>".ljust(40) + footer(40),
        like_a_webp(40)[:-1] + footer(40),
        (b"preview" + like_a_webp(40) + footer(40))[:-1],
        footer(40),
        b"",
    ],
)
def test_an_end_that_lies_or_is_cut_off_holds_no_thumbnail(joined: bytes) -> None:
    assert thumbnail_in(joined) is None


@pytest.mark.parametrize("thumbnail", [b"", b"small", like_a_webp(40)[:-1], like_a_webp(40) + b"!"])
def test_what_is_no_thumbnail_is_not_put_behind_a_preview(thumbnail: bytes) -> None:
    with pytest.raises(ValueError, match="WebP"):
        with_thumbnail(PICTURE.preview, thumbnail)


def test_a_thumbnail_as_large_as_any_is_taken_and_a_larger_one_is_not() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (320, 1440, 3), np.uint8)
    content = io.BytesIO()
    Image.fromarray(noise).save(content, "WEBP", quality=75)

    assert len(content.getvalue()) > USUAL_BYTES
    assert thumbnail_in(with_thumbnail(b"preview", content.getvalue())) == content.getvalue()
    with pytest.raises(ValueError, match="megabytes"):
        with_thumbnail(b"preview", like_a_webp(2 * 1024 * 1024 + 2))
