"""Which dates of photos can be asked by: not those of a clock that was reset, and none at all."""

from typing import Final

from heliograph_metadata.domain.photo import Photo, Source

RESET_DATES: Final = frozenset({"1970-01", "1980-01", "1990-01", "1904-01", "2000-01"})
"""The months in which cameras' clocks begin after their battery was out: no digital camera took photos then."""
WEAK_DATES: Final = frozenset({Source.DEFAULT, Source.FILE_TIME})


def is_reset(photo: Photo) -> bool:
    """Whether a camera says that it was taken when its clock began to run."""
    taken = photo.taken_at
    return taken is not None and taken.source is Source.EXIF and f"{taken.value:%Y-%m}" in RESET_DATES


def is_undated(photo: Photo) -> bool:
    """Whether nothing but the file's own time, or that of its coming, is known."""
    return photo.taken_at is None or photo.taken_at.source in WEAK_DATES


def is_dated(photo: Photo) -> bool:
    """Whether there is a date that can be true."""
    return not is_undated(photo) and not is_reset(photo)


def has_sure_clock(photo: Photo) -> bool:
    """Whether its time is a person's, or that of a clock that is set by satellites or a network.

    Phones say what offset their clock has, which `time_taken` calls sure; cameras mostly don't.
    """
    taken = photo.taken_at
    if taken is None or not is_dated(photo):
        return False
    is_located = photo.location is not None and photo.location.source is Source.EXIF
    return taken.source is Source.PERSON or (taken.source is Source.EXIF and (is_located or taken.confidence >= 1))
