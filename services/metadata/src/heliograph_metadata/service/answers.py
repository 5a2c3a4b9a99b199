"""Answers to questions as people give them: checked, kept, made in the background, taken back."""

import hashlib
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex
from typing import Final, Protocol

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.albums import MOST_SHELVED, TooManyShelvedError
from heliograph_metadata.domain.errors import (
    AnswerNotFoundError,
    AnswerNotTakenError,
    AnswerNotUndoableError,
    EditConflictError,
    IdempotencyKeyReusedError,
    QuestionAnsweredError,
    QuestionChangedError,
)
from heliograph_metadata.domain.former_values import UNDO_LIVES
from heliograph_metadata.domain.photo import Location
from heliograph_metadata.domain.questions.answer_jobs import jobs_planned, photos_expected
from heliograph_metadata.domain.questions.answers import effect_of, reached
from heliograph_metadata.domain.questions.history import History, Said
from heliograph_metadata.domain.questions.kinds.event import EventKind
from heliograph_metadata.domain.questions.kinds.events import EventsKind
from heliograph_metadata.domain.questions.memory import CHECK, Answered, AnswerUndone
from heliograph_metadata.domain.questions.question import (
    SAYS_NOTHING,
    Answer,
    Named,
    Never,
    Question,
    Skip,
    Where,
    Yes,
)
from heliograph_metadata.domain.questions.validity import checked, of_items
from heliograph_metadata.domain.terms import folded
from heliograph_metadata.service.album_store import AlbumStore
from heliograph_metadata.service.albums import new_id
from heliograph_metadata.service.answer_effects import AnswerEffects, album_key
from heliograph_metadata.service.answer_progress import AnswerProgress, AnswersProgress, AnswerStatus
from heliograph_metadata.service.answer_selection import AnswerSelection
from heliograph_metadata.service.answer_store import AnswerStore
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.photo_store import PhotoStore
from heliograph_metadata.service.photos import Places

_ATTEMPTS: Final = 10

_logger = logging.getLogger(__name__)


class AskedQuestions(Protocol):
    """Where the questions are that can be answered."""

    async def question(self, owner_id: OwnerId, question_id: str) -> Question:
        """Return a question as it is asked now.

        Args:
            owner_id: Who is asked.
            question_id: As the API has it.

        Raises:
            QuestionNotFoundError: It is not asked any more, or never was.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody has said to a question, and what they saw of it."""

    answer: Answer
    shown: Sequence[PhotoId] = ()
    """Of a grid: the photos that were shown."""
    items: Sequence[str] | None = None
    """Of a question about several things: the keys of those that were shown; None for all."""


class AnswerService:
    """The use cases of answers; somebody else's answer is not there."""

    def __init__(
        self,
        answers: AnswerStore,
        memories: Memories,
        questions: AskedQuestions,
        effects: AnswerEffects,
        progress: AnswersProgress,
        selection: AnswerSelection,
        photos: PhotoStore,
        albums: AlbumStore,
        places: Places,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._answers = answers
        self._memories = memories
        self._questions = questions
        self._effects = effects
        self._progress = progress
        self._selection = selection
        self._photos = photos
        self._albums = albums
        self._places = places
        self._now = now

    async def answer(
        self, owner_id: OwnerId, question_id: str, given: Given, *, key: str | None = None
    ) -> AnswerProgress:
        """Take in an answer; with a key that was used before, return the answer that was given then.

        Raises:
            QuestionNotFoundError: The question is not asked any more, or never was.
            QuestionChangedError: What was shown is not what it is about any more.
            QuestionAnsweredError: It was answered already, and what follows is still being done.
            AnswerNotTakenError: The question does not take such an answer.
            TooManyShelvedError: There is no room for the album that it would make.
            IdempotencyKeyReusedError: The key came with another request before.
        """
        request = _fingerprint(question_id, given)

        async def said(history: History) -> Said | str:
            question = await self._questions.question(owner_id, question_id)
            says_something = not isinstance(given.answer, SAYS_NOTHING)
            if not says_something and (same := self._in_force(question, given.answer, history)):
                return same
            if says_something:
                question = await self._as_shown(owner_id, question, given)
            answer = checked(question, given.answer, now=self._now())
            if says_something:
                question = await self._narrowed(question)
                await self._check_not_answered(owner_id, question, history)
            answer_id = _new_answer_id()
            answer = await self._looked_up(owner_id, answer_id, question, answer)
            if question.kind == EventsKind.name and isinstance(answer, Yes):
                question = await self._with_albums(owner_id, answer_id, question)
            effect = effect_of(question, answer, history.memory)
            event = Answered(
                answer_id=answer_id,
                question=question,
                answer=answer,
                person_id=owner_id,
                at=self._now(),
                confidence=effect.confidence,
                is_held=bool(effect.held),
                photos=photos_expected(effect, question, history),
            )
            return Said(
                number=history.number + 1,
                event=event,
                jobs=jobs_planned(answer_id, effect, history),
                key=key or "",
                request=request,
            )

        return await self._say(owner_id, said, key, request)

    def _in_force(self, question: Question, answer: Answer, history: History) -> str | None:
        """Return the id of the same answer that keeps the question from being asked."""
        newest = history.newest_to(question.reference)
        if newest is None or newest.answer != answer or newest.answer_id in history.undone:
            return None
        return newest.answer_id if history.memory.is_silent(question, self._now()) else None

    async def skip(self, owner_id: OwnerId, question_id: str, *, key: str | None = None) -> AnswerProgress:
        """Not now: the question comes back another day. While it has not, doing it again changes nothing.

        Raises:
            QuestionNotFoundError: It is not asked any more, or never was.
            IdempotencyKeyReusedError: The key came with another request before.
        """
        return await self.answer(owner_id, question_id, Given(answer=Skip()), key=key)

    async def never(self, owner_id: OwnerId, question_id: str, *, key: str | None = None) -> AnswerProgress:
        """Have a question not asked any more.

        Raises:
            QuestionNotFoundError: It is not asked any more, or never was.
            IdempotencyKeyReusedError: The key came with another request before.
        """
        return await self.answer(owner_id, question_id, Given(answer=Never()), key=key)

    async def undo(self, owner_id: OwnerId, answer_id: str, *, key: str | None = None) -> AnswerProgress:
        """Take an answer back, as if it had never been given; doing it again changes nothing.

        Raises:
            AnswerNotFoundError: The caller has given no such answer.
            AnswerNotUndoableError: What it has changed is too long ago.
            IdempotencyKeyReusedError: The key came with another request before.
        """
        request = f"undo {answer_id}"

        async def said(history: History) -> Said | str:
            answered = history.answered(answer_id)
            if answered is None:
                raise AnswerNotFoundError("You have given no such answer.")
            if answer_id in history.undone:
                return answer_id
            jobs, at = history.jobs_of(answer_id), self._now()
            if jobs and at >= answered.at + UNDO_LIVES:
                raise AnswerNotUndoableError("This answer is too long ago to be taken back.")
            event = AnswerUndone(answer_id, at)
            return Said(number=history.number + 1, event=event, jobs=jobs, key=key or "", request=request)

        return await self._say(owner_id, said, key, request)

    async def undo_last(self, owner_id: OwnerId, question_id: str, *, key: str | None = None) -> AnswerProgress:
        """Take the newest answer to a question back; doing it again changes nothing.

        Raises:
            AnswerNotFoundError: The caller has not answered it.
            AnswerNotUndoableError: What it has changed is too long ago.
            IdempotencyKeyReusedError: The key came with another request before.
        """
        history = await self._memories.history(owner_id)
        if key and (before := history.by_key(key)):
            return await self.undo(owner_id, before.event.answer_id, key=key)
        answered = history.newest_to(question_id)
        if answered is None:
            raise AnswerNotFoundError("You have not answered this question.")
        return await self.undo(owner_id, answered.answer_id, key=key)

    async def get(self, owner_id: OwnerId, answer_id: str) -> AnswerProgress:
        """Return an answer, and how far what follows from it has come.

        Raises:
            AnswerNotFoundError: The caller has given no such answer.
        """
        history = await self._memories.history(owner_id)
        if history.answered(answer_id) is None:
            raise AnswerNotFoundError("You have given no such answer.")
        return (await self._progress.of(owner_id, history, [answer_id]))[0]

    async def newest(self, owner_id: OwnerId, *, before: str | None, limit: int) -> Sequence[AnswerProgress]:
        """Return the caller's last answers, the newest first, those that were given before the one with that id."""
        history = await self._memories.history(owner_id)
        ids = list(history.answers)
        end = ids.index(before) if before and before in history.answers else len(ids)
        return await self._progress.of(owner_id, history, ids[max(0, end - limit) : end][::-1])

    async def _say(
        self, owner_id: OwnerId, after: Callable[[History], Awaitable[Said | str]], key: str | None, request: str
    ) -> AnswerProgress:
        """Add an event that is made with all before it in view, and draw its consequences.

        Args:
            owner_id: Whose it is.
            after: Makes the event, or says which answer has said it already.
            key: An Idempotency-Key.
            request: A fingerprint of what is asked for.
        """
        for _ in range(_ATTEMPTS):
            history = await self._memories.history(owner_id)
            before = history.by_key(key) if key else None
            if before is not None and before.request != request:
                raise IdempotencyKeyReusedError("This Idempotency-Key came with another request before.")
            said = before or await after(history)
            if isinstance(said, str):
                return await self.get(owner_id, said)
            if before is not None or await self._answers.add(owner_id, said):
                await self._draw(owner_id, said)
                return await self.get(owner_id, said.event.answer_id)
        raise EditConflictError("This library is being answered about by others at the same time; try again.")

    async def _draw(self, owner_id: OwnerId, said: Said) -> None:
        try:
            await self._effects.draw(owner_id, said.number)
        except UnavailableError as error:  # it is kept, and `AnswerReconciler` goes on with it
            _logger.warning("what follows from an answer comes later", extra={"reason": str(error)})

    async def _as_shown(self, owner_id: OwnerId, question: Question, given: Given) -> Question:
        """Return the question about what the person saw of it."""
        if question.items and given.items is not None:
            if not set(given.items) <= {one.key for one in question.items}:
                raise QuestionChangedError("Some of what was asked about is not asked any more; ask again.")
            question = of_items(question, given.items)
        if not question.most:
            return question
        shown = tuple(dict.fromkeys(given.shown))
        if not shown:
            raise AnswerNotTakenError("Say which photos were shown: this question is about those.")
        if len(shown) > question.most:
            raise AnswerNotTakenError(f"This question shows {question.most} photos at most.")
        there = await self._photos.get_many(shown)
        if any(one not in there or there[one].owner_id != owner_id for one in shown):
            raise AnswerNotTakenError("A photo that is said to have been shown is not there.")
        return question.with_shown(shown)

    async def _narrowed(self, question: Question) -> Question:
        """Return a grid without the photos that were changed meanwhile, so that it is not about them any more."""
        if not question.shown or not question.most:
            return question
        there = await self._photos.get_many(question.shown)
        meant = set(reached(question, there.values(), at=self._now()))
        shown = tuple(one for one in question.shown if one in meant)
        if not shown:
            raise QuestionChangedError("These photos have been changed meanwhile; ask again.")
        return question.with_shown(shown)

    async def _check_not_answered(self, owner_id: OwnerId, question: Question, history: History) -> None:
        """Raise where the same was answered a moment ago, and the question is only asked because that takes time."""
        before = history.last_to(question.reference)
        if before is None or isinstance(before.answer, SAYS_NOTHING):
            return
        if not _about_the_same(before.question, question):
            return
        progress = (await self._progress.of(owner_id, history, [before.answer_id]))[0]
        if progress.status in {AnswerStatus.WORKING, AnswerStatus.HELD}:
            raise QuestionAnsweredError("You have answered this already; take that answer back to give another one.")
        is_about_lists = question.kind != CHECK and not question.most
        if is_about_lists and not await self._selection.reaches_any(owner_id, question):
            raise QuestionAnsweredError("You have answered this already, and no photo is left that it is about.")

    async def _looked_up(self, owner_id: OwnerId, answer_id: str, question: Question, answer: Answer) -> Answer:
        """Return the answer with the place of its point, or with the album that it is about."""
        match answer:
            case Where(location=point):
                place = self._places.place_at(point.latitude, point.longitude)
                return Where(Location(point.latitude, point.longitude, place))
            case Named() if question.kind == EventKind.name:
                return replace(answer, album_id=await self._album_called(owner_id, album_key(answer_id), answer.name))
        return answer

    async def _with_albums(self, owner_id: OwnerId, answer_id: str, question: Question) -> Question:
        """Return a grid of names with the album of each."""
        items = []
        for item in question.items:
            if isinstance(named := item.answer, Named):
                album_id = await self._album_called(owner_id, album_key(answer_id, named.name), named.name)
                items.append(replace(item, answer=replace(named, album_id=album_id)))
        return replace(question, items=tuple(items))

    async def _album_called(self, owner_id: OwnerId, key: str, name: str) -> str:
        """Return the album of picked photos that has the name, or the id of the one that is going to be made."""
        shelf = await self._albums.shelf(owner_id)
        for album in shelf.albums:
            if not album.is_smart and not album.is_deleted and folded(album.name) == folded(name):
                return album.album_id
        if len(shelf.albums) + len(shelf.folders) >= MOST_SHELVED:
            raise TooManyShelvedError(f"There are {MOST_SHELVED} albums and folders already, which is the most.")
        return new_id(owner_id, "album", key)


def _about_the_same(one: Question, other: Question) -> bool:
    if one.most or other.most:
        return not set(one.shown).isdisjoint(other.shown)
    if one.items or other.items:
        return not {item.key for item in one.items}.isdisjoint(item.key for item in other.items)
    return True


def _new_answer_id() -> str:
    """Return an id that later ones follow in the order of text, as a job's: milliseconds, then chance."""
    return f"{time.time_ns() // 1_000_000:012x}{token_hex(6)}"


def _fingerprint(question_id: str, given: Given) -> str:
    items = None if given.items is None else list(given.items)
    text = json.dumps([question_id, repr(given.answer), list(given.shown), items])
    return hashlib.sha256(text.encode()).hexdigest()
