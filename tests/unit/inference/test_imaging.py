"""Previews decoded small, laid out as the networks were trained, and refused where they are no picture."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from heliograph_inference.detection import letterbox_geometry
from heliograph_inference.domain import UnreadablePreviewError
from heliograph_inference.imaging import LETTERBOX_GREY, centre_cropped, decoded, letterboxed, normalised
from tests.photos import a_jpeg, a_png_bomb, a_truncated_jpeg, text_named_jpg


def test_a_large_preview_is_decoded_at_the_least_scale_that_is_enough() -> None:
    image = decoded(a_jpeg("china.jpg", size_px=(1440, 1080)), least_long_side_px=640)

    assert (image.mode, image.size) == ("RGB", (720, 540))


def test_a_small_preview_is_decoded_as_it_is() -> None:
    assert decoded(a_jpeg("china.jpg"), least_long_side_px=640).size == (640, 427)


@pytest.mark.parametrize("size_px", [(1440, 1), (1, 1440)])
def test_a_preview_one_pixel_wide_is_decoded(size_px: tuple[int, int]) -> None:
    content = BytesIO()
    Image.new("RGB", size_px).save(content, "JPEG")

    assert max(decoded(content.getvalue(), least_long_side_px=640).size) >= 640


def test_a_grey_preview_becomes_rgb() -> None:
    content = BytesIO()
    Image.new("L", (30, 20), 77).save(content, "JPEG")

    assert decoded(content.getvalue(), least_long_side_px=640).getpixel((3, 3)) == (77, 77, 77)


@pytest.mark.parametrize(
    "content", [b"", text_named_jpg(), a_truncated_jpeg(), a_png_bomb()], ids=["nothing", "text", "truncated", "bomb"]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadablePreviewError):
        decoded(content, least_long_side_px=640)


def test_a_letterboxed_picture_has_grey_above_and_below() -> None:
    letterbox = letterbox_geometry(200, 100, 64)

    pixels = letterboxed(Image.new("RGB", (200, 100), (255, 0, 0)), letterbox)

    assert pixels.shape == (64, 64, 3)
    assert (pixels[:16] == LETTERBOX_GREY).all()
    assert (pixels[48:] == LETTERBOX_GREY).all()
    assert (pixels[16:48] == (255, 0, 0)).all()


def test_a_centre_crop_takes_the_middle() -> None:
    image = Image.new("RGB", (300, 100), (0, 0, 0))
    image.paste((0, 255, 0), (100, 0, 200, 100))

    assert (centre_cropped(image, side_px=50, resize_px=50)[:, 2:-2] == (0, 255, 0)).all()
    assert (centre_cropped(image, side_px=40, resize_px=50) == (0, 255, 0)).all()


def test_pixels_are_normalised_channel_by_channel() -> None:
    pixels = np.full((2, 2, 3), (127, 0, 255), np.uint8)
    mean, scale = np.array([127, 0, 127], np.float32), np.array([128, 255, 64], np.float32)

    tensor = normalised(pixels, mean, scale)

    assert tensor.shape == (3, 2, 2)
    assert tensor.dtype == np.float32
    assert tensor[:, 0, 0] == pytest.approx([0, 0, 2], abs=1e-6)
