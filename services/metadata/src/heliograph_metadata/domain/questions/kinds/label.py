"""Is this a …? Photos on which the network is not sure of a label, as a grid to untick."""

from base64 import urlsafe_b64decode
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.own_labels import OWN_LABELS
from heliograph_metadata.domain.photo import Label, Photo, Source
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.memory import Memory, precision
from heliograph_metadata.domain.questions.question import Answer, No, Question, Reach, Yes
from heliograph_metadata.domain.questions.sketch import Mark, Sketches
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, POINT_SECONDS, binary_entropy, worth
from heliograph_metadata.domain.questions.wording import mended
from heliograph_metadata.domain.terms import folded, label_term

BANDS: Final = 20
DOUBTFUL: Final = range(4, 17)
"""Of the bands: confidences from 0.2 to 0.85."""
MOST_SHOWN: Final = 24
LEAST_SHOWN: Final = 4
_FOUND: Final = "#found"


class LabelKind(Kind):
    """Asks on which photos a label is right."""

    name: ClassVar[str] = "label"

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield for each doubtful label how doubtful it is."""
        for label in photo.labels:
            if is_doubtful(label):
                yield folded(label.name), f"{band_of(label):02}"

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield one grid of the most doubtful photos of the label."""
        del now
        doubts = {
            int(cell): precision(memory.ticks, group, (int(cell) + 0.5) / BANDS)
            for cell in sketches.sketch(self.name, group)
        }
        counts = {int(cell): count for cell, count in sketches.sketch(self.name, group).items()}
        bands: list[int] = []
        for band in sorted(doubts, key=lambda band: (-binary_entropy(doubts[band]), band)):
            if sum(counts[one] for one in bands) < MOST_SHOWN:
                bands.append(band)
        there = sum(counts[band] for band in bands)
        shown = min(there, MOST_SHOWN)
        if shown < LEAST_SHOWN:
            return
        mean = sum(doubts[band] * counts[band] for band in bands) / there
        key = f"{group}#{sum(memory.ticks.get(group, (0, 0)))}"
        yield self._question(group, memory, key=key, bands=bands, shown=shown, mean=mean)

    def found(self, group: str, memory: Memory) -> Question:
        """Return the grid about photos that a search for a label has found, whichever of them are shown."""
        mean = precision(memory.ticks, group, (DOUBTFUL.start + DOUBTFUL.stop) / 2 / BANDS)
        return self._question(group, memory, key=f"{group}{_FOUND}", bands=DOUBTFUL, shown=MOST_SHOWN, mean=mean)

    def _question(
        self, group: str, memory: Memory, *, key: str, bands: Iterable[int], shown: int, mean: float
    ) -> Question:
        return Question(
            kind=self.name,
            group=group,
            key=key,
            prompt=f"Is this {_article(group)}? Untick those that are not.",
            why="The network is not sure of it.",
            mends=mended(shown, "are found, or no longer found, by it"),
            reach=Reach((f"label:{group}",), shown),
            worth=worth(
                self.name,
                photos=shown,
                certainty=mean,
                alternatives=0.0,
                confidence=memory.trust,
                knows=memory.knows(self.name),
                seconds=shown * (GLANCE_SECONDS + (1 - mean) * POINT_SECONDS),
            ),
            facts={"label": group, "bands": " ".join(map(str, bands)), "scope": group},
            default=Yes(),
            certainty=mean,
            confidence=mean,
            most=MOST_SHOWN,
        )

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether a network alone says so, and so doubtfully."""
        bands = {int(band) for band in str(question.facts["bands"]).split()}
        return any(
            folded(label.name) == question.facts["label"] and is_of_a_network(label) and band_of(label) in bands
            for label in photo.labels
        )

    def may_reach(self, question: Question, point: tuple[float, float] | None, confidence: float | None) -> bool:
        """Whether the label is so doubtful."""
        del point
        bands = {int(band) for band in str(question.facts["bands"]).split()}
        return confidence is None or _band(confidence) in bands

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that it is on those that are left ticked, and not on the others."""
        if not isinstance(answer, Yes | No):
            return ()
        label = (str(question.facts["label"]),)
        wrong = set(question.shown if isinstance(answer, No) else answer.but_not)
        is_on = tuple(photo_id for photo_id in question.shown if photo_id not in wrong)
        is_not = tuple(photo_id for photo_id in question.shown if photo_id in wrong)
        edits = []
        if is_on:
            edits.append(Edit(BulkEdit(add_labels=label, confidence=confidence), is_on))
        if is_not:
            edits.append(Edit(BulkEdit(reject_labels=label, confidence=confidence), is_not))
        return tuple(edits)


def is_doubtful(label: Label) -> bool:
    """Whether a network says so, and so doubtfully that it is worth asking about."""
    return is_of_a_network(label) and band_of(label) in DOUBTFUL


def most_doubted(photos: Sequence[Photo], labels: Collection[str]) -> tuple[str, list[Photo]]:
    """Return, of some labels (folded), the one that is doubtful on most photos, and those, the most doubtful first."""
    best, doubtful = "", list[tuple[float, Photo]]()
    for name in sorted(labels):
        found = [
            (-binary_entropy(label.confidence), photo)
            for photo in photos
            for label in photo.labels
            if is_doubtful(label) and folded(label.name) == name
        ]
        if len(found) > len(doubtful):
            best, doubtful = name, found
    return best, [photo for _, photo in sorted(doubtful, key=lambda one: one[0])]


def found_by(reference: str) -> str:
    """Return the label of a question that `LabelKind.found` has made, by its reference; empty of all others."""
    try:
        question_id = urlsafe_b64decode(reference + "=" * (-len(reference) % 4)).decode()
    except ValueError:
        return ""
    label = question_id.removeprefix(f"{LabelKind.name}/").removesuffix(_FOUND)
    return label if question_id == f"{LabelKind.name}/{label}{_FOUND}" and label == label_term(label).value else ""


def is_of_a_network(label: Label) -> bool:
    """Whether a network says so, and not what was learned of a person's own labels."""
    return label.source is Source.MODEL and label.model != OWN_LABELS


def band_of(label: Label) -> int:
    """Return in which of 20 bands of confidence a label lies."""
    return _band(label.confidence)


def _band(confidence: float) -> int:
    return min(int(confidence * BANDS), BANDS - 1)


def _article(name: str) -> str:
    return f"an {name}" if name[:1] in "aeiou" else f"a {name}"
