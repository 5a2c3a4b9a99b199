"""What an answer does to photos and to what is asked next; all of it can be undone to the exact former state.

An answer becomes bulk edits whose job is the answer. Where it contradicts what is known, or repeats what a check has
taken back, it is held: nothing is changed until a check question is answered. What was changed without evidence for it
is looked through again in a check of several answers at once, which takes back those that a person unticks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Final

from heliograph.errors import HeliographError
from heliograph.photos import PhotoId
from heliograph_metadata.domain.bulk_edit import applied
from heliograph_metadata.domain.former_values import Part, has_room, reverted, undone
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.memory import CHECK, Answered, Memory
from heliograph_metadata.domain.questions.question import SAYS_NOTHING, Answer, No, Question, Yes
from heliograph_metadata.domain.questions.registry import KINDS

_BY_NAME: Final[Mapping[str, Kind]] = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of an answer."""

    edits: tuple[Edit, ...] = ()
    """Made as jobs of the answer, on the photos that its question reaches."""
    confidence: float = 1.0
    """Stated in the photos."""
    held: str = ""
    """What it contradicts, in a sentence: then there are edits only once a check has confirmed them."""
    makes: tuple[str, ...] = ()
    """Ids of held answers that are now made."""
    reverts: tuple[str, ...] = ()
    """Ids of earlier answers that are taken back."""


def effect_of(question: Question, answer: Answer, memory: Memory) -> Effect:
    """Return what an answer does, given what was answered before it.

    Args:
        question: As it was asked, a grid with the photos that were shown.
        answer: What the person has said.
        memory: Of all answers before this one.
    """
    if isinstance(answer, SAYS_NOTHING):
        return Effect()
    if question.kind == CHECK:
        return _effect_of_check(question, answer, memory)
    kind = _BY_NAME[question.kind]
    confidence = memory.trust * question.cohesion
    edits = kind.edits(question, answer, confidence=confidence)
    if not edits:
        return Effect()
    held = kind.contradicts(question, answer)
    if not held and _was_refuted(question, answer, memory):
        held = "You have taken back the same answer before."
    return Effect(edits, confidence, held)


def _effect_of_check(question: Question, answer: Answer, memory: Memory) -> Effect:
    asked = str(question.facts["answers"]).split()
    wrong = set(asked) if isinstance(answer, No) else set(answer.but_not) if isinstance(answer, Yes) else set()
    there = [memory.live[one] for one in asked if one in memory.live]
    return Effect(
        makes=tuple(one.answer_id for one in there if one.is_held and one.answer_id not in wrong),
        reverts=tuple(one.answer_id for one in there if not one.is_held and one.answer_id in wrong),
    )


def _was_refuted(question: Question, answer: Answer, memory: Memory) -> bool:
    found = (memory.live[one] for one in memory.refuted if one in memory.live)
    return any(one.question.question_id == question.question_id and one.answer == answer for one in found)


def reached(question: Question, photos: Iterable[Photo], *, at: datetime) -> list[PhotoId]:
    """Return those of a question's lists that it reaches and that can be given back what they were.

    Args:
        question: Any question but a check.
        photos: The photos of its lists, or more.
        at: Now.
    """
    kind = _BY_NAME[question.kind]
    return [
        photo.photo_id
        for photo in photos
        if photo.trashed_at is None and kind.reaches(question, photo) and has_room(photo, at=at)
    ]


def selected(edit: Edit, photos: Iterable[Photo]) -> list[PhotoId]:
    """Return which photos of a question's reach an edit is made on."""
    only = None if edit.photo_ids is None else set(edit.photo_ids)
    return [
        one.photo_id
        for one in photos
        if (only is None or one.photo_id in only) and (edit.span is None or edit.span.holds(one))
    ]


def job_of(answer_id: str, number: int) -> str:
    """Return the id of the job that makes the answer's edit with that number."""
    return f"{answer_id}.{number}"


def job_of_held(check_id: str, answer_id: str, number: int) -> str:
    """Return the id of the job that makes that edit of a held answer, once a check has confirmed it."""
    return f"{check_id}.{answer_id}-{number}"


def answers_of(job_id: str) -> tuple[str, str]:
    """Return the answers that a job or a mark belongs to: the one that made it, and the one that it is about."""
    first, _, second = job_id.partition(".")
    return first, second.partition("-")[0]


def made(photo: Photo, edit: Edit, *, job_id: str, at: datetime) -> Photo:
    """Return the photo with an answer's edit made; unchanged where that was done before, or can't be done wholly."""
    try:
        return reduce(lambda one, part: applied(one, edit.edit, part, job_id=job_id, at=at), edit.edit.parts, photo)
    except HeliographError:
        return photo


def taken_back(photo: Photo, answer_id: str, *, at: datetime) -> Photo:
    """Return the photo as if an answer had not been given, but for what was changed since.

    What a check has made of a held answer, or taken back of another, goes with either of them.
    """
    marks = [one for one in photo.formers if not one.undone and answer_id in answers_of(one.job_id)]
    return reduce(lambda one, mark: undone(one, Part(mark.part), job_id=mark.job_id, at=at), reversed(marks), photo)


def refuted(photo: Photo, answered: Answered, *, check_id: str, at: datetime) -> Photo:
    """Return the photo with an answer taken back by a check, which can be undone as any other answer can."""
    marks = [one for one in photo.formers if one.job_id.partition(".")[0] == answered.answer_id and not one.undone]
    for number, mark in enumerate(reversed(marks)):
        job_id = f"{check_id}.{answered.answer_id}-back{number}"
        photo = reverted(photo, Part(mark.part), of=mark.job_id, job_id=job_id, at=at)
    return photo
