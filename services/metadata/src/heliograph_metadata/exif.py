"""EXIF, by exifread: what a camera wrote about a photo, as far as it can be believed.

Runs inside the reading process (photo_reader.py). Source of tags and forms: CIPA DC-008 (Exif 3.0).
"""

import io
import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import exifread

from heliograph_metadata.domain.media import Exif

_MAX_TEXT: Final = 100
_MAX_OFFSET_HOURS: Final = 14

_TIME: Final = re.compile(r"\s*(\d{4})[:/-](\d\d)[:/-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET: Final = re.compile(r"\s*([+-])(\d\d):?(\d\d)\s*")
_TIME_TAGS: Final = (
    ("EXIF DateTimeOriginal", "EXIF SubSecTimeOriginal", "EXIF OffsetTimeOriginal"),
    ("EXIF DateTimeDigitized", "EXIF SubSecTimeDigitized", "EXIF OffsetTimeDigitized"),
    ("Image DateTime", "EXIF SubSecTime", "EXIF OffsetTime"),
)
"""Best first, each with its own fraction and offset: the last one is of the last edit, which may be elsewhere."""

_COMPANY: Final = re.compile(
    r"[\s,.]+(corporation|corp|incorporated|inc|co|ltd|limited|company|gmbh|imaging|optical|computer|electric"
    r"|electronics|technologies)\b.*",
    re.IGNORECASE,
)
"""Everything from the first word of a maker's name that says only what kind of firm it is."""


def exif_of(block: bytes) -> Exif:
    """Return what an EXIF block says; nothing where it is broken or not believable.

    Args:
        block: Begins with a TIFF header; a TIFF file is one.

    Returns:
        `taken_at` has an offset only where the camera wrote one; else it is the wall clock of the place.
        A position without its hemispheres, outside the earth or at exactly 0, 0 (a receiver without a fix) is none.
    """
    tags = _tags(block)
    latitude, longitude = _position(tags)
    make, model = camera_name(_text(tags, "Image Make"), _text(tags, "Image Model"))
    return Exif(
        taken_at=_taken_at(tags),
        latitude=latitude,
        longitude=longitude,
        make=make,
        model=model,
        lens=_lens(_text(tags, "EXIF LensModel")),
        aperture=_positive(tags, "EXIF FNumber", most=200),
        shutter_seconds=_positive(tags, "EXIF ExposureTime", most=100_000),
        iso=_iso(tags),
        focal_length_mm=_positive(tags, "EXIF FocalLength", most=10_000),
    )


def _tags(block: bytes) -> Mapping[str, Any]:
    if not block:
        return {}
    try:
        tags: Mapping[str, Any] = exifread.process_file(io.BytesIO(block), details=False, extract_thumbnail=False)
    except Exception:  # noqa: BLE001 - a parser that is fed anything may raise anything; a photo needs no EXIF
        return {}
    return tags


def _values(tags: Mapping[str, Any], name: str) -> list[Any]:
    values = getattr(tags.get(name), "values", None)
    if isinstance(values, bytes):
        return [values.decode("utf-8", "replace")]
    return list(values) if isinstance(values, (list, tuple)) else [values] if values is not None else []


def _text(tags: Mapping[str, Any], name: str) -> str:
    """The tag as one line of printable text, cut where a NUL ends it."""
    values = _values(tags, name)
    text = values[0].partition("\0")[0] if values and isinstance(values[0], str) else ""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:_MAX_TEXT]


def _number(value: object) -> float | None:
    """The number; None for a fraction over zero and everything that is none."""
    try:
        number = float(value)  # type: ignore[arg-type] # whatever a tag may hold
    except (ValueError, TypeError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _positive(tags: Mapping[str, Any], name: str, *, most: float) -> float | None:
    values = _values(tags, name)
    number = _number(values[0]) if values else None
    return float(f"{number:.6g}") if number is not None and 0 < number <= most else None


def _iso(tags: Mapping[str, Any]) -> int | None:
    """The sensitivity; 65535 stands for one that the tag is too small for."""
    iso = _positive(tags, "EXIF ISOSpeedRatings", most=65_534)
    return round(iso) if iso and iso >= 1 else None


def _taken_at(tags: Mapping[str, Any]) -> datetime | None:
    for time_tag, fraction_tag, offset_tag in _TIME_TAGS:
        time = exif_time(_text(tags, time_tag), _text(tags, fraction_tag), _text(tags, offset_tag))
        if time is not None:
            return time
    return None


def exif_time(text: str, fraction: str = "", offset: str = "") -> datetime | None:
    """Return the time that three EXIF texts make; None for what is none, such as `0000:00:00 00:00:00`.

    Args:
        text: `YYYY:MM:DD HH:MM:SS`; other separators are met, too.
        fraction: Digits after the second's point.
        offset: `+HH:MM`; where it is none, the result has no offset.
    """
    found = _TIME.match(text)
    if found is None:
        return None
    digits = (re.match(r"\d*", fraction) or [""])[0]
    try:
        year, month, day, hour, minute, second = map(int, found.groups())
        time = datetime(year, month, day, hour, minute, second, int(f"{digits:0<6.6}"))  # noqa: DTZ001 - a wall clock's
    except ValueError:
        return None
    if zone := _OFFSET.fullmatch(offset):
        sign, hours, minutes = zone.groups()
        distance = timedelta(hours=int(hours), minutes=int(minutes))
        if distance <= timedelta(hours=_MAX_OFFSET_HOURS):
            return time.replace(tzinfo=timezone(-distance if sign == "-" else distance))
    return time


def _position(tags: Mapping[str, Any]) -> tuple[float, float] | tuple[None, None]:
    latitude = _degrees(tags, "GPS GPSLatitude", positive="N", negative="S", most=90)
    longitude = _degrees(tags, "GPS GPSLongitude", positive="E", negative="W", most=180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None, None
    return latitude, longitude


def _degrees(tags: Mapping[str, Any], name: str, *, positive: str, negative: str, most: float) -> float | None:
    """Degrees, minutes and seconds as one number to the seventh decimal (a centimetre)."""
    hemisphere = _text(tags, f"{name}Ref")[:1].upper()
    parts = [_number(value) for value in _values(tags, name)[:3]]
    if hemisphere not in {positive, negative} or not parts or parts[0] is None:
        return None
    degrees = sum((part or 0.0) / 60**power for power, part in enumerate(parts))
    degrees = round(-degrees if hemisphere == negative else degrees, 7) + 0.0
    return degrees if abs(degrees) <= most else None


def camera_name(make: str, model: str) -> tuple[str, str]:
    """Return a camera's make and model as people say them: `Canon`, `EOS 80D`; `NIKON`, `D90`."""
    make = _COMPANY.sub("", make).strip(" ,.")
    for said_again in (make, make.partition(" ")[0]):
        while said_again and model.casefold().startswith(f"{said_again} ".casefold()):
            model = model[len(said_again) + 1 :].lstrip(" -_")
    return make, model


def _lens(text: str) -> str:
    """The lens's name; none where a camera fills the tag with signs."""
    return text if any(sign.isalnum() and sign != "0" for sign in text) else ""
