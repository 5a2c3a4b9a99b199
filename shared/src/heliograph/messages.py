"""The messages between services: one kind per queue, one consumer per queue.

S3 ──ObjectCreated──► photo-uploaded ──► metadata ──► photo-prepared ──► inference
                                         metadata ◄── photo-classified ◄──┘
metadata (HTTP) ──► job-step ──► metadata (worker)

A photo's three queues exist once for each lane. What comes in on one lane goes on in the same.
"""

import json
from typing import Any
from urllib.parse import quote, unquote_plus

from pydantic import BaseModel, ConfigDict, Field

from heliograph.photos import Lane as Lane  # noqa: PLC0414 - a part of the contract
from heliograph.photos import OwnerId, PhotoId

PHOTO_UPLOADED = "photo-uploaded"
PHOTO_PREPARED = "photo-prepared"
PHOTO_CLASSIFIED = "photo-classified"
JOB_STEP = "job-step"


def queue_in(kind: str, lane: Lane) -> str:
    """Return the name of a lane's queue for a photo's messages; the interactive lane's is the kind itself.

    Args:
        kind: `PHOTO_UPLOADED`, `PHOTO_PREPARED` or `PHOTO_CLASSIFIED`.
        lane: Which of the two.
    """
    return kind if lane is Lane.INTERACTIVE else f"{kind}-{lane}"


class Message(BaseModel):
    """What every message of ours carries; unknown fields are ignored so that a sender may be newer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    correlation_id: str


class Reclassification(BaseModel):
    """A photo that was looked at is looked at again; the networks' answer carries this back as it came."""

    model_config = ConfigDict(frozen=True)

    looked: tuple[str, ...] = Field(
        description="Which networks had looked when this was asked for; where others have since, it is too late."
    )
    forget: tuple[str, ...] = Field(
        default=(),
        description="Those of them whose labels go as well, though they are no version of those asked.",
    )


class PhotoPrepared(Message):
    """A photo has been read and its renditions lie in S3: look at the preview."""

    photo_id: PhotoId
    owner_id: OwnerId
    preview_key: str
    width_px: int = Field(ge=1, description="Of the upright original.")
    height_px: int = Field(ge=1, description="Of the upright original.")
    models: tuple[str, ...] | None = Field(
        default=None,
        description="Which networks are to look, as `name@version`; None: every one. What isn't known is passed over.",
    )
    again: Reclassification | None = Field(default=None, description="None: nothing has looked at this photo yet.")


class BoundingBox(BaseModel):
    """Where something is: corners as fractions (0-1) of the upright image, and how sure the model is."""

    model_config = ConfigDict(frozen=True)

    x1: float = Field(ge=0, le=1)
    y1: float = Field(ge=0, le=1)
    x2: float = Field(ge=0, le=1)
    y2: float = Field(ge=0, le=1)
    confidence: float = Field(ge=0, le=1)


class ClassifiedLabel(BaseModel):
    """Something a model saw; `boxes` is empty where the model says only that it is there."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1)
    confidence: float = Field(ge=0, le=1, description="Calibrated: of labels with 0.8, about 80 % are right.")
    model: str = Field(description="The model's name and version as in models/manifest.toml.")
    boxes: tuple[BoundingBox, ...] = Field(default=(), description="Their confidences are calibrated, too.")
    raw_confidence: float = Field(
        default_factory=lambda fields: fields["confidence"],
        ge=0,
        le=1,
        description="What the network itself said; a sender that calibrates nothing leaves it out.",
    )


class PhotoFeatures(BaseModel):
    """What a network sees on a whole photo, in few numbers: photos that look alike to it have ones that are alike."""

    model_config = ConfigDict(frozen=True)

    space: str = Field(
        min_length=1, max_length=200, description="Network and way of making them; within one they can be compared."
    )
    values: str = Field(
        max_length=400,
        pattern=r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
        description="Base64 of signed bytes, one a dimension.",
    )


class PhotoClassified(Message):
    """What the models saw on a photo, or why none could look at it."""

    photo_id: PhotoId
    owner_id: OwnerId
    labels: tuple[ClassifiedLabel, ...] = ()
    models: tuple[str, ...] = Field(default=(), description="Every model that looked, also those that saw nothing.")
    failure: str | None = Field(default=None, description="Why no model could look; the labels are empty then.")
    features: PhotoFeatures | None = Field(default=None, description="None: no network that makes them has looked.")
    again: Reclassification | None = Field(default=None, description="As it came with the photo.")


class JobStep(Message):
    """One step of a bulk edit is to be done."""

    owner_id: OwnerId
    job_id: str
    chunk: int | None = Field(default=None, description="Which photos; None: find out which photos there are.")
    undo: bool = False


class PhotoUploaded(BaseModel):
    """An original has arrived in S3. On the wire this is S3's own event notification, not a message of ours."""

    model_config = ConfigDict(frozen=True)

    object_key: str
    size_bytes: int


def photos_uploaded(body: str) -> list[PhotoUploaded]:
    """Return the arrivals that an S3 event notification tells of; none for S3's test event.

    Keys come URL-encoded with `+` for a space.

    Raises:
        ValueError: The body is no S3 event notification.

    Source: "Event message structure" in the Amazon S3 user guide, versions 2.x.
    """
    event: Any = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("an S3 event notification is a JSON object")  # noqa: TRY004 - one error for a bad body
    if event.get("Event") == "s3:TestEvent":
        return []
    try:
        return [
            PhotoUploaded(
                object_key=unquote_plus(record["s3"]["object"]["key"]),
                size_bytes=record["s3"]["object"].get("size", 0),
            )
            for record in event["Records"]
        ]
    except (KeyError, TypeError) as error:
        raise ValueError("the body is no S3 event notification") from error


def s3_event(bucket: str, uploaded: PhotoUploaded) -> str:
    """Return the S3 event notification for an arrival, to tell of it again where S3's own was lost."""
    entity = {
        "bucket": {"name": bucket},
        "object": {"key": quote(uploaded.object_key), "size": uploaded.size_bytes},
    }
    return json.dumps(
        {"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": entity}]}
    )
