"""When a photo was taken, from the best that is known of it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from heliograph.photos import Admission
from heliograph_metadata.domain.media import Exif
from heliograph_metadata.domain.photo import Source, Sourced

_FIRST_PHOTO: Final = datetime(1826, 1, 1, tzinfo=UTC)
_CLOCK_SKEW: Final = timedelta(days=1)
_UNSET_CLOCKS: Final = frozenset({datetime(1904, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)})

_IN_NAME: Final = re.compile(
    r"(?<!\d)((?:18|19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])"
    r"(?:[-_. T]{1,2}(?:at )?([01]\d|2[0-3])([-_.:h]?)([0-5]\d)\6([0-5]\d)(\d{3})?)?(?!\d)"
)
"""`IMG_20240612_101112`, `PXL_20240612_101112123`, `2024-06-12 10.11.12`, `IMG-20240612-WA0001`."""


def believable(time: datetime, *, now: datetime) -> bool:
    """Whether a photo can have been taken then: photography was there, and the camera's clock had been set."""
    return _FIRST_PHOTO <= time <= now + _CLOCK_SKEW and time not in _UNSET_CLOCKS


def time_in_name(filename: str) -> tuple[datetime, bool] | None:
    """Return the wall clock time that a file's name tells, and whether it tells more than the day (else noon)."""
    for found in _IN_NAME.finditer(filename):
        year, _, month, day, hour, _, minute, second, milliseconds = found.groups()
        try:
            date = datetime(int(year), int(month), int(day), 12, tzinfo=UTC)
        except ValueError:
            continue
        if hour is None:
            return date, False
        microsecond = int(milliseconds or 0) * 1000
        return date.replace(hour=int(hour), minute=int(minute), second=int(second), microsecond=microsecond), True
    return None


def time_taken(exif: Exif, admission: Admission, *, created_at: datetime, now: datetime) -> Sourced[datetime]:
    """Return when the photo was taken by the strongest source that is believable, and how sure that is.

    A time without an offset is a wall clock's; it is kept as that, with offset 0, and shown as it is.
    """
    in_name = time_in_name(admission.filename)
    candidates: list[tuple[datetime | None, Source, float]] = [
        (exif.taken_at, Source.EXIF, 1.0 if exif.taken_at and exif.taken_at.tzinfo else 0.9),
        (in_name[0] if in_name else None, Source.FILE_NAME, 0.7 if in_name and in_name[1] else 0.5),
        (admission.file_modified_at, Source.FILE_TIME, 0.3),
    ]
    for time, source, confidence in candidates:
        if time is not None:
            with_offset = time.replace(tzinfo=time.tzinfo or UTC)
            if believable(with_offset, now=now):
                return Sourced(with_offset, source, confidence)
    return Sourced(created_at, Source.DEFAULT, 0.1)
