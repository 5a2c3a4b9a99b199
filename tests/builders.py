"""Builders of what tests start from: a test names only what matters to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from heliograph.photos import Admission, OwnerId, PhotoStatus, photo_id_of
from heliograph_metadata.domain.photo import Label, Location, Photo, Place, Source, Sourced, admitted
from heliograph_metadata.domain.questions.question import Question, Reach, Span, Where, Worth

OWNER = OwnerId("owner")
NOON = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)
LISBON = Location(38.71, -9.14, Place("PT", "Portugal", "Lisboa", "Lisbon"))


def an_admission(number: int = 0, **changes: Any) -> Admission:
    """Return what an uploader said of the photo with that number."""
    said: dict[str, Any] = {
        "filename": "DSCF2041.JPG",
        "content_type": "image/jpeg",
        "size_bytes": 3_500_000,
        "sha256": f"{number:064x}",
    }
    return Admission(**said | changes)


def a_photo(number: int = 0, *, status: str = "ready", owner_id: str = OWNER, **changes: Any) -> Photo:
    """Return the photo with that number, which has been as far in the pipeline as its status says.

    `taken_at` may be a plain time, `location` a plain location, `labels` names, `filename` a name.
    """
    if isinstance(taken_at := changes.get("taken_at"), datetime):
        changes["taken_at"] = Sourced(taken_at, Source.EXIF)
    if isinstance(location := changes.get("location"), Location):
        changes["location"] = Sourced(location, Source.EXIF)
    if isinstance(caption := changes.get("caption"), str):
        changes["caption"] = Sourced(caption, Source.PERSON)
    labels = (one if isinstance(one, Label) else Label(one, 0.9, Source.MODEL) for one in changes.pop("labels", ()))
    admission = an_admission(number, filename=changes.pop("filename", "DSCF2041.JPG"))
    prepared: dict[str, Any] = {
        "content_type": "image/jpeg",
        "width_px": 4000,
        "height_px": 3000,
        "thumbhash": "2vgFDIJ3iIeA",
    }
    if status not in {"prepared", "ready"}:
        prepared = {}
    created_at = NOON + timedelta(days=365)
    known: dict[str, Any] = {"version": 1, "created_at": created_at, "updated_at": created_at}
    return Photo(
        photo_id=photo_id_of(OwnerId(owner_id), admission.sha256),
        owner_id=OwnerId(owner_id),
        status=PhotoStatus(status),
        admission=admission,
        labels=tuple(labels),
        **{"correlation_id": "correlation"} | known | prepared | changes,
    )


def admission_of(photo: Photo) -> Photo:
    """Return the photo as `upload` created it."""
    return admitted(
        photo_id=photo.photo_id,
        owner_id=photo.owner_id,
        admission=photo.admission,
        correlation_id=photo.correlation_id,
        at=photo.created_at,
    )


def a_question(kind: str = "place", **changes: Any) -> Question:
    """Return a question about the photos of 15 June 2024 that have no place; `key` tells it from others."""
    asked: dict[str, Any] = {
        "group": "2024-06",
        "key": "2024-06-15T12",
        "prompt": "Where were you, 15 June 2024?",
        "why": "None of these photos has a place.",
        "mends": "3 photos get a place",
        "reach": Reach(("time:2024-06",), 3, (Span("2024-06-15T00", "2024-06-15T23"),)),
        "worth": Worth(30.0, 0.9, 5.0),
        "default": Where(LISBON),
        "can_be_parted": True,
    }
    return Question(kind=kind, **asked | changes)
