"""What an edit found in a photo, kept in the photo's own document, so that it is made once and can be undone.

The former values are there exactly where the edit is: a step that comes twice finds its mark and does nothing, and
no crash parts the two. Edits of the same field form a chain: whichever of them is undone first, once all are undone
the field is what it was before the first.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from heliograph_metadata.domain.document import fields_of, with_fields
from heliograph_metadata.domain.labelling import said_of, with_said
from heliograph_metadata.domain.photo import Former, Photo

MOST_FORMERS: Final = 16
"""A photo keeps what so many parts of edits found, the last ones."""

UNDO_LIVES: Final = timedelta(days=30)
"""So long an edit can be undone."""

ALBUM: Final = "album:"
LABEL: Final = "label:"
"""Whether a photo is in an album, and what a person says of a label, are fields of their own."""


class Part(StrEnum):
    """What changes together in one save: a new time moves every posting, so it has a save of its own."""

    ALBUMS = "albums"
    TIME = "time"
    PLACE = "place"
    WORDS = "words"
    LABELS = "labels"
    TRASH = "trash"


FIELD_NAMES: Final = {
    "taken_at": "date",
    "location": "place",
    "caption": "caption",
    "keywords": "keywords",
    "favourite": "favourite",
    "trashed_at": "trash",
}
"""Fields as people call them."""


def name_for_people(field: str) -> str:
    """Return what people call a field."""
    return FIELD_NAMES.get(field, "label" if field.startswith(LABEL) else "album")


def remembered(photo: Photo, changed: Photo, part: Part, fields: Iterable[str], *, job_id: str, at: datetime) -> Photo:
    """Return the changed photo with a mark of what it was before; the photo as it was, where nothing is different.

    Args:
        photo: As it was.
        changed: As one part of an edit has made it.
        part: Which part.
        fields: The names of those that the part may change.
        job_id: Whose edit it is.
        at: When the edit was made.
    """
    names = list(fields)
    before, after = _values(photo, names), _values(changed, names)
    different = [name for name in before if before[name] != after[name]]
    if not different:
        return photo
    former = Former(job_id, part, at, _json(before, different), _json(after, different))
    return replace(changed, formers=_trimmed([one for one in photo.formers if at - one.at < UNDO_LIVES], former))


def has_room(photo: Photo, *, at: datetime) -> bool:
    """Whether one more edit leaves all earlier ones undoable."""
    return sum(not one.undone and at - one.at < UNDO_LIVES for one in photo.formers) < MOST_FORMERS


def undone(photo: Photo, part: Part, *, job_id: str, at: datetime) -> Photo:
    """Return the photo as it was before one part of an edit, but for what somebody has changed since.

    Where a later edit has changed the same field, the field stays as that one made it, and what this one found is
    handed on to it.
    """
    former = former_of(photo, job_id, part)
    if former is None or former.undone:
        return photo
    before, after = json.loads(former.before), json.loads(former.after)
    now = _values(photo, before)
    position = photo.formers.index(former)
    later = {
        number: (json.loads(one.before), json.loads(one.after))
        for number, one in enumerate(photo.formers)
        if number > position and one.part == part and not one.undone
    }
    back: dict[str, Any] = {}
    kept: list[str] = []
    for name in before:
        heir = next((number for number, (_, made) in later.items() if name in made), None)
        if heir is not None and later[heir][0][name] == after[name]:
            later[heir][0][name] = before[name]
        elif heir is None and now[name] == after[name]:
            back[name] = before[name]
        elif now[name] != before[name]:
            kept.append(name)
    formers = list(photo.formers)
    for number, (found, _) in later.items():
        formers[number] = replace(formers[number], before=_json(found, found))
    formers[position] = replace(former, before="{}", after="{}", undone=True, kept=tuple(kept))
    return replace(
        _with_values(photo, back),
        version=photo.version + 1,
        updated_at=max(at, photo.updated_at),
        formers=tuple(formers),
    )


def former_of(photo: Photo, job_id: str, part: Part) -> Former | None:
    """Return the mark that a part of a job's edit has left on a photo."""
    return next((former for former in photo.formers if (former.job_id, former.part) == (job_id, part)), None)


def _trimmed(formers: list[Former], added: Former) -> tuple[Former, ...]:
    """Return the marks that are kept: of what is undone the oldest go first."""
    while len(formers) >= MOST_FORMERS:
        formers.pop(next((number for number, one in enumerate(formers) if one.undone), 0))
    return (*formers, added)


def _values(photo: Photo, names: Iterable[str]) -> dict[str, Any]:
    """Return fields as JSON has them."""
    names = list(names)
    plain = fields_of(photo, [name for name in names if not name.startswith((ALBUM, LABEL))])
    return {name: _value(photo, name) if name.startswith((ALBUM, LABEL)) else plain[name] for name in names}


def _value(photo: Photo, name: str) -> Any:
    if name.startswith(ALBUM):
        return name.removeprefix(ALBUM) in photo.album_ids
    return said_of(photo, name.removeprefix(LABEL))


def _with_values(photo: Photo, values: Mapping[str, Any]) -> Photo:
    albums = {name.removeprefix(ALBUM): value for name, value in values.items() if name.startswith(ALBUM)}
    labels = {name.removeprefix(LABEL): value for name, value in values.items() if name.startswith(LABEL)}
    album_ids = (set(photo.album_ids) | {key for key, value in albums.items() if value}) - {
        key for key, value in albums.items() if not value
    }
    plain = {name: value for name, value in values.items() if not name.startswith((ALBUM, LABEL))}
    return replace(with_said(with_fields(photo, plain), labels), album_ids=tuple(sorted(album_ids)))


def _json(values: Mapping[str, Any], names: Iterable[str]) -> str:
    return json.dumps({name: values[name] for name in names}, separators=(",", ":"), ensure_ascii=False)


def reverted(photo: Photo, part: Part, *, of: str, job_id: str, at: datetime) -> Photo:
    """Return the photo with one part of an edit taken back by another, which can itself be undone.

    Args:
        photo: The photo as it is.
        part: A part of the edit that is taken back.
        of: The job whose edit that was.
        job_id: Who takes it back.
        at: Now.
    """
    former = former_of(photo, of, part)
    if former is None or former.undone or former_of(photo, job_id, part):
        return photo
    before, after = json.loads(former.before), json.loads(former.after)
    now = _values(photo, before)
    back = {name: before[name] for name in before if now[name] == after[name]}
    changed = replace(_with_values(photo, back), version=photo.version + 1, updated_at=max(at, photo.updated_at))
    return remembered(photo, changed, part, back, job_id=job_id, at=at)
