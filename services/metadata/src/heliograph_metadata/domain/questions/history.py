"""All that a person has said, in order, and what follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from heliograph_metadata.domain.questions.answers import answers_of
from heliograph_metadata.domain.questions.memory import Answered, AnswerUndone, Event, Memory, remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An event, with its place among the person's events."""

    number: int
    """From 1, without a gap: who adds one has seen all before it."""
    event: Event
    jobs: tuple[str, ...] = ()
    """The ids of the jobs that it makes; of an answer taken back, those that it turns back."""
    key: str = ""
    """The Idempotency-Key that it came with."""
    request: str = ""
    """A fingerprint of what was asked for."""


@dataclass(frozen=True)
class History:
    """What a person has said so far."""

    said: tuple[Said, ...] = ()
    memory: Memory = field(default_factory=Memory)

    def followed(self, more: Sequence[Said]) -> "History":
        """Return the history with what was said since."""
        if not more:
            return self
        said = (*self.said, *more)
        return History(said, remembered(one.event for one in said))

    @property
    def number(self) -> int:
        """The number of the last event; 0 where there is none."""
        return self.said[-1].number if self.said else 0

    @cached_property
    def answers(self) -> dict[str, Said]:
        """Every answer by its id, those taken back too, in the order of time."""
        return {one.event.answer_id: one for one in self.said if isinstance(one.event, Answered)}

    @cached_property
    def undone(self) -> Mapping[str, datetime]:
        """When answers were taken back."""
        return {one.event.answer_id: one.event.at for one in self.said if isinstance(one.event, AnswerUndone)}

    def answered(self, answer_id: str) -> Answered | None:
        """Return an answer, also one that was taken back."""
        said = self.answers.get(answer_id)
        return said.event if said and isinstance(said.event, Answered) else None

    def by_key(self, key: str) -> Said | None:
        """Return what a request with that Idempotency-Key has said."""
        return next((one for one in self.said if one.key == key), None) if key else None

    def jobs_of(self, answer_id: str) -> tuple[str, ...]:
        """Return the jobs that an answer has made, and those that a check has made of it or against it."""
        return tuple(
            job_id
            for one in self.said
            if isinstance(one.event, Answered)
            for job_id in one.jobs
            if answer_id in answers_of(job_id)
        )

    def newest_to(self, reference: str) -> Answered | None:
        """Return the newest answer to a question, also one that was taken back; the question by its `reference`."""
        answers = (self.answered(answer_id) for answer_id in reversed(self.answers))
        return next((one for one in answers if one and one.question.reference == reference), None)

    def last_to(self, reference: str) -> Answered | None:
        """Return the last answer to a question that stands; the question by its `reference`."""
        answers: Iterable[Answered] = reversed(self.memory.live.values())
        return next((one for one in answers if one.question.reference == reference), None)
