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
from heliograph_metadata.domain.questions.wording import mended
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
        """Yield in its day the minute and the camera, and what it looks like and how sharp it is."""
        if (look := photo.look) and (scene := _scene_of(photo)):
            yield f"{photo.taken:%Y-%m-%d}", f"{photo.photo_id}|{look.fingerprint}|{look.sharpness}|{scene}"

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a question for each minute of a camera with several takes that look like its sharpest."""
        del now
        for scene, takes in sorted(_scenes(sketches, group).items()):
            takes.sort(reverse=True)
            _, best, look = takes[0]
            alike = [photo_id for _, photo_id, other in takes if distance(look, other) <= BURST_DISTANCE][:MOST_TAKES]
            if len(alike) >= _LEAST:
                yield _question(group, scene, best, alike, memory)

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


def _scene_of(photo: Photo) -> str:
    if photo.look is None or photo.camera is None or photo.favourite or not is_dated(photo):
        return ""
    return f"{photo.taken.strftime(_MINUTE)}|{folded(camera_name(photo.camera))}"


def _scenes(sketches: Sketches, group: str) -> dict[str, list[tuple[float, str, str]]]:
    """Return the sharpness, id and fingerprint of the takes by minute and camera."""
    found: dict[str, list[tuple[float, str, str]]] = {}
    for cell in sketches.sketch(BurstKind.name, group):
        photo_id, fingerprint, sharpness, scene = cell.split("|", 3)
        found.setdefault(scene, []).append((float(sharpness), photo_id, fingerprint))
    return found


def _question(group: str, scene: str, best: str, alike: list[str], memory: Memory) -> Question:
    hour = datetime.strptime(scene[: len("2024-06-15T13:05")], _MINUTE).strftime(HOUR)  # noqa: DTZ007 - a wall clock
    return Question(
        kind=BurstKind.name,
        group=group,
        key=scene,
        prompt="Which of these is worth keeping?",
        why="They were taken within a minute and look alike.",
        mends=mended(len(alike) - 1, "go to the trash"),
        reach=Reach((f"time:{group[:7]}",), len(alike), (Span(hour, hour),)),
        worth=worth(
            BurstKind.name,
            photos=len(alike),
            certainty=0.5,
            alternatives=_BEST_BITS,
            confidence=memory.trust,
            knows=memory.knows(BurstKind.name),
            seconds=len(alike) * GLANCE_SECONDS,
        ),
        facts={"scope": scene, "once": 1, "takes": " ".join(alike)},
        default=Keep((PhotoId(best),)),
        certainty=1 / len(alike),
        alternatives=_BEST_BITS,
        most=MOST_TAKES,
    )
