"""Questions as they are asked: made anew where the library or the answers have changed, kept, and put in order.

    a save or an answer marks groups ──► stale groups ──► sketches, memory ──► questions ──► book ──► marks cleared
                                                                                              │
                                                                   ranked by value ◄──────────┘

Marks and the book are read before anything that questions are made from, and the book is written on condition that it
is still the same; so of two who make the same group anew, the one who knows less starts over. A mark is cleared last,
and only if nobody has set it again meanwhile.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Final

from heliograph.errors import UnavailableError
from heliograph.photos import OwnerId
from heliograph_metadata.domain.cursor import cursor as cursor_of
from heliograph_metadata.domain.cursor import fingerprint, position
from heliograph_metadata.domain.errors import QuestionNotFoundError
from heliograph_metadata.domain.questions.engine import (
    Group,
    budget_left,
    by_value,
    candidates,
    in_turn,
    ranked,
    touched,
)
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import Question
from heliograph_metadata.domain.questions.registry import KINDS
from heliograph_metadata.domain.questions.sketch import Sketch
from heliograph_metadata.domain.questions.value import LEAST_VALUE
from heliograph_metadata.service.asked_questions import AskedQuestion, asked
from heliograph_metadata.service.memories import Memories
from heliograph_metadata.service.photos import Places
from heliograph_metadata.service.question_book import Book, QuestionBook, SketchStore, StaleGroup, StaleGroups
from heliograph_metadata.service.question_order import following, place_of, written
from heliograph_metadata.service.question_photos import QuestionPhotos
from heliograph_metadata.service.requests_first import RequestsFirst

TOGETHER: Final = 24
"""Marks of groups that are made again at a time: what they touch is written in one transaction."""
_COUNTED: Final = 200
"""So many stale groups are counted; of more it is said that there are so many."""
_ATTEMPTS: Final = 6
_MOST_KEPT: Final = 64

_logger = logging.getLogger(__name__)
_KINDS: Final = frozenset(kind.name for kind in KINDS)


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """Some of the questions that are worth asking, the best first."""

    items: tuple[AskedQuestion, ...]
    next_cursor: str | None
    budget_left: int
    """How many more questions may be asked within a day, unless the person goes on by themselves."""
    pending: int
    """What is still to be looked at: groups, and photos of things that are asked about; 200 stands for more."""


@dataclass(frozen=True, slots=True)
class Made:
    """A book after some groups were made anew."""

    book: Book
    pending: int
    """Groups that are still stale; 200 stands for more."""
    has_changed: bool
    """Whether any groups were made anew."""


@dataclass(frozen=True)
class _Candidates:
    """A book's questions as they are ranked."""

    book: Book
    joining: tuple[Question, ...]
    others: tuple[Question, ...]
    """By value."""

    @cached_property
    def by_reference(self) -> dict[str, Question]:
        """All of them by how addresses name them."""
        return {one.reference: one for one in (*self.joining, *self.others)}


class QuestionService:
    """The use cases of questions; answers are another service's."""

    def __init__(
        self,
        book: QuestionBook,
        sketches: SketchStore,
        memories: Memories,
        photos: QuestionPhotos,
        places: Places,
        *,
        now: Callable[[], datetime],
        requests: RequestsFirst | None = None,
    ) -> None:
        self._book = book
        self._sketches = sketches
        self._memories = memories
        self._photos = photos
        self._places = places
        self._now = now
        self._candidates: OrderedDict[OwnerId, _Candidates] = OrderedDict()
        self._at_work: set[OwnerId] = set()
        self._requests = requests or RequestsFirst()
        self._tasks: set[asyncio.Task[None]] = set()

    async def questions(self, owner_id: OwnerId, *, limit: int, cursor: str | None = None) -> QuestionPage:
        """Return a page of what is worth asking.

        Groups that have changed are looked at in the background; what is asked about them follows soon (`pending`).

        Raises:
            InvalidCursorError: The cursor is none of this list's.
            UnavailableError: The library does not answer.
        """
        with self._requests.under_way():
            return await self._page(owner_id, limit, cursor)

    async def _page(self, owner_id: OwnerId, limit: int, cursor: str | None) -> QuestionPage:
        of = fingerprint(owner_id, "questions")
        after = place_of(position(of, cursor)) if cursor else None
        made, memory = await asyncio.gather(self._looked_at(owner_id), self._memories.memory(owner_id))
        unseen: list[Question] = []
        try:
            found = list(islice(following(self._in_turn(owner_id, made.book, memory), after), limit + 1))
            page = found[:limit]
            next_cursor = cursor_of(of, written(page[-1])) if len(found) > limit else None
            shown = await self._photos.of(owner_id, page)
            unseen = [one for one, seen in zip(page, shown, strict=True) if seen.left]
            items = tuple(asked(one, seen, self._places) for one, seen in zip(page, shown, strict=True))
            left = made.pending + sum(seen.left for seen in shown)
            return QuestionPage(items, next_cursor, budget_left(memory, self._now()), min(left, _COUNTED))
        finally:  # not before: what it reads would come in between
            if made.pending or made.has_changed or unseen:
                self._go_on_behind(owner_id, unseen)

    async def question(self, owner_id: OwnerId, question_id: str) -> Question:
        """Return a question as it is asked now, by the `reference` of it.

        Raises:
            QuestionNotFoundError: It is not asked any more, or never was.
        """
        memory = await self._memories.memory(owner_id)
        known = self._known(owner_id, await self._book.read(owner_id))
        joined = ranked(known.joining, memory, now=self._now(), least=0.0)
        found = next((one for one in joined if one.reference == question_id), known.by_reference.get(question_id))
        if found is None:
            raise QuestionNotFoundError("This question is not asked any more.")
        return found

    async def made_anew(self, owner_id: OwnerId) -> Made:
        """Make the questions of some stale groups anew.

        Where others change the book all the time, it is returned as it is, and the groups stay stale.

        Raises:
            UnavailableError: The library does not answer.
        """
        for _ in range(_ATTEMPTS):
            book, stale = await self._as_it_is(owner_id)
            marks = [one for one in stale.groups if one.is_settled][:TOGETHER]
            if stale.generation < book.generation or (not marks and stale.generation == book.generation):
                break
            after = await self._replaced(owner_id, book, stale.generation, marks)
            if after is not None:
                await self._sketches.clear(owner_id, stale.generation, marks)
                return Made(after, len(stale.groups) - len(marks), has_changed=True)
        return Made(book, len(stale.groups), has_changed=False)

    async def _as_it_is(self, owner_id: OwnerId) -> tuple[Book, StaleGroups]:
        return await asyncio.gather(self._book.read(owner_id), self._sketches.stale(owner_id, limit=_COUNTED))

    async def _looked_at(self, owner_id: OwnerId) -> Made:
        """Return the book as it is.

        Where there is no book yet, some groups are made first: nobody could be asked anything without.
        """
        book, stale = await self._as_it_is(owner_id)
        if not stale.groups or book.version or owner_id in self._at_work:
            return Made(book, len(stale.groups), has_changed=stale.generation > book.generation)
        self._at_work.add(owner_id)
        try:
            with self._requests.waited_for():
                return await self.made_anew(owner_id)
        finally:
            self._at_work.discard(owner_id)

    def _go_on_behind(self, owner_id: OwnerId, unseen: Sequence[Question]) -> None:
        """Have photos looked up, and what is stale made anew, in the background, unless somebody is at it."""
        if owner_id in self._at_work:
            return
        self._at_work.add(owner_id)
        task = asyncio.create_task(self._go_on(owner_id, unseen), name=f"questions of {owner_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End what goes on in the background; what it has not come to stays marked."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _go_on(self, owner_id: OwnerId, unseen: Sequence[Question]) -> None:
        try:
            await self._photos.complete(owner_id, unseen)
            while (await self.made_anew(owner_id)).has_changed:
                continue
        except UnavailableError as error:
            _logger.warning("questions are made anew later", extra={"owner_id": owner_id, "reason": str(error)})
        finally:
            self._at_work.discard(owner_id)

    async def _replaced(
        self, owner_id: OwnerId, book: Book, generation: int, marks: Sequence[StaleGroup]
    ) -> Book | None:
        groups = {one for one in touched([mark.group for mark in marks]) if one[0] in _KINDS}
        memory = await self._memories.memory(owner_id)
        made = await self._made(owner_id, generation, groups, memory)
        return await self._book.replace(owner_id, made, book=book, generation=generation)

    async def _made(
        self, owner_id: OwnerId, generation: int, groups: Collection[Group], memory: Memory
    ) -> dict[Group, list[Question]]:
        """Return what can be asked about some groups: all that alone, or joined with others, is worth it.

        A kind asks for sketches beside its group once it has seen its own, so it is called until it has seen all. A
        year of places takes half a second, in a thread, so that others are answered meanwhile.
        """
        read = _ReadSketches(self._requests.thread_turn)
        made: dict[Group, list[Question]] = {}
        left = sorted(groups)
        while left:
            made |= await asyncio.to_thread(_complete, left, read, memory, self._now())
            left = [group for group in left if group not in made]
            read.known |= await self._sketches.sketches(owner_id, generation, read.missing)
            read.missing.clear()
        return made

    def _in_turn(self, owner_id: OwnerId, book: Book, memory: Memory) -> Iterator[Question]:
        known = self._known(owner_id, book)
        return in_turn(known.joining, known.others, memory, now=self._now())

    def _known(self, owner_id: OwnerId, book: Book) -> _Candidates:
        known = self._candidates.get(owner_id)
        if known is None or known.book is not book:
            found = [question for of_group in book.questions.values() for question in of_group]
            joining = tuple(one for one in found if one.joins)
            others = tuple(sorted((one for one in found if not one.joins), key=by_value))
            known = _Candidates(book, joining, others)
            self._candidates[owner_id] = known
        self._candidates.move_to_end(owner_id)
        while len(self._candidates) > _MOST_KEPT:
            self._candidates.popitem(last=False)
        return known


@dataclass(slots=True)
class _ReadSketches:
    """Sketches that were read; it notes which others are asked for."""

    give_way: Callable[[], None]
    known: dict[Group, Sketch] = field(default_factory=dict)
    missing: set[Group] = field(default_factory=set)
    is_complete: bool = True

    def sketch(self, kind: str, group: str) -> Sketch:
        """Return a sketch; an empty one where it has not been read yet."""
        self.give_way()
        found = self.known.get((kind, group))
        if found is None:
            self.missing.add((kind, group))
            self.is_complete = False
            return {}
        return found


def _complete(
    groups: Sequence[Group], sketches: _ReadSketches, memory: Memory, now: datetime
) -> dict[Group, list[Question]]:
    """Return the questions of those groups whose sketches are all known; the others' are noted as missing."""
    made: dict[Group, list[Question]] = {}
    for group in groups:
        sketches.is_complete = True
        found = _questions(group, sketches, memory, now)
        if sketches.is_complete:
            made[group] = found
    return made


def _questions(group: Group, sketches: _ReadSketches, memory: Memory, now: datetime) -> list[Question]:
    try:
        found = candidates(group, sketches, memory, now=now)
    except (ArithmeticError, LookupError, ValueError):  # what files say may be anything; the other groups are sound
        if sketches.is_complete:
            _logger.exception("nothing can be asked about a group", extra={"group": "/".join(group)})
        return []
    return [one for one in found if one.joins or one.worth.value >= LEAST_VALUE]
