"""What the index keeps of a photo, and by how much that changes from one version of it to the next."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Final, NamedTuple

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.sketched import SKETCH_KINDS, sketch_terms
from heliograph_metadata.domain.terms import (
    DEGREE_DIGITS,
    KINDS,
    LOOKS,
    SPOTS,
    Term,
    is_counted,
    is_posted,
    label_term,
    terms,
    tile_of,
    type_of,
    year_of,
)

MICRODEGREES: Final = 10**DEGREE_DIGITS


def sort_key(photo: Photo) -> str:
    """Return a photo's place in every list: by the clock of where it was taken, then by its id."""
    wall = photo.taken.replace(tzinfo=None)
    return f"{wall.isoformat(timespec='milliseconds')}#{photo.photo_id}"


def photo_id_of(key: str) -> PhotoId:
    """Return the photo that `sort_key` or `place_in` named."""
    return PhotoId(key.rpartition("#")[2])


def month_in(key: str) -> str:
    """Return the month that `sort_key` begins with."""
    return key[: len("2024-06")]


def place_in(term: Term, photo: Photo) -> str:
    """Return a photo's place in the list of a term: by time in all of them but those of looks and of spots."""
    if term == LOOKS and photo.look:
        return f"{photo.look.fingerprint}#{photo.photo_id}"
    if term == SPOTS and photo.point:
        return f"{tile_of(photo.point)}#{sort_key(photo)}"
    return sort_key(photo)


class Card(NamedTuple):
    """The few things that a grid needs to show a photo without reading it."""

    ratio: float
    thumbhash: str | None
    favourite: bool
    filename: str
    has_renditions: bool
    offset_minutes: int
    """Of the time it was taken from UTC."""
    latitude: float | None
    longitude: float | None
    file_type: str = ""
    """As the term `type` says it; also empty on cards of before the schema of terms 8. It is kept beside the others, so
    that those of either schema can be read by releases of the other."""

    def to_json(self) -> str:
        """Return the card without the type of the file as a compact JSON array."""
        return json.dumps(self[:_IN_JSON], separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, file_type: str = "") -> "Card":
        """Return the card that `to_json` made."""
        return cls(*json.loads(text)[:_IN_JSON])._replace(file_type=file_type)


_IN_JSON: Final = len(Card._fields) - 1


def card_of(photo: Photo) -> Card:
    """Return a photo's card. Its state is not on it, or becoming ready would rewrite all postings."""
    offset = photo.taken.utcoffset() or timedelta()
    point = photo.point
    return Card(
        ratio=round(photo.ratio, 4),
        thumbhash=photo.thumbhash,
        favourite=photo.favourite,
        filename=photo.admission.filename,
        has_renditions=photo.is_prepared,
        offset_minutes=round(offset.total_seconds() / 60),
        latitude=round(point.latitude, DEGREE_DIGITS) if point else None,
        longitude=round(point.longitude, DEGREE_DIGITS) if point else None,
        file_type=type_of(photo),
    )


@dataclass(frozen=True, slots=True)
class Posting:
    """One photo in the list of one term."""

    sort_key: str
    """As `place_in` makes it; in the list of `SPOTS` with the photo's tile and `#` before it."""
    card: Card
    confidence: float | None = None
    """How sure a label is; None for other kinds."""

    @property
    def photo_id(self) -> PhotoId:
        """The photo."""
        return photo_id_of(self.sort_key)

    @property
    def taken_at(self) -> datetime:
        """When it was taken, with the offset of the place."""
        wall = datetime.fromisoformat(self.sort_key.partition("#")[0])
        return wall.replace(tzinfo=timezone(timedelta(minutes=self.card.offset_minutes)))


def postings(photo: Photo) -> dict[tuple[Term, str], Posting]:
    """Return the postings of a photo by term and sort key."""
    return _postings(photo, terms(photo))


def _postings(photo: Photo, terms_borne: Mapping[Term, str]) -> dict[tuple[Term, str], Posting]:
    card = card_of(photo)
    confidences = {label_term(label.name): label.confidence for label in reversed(photo.labels)}
    places = {term: place_in(term, photo) for term in terms_borne if is_posted(term)}
    return {(term, key): Posting(key, card, confidences.get(_as_label(term))) for term, key in places.items()}


def in_time(spot: Posting) -> Posting:
    """Return a posting of `SPOTS` as it stands in all other lists."""
    return replace(spot, sort_key=spot.sort_key.partition("#")[2])


def _as_label(term: Term) -> Term:
    return Term("label", term.value) if term.kind == "confirmed" else term


@dataclass(slots=True)
class CountChange:
    """By how much the count of one term changes; the sums of microdegrees make a tile's centre of gravity."""

    photos: int = 0
    latitude: int = 0
    longitude: int = 0
    name: str = ""
    entered: PhotoId | None = None
    """One of the photos that bear the term from now on."""
    left: set[PhotoId] = field(default_factory=set)
    """Those that no longer do."""
    years: dict[str, int] = field(default_factory=dict)
    """Of a tile: by how much its photos of each year change."""

    def add(self, other: "CountChange") -> None:
        """Take in another change of the same count."""
        self.photos += other.photos
        self.latitude += other.latitude
        self.longitude += other.longitude
        self.name = other.name or self.name
        self.entered = other.entered or self.entered
        self.left |= other.left
        for year, photos in other.years.items():
            self.years[year] = self.years.get(year, 0) + photos

    @property
    def is_nothing(self) -> bool:
        """Whether the count stays as it is."""
        moves = self.photos or self.latitude or self.longitude or any(self.years.values())
        return not (moves or self.entered or self.left)


@dataclass(slots=True)
class IndexChange:
    """What has to be done to the index to take it from some versions of photos to others."""

    put: dict[tuple[Term, str], Posting] = field(default_factory=dict)
    """By term and sort key."""
    delete: set[tuple[Term, str]] = field(default_factory=set)
    """Term and sort key."""
    counts: dict[Term, CountChange] = field(default_factory=dict)
    touched: set[Term] = field(default_factory=set)
    """Months in which anything changes that their lists show."""

    def add(self, other: "IndexChange") -> None:
        """Take in the change of another photo, or the next one of the same photo."""
        self.put = {place: posting for place, posting in self.put.items() if place not in other.delete} | other.put
        self.delete = (self.delete - other.put.keys()) | other.delete
        for term, count in other.counts.items():
            self.counts.setdefault(term, CountChange()).add(count)
        self.touched |= other.touched

    def __len__(self) -> int:
        return len(self.put) + len(self.delete) + len(self.counts)


def index_change(stored: Photo | None, photo: Photo | None) -> IndexChange:
    """Return the difference that a save makes; None is a photo that is not there."""
    borne_before, borne_after = borne(stored) if stored else {}, borne(photo) if photo else {}
    before = _postings(stored, borne_before) if stored else {}
    after = _postings(photo, borne_after) if photo else {}
    return IndexChange(
        put={place: posting for place, posting in after.items() if before.get(place) != posting},
        delete=before.keys() - after.keys(),
        counts=_count_changes(stored, borne_before, photo, borne_after),
        touched={term for term, _ in (*before, *after) if term.kind == "time"},
    )


def _count_changes(
    stored: Photo | None, before: Mapping[Term, str], photo: Photo | None, after: Mapping[Term, str]
) -> dict[Term, CountChange]:
    changes: dict[Term, CountChange] = {}
    for term in filter(is_counted, dict.fromkeys((*before, *after))):
        change = CountChange(photos=(term in after) - (term in before))
        if term.kind in SKETCH_KINDS:
            if change.photos:
                changes[term] = change
            continue
        if photo and term in after and term not in before:
            change.entered, change.name = photo.photo_id, after[term]
        if stored and term in before and term not in after:
            change.left = {stored.photo_id}
        if is_tile(term):
            for one, sign, bears in ((stored, -1, term in before), (photo, 1, term in after)):
                if bears and one and (point := one.point):
                    change.latitude += sign * round(point.latitude * MICRODEGREES)
                    change.longitude += sign * round(point.longitude * MICRODEGREES)
                    change.years[year_of(one)] = change.years.get(year_of(one), 0) + sign
        if not change.is_nothing:
            changes[term] = change
    return changes


def is_tile(term: Term) -> bool:
    """Whether a term's count is a cluster of the map."""
    return term.kind.startswith("tile")


def term_counts(photos: list[Photo]) -> Counter[Term]:
    """Return how many of `photos` bear each counted term: what the index must say."""
    return Counter(term for photo in photos for term in borne(photo) if is_counted(term))


def borne(photo: Photo) -> dict[Term, str]:
    """Return all that a photo is listed and counted by, each with its name for people, if it has one."""
    return terms(photo) | dict.fromkeys(sketch_terms(photo), "")


COUNTED_KINDS: Final = (*(kind for kind, one in KINDS.items() if one.counted), *SKETCH_KINDS)
"""The kinds of terms of which the index keeps counts."""
