"""A library in memory that is asked questions: sketches kept up change by change, answers made and undone."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Self

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Location, Photo, Place
from heliograph_metadata.domain.questions.answers import (
    Effect,
    effect_of,
    job_of,
    job_of_held,
    made,
    reached,
    refuted,
    selected,
    taken_back,
)
from heliograph_metadata.domain.questions.engine import Group, candidates, changes, groups_of, ranked, touched
from heliograph_metadata.domain.questions.kind import Edit
from heliograph_metadata.domain.questions.memory import Answered, AnswerUndone, Event, Memory, remembered
from heliograph_metadata.domain.questions.question import Answer, Question
from heliograph_metadata.domain.questions.sketch import Sketch, summed
from heliograph_metadata.domain.terms import terms

PlaceAt = Callable[[float, float], Place | None]
"""Returns the town at a latitude and longitude."""


class InMemoryQuestions:
    """Holds photos, their sketches and the lists that questions reach through; no scan after the first save of each."""

    def __init__(self, photos: Iterable[Photo] = (), *, place_at: PlaceAt = lambda _, __: None) -> None:
        """Take photos in.

        Args:
            photos: The library.
            place_at: Names places that are given to photos, as jobs do.
        """
        self._place_at = place_at
        self.photos: dict[PhotoId, Photo] = {}
        self.sketches: dict[Group, Sketch] = {}
        self.events: list[Event] = []
        self.memory = Memory()
        self._lists: dict[str, set[PhotoId]] = {}
        self._listed: dict[PhotoId, set[str]] = {}
        self._found: dict[Group, list[Question]] = {}
        self._stale: set[Group] = set()
        for photo in photos:
            self.save(photo)

    @classmethod
    def like(cls, other: "InMemoryQuestions") -> Self:
        """Return another library with the same photos, of which nothing was asked yet."""
        library = cls(place_at=other._place_at)
        library.photos, library.sketches = dict(other.photos), dict(other.sketches)
        library._lists = {term: set(listed) for term, listed in other._lists.items()}
        library._listed = dict(other._listed)
        library._stale = set(other._stale)
        return library

    def sketch(self, kind: str, group: str) -> Sketch:
        """Return a sketch."""
        return self.sketches.get((kind, group), {})

    def save(self, photo: Photo) -> None:
        """Take in a photo as it is now."""
        before = self.photos.get(photo.photo_id)
        if before == photo:
            return
        self.photos[photo.photo_id] = photo
        changed = changes(before, photo)
        for group, cells in changed.items():
            self.sketches[group] = summed(self.sketches.get(group, {}), cells)
            if not self.sketches[group]:
                del self.sketches[group]
        self._stale |= touched(changed)
        listed = set(_listed(photo))
        for term in self._listed.get(photo.photo_id, set()) - listed:
            self._lists[term].discard(photo.photo_id)
        for term in listed:
            self._lists.setdefault(term, set()).add(photo.photo_id)
        self._listed[photo.photo_id] = listed

    def candidates(self, now: datetime) -> list[Question]:
        """Return what could be asked; only groups that have changed are looked at again."""
        for group in self._stale:
            self._found[group] = candidates(group, self, self.memory, now=now)
        self._stale.clear()
        return [question for found in self._found.values() for question in found]

    def ranked(self, now: datetime, *, least: float = 0.0) -> list[Question]:
        """Return the questions, the best first."""
        return ranked(self.candidates(now), self.memory, now=now, least=least)

    def reached(self, question: Question, at: datetime) -> list[PhotoId]:
        """Return the photos that a question reaches now, through its lists."""
        listed = sorted({photo_id for term in question.reach.terms for photo_id in self._lists.get(term, ())})
        return reached(question, (self.photos[photo_id] for photo_id in listed), at=at)

    def asked(self, question: Question, at: datetime) -> Question:
        """Return the question as it is shown."""
        return question.with_shown(tuple(self.reached(question, at))) if question.most else question

    def answer(self, answer_id: str, question: Question, answer: Answer, at: datetime) -> list[PhotoId]:
        """Take an answer in; return the photos that it changed."""
        effect = self.effect_of(question, answer)
        there = self.reached(question, at) if effect.edits else []
        changed: set[PhotoId] = set()
        if not effect.held:
            for number, edit in enumerate(effect.edits):
                changed |= self._make(edit, there, job_of(answer_id, number), at)
        for held_id in effect.makes:
            held = self.memory.live[held_id]
            for number, edit in enumerate(effect_of(held.question, held.answer, Memory()).edits):
                changed |= self._make(
                    edit, self.reached(held.question, at), job_of_held(answer_id, held_id, number), at
                )
        for wrong_id in effect.reverts:
            wrong = self.memory.live[wrong_id]
            changed |= self._each(partial(refuted, answered=wrong, check_id=answer_id, at=at))
        event = Answered(
            answer_id=answer_id,
            question=question,
            answer=answer,
            person_id="person",
            at=at,
            confidence=effect.confidence,
            is_held=bool(effect.held),
            photos=len(there) if effect.edits else 0,
        )
        self._record(event)
        return sorted(changed)

    def effect_of(self, question: Question, answer: Answer) -> Effect:
        """Return what an answer does."""
        return effect_of(question, answer, self.memory)

    def undo(self, answer_id: str, at: datetime) -> None:
        """Take an answer back."""
        self._each(lambda photo: taken_back(photo, answer_id, at=at))
        self._record(AnswerUndone(answer_id, at))

    def _record(self, event: Event) -> None:
        self.events.append(event)
        self.memory = remembered(self.events)
        for answered in self.events:
            is_meant = isinstance(answered, Answered) and answered.answer_id == event.answer_id
            if isinstance(answered, Answered) and is_meant and answered.question.kind != "check":
                self._stale |= groups_of(answered.question, answered.answer)

    def _make(self, edit: Edit, there: list[PhotoId], job_id: str, at: datetime) -> set[PhotoId]:
        wanted = set(selected(edit, (self.photos[photo_id] for photo_id in there)))
        if (point := edit.edit.location) and point.place is None:
            place = self._place_at(point.latitude, point.longitude)
            named = Location(point.latitude, point.longitude, place)
            edit = replace(edit, edit=replace(edit.edit, location=named))
        return self._each(lambda photo: made(photo, edit, job_id=job_id, at=at), wanted)

    def _each(self, step: Callable[[Photo], Photo], wanted: Iterable[PhotoId] | None = None) -> set[PhotoId]:
        changed = set()
        for photo_id in list(self.photos if wanted is None else wanted):
            photo = self.photos[photo_id]
            after = step(photo)
            if after is not photo:
                self.save(after)
                changed.add(photo_id)
        return changed


def _listed(photo: Photo | None) -> Iterator[str]:
    if photo is not None:
        yield from (f"{term.kind}:{term.value}" for term in terms(photo) if term.kind in {"time", "label", "area"})
