"""Which of these is best? Takes of one scene within a minute; the others go to the trash, from where they come back."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Final

from heliograph.photos import PhotoId
from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.looks import distance
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.dates import is_dated
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import HOUR, Answer, Keep, Question, Reach, Span
from heliograph_metadata.domain.questions.sketch import Mark, Sketches
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, worth
from heliograph_metadata.domain.stacks import BURST_DISTANCE
from heliograph_metadata.domain.terms import camera_name, folded

_MINUTE: Final = "%Y-%m-%dT%H:%M"
_LEAST: Final = 3
MOST_TAKES: Final = 24
_BEST_BITS: Final = 1.0
"""Of each take: whether it is worth looking at again."""


class BurstKind(Kind):
    """Asks which takes of one scene to keep."""

    name: ClassVar[str] = "burst"
    takes: ClassVar[tuple[type[Answer], ...]] = (Keep,)

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield its camera and minute, and what it looks like and how sharp it is."""
        if group := _group_of(photo):
            look = photo.look
            assert look is not None  # noqa: S101 - for the type checker: it has a group only then
            yield group, f"{photo.photo_id}|{look.fingerprint}|{look.sharpness}"

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a question for the takes that look like the sharpest of the minute."""
        del now
        takes = sorted(
            ((float(sharpness), photo_id, fingerprint) for photo_id, fingerprint, sharpness in _cells(sketches, group)),
            reverse=True,
        )
        if not takes:
            return
        _, best, look = takes[0]
        alike = [photo_id for _, photo_id, other in takes if distance(look, other) <= BURST_DISTANCE][:MOST_TAKES]
        if len(alike) < _LEAST:
            return
        hour = datetime.strptime(group[: len("2024-06-15T13:05")], _MINUTE).strftime(HOUR)  # noqa: DTZ007 - a wall clock
        yield Question(
            kind=self.name,
            group=group,
            key=group,
            prompt="Which of these is worth keeping?",
            why="They were taken within a minute and look alike.",
            mends=f"{len(alike) - 1} photos go to the trash",
            reach=Reach((f"time:{group[:7]}",), len(alike), (Span(hour, hour),)),
            worth=worth(
                self.name,
                photos=len(alike),
                certainty=0.5,
                alternatives=_BEST_BITS,
                confidence=memory.trust,
                knows=memory.knows(self.name),
                seconds=len(alike) * GLANCE_SECONDS,
            ),
            facts={"scope": group, "once": 1, "takes": " ".join(alike)},
            default=Keep((PhotoId(best),)),
            certainty=1 / len(alike),
            alternatives=_BEST_BITS,
            most=MOST_TAKES,
        )

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether it is one of the takes."""
        return photo.photo_id in str(question.facts["takes"]).split()

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that all but those to be kept go to the trash; none, where none of them would be left."""
        del confidence
        if not isinstance(answer, Keep) or not set(answer.photo_ids) & set(question.shown):
            return ()
        leaving = tuple(photo_id for photo_id in question.shown if photo_id not in answer.photo_ids)
        return (Edit(BulkEdit(trash=True), leaving),) if leaving else ()


def _group_of(photo: Photo) -> str:
    if photo.look is None or photo.camera is None or photo.favourite or not is_dated(photo):
        return ""
    return f"{photo.taken.strftime(_MINUTE)}|{folded(camera_name(photo.camera))}"


def _cells(sketches: Sketches, group: str) -> Iterator[tuple[str, str, str]]:
    for cell in sketches.sketch("burst", group):
        photo_id, fingerprint, sharpness = cell.split("|")
        yield photo_id, fingerprint, sharpness
