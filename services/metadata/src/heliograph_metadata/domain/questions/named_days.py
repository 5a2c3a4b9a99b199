"""What days were called by the person, and what they were not called: by their answers about events and trips."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from heliograph_metadata.domain.questions.question import Answer, Named, Question, Span, Yes

EVERYDAY: Final = "everyday"
"""The fact of a question about days away that names the towns in which nobody is on a trip then."""
_MOSTLY: Final = 0.5


@dataclass(frozen=True, slots=True)
class NamedDays:
    """Some hours that were given a name as an event."""

    answer_id: str
    since: datetime
    until: datetime
    name: str
    is_away: bool
    """Whether they were spent where the person seldom is; else that is not known."""


def days_named(answer_id: str, question: Question, answer: Answer) -> Iterator[NamedDays]:
    """Yield the days to which an answer gives a name, and whether they were away, as far as the question says."""
    if question.kind == "event" and isinstance(answer, Named):
        for span in question.reach.spans:
            yield NamedDays(answer_id, span.first, span.last, answer.name, EVERYDAY in question.facts)
    if question.kind == "events" and isinstance(answer, Yes):
        for item in question.items:
            if isinstance(item.answer, Named) and item.key not in answer.but_not:
                yield NamedDays(answer_id, item.span.first, item.span.last, item.answer.name, is_away=True)


def beside(named: Iterable[NamedDays], since: datetime, until: datetime, *, within: timedelta) -> list[NamedDays]:
    """Return the days next to some hours, the nearest first.

    Args:
        named: Days that have a name.
        since: The first hour, by the clock of the place.
        until: The last.
        within: How long nothing may have been photographed in between.
    """
    near = (one for one in named if since - within <= one.until and one.since <= until + within)
    return sorted(near, key=lambda one: (max(since - one.until, one.since - until), one.name))


def item_key(kind: str, span: Span, name: str) -> str:
    """Return the key of an item of a grid that asks whether some hours are called so: short, however long the name."""
    return f"{kind} {span} {_digest(name)}"


def is_among(keys: Collection[str], kind: str, span: Span, name: str) -> bool:
    """Whether most of some hours lies in an item that asked whether it is called so.

    Args:
        keys: Of items of all grids; those of the kind as `item_key` makes them, or without a name, as they once were.
        kind: Of the grid.
        span: The hours.
        name: What they would be called.
    """
    found = (key.removeprefix(f"{kind} ").partition(" ") for key in keys if key.startswith(f"{kind} "))
    digests = {_digest(name), ""}
    return any(digest in digests and span.shared(Span(*hours.split("~"))) >= _MOSTLY for hours, _, digest in found)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]
