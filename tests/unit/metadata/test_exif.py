"""EXIF as cameras, phones, editors and attackers write it, and what of it is believed."""

import random
import struct
from datetime import UTC, datetime, timedelta, timezone

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from heliograph_metadata.domain.media import Exif
from heliograph_metadata.exif import camera_name, exif_of, exif_time
from heliograph_metadata.imaging.renditions import picture_of
from tools.test_photos import photo_path

DEGREES = tuple[IFDRational | int, ...]


def block(
    image: dict[int, object] | None = None, exif: dict[int, object] | None = None, gps: dict[int, object] | None = None
) -> bytes:
    """Return an EXIF block with these tags."""
    tags = Image.Exif()
    tags.update(image or {})
    tags.get_ifd(IFD.Exif).update(exif or {})
    if gps:
        tags.get_ifd(IFD.GPSInfo).update(gps)
    return tags.tobytes().removeprefix(b"Exif\0\0")


def position(
    latitude: DEGREES, longitude: DEGREES, *, north_or_south: str | None = "N", east_or_west: str | None = "E"
) -> tuple[float | None, float | None]:
    gps: dict[int, object] = {GPS.GPSLatitude: latitude, GPS.GPSLongitude: longitude}
    if north_or_south:
        gps[GPS.GPSLatitudeRef] = north_or_south
    if east_or_west:
        gps[GPS.GPSLongitudeRef] = east_or_west
    exif = exif_of(block(gps=gps))
    return exif.latitude, exif.longitude


def fraction(numerator: int, denominator: int = 1) -> IFDRational:
    return IFDRational(numerator, denominator)


def of_file(name: str) -> Exif:
    return exif_of(picture_of(photo_path(name).read_bytes(), max_pixels=100_000_000).exif)


def test_a_cameras_own_words_are_read() -> None:
    exif = of_file("pillow/xmp_test.jpg")

    assert exif == Exif(
        taken_at=datetime(2018, 10, 27, 13, 27, 23, 530_000),  # noqa: DTZ001 - no offset is in the file
        make="Canon",
        model="EOS Rebel T6",
        lens="EF-S18-55mm f/3.5-5.6 III",
        aperture=4.0,
        shutter_seconds=0.01,
        iso=100,
        focal_length_mm=25.0,
    )


def test_a_tiff_files_tags_are_read() -> None:
    exif = of_file("pillow/ifd_tag_type.tiff")

    assert (exif.make, exif.model) == ("FLIR", "Duo Pro R")
    assert (exif.latitude, exif.longitude) == (35.5999986, -111.6618272)


def test_a_webp_files_tags_are_those_of_the_jpeg_it_was_made_from() -> None:
    assert of_file("pillow/flower.webp") == of_file("pillow/flower.jpg") != Exif()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"])
def test_a_broken_block_says_nothing(content: bytes) -> None:
    assert exif_of(content) == Exif()


@pytest.mark.parametrize(
    "name",
    [
        "hopper_bad_exif.jpg",
        "exif_gps_typeerror.jpg",
        "exif_typeerror.jpg",
        "exif-dpi-zerodivision.jpg",
        "exif_gps.jpg",
    ],
)
def test_pillows_broken_blocks_do_no_harm(name: str) -> None:
    assert of_file(f"pillow/{name}").latitude is None


def test_mutilated_blocks_raise_nothing() -> None:
    dice = random.Random(7)
    whole = picture_of(photo_path("pillow/xmp_test.jpg").read_bytes(), max_pixels=100_000_000).exif[:3000]
    for _ in range(200):
        mutilated = bytearray(whole)
        for _ in range(dice.choice((1, 5, 40))):
            mutilated[dice.randrange(len(mutilated))] = dice.choice((0, 255, dice.randrange(256)))
        assert isinstance(exif_of(bytes(mutilated)), Exif)


def test_a_time_with_its_offset_and_fraction_is_exact() -> None:
    exif = exif_of(
        block(
            exif={
                Base.DateTimeOriginal: "2024:06:12 10:11:12",
                Base.SubsecTimeOriginal: "25",
                Base.OffsetTimeOriginal: "+05:30",
            }
        )
    )

    assert exif.taken_at == datetime(2024, 6, 12, 10, 11, 12, 250_000, timezone(timedelta(hours=5, minutes=30)))


def test_the_offset_of_the_last_edit_is_not_that_of_the_moment() -> None:
    exif = exif_of(block(exif={Base.DateTimeOriginal: "2024:06:12 10:11:12", Base.OffsetTime: "+09:00"}))

    assert exif.taken_at is not None
    assert exif.taken_at.tzinfo is None


def test_a_time_of_digitising_then_one_of_editing_stand_in_for_a_missing_or_empty_one() -> None:
    image: dict[int, object] = {Base.DateTime: "2024:06:12 10:11:12"}
    digitised: dict[int, object] = {
        Base.DateTimeOriginal: "0000:00:00 00:00:00",
        Base.DateTimeDigitized: "2023:01:02 03:04:05",
    }

    assert exif_of(block(image, digitised)).taken_at == exif_time("2023:01:02 03:04:05")
    assert exif_of(block(image)).taken_at == exif_time("2024:06:12 10:11:12")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2024:06:12 10:11:12", (2024, 6, 12, 10, 11, 12)),
        ("2024-06-12 10:11:12", (2024, 6, 12, 10, 11, 12)),
        ("2024/06/12T10:11:12Z", (2024, 6, 12, 10, 11, 12)),
        ("2024:06:12 10:11:12.9", (2024, 6, 12, 10, 11, 12)),
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("2024:13:01 00:00:00", None),
        ("2024:02:30 00:00:00", None),
        ("2024:06:12 24:00:00", None),
        ("20240:06:12 10:11:12", None),
        ("2024:06:12", None),
        ("", None),
    ],
)
def test_a_time_is_read_in_the_forms_that_are_met(text: str, wanted: tuple[int, ...] | None) -> None:
    found = exif_time(text)

    assert (found and found.timetuple()[:6]) == wanted


@pytest.mark.parametrize(
    ("offset", "hours"),
    [("+02:00", 2), ("-0800", -8), ("+00:00", 0), (" +14:00", 14), ("+15:00", None), ("Z", None), ("  :  ", None)],
)
def test_an_offset_is_one_that_exists_on_earth(offset: str, hours: int | None) -> None:
    found = exif_time("2024:06:12 10:11:12", offset=offset)

    assert found is not None
    assert found.utcoffset() == (None if hours is None else timedelta(hours=hours))


@pytest.mark.parametrize("digits", ["5", "50", "500000", "50000099", "5 "])
def test_a_fraction_has_as_many_digits_as_the_camera_likes(digits: str) -> None:
    assert exif_time("2024:06:12 10:11:12", digits) == datetime(2024, 6, 12, 10, 11, 12, 500_000)  # noqa: DTZ001


def test_a_position_has_degrees_minutes_and_seconds() -> None:
    latitude = (fraction(38), fraction(43), fraction(2028, 100))
    longitude = (fraction(9), fraction(8), fraction(2148, 100))

    assert position(latitude, longitude, east_or_west="W") == (38.7223, -9.1393)


@pytest.mark.parametrize(
    ("latitude", "longitude", "wanted"),
    [
        ((0, 0, 0), (32, 30, 0), (0.0, 32.5)),
        ((51, 30, 0), (0, 0, 0), (51.5, 0.0)),
        ((0, 0, 0), (0, 0, 0), (None, None)),
        ((90, 0, 0), (180, 0, 0), (90.0, 180.0)),
        ((90, 0, 1), (10, 0, 0), (None, None)),
        ((10, 0, 0), (180, 0, 1), (None, None)),
    ],
    ids=["equator", "meridian", "Null Island", "the edge of the map", "beyond the pole", "beyond the date line"],
)
def test_a_position_is_on_the_earth_and_not_where_receivers_without_a_fix_are(
    latitude: tuple[int, ...], longitude: tuple[int, ...], wanted: tuple[float | None, float | None]
) -> None:
    assert position(tuple(map(fraction, latitude)), tuple(map(fraction, longitude))) == wanted


def test_a_position_without_its_hemispheres_is_none() -> None:
    there = (fraction(38), fraction(43), fraction(0))

    assert position(there, there, north_or_south=None) == (None, None)
    assert position(there, there, east_or_west=None) == (None, None)
    assert position(there, there, north_or_south="X") == (None, None)


def test_fractions_over_zero_count_for_nothing() -> None:
    nothing = fraction(0, 0)
    latitude, longitude = (fraction(38), fraction(43), nothing), (fraction(9), nothing, nothing)

    assert position(latitude, longitude) == (38.7166667, 9.0)
    assert position((nothing, nothing, nothing), longitude) == (None, None)
    exif = exif_of(block(exif={Base.FNumber: nothing, Base.ExposureTime: nothing, Base.FocalLength: fraction(1, 0)}))
    assert (exif.aperture, exif.shutter_seconds, exif.focal_length_mm) == (None, None, None)


def test_a_sensitivity_too_large_for_its_tag_is_unknown() -> None:
    assert exif_of(block(exif={Base.ISOSpeedRatings: 65_535})).iso is None
    assert exif_of(block(exif={Base.ISOSpeedRatings: 25_600})).iso == 25_600
    assert exif_of(block(exif={Base.ISOSpeedRatings: 0})).iso is None


def test_texts_are_one_printable_line() -> None:
    exif = exif_of(block({Base.Make: "  Make\r\n\x07r  ", Base.Model: "X" * 5_000}, {Base.LensModel: "----"}))

    assert exif.make == "Make r"
    assert len(exif.model) == 100
    assert exif.lens == ""


@pytest.mark.parametrize(
    ("make", "model", "wanted"),
    [
        ("Canon", "Canon EOS 80D", ("Canon", "EOS 80D")),
        ("Canon", "Canon Canon EOS", ("Canon", "EOS")),
        ("NIKON CORPORATION", "NIKON D90", ("NIKON", "D90")),
        ("OLYMPUS IMAGING CORP.", "E-M5", ("OLYMPUS", "E-M5")),
        ("PENTAX Corporation", "PENTAX K10D", ("PENTAX", "K10D")),
        ("EASTMAN KODAK COMPANY", "KODAK Z712", ("EASTMAN KODAK", "KODAK Z712")),
        ("SAMSUNG ELECTRONICS CO.,LTD", "SM-G991B", ("SAMSUNG", "SM-G991B")),
        ("FUJIFILM", "X-T4", ("FUJIFILM", "X-T4")),
        ("Apple", "iPhone 15 Pro", ("Apple", "iPhone 15 Pro")),
        ("Canon", "Canonet", ("Canon", "Canonet")),
        ("", "DSC-W1", ("", "DSC-W1")),
        ("Leica", "", ("Leica", "")),
        ("", "", ("", "")),
    ],
)
def test_a_camera_is_called_as_people_call_it(make: str, model: str, wanted: tuple[str, str]) -> None:
    assert camera_name(make, model) == wanted


def test_directories_that_lead_to_themselves_come_to_an_end() -> None:
    entry = struct.pack("<HHII", 34_665, 4, 1, 8)

    assert exif_of(b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry + struct.pack("<I", 8)) == Exif()


def test_a_year_before_the_epoch_is_read() -> None:
    found = exif_time("1926:05:04 03:02:01", offset="+00:00")

    assert found == datetime(1926, 5, 4, 3, 2, 1, tzinfo=UTC)
