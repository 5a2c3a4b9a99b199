"""HTTP bodies of answers to questions: what was said, and how far what follows from it has come."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from heliograph.photos import PhotoId
from heliograph_metadata.domain.questions.memory import Answered
from heliograph_metadata.domain.questions.question import Answer, Where
from heliograph_metadata.schemas.given_answers import MOST_SHOWN, AnswerBody, SaidBody, ShownPhotoId, answer_of, body_of
from heliograph_metadata.service.answer_progress import AnswerProgress, AnswerStatus
from heliograph_metadata.service.answers import Given

_PHOTO: Final = "aeaqcaibaeaqcaibaeaqcaibae"
_ITEM: Final = "2024-06-15T09"

GIVEN_EXAMPLES: Final[dict[str, Any]] = {
    "where": {
        "summary": "Where was this? The place that was offered, or another one",
        "value": {"answer": {"type": "where", "latitude": 38.7136, "longitude": -9.1394}},
    },
    "some of several": {
        "summary": "Were these days spent here? All that were shown but one",
        "value": {"answer": {"type": "yes", "but_not": [_ITEM]}, "items": [_ITEM, "2024-06-17T10"]},
    },
    "a grid": {
        "summary": "Is this a dog? On the first of two photos it is not",
        "value": {
            "answer": {"type": "yes", "but_not": [_PHOTO]},
            "shown": [_PHOTO, "bmbaeaqcaibaeaqcaibaeaqcaf"],
        },
    },
    "when": {
        "summary": "When was this?",
        "value": {"answer": {"type": "when", "at": "1987-07-01T12:00:00+01:00"}},
    },
    "off": {"summary": "Was the clock wrong?", "value": {"answer": {"type": "off", "shift_seconds": 28800}}},
    "which": {
        "summary": "Which is it?",
        "value": {"answer": {"type": "which", "name": "castle"}, "shown": [_PHOTO]},
    },
    "named": {
        "summary": "What was this? It becomes an album",
        "value": {"answer": {"type": "named", "name": "Midsummer at the lake"}},
    },
    "keep": {
        "summary": "Which is worth keeping?",
        "value": {
            "answer": {"type": "keep", "photo_ids": [_PHOTO]},
            "shown": [_PHOTO, "bmbaeaqcaibaeaqcaibaeaqcaf"],
        },
    },
    "several": {"summary": "They don't belong together", "value": {"answer": {"type": "several"}}},
    "not sure": {"summary": "I don't know", "value": {"answer": {"type": "not_sure"}}},
}


class AnswerCreate(BaseModel):
    """An answer, and what was seen of the question."""

    model_config = ConfigDict(extra="forbid")

    answer: AnswerBody
    shown: list[ShownPhotoId] = Field(
        default=[],
        max_length=MOST_SHOWN,
        description="Of a grid: the photos that were shown. The answer is about these and no others.",
    )
    items: list[Annotated[str, StringConstraints(min_length=1, max_length=80)]] | None = Field(
        default=None,
        max_length=MOST_SHOWN,
        description="Of a question about several things: the keys of those that were shown; left out for all of them.",
    )

    def given(self) -> Given:
        """Return what is meant."""
        return Given(
            answer=answer_of(self.answer),
            shown=[PhotoId(photo_id) for photo_id in self.shown],
            items=self.items,
        )


class AnswerResponse(BaseModel):
    answer_id: str
    question_id: str
    kind: str = Field(description="Of the question.", examples=["place"])
    prompt: str
    mends: str
    answer: SaidBody
    place: str | None = Field(description="Of an answer that is a place: its name, where there is one.")
    at: datetime
    status: AnswerStatus = Field(
        description="`held`: nothing is changed before a check question is answered. `working` and `undoing`: its "
        "photos are being changed."
    )
    held_because: str | None = Field(description="What it contradicts, in a sentence.")
    refuted: bool = Field(
        description="A check question was answered so that this is wrong; its changes are taken back."
    )
    photos: int = Field(description="How many it was expected to change.")
    changed: int
    failed: int
    can_undo: bool
    jobs: list[str] = Field(description="The bulk edits that it makes.")
    photo_ids: list[PhotoId] = Field(description="The first twelve photos that it has changed.")

    @classmethod
    def of(cls, progress: AnswerProgress) -> "AnswerResponse":
        """Return the wire form."""
        answered: Answered = progress.answered
        question = answered.question
        return cls(
            answer_id=answered.answer_id,
            question_id=question.reference,
            kind=question.kind,
            prompt=question.prompt,
            mends=question.mends,
            answer=body_of(answered.answer),
            place=_name_of(answered.answer),
            at=answered.at,
            status=progress.status,
            held_because=progress.held_because or None,
            refuted=progress.is_refuted,
            photos=answered.photos,
            changed=progress.changed,
            failed=progress.failed,
            can_undo=progress.can_undo,
            jobs=list(progress.jobs),
            photo_ids=list(progress.photo_ids),
        )


def _name_of(answer: Answer) -> str | None:
    place = answer.location.place if isinstance(answer, Where) else None
    return (place.city or place.region or place.country) if place else None


class AnswersResponse(BaseModel):
    items: list[AnswerResponse] = Field(description="Newest first, those taken back too.")
    next_cursor: str | None
