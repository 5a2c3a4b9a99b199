"""What an answer does to photos and to what is asked next; all of it can be undone to the exact former state.

An answer becomes bulk edits whose job is the answer. Where it contradicts what is known, or repeats what a check has
taken back, it is held: nothing is changed until a check question is answered. What was changed without evidence for it
is looked through again in a check of several answers at once, which takes back those that a person unticks.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial, reduce
from typing import Final

from heliograph.errors import HeliographError
from heliograph.photos import PhotoId
from heliograph_metadata.domain.bulk_edit import applied
from heliograph_metadata.domain.former_values import Part, has_room, reverted, undone
from heliograph_metadata.domain.photo import Former, Photo
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.memory import CHECK, FURTHER, Answered, Memory
from heliograph_metadata.domain.questions.question import SAYS_NOTHING, Answer, No, Question, Yes, was_let_stand
from heliograph_metadata.domain.questions.registry import KINDS
from heliograph_metadata.domain.questions.value import TRUST, all_right, has_looked

_BY_NAME: Final[Mapping[str, Kind]] = {kind.name: kind for kind in KINDS}
_BACK: Final = "-back"
_MOST_WRONG: Final = 0.02
"""A grid is held that was let stand as it was, if more of it is probably wrong because nobody has looked."""
_REFUTED: Final = "You have taken back the same answer before."


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
    confidence = memory.trust * question.cohesion
    edits = kind_of(question).edits(question, answer, confidence=confidence)
    if not edits:
        return Effect()
    held = kind_of(question).contradicts(question, answer, memory) or _unlikely(question, answer)
    if not held and _was_refuted(question, answer, memory):
        held = _REFUTED
    return Effect(edits, confidence, held)


def kind_of(question: Question) -> Kind:
    """Return the kind of a question that is no check."""
    return _BY_NAME[question.kind]


def edits_of(answered: Answered) -> tuple[Edit, ...]:
    """Return what an answer does, or will do once it is not held any more."""
    if answered.question.kind == CHECK or isinstance(answered.answer, SAYS_NOTHING):
        return ()
    return kind_of(answered.question).edits(answered.question, answered.answer, confidence=answered.confidence)


def why_held(answered: Answered, memory: Memory) -> str:
    """Return why an answer changes nothing before a check, in a sentence; empty where it is not held."""
    if not answered.is_held:
        return ""
    question, answer = answered.question, answered.answer
    return kind_of(question).contradicts(question, answer, memory) or _unlikely(question, answer) or _REFUTED


def _effect_of_check(question: Question, answer: Answer, memory: Memory) -> Effect:
    asked = str(question.facts["answers"]).split()
    wrong = set(asked) if isinstance(answer, No) else set(answer.but_not) if isinstance(answer, Yes) else set()
    further = set(str(question.facts.get(FURTHER, "")).split())
    there = [memory.live[one] for one in asked if one in memory.live]
    return Effect(
        makes=tuple(one.answer_id for one in there if one.is_held and one.answer_id not in wrong | further),
        reverts=tuple(one.answer_id for one in there if not one.is_held and one.answer_id in wrong),
    )


def _unlikely(question: Question, answer: Answer) -> str:
    """Return that hardly so many can be right, of a grid that was let stand as it was; empty of other answers.

    Who says yes to one thing has said so of it: that is checked as any other answer is.
    """
    things = int(question.facts.get("looked_at", len(question.items or question.shown)))
    if things <= 1 or not isinstance(answer, Yes) or not was_let_stand(question, answer):
        return ""
    looked = has_looked(TRUST, all_right(question.certainty, things))
    said = [one.certainty for one in question.items if one.key not in answer.but_not] or [question.certainty]
    wrong = (1 - looked) * (1 - sum(said) / len(said))
    return f"You let all {things} stand; mostly some of them are wrong." if wrong > _MOST_WRONG else ""


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
    kind = kind_of(question)
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


def job_of_refuted(check_id: str, answer_id: str) -> str:
    """Return the id of the job that takes an answer back, as a check has said."""
    return f"{check_id}.{answer_id}{_BACK}"


def marks_of(photo: Photo, job_id: str) -> list[Former]:
    """Return the marks that a job has left on a photo, in the order in which it did."""
    if job_id.endswith(_BACK):
        return [one for one in photo.formers if one.job_id.startswith(job_id)]
    return [one for one in photo.formers if one.job_id == job_id]


def is_meant(answered: Answered, photo: Photo, *, at: datetime) -> bool:
    """Whether an answer's edits are for a photo: one that its question reaches, or that it has changed already."""
    has_changed = any(not one.undone and answered.answer_id in answers_of(one.job_id) for one in photo.formers)
    if has_changed:
        return photo.trashed_at is None and has_room(photo, at=at)
    return bool(reached(answered.question, [photo], at=at))


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
    for step in refuting(photo, answered.answer_id, check_id=check_id, at=at):
        photo = step(photo)
    return photo


def refuting(photo: Photo, answer_id: str, *, check_id: str, at: datetime) -> list[Callable[[Photo], Photo]]:
    """Return the steps in which a check takes an answer back from a photo, each for a save of its own."""
    marks = [one for one in photo.formers if one.job_id.partition(".")[0] == answer_id and not one.undone]
    job_id = job_of_refuted(check_id, answer_id)
    return [
        partial(reverted, part=Part(mark.part), of=mark.job_id, job_id=f"{job_id}{number}", at=at)
        for number, mark in enumerate(reversed(marks))
    ]
