"""What a photo can be found by: its terms, each a kind and a value.

Every list is the posting list of a term or the intersection of several; every number is the count of one.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from heliograph.photos import PhotoStatus
from heliograph_metadata.domain.photo import Camera, Location, Photo, Place, Source
from heliograph_metadata.domain.tiles import quadkey


class Term(NamedTuple):
    """Something that many photos can have in common, for example `label` and `dog`."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True)
class TermKind:
    """What the index keeps of the terms of one kind."""

    posted: bool = True
    """A list of the photos that bear the term, by the time they were taken."""
    counted: bool = True
    """The number of photos that bear it, under the kind's values."""
    most: int = 1
    """Of this kind a photo bears no more: so that the change of all its terms fits into one transaction."""


COUNTED_LEVELS: Final = tuple(range(4, 19, 2))
"""Down to tiles 150 m wide: in smaller ones nearly each photo would change a count of its own."""
POSTED_LEVELS: Final = (6, 12)
"""Tiles about 600 km and 10 km wide."""

DEGREE_DIGITS: Final = 6
"""Positions are indexed to about 10 cm, so that a card's position always lies in the photo's own tile."""

MOST_LABELS: Final = 12
MOST_ALBUMS: Final = 12
MOST_WORDS: Final = 10

MOST_WORD_CHARACTERS: Final = 40
"""Longer words are not indexed, nor looked up: a key of the index has at most 1,024 bytes."""

MOST_CHARACTERS: Final = 100
"""Of a term's value where a file or a model chose it: a key of the index has at most 1,024 bytes."""


def tile_kind(level: int) -> str:
    """Return the kind of the counts at a level of tiles: a kind each, so that a box is a few ranges of keys."""
    return f"tile{level:02}"


KINDS: Final[dict[str, TermKind]] = {
    "is": TermKind(most=2),  # present, favourite; or trashed alone
    "status": TermKind(),
    "time": TermKind(),  # 2024-06
    "day": TermKind(posted=False),  # 2024-06-15: a part of its month's list
    "label": TermKind(most=MOST_LABELS),
    "confirmed": TermKind(most=MOST_LABELS),  # a label that a person has said or confirmed
    "place": TermKind(most=3),  # PT, PT/Lisboa, PT/Lisboa/Sintra
    "camera": TermKind(),
    "lens": TermKind(),
    "type": TermKind(),  # jpeg, heic, png: also on the card
    "album": TermKind(most=MOST_ALBUMS),
    "has": TermKind(posted=False),  # location, which is on the card
    "word": TermKind(most=MOST_WORDS),
    "look": TermKind(counted=False),  # of every picture, by its fingerprint instead of by time
    "area": TermKind(counted=False, most=len(POSTED_LEVELS)),  # quadkeys; counted as tiles
    "spot": TermKind(counted=False),  # one list, in the order of quadkeys
    **{tile_kind(level): TermKind(posted=False) for level in COUNTED_LEVELS},
}

SKETCH: Final = "sketch."
"""What the kinds begin with that count photos for questions (sketched.py). They are counted, not listed."""

TERMS_SCHEMA: Final = 8
"""To be raised with every change of `terms` or of what questions count (sketched.py): an index made by an older one
is then rebuilt (`make reindex`)."""

PRESENT: Final = Term("is", "present")
"""Every photo that is to be seen: prepared at least, and not in the trash. The months' lists together are its list."""
FAVOURITE: Final = Term("is", "favourite")
TRASHED: Final = Term("is", "trashed")
LOCATED: Final = Term("has", "location")
SPOTS: Final = Term("spot", "all")
"""The photos with a location by where they were taken: the photos of any tile lie together."""
LOOKS: Final = Term("look", "1")
"""Every picture that can be compared. Its list is sorted by fingerprint; the value names how those are made."""

PREPARED: Final = Term("status", PhotoStatus.PREPARED.value)
"""The photos that wait for their labels. While there are any, the photos themselves are asked for their states."""

JPEG: Final = Term("type", "jpeg")
"""What nearly all files are: a walk through all photos, whose cards say their types, soon fills a page with them."""

_COUNTED_ALONE: Final = frozenset({PREPARED, Term("status", PhotoStatus.READY.value), PRESENT, JPEG})
"""A list of these would be written for nearly every photo and say what other lists, cards or the photos say."""


def is_posted(term: Term) -> bool:
    """Whether the index keeps a list of its own of the photos that bear a term."""
    return not term.kind.startswith(SKETCH) and KINDS[term.kind].posted and term not in _COUNTED_ALONE


def is_listed(term: Term) -> bool:
    """Whether `LibraryIndex.postings` has the list of the photos that bear a term."""
    return term == PRESENT or is_posted(term)


def is_counted(term: Term) -> bool:
    """Whether the index keeps the number of the photos that bear a term."""
    return term.kind.startswith(SKETCH) or KINDS[term.kind].counted


def status_term(status: PhotoStatus) -> Term:
    """Return the term that all photos in one state bear."""
    return Term("status", status.value)


def label_term(name: str) -> Term:
    """Return the term of a label, however it is written."""
    return Term("label", folded(name)[:MOST_CHARACTERS])


def terms(photo: Photo) -> dict[Term, str]:
    """Return the terms of a photo, each with its name for people.

    A photo in the trash is found there alone, a failed one among the failed alone, and one whose bytes are
    awaited, or that is being removed for good, nowhere.
    """
    return dict(_terms(photo))


def _terms(photo: Photo) -> Iterator[tuple[Term, str]]:
    if photo.purged_at:
        return
    if photo.trashed_at:
        yield TRASHED, "Trash"
        return
    if photo.status is PhotoStatus.AWAITING_UPLOAD:
        return
    yield status_term(photo.status), photo.status.value
    if photo.status is PhotoStatus.FAILED:
        return
    yield PRESENT, "Photos"
    if photo.favourite:
        yield FAVOURITE, "Favourites"
    yield month_term(photo), month_of(photo)
    day = photo.taken.date().isoformat()
    yield Term("day", day), day
    yield from _content_terms(photo)
    yield from ((Term("album", album_id), "") for album_id in photo.album_ids[:MOST_ALBUMS])
    if point := photo.point:
        yield LOCATED, "With a location"
        yield SPOTS, ""
        yield from place_terms(point.place)
        key = tile_of(point)
        yield from ((Term("area", key[:level]), "") for level in POSTED_LEVELS)
        yield from ((Term(tile_kind(level), key[:level]), "") for level in COUNTED_LEVELS)


def tile_of(point: Location) -> str:
    """Return the deepest tile that a place lies in."""
    return quadkey(round(point.latitude, DEGREE_DIGITS), round(point.longitude, DEGREE_DIGITS))


def _content_terms(photo: Photo) -> Iterator[tuple[Term, str]]:
    for label in photo.labels[:MOST_LABELS]:
        if (term := label_term(label.name)).value:
            yield term, label.name
            if label.source is Source.PERSON:
                yield Term("confirmed", term.value), label.name
    if photo.camera:
        for kind, name in (("camera", camera_name(photo.camera)), ("lens", photo.camera.lens.strip())):
            if value := folded(name[:MOST_CHARACTERS])[:MOST_CHARACTERS]:
                yield Term(kind, value), name[:MOST_CHARACTERS]
    if file_type := type_of(photo):
        yield Term("type", file_type), file_type.upper()
    yield from ((Term("word", word), word) for word in words(photo)[:MOST_WORDS])
    if photo.look:
        yield LOOKS, ""


def month_of(photo: Photo) -> str:
    """Return the month in which it was taken, by the clock of the place: 2024-06."""
    return f"{photo.taken.year:04}-{photo.taken.month:02}"


def year_of(photo: Photo) -> str:
    """Return the year in which it was taken, by the clock of the place."""
    return f"{photo.taken.year:04}"


def month_term(photo: Photo) -> Term:
    """Return the term of its month, whose list is the timeline's."""
    return Term("time", month_of(photo))


def type_of(photo: Photo) -> str:
    """Return the type of its file by its bytes, as people call it: `jpeg`, `heic`; empty until it is prepared."""
    return folded((photo.content_type or "").rpartition("/")[2])[:MOST_CHARACTERS]


def place_terms(place: Place | None) -> Iterator[tuple[Term, str]]:
    """Yield the terms of a place, the country first, each with its name."""
    if place is None or not place.country_code:
        return
    path = place.country_code
    yield Term("place", path), place.country or path
    for part in (place.region, place.city):
        path = f"{path}/{part.replace('/', ' ')}"
        if part:
            yield Term("place", path), f"{part}, {place.country or place.country_code}"


def camera_name(camera: Camera) -> str:
    """Return make and model as people say it: the make once."""
    make, model = camera.make.strip(), camera.model.strip()
    return model if folded(model).startswith(folded(make)) and model else f"{make} {model}".strip()


_TOKEN: Final = re.compile(r"[^\W_]+")
_NAMES_NOTHING: Final = frozenset(
    {"img", "dsc", "dscn", "dscf", "dcim", "pxl", "mvimg", "pano", "image", "photo", "foto", "wa", "copy", "edited"}
    | {"the", "and", "jpg", "jpeg", "png", "heic", "webp", "tif", "tiff", "gif", "bmp"}
)


def folded(text: str) -> str:
    """Return text in the form in which it is compared: no case, no accents, single spaces."""
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return " ".join(plain.casefold().split())


def tokens(text: str) -> list[str]:
    """Return the words of a text, folded, in order."""
    return _TOKEN.findall(folded(text))


def words(photo: Photo) -> list[str]:
    """Return the words by which a photo is found: keywords, caption, then what its file's name says.

    A file's name says nothing by its numbers, nor by what cameras and phones begin it with.
    """
    said = [
        token for text in (*photo.keywords, (photo.caption and photo.caption.value) or "") for token in tokens(text)
    ]
    stem = photo.admission.filename.rsplit(".", 1)[0]
    named = [token for token in tokens(stem) if token.isalpha() and token not in _NAMES_NOTHING]
    return [token for token in dict.fromkeys(said + named) if 2 <= len(token) <= MOST_WORD_CHARACTERS]  # noqa: PLR2004
