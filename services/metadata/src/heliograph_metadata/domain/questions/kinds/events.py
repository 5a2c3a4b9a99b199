"""Were these trips? Several stretches of days at once, each with the name that it probably has."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.kinds.event import LEAST_PHOTOS, NAMES_BITS, EventKind, events, is_nameless
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import (
    TURNING_SECONDS,
    Answer,
    Item,
    Named,
    Question,
    Reach,
    Worth,
    Yes,
    are_held,
)
from heliograph_metadata.domain.questions.sketch import Mark, Sketches, months_of_year
from heliograph_metadata.domain.questions.towns import Towns, month_of
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, POINT_SECONDS, PRIORS, agreed, entropy

MOST_ITEMS: Final = 20
LEAST_ITEMS: Final = 4
_NAME_SECONDS: Final = 0.5
"""To read a name and the days."""


class EventsKind(Kind):
    """Asks about the trips of all years together; its sketches are those of the event kind."""

    name: ClassVar[str] = "events"

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield nothing: the event kind has what is needed."""
        del photo
        yield from ()

    def affected(self, kind: str, group: str) -> Iterable[str]:
        """Return the years that a month touches."""
        if kind == self.name:
            return (group,)
        return (month_of(group)[:4],) if kind == EventKind.name else ()

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a grid of the stretches of a year that can be called by a town."""
        del now
        towns = Towns(sketches, group)
        items = []
        for stay in events(sketches, months_of_year(group), towns, memory):
            key = f"{self.name} {stay.span}"
            if stay.missing < LEAST_PHOTOS or f"{stay.since:%Y}" != group or key in memory.unticked:
                continue
            if guess := towns.name_of(stay):
                items.append(Item(key, stay.span, stay.missing, Named(guess.name), guess.certainty, NAMES_BITS))
        if items:
            yield _question(group, items, memory)

    def joined(self, questions: Sequence[Question], memory: Memory) -> Question:
        """Return one grid of the best of all years."""
        items = sorted((item for one in questions for item in one.items), key=lambda one: (-_gain(one), one.key))
        return _question("all", _worthwhile(items[:MOST_ITEMS]), memory)

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether it was taken on one of the trips and is still in no album."""
        return is_nameless(photo) and are_held(photo, question.reach.spans)

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that the photos of those left ticked are in the albums that were made of the names."""
        if not isinstance(answer, Yes):
            return ()
        return tuple(
            Edit(
                BulkEdit(add_albums=(one.answer.album_id,), confidence=agreed(one.certainty, confidence)), span=one.span
            )
            for one in question.items
            if one.key not in answer.but_not and isinstance(one.answer, Named) and one.answer.album_id
        )


def _gain(item: Item) -> float:
    return item.photos * item.certainty


def _worthwhile(items: Sequence[Item]) -> list[Item]:
    """Return those, best first, that bring no less in their seconds than the grid does without them."""
    kept: list[Item] = []
    gained, seconds = 0.0, TURNING_SECONDS + PRIORS[EventsKind.name].seconds
    for item in items:
        gain = _gain(item)
        takes = GLANCE_SECONDS + _NAME_SECONDS + (1 - item.certainty) * POINT_SECONDS
        if len(kept) >= LEAST_ITEMS and gain / takes < gained / seconds:
            break
        kept.append(item)
        gained, seconds = gained + gain, seconds + takes
    return kept


def _question(group: str, items: Sequence[Item], memory: Memory) -> Question:
    items = tuple(sorted(items, key=lambda one: one.span.since))
    photos = sum(one.photos for one in items)
    gained = sum(_gain(one) * (NAMES_BITS - entropy(agreed(one.certainty, memory.trust), NAMES_BITS)) for one in items)
    prior = PRIORS[EventsKind.name]
    wrong = sum(1 - one.certainty for one in items)
    seconds = prior.seconds + len(items) * (GLANCE_SECONDS + _NAME_SECONDS) + wrong * POINT_SECONDS
    return Question(
        kind=EventsKind.name,
        group=group,
        key=f"{items[0].span.since}|{items[-1].span.since}|{photos}",
        joins="all",
        prompt="Are these trips, and is this what they are called? Untick what is not.",
        why="Many photos in a few days, in a town where you seldom are.",
        mends=f"{photos} photos get into an album",
        reach=Reach(
            tuple(dict.fromkeys(f"time:{at[:7]}" for one in items for at in (one.span.since, one.span.until))),
            photos,
            tuple(one.span for one in items),
        ),
        worth=Worth(prior.weight * gained, memory.knows(EventsKind.name), seconds),
        default=Yes(),
        certainty=1 - wrong / len(items),
        alternatives=NAMES_BITS,
        items=items,
        confidence=1 - wrong / len(items),
    )
