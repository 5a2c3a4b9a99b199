"""Which of the two is it? Photos of one day on which a network wavers between two names for the same thing."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import BulkEdit
from heliograph_metadata.domain.photo import Label, Photo, Source
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import Answer, No, Question, Reach, Span, Which
from heliograph_metadata.domain.questions.sketch import Mark, Sketches
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, worth
from heliograph_metadata.domain.questions.wording import mended
from heliograph_metadata.domain.terms import folded

_DOUBTFUL: Final = (0.15, 0.65)
_LEAST: Final = 2
MOST_SHOWN: Final = 12
_BANDS: Final = 10


class TwoLabelsKind(Kind):
    """Asks which of two things that exclude one another is on photos of one day."""

    name: ClassVar[str] = "two-labels"
    takes: ClassVar[tuple[type[Answer], ...]] = (Which, No)

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield the day and the two names, and how much the first has of both."""
        if pair := _pair_of(photo):
            first, second = pair
            share = first.confidence / (first.confidence + second.confidence)
            yield _group(photo, pair), str(min(int(share * _BANDS), _BANDS - 1))

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a question for a day and two names."""
        del now
        day, first, second = group.split("|", 2)
        cells = {int(cell): count for cell, count in sketches.sketch(self.name, group).items()}
        photos = min(sum(cells.values()), MOST_SHOWN)
        if photos < _LEAST:
            return
        share = sum((cell + 0.5) / _BANDS * count for cell, count in cells.items()) / sum(cells.values())
        likeliest = first if share >= 0.5 else second  # noqa: PLR2004 - the half
        yield Question(
            kind=self.name,
            group=group,
            key=group,
            prompt=f"Which is it: {first}, or {second}?",
            why="The network wavers between the two.",
            mends=mended(photos, "are found by the right one"),
            reach=Reach((f"label:{first}",), photos, (Span(f"{day}T00", f"{day}T23"),)),
            worth=worth(
                self.name,
                photos=2 * photos,  # one name is confirmed, the other taken away
                certainty=max(share, 1 - share),
                alternatives=0.0,
                confidence=memory.trust,
                knows=memory.knows(self.name),
                seconds=photos * GLANCE_SECONDS,
            ),
            facts={"first": first, "second": second, "day": day, "scope": group},
            default=Which(likeliest),
            certainty=max(share, 1 - share),
            confidence=max(share, 1 - share),
            most=MOST_SHOWN,
        )

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether it is of that day, and the network still wavers between these."""
        pair = _pair_of(photo)
        return pair is not None and _group(photo, pair) == question.group

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that one is on them and the other is not; or neither."""
        if isinstance(answer, No):
            neither = (str(question.facts["first"]), str(question.facts["second"]))
            return (Edit(BulkEdit(reject_labels=neither, confidence=confidence), question.shown),)
        both = {str(question.facts["first"]), str(question.facts["second"])}
        if not isinstance(answer, Which) or answer.name not in both:
            return ()
        other = tuple(both - {answer.name})
        edit = BulkEdit(add_labels=(answer.name,), reject_labels=other, confidence=confidence)
        return (Edit(edit, question.shown),)


def _pair_of(photo: Photo) -> tuple[Label, Label] | None:
    """Return the two likeliest classes of the same classifier, by name, if both are doubtful."""
    least, most = _DOUBTFUL
    found = [one for one in photo.labels if one.source is Source.MODEL and not one.boxes][:_LEAST]
    if len(found) < _LEAST or found[0].model != found[1].model:
        return None
    if not all(least <= one.confidence <= most for one in found):
        return None
    first, second = sorted(found, key=lambda one: folded(one.name))
    return first, second


def _group(photo: Photo, pair: tuple[Label, Label]) -> str:
    return f"{photo.taken:%Y-%m-%d}|{folded(pair[0].name)}|{folded(pair[1].name)}"
