"""The kinds of questions that are asked, each on its line."""

from typing import Final

from heliograph_metadata.domain.questions.kind import Kind
from heliograph_metadata.domain.questions.kinds.clock import ClockKind
from heliograph_metadata.domain.questions.kinds.date import DateKind
from heliograph_metadata.domain.questions.kinds.label import LabelKind
from heliograph_metadata.domain.questions.kinds.place import PlaceKind
from heliograph_metadata.domain.questions.kinds.places import PlacesKind

KINDS: Final[tuple[Kind, ...]] = (
    PlaceKind(),
    PlacesKind(),
    LabelKind(),
    DateKind(),
    ClockKind(),
)
