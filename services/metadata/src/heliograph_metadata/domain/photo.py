"""A photo as the library knows it, and the steps of its life as pure functions.

Each step returns a new photo with the next version, or the very same photo where there is nothing to do:
so a message that comes twice, late or for a photo that has gone on is harmless.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from heliograph.photos import UNFINISHED, Admission, Lane, OriginalPrefix, OwnerId, PhotoId, PhotoStatus, original_key
from heliograph_metadata.domain.errors import PhotoNotFailedError, PhotoNotTrashedError
from heliograph_metadata.domain.looks import Look

T = TypeVar("T")


class Source(StrEnum):
    """Where a value comes from, weakest first."""

    DEFAULT = "default"
    FILE_TIME = "file_time"
    FILE_NAME = "file_name"
    ESTIMATE = "estimate"
    MODEL = "model"
    EXIF = "exif"
    XMP = "xmp"
    PERSON = "person"


_STRENGTH: Final = {source: strength for strength, source in enumerate(Source)}


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T]):
    """A value that can be wrong, where it comes from and how sure that is (0-1)."""

    value: T
    source: Source
    confidence: float = 1.0


def stronger(known: Sourced[T] | None, found: Sourced[T] | None) -> Sourced[T] | None:
    """Return the one with the stronger source; of two equally strong ones what was found last."""
    if known is None or found is None:
        return found or known
    return found if _STRENGTH[found.source] >= _STRENGTH[known.source] else known


@dataclass(frozen=True, slots=True)
class Place:
    """A place by name; `region` and `city` are empty where they are not known."""

    country_code: str
    """ISO 3166-1 alpha-2, upper case."""
    country: str
    region: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A point on the earth in degrees (WGS 84), and the place it lies in where one was found."""

    latitude: float
    longitude: float
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Camera:
    """What the photo was taken with; empty where it is not known."""

    make: str = ""
    model: str = ""
    lens: str = ""


@dataclass(frozen=True, slots=True)
class Exposure:
    """How the photo was exposed."""

    aperture: float | None = None
    """The f-number."""
    shutter_seconds: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """Where something is: corners as fractions (0-1) of the upright image."""

    x1: float
    y1: float
    x2: float
    y2: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Label:
    """Something that is on the photo, as one network saw it or a person said it."""

    name: str
    confidence: float
    source: Source
    boxes: tuple[Box, ...] = ()
    raw_confidence: float | None = None
    """What the network said before calibration; None where that is the same, or the label is no network's."""
    model: str = ""
    """The network, as `name@version`; empty of a person's, and of those stored before this was kept."""

    @property
    def uncalibrated(self) -> float:
        """How sure the network itself was; the confidence where nothing else is known."""
        return self.confidence if self.raw_confidence is None else self.raw_confidence


@dataclass(frozen=True, slots=True)
class Features:
    """What a network sees on a whole photo, in few numbers; domain/own_labels.py compares them."""

    space: str
    """The network and the way in which they were made: only features of one space can be compared."""
    values: str
    """Base64 of signed bytes, one a dimension."""


@dataclass(frozen=True, slots=True)
class PhotoFailure:
    """Why a photo could not be taken in: a stable code for programs and a sentence for people."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Former:
    """What one part of a bulk edit found before it changed a photo: so it can be undone, and is never done twice."""

    job_id: str
    part: str
    at: datetime
    before: str
    after: str
    """JSON objects, by the names of the fields that it changed."""
    undone: bool = False
    kept: tuple[str, ...] = ()
    """Fields that its undoing left alone: somebody had changed them since."""


CLASSIFICATION_FAILED: Final = "classification-failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What `prepare` has found out about an original whose renditions lie in S3."""

    content_type: str
    """By the bytes, whatever the uploader said."""
    width_px: int
    height_px: int
    """Both of the upright image."""
    thumbhash: str
    """Base64."""
    look: Look | None = None
    taken_at: Sourced[datetime] | None = None
    location: Sourced[Location | None] | None = None
    camera: Camera | None = None
    exposure: Exposure | None = None
    caption: Sourced[str | None] | None = None
    keywords: tuple[str, ...] = ()
    found_under: OriginalPrefix | None = None
    """Where the original lay; None: where its admission sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One photo of one library."""

    photo_id: PhotoId
    owner_id: OwnerId
    status: PhotoStatus
    version: int
    created_at: datetime
    updated_at: datetime
    correlation_id: str
    admission: Admission

    stored_under: OriginalPrefix | None = None
    """Where its original was found, if not where its admission sent it."""
    content_type: str | None = None
    """By the bytes; None until the photo is prepared."""
    width_px: int | None = None
    height_px: int | None = None
    thumbhash: str | None = None
    look: Look | None = None
    """None where there is nothing on it to compare, and of photos that were prepared before there were looks."""
    taken_at: Sourced[datetime] | None = None
    """Always with an offset; where none is known it is 0 and the value is the wall clock of the place."""
    location: Sourced[Location | None] | None = None
    """A value of None with a source: somebody said that there is no location."""
    camera: Camera | None = None
    exposure: Exposure | None = None
    labels: tuple[Label, ...] = ()
    """Each name once, most confident first."""
    overruled: tuple[Label, ...] = ()
    """What else networks saw: another has said it better, or a person has said that it is or isn't so."""
    rejected_labels: tuple[str, ...] = ()
    """Names of what a person has said is not on it."""
    models: tuple[str, ...] = ()
    """Every network that has looked, as `name@version`, also those that saw nothing; sorted."""
    features: Features | None = None
    """None of photos that were last looked at by networks, or senders, that make none."""
    caption: Sourced[str | None] | None = None
    keywords: tuple[str, ...] = ()
    favourite: bool = False
    album_ids: tuple[str, ...] = ()
    """Sorted."""
    trashed_at: datetime | None = None
    purged_at: datetime | None = None
    """When it was given up for good; what is left of it is being removed."""
    failure: PhotoFailure | None = None
    is_waited_for: bool = False
    """Whether somebody has asked for it by name, so that it waits in no backlog."""
    formers: tuple[Former, ...] = ()
    """What the last bulk edits found here, the oldest first."""

    @property
    def is_prepared(self) -> bool:
        """Whether its renditions lie in S3."""
        return self.width_px is not None

    @property
    def is_seen(self) -> bool:
        """Whether there is a picture of it to look at that nobody has put into the trash."""
        return self.is_prepared and self.trashed_at is None and self.purged_at is None

    @property
    def is_unfinished(self) -> bool:
        """Whether the pipeline still has to do something about it."""
        return self.status in UNFINISHED and self.trashed_at is None

    @property
    def lane(self) -> Lane:
        """By which lane it goes on its way."""
        return Lane.INTERACTIVE if self.is_waited_for else self.admission.lane

    @property
    def original_key(self) -> str:
        """Where its original lies in the bucket."""
        return original_key(self.owner_id, self.photo_id, self.stored_under or self.admission.prefix)

    @property
    def taken(self) -> datetime:
        """When it was taken; when it was added, where that is all there is."""
        return self.taken_at.value if self.taken_at else self.created_at

    @property
    def point(self) -> Location | None:
        """Where it was taken, if that is known."""
        return self.location.value if self.location else None

    @property
    def ratio(self) -> float:
        """Width by height of the upright image; 1 until it is prepared."""
        return self.width_px / self.height_px if self.width_px and self.height_px else 1.0


def admitted(
    *,
    photo_id: PhotoId,
    owner_id: OwnerId,
    admission: Admission,
    correlation_id: str,
    at: datetime,
) -> Photo:
    """Return the photo as the upload service creates it."""
    return Photo(
        photo_id=photo_id,
        owner_id=owner_id,
        status=PhotoStatus.AWAITING_UPLOAD,
        version=1,
        created_at=at,
        updated_at=at,
        correlation_id=correlation_id,
        admission=admission,
    )


def next_version(photo: Photo, at: datetime, **changes: Any) -> Photo:
    """Return the next version; the same photo where `changes` change nothing."""
    if all(getattr(photo, name) == value for name, value in changes.items()):
        return photo
    at = max(at.astimezone(UTC), photo.updated_at)
    return replace(photo, version=photo.version + 1, updated_at=at, **changes)


def prepared(photo: Photo, preparation: Preparation, *, at: datetime) -> Photo:
    """Return the photo with what was read from its original; unchanged unless its bytes were awaited."""
    if photo.status is not PhotoStatus.AWAITING_UPLOAD:
        return photo
    return next_version(
        photo,
        at,
        status=PhotoStatus.PREPARED,
        stored_under=_elsewhere(photo, preparation.found_under),
        content_type=preparation.content_type,
        width_px=preparation.width_px,
        height_px=preparation.height_px,
        thumbhash=preparation.thumbhash,
        look=preparation.look,
        taken_at=stronger(photo.taken_at, preparation.taken_at),
        location=stronger(photo.location, preparation.location),
        camera=preparation.camera or photo.camera,
        exposure=preparation.exposure or photo.exposure,
        caption=stronger(photo.caption, preparation.caption),
        keywords=photo.keywords or preparation.keywords,
    )


def _elsewhere(photo: Photo, found_under: OriginalPrefix | None) -> OriginalPrefix | None:
    """Return what to keep of where the original lay."""
    if found_under is None:
        return photo.stored_under
    return None if found_under is photo.admission.prefix else found_under


def failed(photo: Photo, failure: PhotoFailure, *, at: datetime, found_under: OriginalPrefix | None = None) -> Photo:
    """Return the photo with the reason why it stays as it is; unchanged unless something was awaited.

    Args:
        photo: The photo as it is.
        failure: The reason.
        at: Now.
        found_under: Where its original lay, if it was found.
    """
    if photo.status not in UNFINISHED:
        return photo
    elsewhere = _elsewhere(photo, found_under)
    return next_version(photo, at, status=PhotoStatus.FAILED, failure=failure, stored_under=elsewhere)


def retried(photo: Photo, *, at: datetime) -> Photo:
    """Return a failed photo as one whose original is looked at again; whoever asks for that waits for it.

    Raises:
        PhotoNotFailedError: It has not failed.
    """
    if photo.status is not PhotoStatus.FAILED:
        raise PhotoNotFailedError("Only a failed photo can be tried again.")
    return next_version(photo, at, status=PhotoStatus.AWAITING_UPLOAD, failure=None, is_waited_for=True)


def edited(photo: Photo, edits: Mapping[str, Any], *, at: datetime, confidence: float = 1.0) -> Photo:
    """Return the photo with what a person says of it, which nothing but a person replaces.

    Args:
        photo: The photo as it is.
        edits: Any of `caption` (text or None), `taken_at` (datetime), `location` (Location or None),
            `favourite` (bool), `keywords` (texts).
        at: Now.
        confidence: How sure they are; what is said of many photos at once may be wrong of one.
    """
    changes: dict[str, Any] = {
        name: Sourced(edits[name], Source.PERSON, confidence)
        for name in ("caption", "taken_at", "location")
        if name in edits
    }
    if "favourite" in edits:
        changes["favourite"] = edits["favourite"]
    if "keywords" in edits:
        changes["keywords"] = tuple(dict.fromkeys(edits["keywords"]))
    return next_version(photo, at, **changes)


def trashed(photo: Photo, *, at: datetime) -> Photo:
    """Return the photo in the trash: only the list of trashed photos has it."""
    return photo if photo.trashed_at else next_version(photo, at, trashed_at=at)


def restored(photo: Photo, *, at: datetime) -> Photo:
    """Return the photo out of the trash, as it was before and as far as the pipeline has come since."""
    return photo if photo.purged_at else next_version(photo, at, trashed_at=None)


def purged(photo: Photo, *, at: datetime) -> Photo:
    """Return a photo of the trash as one that is given up for good: no list has it, and nothing brings it back.

    Raises:
        PhotoNotTrashedError: It is not in the trash.
    """
    if photo.trashed_at is None:
        raise PhotoNotTrashedError("Only a photo in the trash can be deleted for good.")
    return photo if photo.purged_at else next_version(photo, at, purged_at=at)


def in_albums(photo: Photo, *, add: Iterable[str] = (), remove: Iterable[str] = (), at: datetime) -> Photo:
    """Return the photo put into some albums and taken out of others."""
    album_ids = (set(photo.album_ids) | set(add)) - set(remove)
    return next_version(photo, at, album_ids=tuple(sorted(album_ids)))
