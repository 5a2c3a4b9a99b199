"""What a bulk edit does to one photo: pure steps, each of which keeps what it found, so that it can be undone.

The former values stand in the photo's own document (former_values.py).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from heliograph_metadata.domain.errors import (
    DateOutOfRangeError,
    InvalidEditError,
    NoDateError,
    NoRoomInAlbumsError,
    TooManyKeywordsError,
)
from heliograph_metadata.domain.former_values import ALBUM, LABEL, Part, former_of, remembered
from heliograph_metadata.domain.labelling import labelled
from heliograph_metadata.domain.photo import Location, Photo, edited, in_albums, restored, trashed
from heliograph_metadata.domain.terms import MOST_ALBUMS, folded

MOST_KEYWORDS: Final = 50

_YEARS: Final = range(1826, 3000)
_OFFSET: Final = re.compile(r"([+-])(\d{2}):(\d{2})", re.ASCII)
_MOST_OFFSET: Final = timedelta(hours=15)
_ZONE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,3}", re.ASCII)

_FIELDS: Final = {
    Part.TIME: ("taken_at",),
    Part.PLACE: ("location",),
    Part.WORDS: ("caption", "keywords", "favourite"),
    Part.TRASH: ("trashed_at",),
}


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone to be given to photos."""

    name: str
    """As IANA names it (Europe/Lisbon), or an offset (+02:00)."""
    keep: Literal["clock", "instant"] = "clock"
    """What stays: what the clock on the wall showed, or the moment on earth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkEdit:
    """What is to become of many photos; what is left out stays."""

    shift: timedelta = timedelta()
    """By how much they were taken later than is said."""
    zone: Zone | None = None
    taken_at: datetime | None = None
    """When all of them were taken."""
    location: Location | None = None
    only_where_none: bool = False
    """Whether photos that have a location keep it."""
    clears_location: bool = False
    keywords: tuple[str, ...] | None = None
    """In place of those that are there."""
    add_keywords: tuple[str, ...] = ()
    remove_keywords: tuple[str, ...] = ()
    caption: str | None = None
    """Empty: none."""
    favourite: bool | None = None
    add_albums: tuple[str, ...] = ()
    remove_albums: tuple[str, ...] = ()
    add_labels: tuple[str, ...] = ()
    """What is on them."""
    reject_labels: tuple[str, ...] = ()
    """What is not on them, whichever network sees it."""
    confidence: float = 1.0
    """How sure whoever says all this is of each single photo."""
    trash: bool | None = None
    """Into the trash, or out of it."""
    purge: bool = False
    """Deleted for good, of those in the trash."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The saves that it takes, in order."""
        wanted = {
            Part.ALBUMS: self.add_albums or self.remove_albums,
            Part.TIME: self.shift or self.zone or self.taken_at,
            Part.PLACE: self.location or self.clears_location,
            Part.WORDS: self.add_keywords
            or self.remove_keywords
            or self.keywords is not None
            or self.caption is not None
            or self.favourite is not None,
            Part.LABELS: self.add_labels or self.reject_labels,
            Part.TRASH: self.trash is not None,
        }
        return tuple(part for part, is_wanted in wanted.items() if is_wanted)


def checked(edit: BulkEdit) -> BulkEdit:
    """Return the edit.

    Raises:
        InvalidEditError: It says nothing, or things that do not go together.
    """
    if edit.purge and edit.parts:
        raise InvalidEditError("Deleting for good goes with no other change.")
    if not edit.purge and not edit.parts:
        raise InvalidEditError("The edit changes nothing.")
    if edit.keywords is not None and (edit.add_keywords or edit.remove_keywords):
        raise InvalidEditError("Keywords are either replaced, or added and removed.")
    if edit.location and edit.clears_location:
        raise InvalidEditError("Photos have a location or none.")
    if set(edit.add_albums) & set(edit.remove_albums):
        raise InvalidEditError("An album can't be both added and removed.")
    _check_dates(edit)
    _check_labels(edit)
    return edit


def _check_dates(edit: BulkEdit) -> None:
    if edit.taken_at and (edit.shift or edit.zone):
        raise InvalidEditError("Dates are either set or moved.")
    if edit.taken_at and edit.taken_at.year not in _YEARS:
        raise InvalidEditError(f"The year has to lie between {_YEARS[0]} and {_YEARS[-1]}.")
    if edit.zone:
        zone_of(edit.zone.name)


def _check_labels(edit: BulkEdit) -> None:
    if not all(map(folded, (*edit.add_labels, *edit.reject_labels))):
        raise InvalidEditError("A label needs a letter, a digit or a sign.")
    if {folded(name) for name in edit.add_labels} & {folded(name) for name in edit.reject_labels}:
        raise InvalidEditError("A label can't be both given and rejected.")


def zone_of(name: str) -> tzinfo:
    """Return the time zone of that name, or of that offset from UTC.

    Raises:
        InvalidEditError: There is none.
    """
    if found := _OFFSET.fullmatch(name):
        sign, hours, minutes = found.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        if offset < _MOST_OFFSET and int(minutes) < 60:  # noqa: PLR2004 - minutes of an hour
            return timezone(offset if sign == "+" else -offset)
    elif _ZONE_NAME.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, LookupError):
            pass
    raise InvalidEditError("Write the time zone as Europe/Lisbon or as +02:00.")


def applied(photo: Photo, edit: BulkEdit, part: Part, *, job_id: str, at: datetime) -> Photo:
    """Return the photo with one part of an edit made, unless that was done before.

    Args:
        photo: The photo as it is.
        edit: What is to become of it.
        part: One of the edit's parts.
        job_id: Whose edit it is.
        at: When the job was made: the same each time, so that a repeated step makes the same photo.

    Raises:
        NoDateError, DateOutOfRangeError, TooManyKeywordsError, NoRoomInAlbumsError: It can't be made.
    """
    if former_of(photo, job_id, part):
        return photo
    changed = _STEPS[part](photo, edit, at)
    if part is Part.ALBUMS:
        fields = [f"{ALBUM}{album_id}" for album_id in (*edit.add_albums, *edit.remove_albums)]
    elif part is Part.LABELS:
        fields = [f"{LABEL}{name.casefold()}" for name in (*edit.add_labels, *edit.reject_labels)]
    else:
        fields = list(_FIELDS[part])
    return remembered(photo, changed, part, fields, job_id=job_id, at=at)


def _in_albums(photo: Photo, edit: BulkEdit, at: datetime) -> Photo:
    changed = in_albums(photo, add=edit.add_albums, remove=edit.remove_albums, at=at)
    if len(changed.album_ids) > max(MOST_ALBUMS, len(photo.album_ids)):
        raise NoRoomInAlbumsError(f"A photo can be in {MOST_ALBUMS} albums.")
    return changed


def _at_another_time(photo: Photo, edit: BulkEdit, at: datetime) -> Photo:
    if edit.taken_at:
        return edited(photo, {"taken_at": edit.taken_at}, at=at, confidence=edit.confidence)
    if photo.taken_at is None:
        raise NoDateError("Nothing is known yet of when this photo was taken.")
    try:
        taken = photo.taken_at.value + edit.shift
        if edit.zone:
            zone = zone_of(edit.zone.name)
            moved = taken.replace(tzinfo=zone) if edit.zone.keep == "clock" else taken.astimezone(zone)
            taken = moved.replace(tzinfo=timezone(moved.utcoffset() or timedelta()))
    except OverflowError as error:
        raise DateOutOfRangeError("No calendar has that date.") from error
    if taken.year not in _YEARS:
        raise DateOutOfRangeError(f"The year has to lie between {_YEARS[0]} and {_YEARS[-1]}.")
    return edited(photo, {"taken_at": taken}, at=at, confidence=edit.confidence)


def _at_another_place(photo: Photo, edit: BulkEdit, at: datetime) -> Photo:
    if edit.only_where_none and photo.location is not None:
        return photo
    return edited(photo, {"location": edit.location}, at=at, confidence=edit.confidence)


def _with_other_words(photo: Photo, edit: BulkEdit, at: datetime) -> Photo:
    said: dict[str, Any] = {}
    if edit.caption is not None:
        said["caption"] = edit.caption or None
    if edit.favourite is not None:
        said["favourite"] = edit.favourite
    if edit.keywords is not None:
        said["keywords"] = edit.keywords
    elif edit.add_keywords or edit.remove_keywords:
        unwanted = {folded(keyword) for keyword in edit.remove_keywords}
        there = [keyword for keyword in photo.keywords if folded(keyword) not in unwanted]
        known = {folded(keyword) for keyword in there}
        said["keywords"] = [*there, *(keyword for keyword in edit.add_keywords if folded(keyword) not in known)]
        if len(said["keywords"]) > max(MOST_KEYWORDS, len(photo.keywords)):
            raise TooManyKeywordsError(f"A photo can have {MOST_KEYWORDS} keywords.")
    return edited(photo, said, at=at)


def _with_other_labels(photo: Photo, edit: BulkEdit, at: datetime) -> Photo:
    return labelled(photo, add=edit.add_labels, reject=edit.reject_labels, confidence=edit.confidence, at=at)


def _in_or_out_of_the_trash(photo: Photo, edit: BulkEdit, at: datetime) -> Photo:
    return trashed(photo, at=at) if edit.trash else restored(photo, at=at)


_STEPS: Final = {
    Part.ALBUMS: _in_albums,
    Part.TIME: _at_another_time,
    Part.PLACE: _at_another_place,
    Part.WORDS: _with_other_words,
    Part.LABELS: _with_other_labels,
    Part.TRASH: _in_or_out_of_the_trash,
}
