"""Previews decoded as OpenCV does, laid out as the networks were trained, and refused where they are no picture."""

from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image
from PIL.Image import Resampling

from heliograph_inference.detection import Letterbox, letterbox_geometry
from heliograph_inference.domain import UnreadablePreviewError
from heliograph_inference.imaging import (
    LETTERBOX_GREY,
    LONGEST,
    Floats,
    Pixels,
    centre_cropped,
    decoded,
    letterboxed,
    normalised,
)
from heliograph_inference.memory import RecycledArrays
from tests.photos import Exif, a_jpeg, a_png_bomb, a_truncated_jpeg, text_named_jpg

NOTHING, WHOLE = np.zeros(3, np.float32), np.full(3, 255, np.float32)


def by_opencv(content: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    read = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert read is not None
    return np.asarray(read, np.uint8)


def a_picture(kind: str, mode: str, size_px: tuple[int, int] = (61, 43)) -> bytes:
    """Return noise, which shows every wrong rounding."""
    channels = len(Image.new(mode, (1, 1)).getbands())
    noise = np.random.default_rng(7).integers(0, 256, (size_px[1], size_px[0], channels), np.uint8)
    content = BytesIO()
    Image.fromarray(noise if channels > 1 else noise[..., 0], mode).save(content, kind)
    return content.getvalue()


def a_grey_png_of_16_bits() -> bytes:
    noise = np.random.default_rng(7).integers(0, 65536, (43, 61), np.uint16)
    content = BytesIO()
    Image.fromarray(noise).save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        a_jpeg("china.jpg", size_px=(1440, 1080)),
        *(a_jpeg("china.jpg", exif=Exif(orientation=orientation)) for orientation in range(1, 9)),
        a_picture("JPEG", "L"),
        a_picture("JPEG", "CMYK"),
        a_picture("PNG", "RGBA"),
        a_picture("PNG", "LA"),
        a_grey_png_of_16_bits(),
        a_picture("JPEG", "RGB", (1440, 1)),
        a_picture("JPEG", "RGB", (1, 1440)),
    ],
    ids=["large", *(f"turned {i}" for i in range(1, 9)), "grey", "CMYK", "RGBA", "LA", "16 bits", "flat", "thin"],
)
def test_every_pixel_is_what_opencv_reads(content: bytes) -> None:
    assert np.array_equal(decoded(content), by_opencv(content))


@pytest.mark.parametrize(
    "content", [b"", text_named_jpg(), a_truncated_jpeg(), a_png_bomb()], ids=["nothing", "text", "truncated", "bomb"]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadablePreviewError):
        decoded(content)


def test_a_letterboxed_picture_has_grey_on_all_sides_and_lies_where_it_is_told() -> None:
    letterbox = Letterbox(width_px=30, height_px=20, left_px=4, top_px=3, canvas_width_px=40, canvas_height_px=32)
    picture = np.full((10, 15, 3), (255, 0, 51), np.uint8)

    tensor = letterboxed(picture, letterbox, NOTHING, WHOLE)

    inside = np.zeros((32, 40), bool)
    inside[3:23, 4:34] = True
    assert tensor.shape == (3, 32, 40)
    assert np.array_equal(np.unique(tensor[:, ~inside]), [np.float32(LETTERBOX_GREY) / np.float32(255)])
    assert [set(channel[inside].tolist()) for channel in tensor] == [{1.0}, {0.0}, {np.float32(0.2)}]


def test_a_letterboxed_picture_is_scaled_as_opencv_does_it() -> None:
    picture = decoded(a_picture("PNG", "RGB", (1440, 1080)))
    letterbox = letterbox_geometry(1440, 1080, 640, stride_px=32)

    tensor = letterboxed(picture, letterbox, NOTHING, WHOLE)

    scaled = cv2.resize(picture, (640, 480), interpolation=cv2.INTER_LINEAR)
    assert np.array_equal(tensor, scaled.transpose(2, 0, 1).astype(np.float32) / np.float32(255))


@pytest.mark.parametrize("mean", [NOTHING, np.full(3, 116, np.float32)], ids=["nothing off", "a mean off"])
@pytest.mark.parametrize("size_px", [(200, 100), (64, 48)], ids=["scaled", "as it is"])
def test_a_picture_in_memory_that_was_used_before_is_laid_out_no_differently(
    mean: Floats, size_px: tuple[int, int]
) -> None:
    arrays = RecycledArrays()
    content = a_picture("JPEG", "RGB", size_px)
    letterbox = letterbox_geometry(*size_px, 64)

    def laid_out() -> Floats:
        return letterboxed(decoded(content, empty=arrays.empty), letterbox, mean, WHOLE, empty=arrays.empty)

    expected = letterboxed(decoded(content), letterbox, mean, WHOLE)
    laid_out().fill(np.nan)
    assert np.array_equal(laid_out(), expected)


def whole_then_cut(
    pixels: Pixels, *, side_px: int, resize_px: int, resampling: Resampling
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    height_px, width_px = pixels.shape[:2]
    columns, rows = (resize_px * edge_px // min(width_px, height_px) for edge_px in (width_px, height_px))
    left, top = round((columns - side_px) / 2), round((rows - side_px) / 2)
    whole = np.asarray(Image.fromarray(pixels).resize((columns, rows), resampling))
    return whole[top : top + side_px, left : left + side_px]


@pytest.mark.parametrize(
    "size_px", [(300, 100), (100, 300), (97, 101), (640, 427), (30, 20), (626, 1200), (970, 2204), (LONGEST * 40, 40)]
)
def test_a_centre_crop_is_what_remains_of_the_whole_picture_resized(size_px: tuple[int, int]) -> None:
    picture = decoded(a_picture("PNG", "RGB", size_px))

    cropped = centre_cropped(picture, side_px=40, resize_px=50, resampling=Resampling.BILINEAR)

    assert np.array_equal(cropped, whole_then_cut(picture, side_px=40, resize_px=50, resampling=Resampling.BILINEAR))


@pytest.mark.parametrize(
    ("size_px", "resampling"),
    [
        ((640, 427), Resampling.BICUBIC),
        ((30, 20), Resampling.BICUBIC),
        ((626, 1200), Resampling.BICUBIC),
        ((LONGEST * 40 + 1, 40), Resampling.BILINEAR),
        ((1, 300), Resampling.BILINEAR),
    ],
)
def test_where_only_the_middle_is_resized_it_is_hardly_another(
    size_px: tuple[int, int], resampling: Resampling
) -> None:
    picture = decoded(a_picture("PNG", "RGB", size_px))

    cropped = centre_cropped(picture, side_px=40, resize_px=50, resampling=resampling)

    difference = cropped.astype(int) - whole_then_cut(picture, side_px=40, resize_px=50, resampling=resampling)
    assert np.abs(difference).max() <= 4


@pytest.mark.parametrize("size_px", [(40_000, 1), (1, 40_000)])
def test_a_line_of_pixels_is_cropped_without_being_blown_up(size_px: tuple[int, int]) -> None:
    picture = np.full((size_px[1], size_px[0], 3), 9, np.uint8)

    cropped = centre_cropped(picture, side_px=224, resize_px=224, resampling=Resampling.BILINEAR)

    assert cropped.shape == (224, 224, 3)
    assert (cropped == 9).all()


def test_pixels_are_normalised_channel_by_channel() -> None:
    pixels = np.full((2, 2, 3), (127, 0, 255), np.uint8)
    mean, scale = np.array([127, 0, 127], np.float32), np.array([128, 255, 64], np.float32)

    tensor = normalised(pixels, mean, scale)

    assert tensor.shape == (3, 2, 2)
    assert tensor.dtype == np.float32
    assert tensor[:, 0, 0] == pytest.approx([0, 0, 2], abs=1e-6)
