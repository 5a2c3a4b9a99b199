"""HTTP bodies of bulk edits: what is to become of which photos, and how far that has come."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from heliograph.photos import PhotoId
from heliograph_metadata.domain.bulk_edit import MOST_KEYWORDS, BulkEdit, Zone
from heliograph_metadata.domain.job import MOST_PHOTO_IDS, Job, JobStatus
from heliograph_metadata.domain.photo import Location
from heliograph_metadata.domain.questions.answers import answers_of
from heliograph_metadata.domain.terms import MOST_CHARACTERS, MOST_LABELS
from heliograph_metadata.schemas.photos import Keyword, PointUpdate
from heliograph_metadata.schemas.reading import ReadModel

_MOST_SHIFT_SECONDS = 200 * 366 * 24 * 3600

AlbumIds = Annotated[list[Annotated[str, StringConstraints(max_length=64)]], Field(max_length=12)]
LabelNames = Annotated[
    list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_CHARACTERS)]],
    Field(max_length=MOST_LABELS),
]
Keywords = Annotated[list[Keyword], Field(max_length=MOST_KEYWORDS)]
AnyPhotoId = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{26}$")]


class TimeZoneEdit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=64, examples=["Europe/Lisbon", "+02:00"])
    keep: Literal["clock", "instant"] = Field(
        default="clock", description="What stays: what the clock on the wall showed, or the moment on earth."
    )


class BulkEditBody(BaseModel):
    """What is to become of the photos; what is left out stays. The original files are never altered."""

    model_config = ConfigDict(extra="forbid")

    shift_seconds: int | None = Field(
        default=None,
        ge=-_MOST_SHIFT_SECONDS,
        le=_MOST_SHIFT_SECONDS,
        description="By how much later they were taken than is said.",
    )
    time_zone: TimeZoneEdit | None = None
    taken_at: AwareDatetime | None = Field(
        default=None, description="When all of them were taken, with an offset; not together with a move."
    )
    location: PointUpdate | None = Field(default=None, description="`null`: they have no location.")
    keywords: Keywords | None = Field(default=None, description="In place of those that are there.")
    add_keywords: Keywords = []
    remove_keywords: Keywords = []
    caption: str | None = Field(default=None, max_length=2000, description="`null` or empty: none.")
    favourite: bool | None = None
    add_labels: LabelNames = Field(default=[], description="What is on them.")
    reject_labels: LabelNames = Field(default=[], description="What is not on them, whichever network sees it.")
    add_to_albums: AlbumIds = []
    remove_from_albums: AlbumIds = []
    trashed: bool | None = Field(default=None, description="Into the trash, or out of it.")
    delete_permanently: bool = Field(default=False, description="Those in the trash; nothing undoes it.")

    def edit(self) -> BulkEdit:
        """Return what is meant; the place of a location is not looked up yet."""
        point = self.location
        return BulkEdit(
            shift=timedelta(seconds=self.shift_seconds or 0),
            zone=Zone(self.time_zone.name, self.time_zone.keep) if self.time_zone else None,
            taken_at=self.taken_at,
            location=Location(point.latitude, point.longitude) if point else None,
            clears_location="location" in self.model_fields_set and point is None,
            keywords=None if self.keywords is None else tuple(dict.fromkeys(self.keywords)),
            add_keywords=tuple(dict.fromkeys(self.add_keywords)),
            remove_keywords=tuple(dict.fromkeys(self.remove_keywords)),
            caption=(self.caption or "") if "caption" in self.model_fields_set else None,
            favourite=self.favourite,
            add_labels=tuple(dict.fromkeys(self.add_labels)),
            reject_labels=tuple(dict.fromkeys(self.reject_labels)),
            add_albums=tuple(dict.fromkeys(self.add_to_albums)),
            remove_albums=tuple(dict.fromkeys(self.remove_from_albums)),
            trash=self.trashed,
            purge=self.delete_permanently,
        )

    @classmethod
    def of(cls, edit: BulkEdit) -> "BulkEditBody":
        """Return the wire form of what was meant, with nothing in it that was left out."""
        said: dict[str, Any] = {
            "shift_seconds": int(edit.shift.total_seconds()) or None,
            "time_zone": TimeZoneEdit(name=edit.zone.name, keep=edit.zone.keep) if edit.zone else None,
            "taken_at": edit.taken_at,
            "location": edit.location
            and PointUpdate(latitude=edit.location.latitude, longitude=edit.location.longitude),
            "keywords": None if edit.keywords is None else list(edit.keywords),
            "add_keywords": list(edit.add_keywords),
            "remove_keywords": list(edit.remove_keywords),
            "caption": edit.caption,
            "favourite": edit.favourite,
            "add_labels": list(edit.add_labels),
            "reject_labels": list(edit.reject_labels),
            "add_to_albums": list(edit.add_albums),
            "remove_from_albums": list(edit.remove_albums),
            "trashed": edit.trash,
            "delete_permanently": edit.purge,
        }
        given = {
            name: value for name, value in said.items() if value is not None and value != [] and value is not False
        }
        for name in ("favourite", "trashed"):
            if said[name] is False:
                given[name] = False
        if said["keywords"] is not None:
            given["keywords"] = said["keywords"]
        if edit.clears_location:
            given["location"] = None
        return cls(**given)


class SearchBody(BaseModel):
    """A search as `GET /api/v1/search` takes it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    q: str = Field(default="", max_length=2000)
    label: list[Annotated[str, StringConstraints(max_length=200)]] = Field(default=[], max_length=20)
    min_confidence: float = Field(default=0.0, ge=0, le=1)
    since: str = Field(default="", alias="from", max_length=30)
    until: str = Field(default="", alias="to", max_length=30)
    place: str = Field(default="", max_length=200)
    camera: str = Field(default="", max_length=200)
    near: str = Field(default="", max_length=100)
    bbox: str = Field(default="", max_length=100)
    album: str = Field(default="", max_length=64)
    status: Literal["ready", "prepared", "failed", "trashed"] | None = None
    favourite: bool | None = None


class JobCreate(BaseModel):
    """An edit, and either the photos or the search that finds them."""

    model_config = ConfigDict(extra="forbid")

    edit: BulkEditBody
    photo_ids: list[AnyPhotoId] = Field(default=[], max_length=MOST_PHOTO_IDS)
    search: SearchBody | None = Field(
        default=None, description="All photos that it finds when the job begins, up to 200,000."
    )


class JobFailure(ReadModel):
    photo_id: PhotoId
    code: str = Field(description="Stable, for programs.", examples=["photo-not-found", "changed-since"])
    detail: str = Field(description="A sentence for people.")


class JobResponse(BaseModel):
    job_id: str
    answer_id: str | None = Field(
        description="The answer to a question that makes this edit, and is undone as a whole; null where there is none."
    )
    status: JobStatus
    edit: BulkEditBody
    total: int = Field(description="Photos; while `selecting`, those found so far.")
    done: int = Field(description="Of them, those that the present pass (doing or undoing) is through with.")
    changed: int
    unchanged: int = Field(description="They were already as they should become.")
    failed: int
    skipped: int = Field(description="The job was cancelled before it came to them.")
    failures: list[JobFailure] = Field(description="The first 50 of the present pass.")
    is_cut: bool = Field(description="The search would have found more photos than a job takes.")
    created_at: datetime
    updated_at: datetime
    can_undo: bool
    can_undo_until: datetime

    @classmethod
    def of(cls, job: Job, *, at: datetime) -> "JobResponse":
        """Return the wire form."""
        tally = job.present
        return cls(
            job_id=job.job_id,
            answer_id=answers_of(job.job_id)[0] if job.by_answer else None,
            status=job.status,
            edit=BulkEditBody.of(job.edit),
            total=job.total,
            done=tally.photos,
            changed=tally.changed,
            unchanged=tally.unchanged,
            failed=tally.failed,
            skipped=tally.skipped,
            failures=[JobFailure.model_validate(failure) for failure in job.failures],
            is_cut=job.is_cut,
            created_at=job.created_at,
            updated_at=job.updated_at,
            can_undo=job.can_be_undone(at),
            can_undo_until=job.undo_until,
        )


class JobsResponse(BaseModel):
    items: list[JobResponse] = Field(description="Newest first.")
    next_cursor: str | None
