"""What the index keeps of a photo, and by how much that changes from one version of it to the next."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Final, NamedTuple

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.terms import DEGREE_DIGITS, KINDS, Term, label_term, terms

MICRODEGREES: Final = 10**DEGREE_DIGITS


def sort_key(photo: Photo) -> str:
    """Return a photo's place in every list: by the clock of where it was taken, then by its id."""
    wall = photo.taken.replace(tzinfo=None)
    return f"{wall.isoformat(timespec='milliseconds')}#{photo.photo_id}"


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

    def to_json(self) -> str:
        """Return the card as a compact JSON array."""
        return json.dumps(self, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Card":
        """Return the card that `to_json` made."""
        return cls(*json.loads(text))


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
    )


@dataclass(frozen=True, slots=True)
class Posting:
    """One photo in the list of one term."""

    sort_key: str
    card: Card
    confidence: float | None = None
    """How sure a label is; None for other kinds."""

    @property
    def photo_id(self) -> PhotoId:
        """The photo."""
        return PhotoId(self.sort_key.rpartition("#")[2])

    @property
    def taken_at(self) -> datetime:
        """When it was taken, with the offset of the place."""
        wall = datetime.fromisoformat(self.sort_key.partition("#")[0])
        return wall.replace(tzinfo=timezone(timedelta(minutes=self.card.offset_minutes)))


def postings(photo: Photo) -> dict[tuple[Term, str], Posting]:
    """Return the postings of a photo by term and sort key."""
    key, card = sort_key(photo), card_of(photo)
    confidences = {label_term(label.name): label.confidence for label in reversed(photo.labels)}
    return {(term, key): Posting(key, card, confidences.get(term)) for term in terms(photo) if KINDS[term.kind].posted}


@dataclass(slots=True)
class CountChange:
    """By how much the count of one term changes; the sums of microdegrees make a tile's centre of gravity."""

    photos: int
    latitude: int = 0
    longitude: int = 0
    name: str = ""


@dataclass(slots=True)
class IndexChange:
    """What has to be done to the index to take it from one version of a photo to another."""

    put: dict[Term, Posting] = field(default_factory=dict)
    delete: list[tuple[Term, str]] = field(default_factory=list)
    """Term and sort key."""
    counts: dict[Term, CountChange] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.put) + len(self.delete) + len(self.counts)


def index_change(stored: Photo | None, photo: Photo | None) -> IndexChange:
    """Return the difference that a save makes; applying it once or finding it applied is the same."""
    before: dict[Any, Posting] = postings(stored) if stored else {}
    after: dict[Any, Posting] = postings(photo) if photo else {}
    change = IndexChange(
        put={term: posting for (term, key), posting in after.items() if before.get((term, key)) != posting},
        delete=[place for place in before if place not in after],
    )
    for one, sign in ((stored, -1), (photo, 1)):
        if one is None:
            continue
        for term, name in terms(one).items():
            if KINDS[term.kind].counted:
                count = change.counts.setdefault(term, CountChange(0))
                count.photos += sign
                count.name = name
                if term.kind.startswith("tile") and (point := one.point):
                    count.latitude += sign * round(point.latitude * MICRODEGREES)
                    count.longitude += sign * round(point.longitude * MICRODEGREES)
    change.counts = {
        term: count for term, count in change.counts.items() if count.photos or count.latitude or count.longitude
    }
    return change


def term_counts(photos: list[Photo]) -> Counter[Term]:
    """Return how many of `photos` bear each counted term: what the index must say."""
    return Counter(term for photo in photos for term in terms(photo) if KINDS[term.kind].counted)
