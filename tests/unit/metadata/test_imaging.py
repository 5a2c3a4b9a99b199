"""Pictures of every kind, honest and hostile: what they are, how their renditions come out, why they are refused."""

import io
import struct
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image, ImageCms

from heliograph_metadata.domain.looks import distance
from heliograph_metadata.domain.media import (
    DamagedImageError,
    NotAnImageError,
    Picture,
    TooComplexError,
    TooManyPixelsError,
    TruncatedImageError,
    UnreadablePhotoError,
    UnsupportedFormatError,
)
from heliograph_metadata.imaging.formats import format_of
from heliograph_metadata.imaging.renditions import picture_of, preview_size, thumbnail_size
from tests.photos import Exif, a_jpeg, a_png_bomb, a_truncated_jpeg, text_named_jpg
from tools.test_photos import photo_path

MAX_PIXELS = 100_000_000


@pytest.fixture(autouse=True)
def _limits_of_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave Pillow's own limit as it was: reading sets it for its process, which here is that of other tests, too."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)


def read(content: bytes, *, max_pixels: int = MAX_PIXELS) -> Picture:
    return picture_of(content, max_pixels=max_pixels)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def decoded(rendition: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(rendition))
    image.load()
    return image


def colour_at(image: Image.Image, across: float, down: float) -> tuple[int, ...]:
    pixel = image.convert("RGB").getpixel((int(across * (image.width - 1)), int(down * (image.height - 1))))
    assert isinstance(pixel, tuple)
    return pixel


def is_about(found: tuple[int, ...], wanted: tuple[int, ...], *, within: int = 12) -> bool:
    return all(abs(one - other) <= within for one, other in zip(found, wanted, strict=True))


RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (255, 255, 255)


def quarters(width: int = 400, height: int = 300) -> Image.Image:
    """Return red, green, blue and white quarters, row by row."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


@pytest.mark.parametrize(
    ("size", "preview", "thumbnail"),
    [
        ((4000, 3000), (1440, 1080), (427, 320)),
        ((3000, 4000), (1080, 1440), (320, 427)),
        ((800, 600), (800, 600), (427, 320)),
        ((200, 100), (200, 100), (200, 100)),
        ((10_000, 1_000), (1440, 144), (1440, 144)),
        ((20_000, 1), (1440, 1), (1440, 1)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
def test_renditions_are_scaled_down_never_up(
    size: tuple[int, int], preview: tuple[int, int], thumbnail: tuple[int, int]
) -> None:
    assert preview_size(*size) == preview
    assert thumbnail_size(*size) == thumbnail


def test_a_large_jpeg_becomes_a_preview_and_a_thumbnail_without_metadata() -> None:
    picture = read(a_jpeg("bus.jpg", exif=Exif(make="FUJIFILM", latitude=38.7, longitude=-9.1), size_px=(3000, 4000)))

    assert (picture.content_type, picture.width_px, picture.height_px) == ("image/jpeg", 3000, 4000)
    preview, thumbnail = decoded(picture.preview), decoded(picture.thumbnail)
    assert (preview.format, preview.size) == ("JPEG", (1080, 1440))
    assert (thumbnail.format, thumbnail.size) == ("WEBP", (320, 427))
    assert b"FUJIFILM" in picture.exif
    for rendition in (picture.preview, picture.thumbnail):
        assert b"FUJIFILM" not in rendition
        assert "exif" not in decoded(rendition).info
    assert len(b64decode(picture.thumbhash)) <= 25


def test_a_smaller_copy_has_nearly_the_same_look_and_is_less_sharp() -> None:
    original, copy = read(a_jpeg("bus.jpg")), read(a_jpeg("bus.jpg", size_px=(405, 540), quality=60))

    assert original.look is not None
    assert copy.look is not None
    assert distance(original.look.fingerprint, copy.look.fingerprint) <= 12
    assert original.look != copy.look
    assert read(saved(Image.new("RGB", (400, 300)), "PNG")).look is None


def test_a_preview_looks_like_a_careful_reduction_of_the_original() -> None:
    with Image.open(photo_path("china.jpg")) as opened:
        original = opened.convert("RGB").resize((3200, 2135))
    content = saved(original, "JPEG", quality=95)

    preview = decoded(read(content).preview)

    careful = original.resize(preview.size, Image.Resampling.LANCZOS)
    difference = np.abs(np.asarray(preview, np.int16) - np.asarray(careful, np.int16))
    assert difference.mean() < 3.5  # of which 2.1 are JPEG at quality 80


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("extension", ["jpg", "webp"])
def test_every_orientation_comes_out_upright(orientation: int, extension: str) -> None:
    turned = read(photo_path(f"pillow/hopper_orientation_{orientation}.{extension}").read_bytes())
    upright = read(photo_path(f"pillow/hopper.{extension}").read_bytes())

    assert (turned.width_px, turned.height_px) == (upright.width_px, upright.height_px)
    difference = np.asarray(decoded(turned.preview), np.int16) - np.asarray(decoded(upright.preview), np.int16)
    assert np.abs(difference).mean() < 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_a_tiff_comes_out_upright(orientation: int) -> None:
    picture = read(photo_path(f"pillow/g4_orientation_{orientation}.tif").read_bytes())
    upright = read(photo_path("pillow/g4_orientation_1.tif").read_bytes())

    assert (picture.width_px, picture.height_px) == (590, 88)
    difference = np.asarray(decoded(picture.preview), np.int16) - np.asarray(decoded(upright.preview), np.int16)
    assert np.abs(difference).mean() < 2


def test_the_sides_are_those_of_the_upright_picture_and_its_corners_are_where_they_belong() -> None:
    exif = Image.Exif()
    exif[274] = 6  # the top of the stored picture is its right side
    picture = read(saved(quarters(400, 300), "JPEG", exif=exif, quality=95))

    assert (picture.width_px, picture.height_px) == (300, 400)
    preview = decoded(picture.preview)
    assert is_about(colour_at(preview, 0.9, 0.1), RED)
    assert is_about(colour_at(preview, 0.9, 0.9), GREEN)
    assert is_about(colour_at(preview, 0.1, 0.1), BLUE)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (quarters, "PNG"),
        (quarters, "WEBP"),
        (quarters, "BMP"),
        (quarters, "TIFF"),
        (lambda: quarters().convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
        (lambda: quarters().convert("P", palette=Image.Palette.ADAPTIVE), "GIF"),
        (lambda: quarters().convert("CMYK"), "JPEG"),
        (lambda: quarters().convert("CMYK"), "TIFF"),
        (lambda: quarters().convert("YCbCr"), "TIFF"),
    ],
    ids=["PNG", "WebP", "BMP", "TIFF", "palette", "GIF", "ink", "ink in a TIFF", "YCbCr"],
)
def test_pictures_of_every_kind_keep_their_colours(make: Callable[[], Image.Image], kind: str) -> None:
    picture = read(saved(make(), kind))

    assert picture.content_type == f"image/{kind.lower()}"
    for rendition in (picture.preview, picture.thumbnail):
        image = decoded(rendition)
        assert is_about(colour_at(image, 0.2, 0.2), RED, within=25)
        assert is_about(colour_at(image, 0.8, 0.2), GREEN, within=25)
        assert is_about(colour_at(image, 0.2, 0.8), BLUE, within=25)
        assert is_about(colour_at(image, 0.8, 0.8), WHITE)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white(mode: str) -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    if mode == "P":
        content = saved(clear.convert("RGB").convert("P", palette=Image.Palette.ADAPTIVE), "PNG", transparency=0)
    else:
        content = saved(clear.convert(mode), "PNG")

    assert colour_at(decoded(read(content).preview), 0.5, 0.5) == WHITE


@pytest.mark.parametrize(
    ("mode", "value", "kind"),
    [
        ("L", 128, "JPEG"),
        ("L", 128, "PNG"),
        ("1", 255, "PNG"),
        ("I;16", 0x8000, "PNG"),
        ("I;16", 0x8000, "TIFF"),
        ("I", 0x8000, "TIFF"),
        ("F", 0.5, "TIFF"),
        ("F", 128.0, "TIFF"),
    ],
)
def test_grey_pictures_of_any_depth_keep_their_brightness(mode: str, value: float, kind: str) -> None:
    image = Image.new(mode, (64, 48), int(value) if mode != "F" else value)

    [*found] = colour_at(decoded(read(saved(image, kind)).preview), 0.5, 0.5)

    wanted = 255 if mode == "1" else 128
    assert all(abs(one - wanted) <= 2 for one in found)


def test_a_profile_of_other_colours_becomes_srgb() -> None:
    swapped = _profile_with_red_and_green_swapped()

    picture = read(saved(quarters(), "JPEG", quality=95, icc_profile=swapped))

    preview = decoded(picture.preview)
    assert colour_at(preview, 0.2, 0.2)[1] > colour_at(preview, 0.2, 0.2)[0]
    assert "icc_profile" not in preview.info


def _profile_with_red_and_green_swapped() -> bytes:
    """Return sRGB's profile, called otherwise, with the primaries of red and green exchanged."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    for spelling in ("sRGB".encode("utf-16-be"), b"sRGB"):
        profile = profile.replace(spelling, spelling.replace(b"s", b"x"))
    return bytes(profile)


@pytest.mark.parametrize("profile", [b"", b"nonsense", bytes(200)])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    picture = read(saved(quarters(), "PNG", icc_profile=profile))

    assert is_about(colour_at(decoded(picture.preview), 0.2, 0.2), RED)


def test_a_large_png_is_shrunk_in_strips_to_the_same_picture() -> None:
    picture = read(saved(quarters(6001, 4003), "PNG", compress_level=1))

    preview = decoded(picture.preview)
    assert preview.size == (1440, 961)
    for across, down, colour in ((0.1, 0.1, RED), (0.9, 0.1, GREEN), (0.1, 0.9, BLUE), (0.999, 0.999, WHITE)):
        assert is_about(colour_at(preview, across, down), colour)


def test_an_animation_is_its_first_frame() -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, GREEN)]

    picture = read(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))

    assert is_about(colour_at(decoded(picture.preview), 0.5, 0.5), RED)


@pytest.mark.parametrize(
    "content",
    [text_named_jpg(), b"x", b"BMW sold many cars.", b"RIFF\0\0\0\0WAVEfmt ", b"GIF", b"<svg/>", bytes(1000)],
    ids=["diary", "a letter", "a car", "a sound", "half a signature", "a drawing", "zeros"],
)
def test_what_is_no_image_is_refused_whatever_its_name_says(content: bytes) -> None:
    with pytest.raises(NotAnImageError):
        read(content)


@pytest.mark.parametrize(
    "content",
    [b"\0\0\0\x18ftypheic" + bytes(40), b"\0\0\0\x18ftypavif", b"8BPS\0\1", b"%PDF-1.7", b"\xff\x0a\0"],
    ids=["HEIC", "AVIF", "Photoshop", "PDF", "JPEG XL"],
)
def test_a_picture_of_another_kind_is_refused_as_such(content: bytes) -> None:
    with pytest.raises(UnsupportedFormatError):
        format_of(content)


def test_the_bytes_say_what_a_picture_is() -> None:
    assert read(saved(quarters(), "PNG")).content_type == "image/png"
    assert format_of(photo_path("pillow/fujifilm.mpo").read_bytes()) == "JPEG"


@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_truncated_jpeg_is_refused_and_not_shown_half_grey(share: float) -> None:
    whole = a_jpeg("china.jpg", size_px=(2400, 1600))

    with pytest.raises((TruncatedImageError, DamagedImageError)) as refused:
        read(whole[: int(len(whole) * share)])

    assert isinstance(refused.value, TruncatedImageError) or share < 0.1


def test_truncated_files_are_refused_as_such() -> None:
    for content in (a_truncated_jpeg(), photo_path("pillow/truncated_image.png").read_bytes()):
        with pytest.raises(TruncatedImageError):
            read(content)


def test_a_png_of_900_megapixels_in_100_kilobytes_is_refused_before_it_is_decoded() -> None:
    bomb = a_png_bomb()
    assert len(bomb) < 200_000

    with pytest.raises(TooManyPixelsError, match="30000 × 30000"):
        read(bomb)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP"])
def test_a_picture_of_one_pixel_more_than_the_limit_is_refused(kind: str) -> None:
    content = saved(Image.new("RGB" if kind != "GIF" else "P", (101, 1)), kind)

    assert read(content, max_pixels=101).width_px == 101
    with pytest.raises(TooManyPixelsError):
        read(content, max_pixels=100)


@pytest.mark.parametrize("name", ["decompression_bomb.gif", "broken.png"])
def test_pillows_own_bombs_and_wrecks_are_refused(name: str) -> None:
    with pytest.raises(UnreadablePhotoError):
        read(photo_path(f"pillow/{name}").read_bytes())


def test_a_jpeg_with_thousands_of_scans_is_refused() -> None:
    whole = saved(quarters(), "JPEG", progressive=True)
    first_scan = whole.index(b"\xff\xda")
    last_scan = whole[whole.rindex(b"\xff\xda") : -2]

    assert read(whole).width_px == 400
    with pytest.raises(TooComplexError):
        read(whole[:first_scan] + whole[first_scan:-2] + last_scan * 5_000 + b"\xff\xd9")


def test_stray_bytes_between_segments_do_no_harm() -> None:
    assert read(photo_path("pillow/junk_jpeg_header.jpg").read_bytes()).width_px == 1024


@pytest.mark.parametrize("name", ["hopper_bad_exif.jpg", "invalid-exif.jpg", "sugarshack_bad_mpo_header.jpg"])
def test_broken_metadata_is_no_reason_to_refuse_a_picture(name: str) -> None:
    assert read(photo_path(f"pillow/{name}").read_bytes()).preview


def test_a_png_whose_data_stream_breaks_is_refused_and_not_shown_half_black() -> None:
    with pytest.raises(DamagedImageError):
        read(photo_path("pillow/broken_data_stream.png").read_bytes())


def test_a_png_whose_chunks_lie_is_refused() -> None:
    header = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(header)) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))

    with pytest.raises(UnreadablePhotoError):
        read(b"\x89PNG\r\n\x1a\n" + chunk + b"\x7f\xff\xff\xffIDAT" + bytes(50))


def test_a_picture_that_takes_much_memory_is_decoded_alone() -> None:
    entered: list[str] = []

    @contextmanager
    def alone() -> Iterator[None]:
        entered.append("alone")
        yield

    picture_of(saved(Image.new("1", (6000, 4100)), "PNG"), max_pixels=MAX_PIXELS, while_large=alone)
    assert entered == ["alone"]

    picture_of(saved(Image.new("L", (6000, 4100)), "JPEG"), max_pixels=MAX_PIXELS, while_large=alone)
    assert entered == ["alone"]
