"""Answers, skips, edits, checks and undos in any order, their jobs done sooner or later: undone, nothing is left."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from heliograph.errors import UnavailableError
from heliograph.messages import JobStep
from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.document import fields_of
from heliograph_metadata.domain.errors import AnswerNotTakenError, QuestionAnsweredError, QuestionChangedError
from heliograph_metadata.domain.questions.checks import check_of
from heliograph_metadata.domain.questions.memory import FURTHER, Memory
from heliograph_metadata.domain.questions.question import Answer, Question, Where, Yes
from heliograph_metadata.service.answer_progress import AnswerStatus
from heliograph_metadata.service.jobs import Asked
from tests.builders import LISBON, NOON, OWNER
from tests.unit.metadata.answering import AnswerStage
from tests.unit.metadata.test_questions_state_machine import FIELDS, PARIS, library, some_answer

MINUTE = timedelta(minutes=1)
MOST_EDITS = 5
ROOM = 8
"""Edits of a photo after which it is not edited any more, so that all of them can be undone."""

T = TypeVar("T")


class Answers(RuleBasedStateMachine):
    """A person who answers, edits and changes their mind, and a worker that is sometimes late and sometimes killed."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.photos = library()
        self.stage = AnswerStage(*self.photos)
        self.answers: list[str] = []
        self.edits: list[str] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        self.stage.now += MINUTE
        return self.loop.run_until_complete(work)

    @rule(pick=st.integers(0, 1000), how=st.integers(0, 11), number=st.integers(-30, 30))
    def answer(self, pick: int, how: int, number: int) -> None:
        found = self.run(self.stage.asked.all(OWNER))
        if found:
            question = found[pick % len(found)]
            self._say(question, some_answer(question, how, number))

    @rule()
    def contradict_what_other_photos_say(self) -> None:
        found = self.run(self.stage.asked.all(OWNER))
        surest = max((one for one in found if one.kind == "place"), key=lambda one: one.certainty, default=None)
        if surest:
            self._say(surest, Where(PARIS))

    @precondition(lambda self: len(self.edits) < MOST_EDITS)
    @rule(how=st.integers(0, 4), first=st.integers(0, 40), photos=st.integers(1, 20), number=st.integers(-30, 30))
    def edit_in_bulk(self, how: int, first: int, photos: int, number: int) -> None:
        edit = [
            BulkEdit(location=LISBON if number > 0 else PARIS),
            BulkEdit(shift=timedelta(hours=number or 1)),
            BulkEdit(add_labels=("dog", "Rex")),
            BulkEdit(reject_labels=("dog", "castle")),
            BulkEdit(taken_at=NOON + timedelta(days=number)),
        ][how]
        some = list(self.stage.photos.photos.values())[first : first + photos]
        ids = [one.photo_id for one in some if sum(not mark.undone for mark in one.formers) < ROOM]
        if ids:
            self.edits.append(self.run(self.stage.job_service.start(OWNER, edit, Asked(ids))).job_id)

    @precondition(lambda self: self.answers)
    @rule(wrong=st.integers(0, 3), first=st.integers(0, 5), is_final=st.booleans())
    def check_some(self, wrong: int, first: int, is_final: bool) -> None:  # noqa: FBT001 - drawn by name
        memory = self.run(self.stage.memories.memory(OWNER))
        to_check = [*memory.held(), *memory.unchecked()]
        if some := to_check[first : first + 3] or to_check[:1]:
            check = check_of(some, "", 0.5)
            further = {} if is_final else {FURTHER: check.facts["answers"]}
            self.stage.asked.others = [replace(check, facts={**check.facts, **further})]
            self._say(self.stage.asked.others[0], Yes(tuple(one.answer_id for one in some[:wrong])))
            self.stage.asked.others = []

    @rule(messages=st.integers(1, 6), redelivers=st.booleans())
    def work_a_little(self, messages: int, redelivers: bool) -> None:  # noqa: FBT001 - hypothesis gives it by name
        self.run(self._work(messages))
        if redelivers:
            self.stage.queue.redeliver()

    @rule()
    def work_it_off(self) -> None:
        self.run(self._work_it_off())

    @rule()
    def start_anew(self) -> None:
        self.stage.start()
        self.stage.queue.redeliver()

    @precondition(lambda self: self.answers)
    @rule(pick=st.integers(0, 1000))
    def undo(self, pick: int) -> None:
        self._undo(self.answers.pop(pick % len(self.answers)))

    @precondition(lambda self: self.answers)
    @rule()
    def undo_twice(self) -> None:
        answer_id = self.answers.pop()
        self._undo(answer_id)
        events = dict(self.stage.answers.events)
        self._undo(answer_id)
        assert self.stage.answers.events == events

    def teardown(self) -> None:
        self.run(self._work_it_off())
        while self.answers or self.edits:
            if self.answers:
                self._undo(self.answers.pop(len(self.edits) % len(self.answers)))
            if self.edits:
                self.run(self._undo_edit(self.edits.pop(len(self.answers) % len(self.edits))))
            self.run(self._work_it_off())
        for photo in self.photos:
            assert fields_of(self.stage.photo(photo), FIELDS) == fields_of(photo, FIELDS)
        assert self.run(self.stage.memories.memory(OWNER)) == Memory()
        told = self.run(self.stage.service.newest(OWNER, before=None, limit=1000))
        assert {one.status for one in told} <= {AnswerStatus.UNDONE}
        assert {one.failed for one in told} <= {0}
        assert self.stage.answers.open == set()
        assert not any(job.is_at_work for job in self.stage.jobs.jobs.values())
        shelf = self.run(self.stage.albums.shelf(OWNER))
        assert [album for album in shelf.albums if not album.is_deleted] == []
        self.loop.close()

    def _say(self, question: Question, answer: Answer) -> None:
        with suppress(AnswerNotTakenError, QuestionAnsweredError, QuestionChangedError):
            said = self.run(self.stage.say(question, answer))
            self.answers.append(said.answered.answer_id)

    def _undo(self, answer_id: str) -> None:
        undone = self.run(self.stage.service.undo(OWNER, answer_id))
        assert undone.status in {AnswerStatus.UNDOING, AnswerStatus.UNDONE}

    async def _undo_edit(self, job_id: str) -> None:
        job = await self.stage.job_service.get(OWNER, job_id)
        if job.made.changed:
            await self.stage.job_service.undo(OWNER, job_id)

    async def _work(self, messages: int) -> int:
        received = await self.stage.queue.receive(most=messages, wait_seconds=0)
        for message in received:
            with suppress(UnavailableError):
                await self.stage.runner.step(JobStep.model_validate_json(message.body))
                await self.stage.queue.delete([message])
        return len(received)

    async def _work_it_off(self) -> None:
        while not await self.stage.queue.is_idle():
            self.stage.queue.redeliver()
            await self._work(10)
        self.stage.now += MINUTE
        await self.stage.job_reconciler.look(timedelta())
        while not await self.stage.queue.is_idle():
            self.stage.queue.redeliver()
            await self._work(10)


TestAnswers = Answers.TestCase
TestAnswers.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
