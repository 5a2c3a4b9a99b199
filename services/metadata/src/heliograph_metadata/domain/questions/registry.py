"""The kinds of questions that are asked, each on its line."""

from typing import Final

from heliograph_metadata.domain.questions.kind import Kind
from heliograph_metadata.domain.questions.kinds.beside import BesideKind
from heliograph_metadata.domain.questions.kinds.burst import BurstKind
from heliograph_metadata.domain.questions.kinds.clock import ClockKind
from heliograph_metadata.domain.questions.kinds.date import DateKind
from heliograph_metadata.domain.questions.kinds.event import EventKind
from heliograph_metadata.domain.questions.kinds.events import EventsKind
from heliograph_metadata.domain.questions.kinds.label import LabelKind
from heliograph_metadata.domain.questions.kinds.lookalike import LookalikeKind
from heliograph_metadata.domain.questions.kinds.missing import MissingKind
from heliograph_metadata.domain.questions.kinds.place import PlaceKind
from heliograph_metadata.domain.questions.kinds.places import PlacesKind
from heliograph_metadata.domain.questions.kinds.same_place import SamePlaceKind
from heliograph_metadata.domain.questions.kinds.thing import ThingKind
from heliograph_metadata.domain.questions.kinds.two_labels import TwoLabelsKind

KINDS: Final[tuple[Kind, ...]] = (
    PlaceKind(),
    PlacesKind(),
    BesideKind(),
    LabelKind(),
    LookalikeKind(),
    DateKind(),
    ClockKind(),
    TwoLabelsKind(),
    EventKind(),
    EventsKind(),
    SamePlaceKind(),
    BurstKind(),
    ThingKind(),
    MissingKind(),
)
