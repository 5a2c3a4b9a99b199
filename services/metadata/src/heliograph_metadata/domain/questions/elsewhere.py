"""Where a person said that they were not: a guess that was unticked is not made of the same hours again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from heliograph_metadata.domain.photo import Location
from heliograph_metadata.domain.questions.question import Answer, Question, Span, Where, refused
from heliograph_metadata.domain.questions.sketch import kilometres
from heliograph_metadata.domain.questions.stays import FAR_KM

_HOUR: Final = timedelta(hours=1)
_NEARLY_ALL: Final = 0.8
_OF_A_PART: Final = 0.6
"""Who says that they were not there for some days may have been for one of them. Our own estimate."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Hours that a person did not spend in a town, or not all of them."""

    span: Span
    location: Location


def hours_elsewhere(question: Question, answer: Answer) -> Iterator[Elsewhere]:
    """Yield what an answer says of where somebody was not; nothing of what began unticked and was left so."""
    for item in refused(question, answer):
        if isinstance(item.answer, Where):
            yield Elsewhere(item.span, item.answer.location)


def chance_left(said: Iterable[Elsewhere], span: Span, at: tuple[float, float]) -> float:
    """Return by what it is less likely that some hours were spent in a town, after what was said: 0 of the same hours.

    Args:
        said: As `hours_elsewhere` has it.
        span: The hours.
        at: Latitude and longitude in the town.
    """
    near = [
        one.span
        for one in said
        if one.span.since <= span.until and span.since <= one.span.until
        if kilometres(at, (one.location.latitude, one.location.longitude)) <= FAR_KM
    ]
    within = [one for one in near if one.shared(span) >= _NEARLY_ALL]
    is_part = any(span.shared(one) >= _NEARLY_ALL for one in near if one not in within)
    share = _covered(within, span)
    left = 1 - share if share < _NEARLY_ALL else 0.0
    return left * (_OF_A_PART if is_part else 1.0)


def _covered(spans: Iterable[Span], span: Span) -> float:
    """Return which part of some hours lies in others, which may overlap, 0-1."""
    covered, since = timedelta(), span.first
    for one in sorted(spans, key=lambda one: one.since):
        begins, ends = max(one.first, since), min(one.last, span.last) + _HOUR
        if begins < ends:
            covered, since = covered + (ends - begins), ends
    return covered / (span.last + _HOUR - span.first)
