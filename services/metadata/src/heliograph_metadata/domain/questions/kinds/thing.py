"""Is this the same one? An animal or a thing that is seen at one place again and again gets a name of its own: Rex."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.dates import is_dated
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import Answer, Named, Question, Reach
from heliograph_metadata.domain.questions.sketch import Mark, Sketches
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, worth
from heliograph_metadata.domain.questions.wording import mended
from heliograph_metadata.domain.search.lexicon import labels_meant
from heliograph_metadata.domain.terms import folded
from heliograph_metadata.domain.tiles import quadkey

NAMED: Final = ("animal", "vehicle")
"""What people give names to, or at least know one from another."""
_AT_LEAST: Final = 0.6
_LEVEL: Final = 14
_LEAST_MONTHS: Final = 3
_LEAST_PHOTOS: Final = 8
MOST_SHOWN: Final = 24
_NAMES_BITS: Final = 3.0
_COHESION: Final = 0.9


class ThingKind(Kind):
    """Asks for the name of what is seen at one place in many months; a grid, in which others are unticked."""

    name: ClassVar[str] = "thing"
    takes: ClassVar[tuple[type[Answer], ...]] = (Named,)

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield for each label that can have a name of its own: it and the place, and the month."""
        point = photo.point
        if point is None or not is_dated(photo):
            return
        tile = quadkey(point.latitude, point.longitude, _LEVEL)
        for label in photo.labels:
            if label.confidence >= _AT_LEAST and folded(label.name) in nameable():
                yield f"{folded(label.name)}|{tile}", f"{photo.taken:%Y-%m}"

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a question for what was seen in several months."""
        del now
        label, _ = group.split("|")
        months = sketches.sketch(self.name, group)
        photos = min(sum(months.values()), MOST_SHOWN)
        if len(months) < _LEAST_MONTHS or photos < _LEAST_PHOTOS:
            return
        yield Question(
            kind=self.name,
            group=group,
            key=group,
            prompt=f"Is this always the same {label}? What is its name?",
            why=f"A {label} was seen here in {len(months)} months.",
            mends=mended(photos, "are found by the name"),
            reach=Reach((f"label:{label}",), photos),
            worth=worth(
                self.name,
                photos=photos,
                certainty=0.0,
                alternatives=_NAMES_BITS,
                confidence=memory.trust * _COHESION,
                knows=memory.knows(self.name),
                seconds=photos * GLANCE_SECONDS,
            ),
            facts={"label": label, "scope": group, "once": 1},
            alternatives=_NAMES_BITS,
            cohesion=_COHESION,
            most=MOST_SHOWN,
        )

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether it was seen there."""
        return any(group == question.group for group, _ in self.marks(photo))

    def may_reach(self, question: Question, point: tuple[float, float] | None, confidence: float | None) -> bool:
        """Whether it was taken there."""
        del confidence
        return point is not None and question.group.endswith(f"|{quadkey(*point, _LEVEL)}")

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that those that were shown bear the name as the person's own label."""
        if not isinstance(answer, Named) or not folded(answer.name):
            return ()
        shown = tuple(photo_id for photo_id in question.shown if photo_id not in answer.but_not)
        return (Edit(BulkEdit(add_labels=(answer.name,), confidence=confidence), shown),) if shown else ()


@cache
def nameable() -> frozenset[str]:
    """Return the labels of what can have a name of its own."""
    return frozenset().union(*(labels_meant(word) for word in NAMED))
