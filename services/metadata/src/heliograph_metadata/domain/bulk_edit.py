"""What a bulk edit does to one photo: pure steps, each of which keeps what it found, so that it can be undone.

The former values stand in the photo's own document. So they are there exactly where the edit is: a step that
comes twice finds its mark and does nothing, and no crash parts the two.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from heliograph_metadata.domain.document import fields_of, with_fields
from heliograph_metadata.domain.errors import (
    DateOutOfRangeError,
    InvalidEditError,
    NoDateError,
    NoRoomInAlbumsError,
    TooManyKeywordsError,
)
from heliograph_metadata.domain.photo import Former, Location, Photo, edited, in_albums, restored, trashed
from heliograph_metadata.domain.terms import MOST_ALBUMS, folded

MOST_KEYWORDS: Final = 50

MOST_FORMERS: Final = 16
"""A photo keeps what so many parts of bulk edits found, the last ones."""

UNDO_LIVES: Final = timedelta(days=30)
"""So long a bulk edit can be undone."""

_YEARS: Final = range(1826, 3000)
_OFFSET: Final = re.compile(r"([+-])(\d{2}):(\d{2})", re.ASCII)
_MOST_OFFSET: Final = timedelta(hours=15)
_ZONE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,3}", re.ASCII)
_ALBUM: Final = "album:"


class Part(StrEnum):
    """What changes together in one save: a new time moves every posting, so it has a save of its own."""

    ALBUMS = "albums"
    TIME = "time"
    PLACE = "place"
    WORDS = "words"
    TRASH = "trash"


_FIELDS: Final = {
    Part.TIME: ("taken_at",),
    Part.PLACE: ("location",),
    Part.WORDS: ("caption", "keywords", "favourite"),
    Part.TRASH: ("trashed_at",),
}

FIELD_NAMES: Final = {
    "taken_at": "date",
    "location": "place",
    "caption": "caption",
    "keywords": "keywords",
    "favourite": "favourite",
    "trashed_at": "trash",
}
"""Fields as people call them."""


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
    location: Location | None = None
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
    trash: bool | None = None
    """Into the trash, or out of it."""
    purge: bool = False
    """Deleted for good, of those in the trash."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The saves that it takes, in order."""
        wanted = {
            Part.ALBUMS: self.add_albums or self.remove_albums,
            Part.TIME: self.shift or self.zone,
            Part.PLACE: self.location or self.clears_location,
            Part.WORDS: self.add_keywords
            or self.remove_keywords
            or self.keywords is not None
            or self.caption is not None
            or self.favourite is not None,
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
    if edit.zone:
        zone_of(edit.zone.name)
    return edit


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
    names = [f"{_ALBUM}{album_id}" for album_id in (*edit.add_albums, *edit.remove_albums)]
    before, after = _values(photo, _FIELDS.get(part, names)), _values(changed, _FIELDS.get(part, names))
    different = [name for name in before if before[name] != after[name]]
    if not different:
        return photo
    former = Former(job_id, part, at, _json(before, different), _json(after, different))
    kept = [one for one in photo.formers if at - one.at < UNDO_LIVES]
    return replace(changed, formers=(*kept, former)[-MOST_FORMERS:])


def undone(photo: Photo, part: Part, *, job_id: str, at: datetime) -> Photo:
    """Return the photo as it was before one part of an edit, but for what somebody has changed since."""
    former = former_of(photo, job_id, part)
    if former is None or former.undone:
        return photo
    before, after = json.loads(former.before), json.loads(former.after)
    now = _values(photo, before)
    kept = tuple(name for name in before if now[name] not in (before[name], after[name]))
    changed = _with_values(photo, {name: value for name, value in before.items() if name not in kept})
    mark = replace(former, before="{}", after="{}", undone=True, kept=kept)
    return replace(
        changed,
        version=photo.version + 1,
        updated_at=max(at, photo.updated_at),
        formers=tuple(mark if one is former else one for one in photo.formers),
    )


def former_of(photo: Photo, job_id: str, part: Part) -> Former | None:
    """Return the mark that a part of a job's edit has left on a photo."""
    return next((former for former in photo.formers if (former.job_id, former.part) == (job_id, part)), None)


def _values(photo: Photo, names: Iterable[str]) -> dict[str, Any]:
    """Return fields as JSON has them; whether it is in an album is a field of its own."""
    names = list(names)
    plain = fields_of(photo, [name for name in names if not name.startswith(_ALBUM)])
    return {
        name: name.removeprefix(_ALBUM) in photo.album_ids if name.startswith(_ALBUM) else plain[name] for name in names
    }


def _with_values(photo: Photo, values: Mapping[str, Any]) -> Photo:
    albums = {name.removeprefix(_ALBUM): value for name, value in values.items() if name.startswith(_ALBUM)}
    album_ids = (set(photo.album_ids) | {key for key, value in albums.items() if value}) - {
        key for key, value in albums.items() if not value
    }
    plain = {name: value for name, value in values.items() if not name.startswith(_ALBUM)}
    return replace(with_fields(photo, plain), album_ids=tuple(sorted(album_ids)))


def _json(values: Mapping[str, Any], names: Iterable[str]) -> str:
    return json.dumps({name: values[name] for name in names}, separators=(",", ":"), ensure_ascii=False)


def _in_albums(photo: Photo, edit: BulkEdit, at: datetime) -> Photo:
    changed = in_albums(photo, add=edit.add_albums, remove=edit.remove_albums, at=at)
    if len(changed.album_ids) > max(MOST_ALBUMS, len(photo.album_ids)):
        raise NoRoomInAlbumsError(f"A photo can be in {MOST_ALBUMS} albums.")
    return changed


def _at_another_time(photo: Photo, edit: BulkEdit, at: datetime) -> Photo:
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
    return edited(photo, {"taken_at": taken}, at=at)


def _at_another_place(photo: Photo, edit: BulkEdit, at: datetime) -> Photo:
    return edited(photo, {"location": edit.location}, at=at)


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


def _in_or_out_of_the_trash(photo: Photo, edit: BulkEdit, at: datetime) -> Photo:
    return trashed(photo, at=at) if edit.trash else restored(photo, at=at)


_STEPS: Final = {
    Part.ALBUMS: _in_albums,
    Part.TIME: _at_another_time,
    Part.PLACE: _at_another_place,
    Part.WORDS: _with_other_words,
    Part.TRASH: _in_or_out_of_the_trash,
}
