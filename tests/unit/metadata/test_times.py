"""When a photo was taken: which of several sources is believed, and how much."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from heliograph_metadata.domain.media import Exif
from heliograph_metadata.domain.photo import Source, Sourced
from heliograph_metadata.domain.times import time_in_name, time_taken
from tests.builders import an_admission

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CREATED = NOW - timedelta(hours=1)
EXIF_TIME = datetime(2024, 6, 1, 10, 30)  # noqa: DTZ001 - a wall clock's
FILE_TIME = datetime(2025, 2, 3, 4, 5, 6, tzinfo=UTC)


def taken(
    exif_time: datetime | None = None, *, filename: str = "DSCF2041.JPG", file_time: datetime | None = None
) -> Sourced[datetime]:
    admission = an_admission(filename=filename, file_modified_at=file_time)
    return time_taken(Exif(taken_at=exif_time), admission, created_at=CREATED, now=NOW)


def test_the_strongest_source_that_is_there_says_when() -> None:
    name = "IMG_20240612_101112.jpg"

    assert taken(EXIF_TIME, filename=name, file_time=FILE_TIME).source is Source.EXIF
    assert taken(filename=name, file_time=FILE_TIME).source is Source.FILE_NAME
    assert taken(file_time=FILE_TIME) == Sourced(FILE_TIME, Source.FILE_TIME, 0.3)
    assert taken() == Sourced(CREATED, Source.DEFAULT, 0.1)


def test_an_offset_is_kept_and_makes_a_time_surer() -> None:
    with_offset = EXIF_TIME.replace(tzinfo=timezone(timedelta(hours=2)))

    assert taken(with_offset) == Sourced(with_offset, Source.EXIF, 1.0)
    assert taken(with_offset).value.utcoffset() == timedelta(hours=2)


def test_a_time_without_an_offset_is_the_wall_clocks() -> None:
    assert taken(EXIF_TIME) == Sourced(EXIF_TIME.replace(tzinfo=UTC), Source.EXIF, 0.9)


@pytest.mark.parametrize(
    "absurd",
    [
        datetime(1825, 12, 31, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        NOW + timedelta(days=2),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1904, 1, 1, tzinfo=UTC),
    ],
    ids=["before photography", "year 1", "the day after tomorrow", "the last day", "Unix's epoch", "QuickTime's epoch"],
)
def test_an_absurd_time_is_passed_over(absurd: datetime) -> None:
    assert taken(absurd, file_time=FILE_TIME).source is Source.FILE_TIME
    assert taken(absurd, file_time=absurd).source is Source.DEFAULT


def test_a_camera_some_hours_ahead_of_us_is_believed() -> None:
    assert taken(NOW + timedelta(hours=14)).source is Source.EXIF


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("IMG_20240612_101112.jpg", datetime(2024, 6, 12, 10, 11, 12, tzinfo=UTC)),
        ("PXL_20240612_101112123.jpg", datetime(2024, 6, 12, 10, 11, 12, 123_000, tzinfo=UTC)),
        ("20240612_101112.heic.jpg", datetime(2024, 6, 12, 10, 11, 12, tzinfo=UTC)),
        ("Screenshot 2024-06-12 at 10.11.12.png", datetime(2024, 6, 12, 10, 11, 12, tzinfo=UTC)),
        ("2024-06-12 10.11.12.jpg", datetime(2024, 6, 12, 10, 11, 12, tzinfo=UTC)),
        ("signal-2024-06-12-10-11-12.jpg", datetime(2024, 6, 12, 10, 11, 12, tzinfo=UTC)),
        ("IMG-20240612-WA0001.jpg", datetime(2024, 6, 12, 12, tzinfo=UTC)),
        ("2024.06.12 harbour.jpg", datetime(2024, 6, 12, 12, tzinfo=UTC)),
    ],
)
def test_a_files_name_may_tell_the_time(name: str, wanted: datetime) -> None:
    found = taken(filename=name)

    assert (found.value, found.source) == (wanted, Source.FILE_NAME)


@pytest.mark.parametrize(
    "name",
    [
        "DSCF2041.JPG",
        "IMG_20241312_101112.jpg",
        "IMG_20240231.jpg",
        "120240612.jpg",
        "2024-0612.jpg",
        "photo.jpg",
        "1.2.2024",
    ],
)
def test_a_files_name_need_not_tell_the_time(name: str) -> None:
    assert time_in_name(name) is None


def test_the_day_alone_is_less_sure_than_the_second() -> None:
    day, second = taken(filename="IMG-20240612-WA0001.jpg"), taken(filename="IMG_20240612_101112.jpg")

    assert day.confidence < second.confidence < 0.9
