"""Is this Rex? Photos that look like those of which the person has said so, as a grid to untick, likeliest first."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Final

from heliograph_metadata.domain.own_labels import OWN_LABELS
from heliograph_metadata.domain.photo import Photo, Source
from heliograph_metadata.domain.questions.kinds.label import BANDS, MOST_SHOWN, LabelKind, band_of
from heliograph_metadata.domain.questions.memory import Memory, precision
from heliograph_metadata.domain.questions.question import Question, Reach, Yes
from heliograph_metadata.domain.questions.sketch import Mark, Sketches
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, POINT_SECONDS, worth
from heliograph_metadata.domain.questions.wording import mended
from heliograph_metadata.domain.terms import label_term

_LEAST_SHOWN: Final = 2


class LookalikeKind(LabelKind):
    """Asks on which photos one of the person's own labels is, where it was found by likeness alone."""

    name: ClassVar[str] = "lookalike"

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield for each own label that was found by likeness how likely it is."""
        for label in photo.labels:
            if label.source is Source.MODEL and label.model == OWN_LABELS:
                yield label.name, f"{band_of(label):02}"

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield one grid of the photos that are likeliest."""
        del now
        counts = {int(cell): count for cell, count in sketches.sketch(self.name, group).items()}
        bands: list[int] = []
        for band in sorted(counts, reverse=True):
            if sum(counts[one] for one in bands) < MOST_SHOWN:
                bands.append(band)
        there = sum(counts[band] for band in bands)
        shown = min(there, MOST_SHOWN)
        if shown < _LEAST_SHOWN:
            return
        mean = sum(precision(memory.ticks, group, _believed(band)) * counts[band] for band in bands) / there
        yield Question(
            kind=self.name,
            group=group,
            key=f"{group}#{sum(memory.ticks.get(group, (0, 0)))}",
            prompt=f"Is this {group}? Untick those that are not.",
            why=f"They look like photos of which you have said that {group} is on them.",
            mends=mended(shown, "are found, or no longer found, by it"),
            reach=Reach((str(label_term(group)),), shown),
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
        """Whether likeness alone says so, and so likely."""
        bands = set(str(question.facts["bands"]).split())
        return any(group == question.group and str(int(cell)) in bands for group, cell in self.marks(photo))


def _believed(band: int) -> float:
    """Return how likely a likeness is right before the person has ticked any: half as far from even as it says."""
    return (0.5 + (band + 0.5) / BANDS) / 2
