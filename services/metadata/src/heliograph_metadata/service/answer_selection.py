"""Which photos an answer is about: those of its question's lists that its kind says are meant, as they are now."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.job import ByAnswer, Job
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.answers import is_meant, reached
from heliograph_metadata.domain.questions.memory import Answered
from heliograph_metadata.domain.questions.question import Question, Span
from heliograph_metadata.domain.terms import Term, terms
from heliograph_metadata.service.job_store import JobStore
from heliograph_metadata.service.library_index import LibraryIndex
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.photo_store import PhotoStore

_LISTED: Final = 100
"""Photos that are looked at together."""
_LISTED_AT_MOST: Final = 1_000
"""Photos that are looked at for one page, however few of them are meant."""

_LAST: Final = "~"
"""What comes after whatever follows in a sort key."""


class StillAtWorkError(UnavailableError):
    """What is to be taken back is still being made; the message has to come back."""


@dataclass(frozen=True, slots=True)
class _Position:
    """How far the lists of a question have been walked."""

    number: int = 0
    """Which list, or which job whose photos are gone over."""
    after: str = ""
    """The sort key of the last photo that was looked at, or the number of the last chunk; empty at the beginning."""

    @classmethod
    def of(cls, cursor: str | None) -> Self:
        number, _, after = (cursor or "0").partition("|")
        return cls(int(number), after)

    def __str__(self) -> str:
        return f"{self.number}|{self.after}"


class AnswerSelection:
    """Finds an answer's photos page by page, and says of each whether it is still meant."""

    def __init__(
        self,
        memories: Memories,
        photos: PhotoStore,
        index: LibraryIndex,
        jobs: JobStore,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._memories = memories
        self._photos = photos
        self._index = index
        self._jobs = jobs
        self._now = now

    async def page(
        self, owner_id: OwnerId, by_answer: ByAnswer, *, cursor: str | None, limit: int
    ) -> tuple[Sequence[PhotoId], str | None]:
        """Return up to `limit` photos, each of all pages once, and where to go on; None at the end.

        Raises:
            StillAtWorkError: The answer that is to be taken back is still being made.
        """
        position = _Position.of(cursor)
        if by_answer.takes_back:
            return await self._gone_over(owner_id, by_answer, position)
        answered = await self.standing(owner_id, by_answer)
        if answered is None:
            return [], None
        if by_answer.photo_ids is not None:
            start = position.number
            ids = by_answer.photo_ids[start : start + limit]
            following = str(_Position(start + limit)) if start + limit < len(by_answer.photo_ids) else None
            photos = await self._photos.get_many(ids)
            return self._meant(owner_id, answered, by_answer, [photos[one] for one in ids if one in photos]), following
        return await self._walked(owner_id, answered, by_answer, position, limit)

    async def standing(self, owner_id: OwnerId, by_answer: ByAnswer) -> Answered | None:
        """Return the answer; None where it was taken back."""
        history = await self._memories.history(owner_id)
        return history.memory.live.get(by_answer.answer_id)

    async def reaches_any(self, owner_id: OwnerId, question: Question) -> bool:
        """Whether a question that is no check reaches a photo now, among the thousand newest of its lists."""
        position: _Position | None = _Position()
        looked_at = 0
        while position is not None and looked_at < _LISTED_AT_MOST:
            photos, position, read = await self._listed(owner_id, question, question.reach.spans, position, _LISTED)
            looked_at += read
            if reached(question, (one for one in photos if one.owner_id == owner_id), at=self._now()):
                return True
        return False

    async def waits(self, job: Job) -> bool:
        """Whether a job can't begin yet, because what it takes back is still being made."""
        if job.by_answer is None or job.is_selected:
            return False
        others = [await self._jobs.get(job.owner_id, job_id) for job_id in job.by_answer.takes_back]
        return any(other is not None and other.is_at_work for other in others)

    async def _gone_over(
        self, owner_id: OwnerId, by_answer: ByAnswer, position: _Position
    ) -> tuple[Sequence[PhotoId], str | None]:
        if position.number >= len(by_answer.takes_back):
            return [], None
        job_id = by_answer.takes_back[position.number]
        job = await self._jobs.get(owner_id, job_id)
        if job is not None and job.is_at_work:
            raise StillAtWorkError("What is to be taken back is still being made.")
        number = int(position.after) + 1 if position.after else 0
        chunk = await self._jobs.chunk(owner_id, job_id, number) if job and number < job.chunks else None
        if chunk is None:
            following = _Position(position.number + 1)
            return [], str(following) if following.number < len(by_answer.takes_back) else None
        return chunk.photo_ids, str(_Position(position.number, str(number)))

    async def _walked(
        self, owner_id: OwnerId, answered: Answered, by_answer: ByAnswer, position: _Position, limit: int
    ) -> tuple[Sequence[PhotoId], str | None]:
        spans = (by_answer.span,) if by_answer.span else answered.question.reach.spans
        found: list[PhotoId] = []
        looked_at = 0
        following: _Position | None = position
        while following is not None and len(found) < limit and looked_at < _LISTED_AT_MOST:
            size = min(_LISTED, limit - len(found))
            photos, following, read = await self._listed(owner_id, answered.question, spans, following, size)
            found += self._meant(owner_id, answered, by_answer, photos)
            looked_at += read
        return found, str(following) if following is not None else None

    async def _listed(
        self, owner_id: OwnerId, question: Question, spans: Sequence[Span], position: _Position, size: int
    ) -> tuple[list[Photo], _Position | None, int]:
        """Return some photos of a question's lists, each from one list only; where to go on; how many were read."""
        lists = [_term(text) for text in question.reach.terms]
        if position.number >= len(lists):
            return [], None, 0
        if not _may_hold(lists[position.number], spans):
            return [], _Position(position.number + 1), 0
        postings = await self._index.postings(
            owner_id,
            lists[position.number],
            before=position.after or _end(spans),
            since=_beginning(spans),
            limit=size,
            consistent=True,
        )
        there = await self._photos.get_many([posting.photo_id for posting in postings])
        photos = [there[posting.photo_id] for posting in postings if posting.photo_id in there]
        earlier = set(lists[: position.number])
        following = (
            _Position(position.number, postings[-1].sort_key)
            if len(postings) == size
            else _Position(position.number + 1)
        )
        fresh = [photo for photo in photos if earlier.isdisjoint(terms(photo))]
        return fresh, following if following.number < len(lists) else None, len(postings)

    def _meant(
        self, owner_id: OwnerId, answered: Answered, by_answer: ByAnswer, photos: Iterable[Photo]
    ) -> list[PhotoId]:
        return [
            photo.photo_id
            for photo in photos
            if photo.owner_id == owner_id
            and (by_answer.span is None or by_answer.span.holds(photo))
            and is_meant(answered, photo, at=self._now())
        ]


def _term(text: str) -> Term:
    kind, _, value = text.partition(":")
    return Term(kind, value)


def _may_hold(term: Term, spans: Sequence[Span]) -> bool:
    """Whether a list may hold photos of some spans: of months, only those that they touch."""
    is_month = term.kind == "time" and len(term.value) == len("2024-06")
    return not (spans and is_month) or any(one.since[:7] <= term.value <= one.until[:7] for one in spans)


def _beginning(spans: Sequence[Span]) -> str | None:
    return min((span.since for span in spans), default=None)


def _end(spans: Sequence[Span]) -> str | None:
    return f"{max(span.until for span in spans)}{_LAST}" if spans else None
