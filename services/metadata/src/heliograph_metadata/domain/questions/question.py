"""A question about a group of photos, and what can be answered to it."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from heliograph.photos import PhotoId
from heliograph_metadata.domain.photo import Location, Photo

HOUR: Final = "%Y-%m-%dT%H"
TURNING_SECONDS: Final = 2.0
"""What it costs to turn to another question, whichever it is; so one that mends more at once is worth more than two."""
_TICKED_FROM: Final = 0.6
"""What is less sure than that begins unticked among several: to tick it takes as long as to untick it, and who has not
looked says nothing of it."""


@dataclass(frozen=True, slots=True)
class Span:
    """Some hours, by the clock of the place: from the first to the last, both inclusive, as 2024-06-15T13."""

    since: str
    until: str

    def __str__(self) -> str:
        return f"{self.since}~{self.until}"

    def holds(self, photo: Photo) -> bool:
        """Whether a photo says that it was taken then."""
        return self.since <= photo.taken.strftime(HOUR) <= self.until

    def shared(self, other: "Span") -> float:
        """Return which part of this span another one shares, 0-1."""
        since, until = max(self.since, other.since), min(self.until, other.until)
        return _hours(since, until) / _hours(self.since, self.until) if since <= until else 0.0

    @property
    def first(self) -> datetime:
        """The first hour, as if it were of UTC."""
        return datetime.fromisoformat(self.since).replace(tzinfo=UTC)

    @property
    def last(self) -> datetime:
        """The last hour, likewise."""
        return datetime.fromisoformat(self.until).replace(tzinfo=UTC)


def are_held(photo: Photo, spans: Iterable[Span]) -> bool:
    """Whether a photo says that it was taken in one of some spans."""
    hour = photo.taken.strftime(HOUR)
    return any(span.since <= hour <= span.until for span in spans)


def _hours(since: str, until: str) -> float:
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)) / timedelta(hours=1) + 1


@dataclass(frozen=True, slots=True)
class Reach:
    """The photos that a question is about: those of some lists that its kind says are meant."""

    terms: tuple[str, ...]
    """Lists of the index that hold all of them, and not much else: `time:2024-06`, `label:dog`."""
    photos: int
    """How many they are, by the sketches."""
    spans: tuple[Span, ...] = ()
    """When they were taken; empty for any time."""

    def __or__(self, other: "Reach") -> "Reach":
        return Reach(
            tuple(dict.fromkeys(self.terms + other.terms)), self.photos + other.photos, self.spans + other.spans
        )


@dataclass(frozen=True, slots=True)
class Worth:
    """What an answer is expected to bring; value.py says how it is reckoned."""

    bits: float
    """The uncertainty that an answer takes away, of all photos together, weighted by how often such fields are
    searched."""
    knows: float
    """The chance that the person knows, 0-1."""
    seconds: float
    """What it takes to answer."""

    @property
    def value(self) -> float:
        """Weighted bits a second, those of turning to another question among them."""
        return self.knows * self.bits / (TURNING_SECONDS + self.seconds)


@dataclass(frozen=True, slots=True)
class Yes:
    """It is so, but for these photos, these items, or (of a check) these answers."""

    but_not: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class No:
    """It is not so, of none of them."""


@dataclass(frozen=True, slots=True)
class Where:
    """They were taken here."""

    location: Location


@dataclass(frozen=True, slots=True)
class When:
    """The first of them was taken then."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Off:
    """They were taken later than they say by this."""

    shift: timedelta


@dataclass(frozen=True, slots=True)
class Which:
    """Of the things that it might be, this one."""

    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """It is called that."""

    name: str
    album_id: str = ""
    """The album that was made of it, where one is."""
    but_not: tuple[PhotoId, ...] = ()
    """Of a grid: on these it is not."""


@dataclass(frozen=True, slots=True)
class Keep:
    """These are worth keeping, the others are not."""

    photo_ids: tuple[PhotoId, ...]


@dataclass(frozen=True, slots=True)
class Several:
    """The photos don't belong together: ask about fewer at once."""


@dataclass(frozen=True, slots=True)
class NotSure:
    """The person does not know."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Not now."""


@dataclass(frozen=True, slots=True)
class Never:
    """Not this question, at any time."""


Answer = Yes | No | Where | When | Off | Which | Named | Keep | Several | NotSure | Skip | Never
SAYS_NOTHING: Final = (Several, NotSure, Skip, Never)


@dataclass(frozen=True, slots=True)
class Fill:
    """A place that some photos get by the way, with what else is said of them."""

    span: Span
    photos: int
    """Those of the span that have no place yet."""
    location: Location
    certainty: float
    """How sure the place is before anybody is asked, 0-1."""
    bits: float
    """What it says of one photo."""


@dataclass(frozen=True, slots=True)
class Item:
    """One of several things that are asked about at once, each with a default of its own."""

    key: str
    span: Span
    photos: int
    answer: Where | Named
    certainty: float
    """How sure the default is before anybody is asked, 0-1."""
    bits: float = 0.0
    """What an answer says of one photo."""
    fills: tuple[Fill, ...] = ()
    """What else follows where the item is left ticked."""
    is_usual: bool = False
    """Whether nothing but what is usual speaks for the default: that the person was at home."""

    @property
    def is_doubtful(self) -> bool:
        """Whether it begins unticked beside others that don't: it is ticked by the person, or else not said."""
        return self.certainty < _TICKED_FROM

    @property
    def to_touch(self) -> float:
        """The chance that it has to be ticked or unticked beside others, 0-1."""
        return self.certainty if self.is_doubtful else 1 - self.certainty


def as_it_begins(items: Sequence[Item]) -> Yes:
    """Return the common answer about several things: yes but to what is doubtful; where all is, yes."""
    doubtful = tuple(one.key for one in items if one.is_doubtful)
    return Yes(doubtful) if len(doubtful) < len(items) else Yes()


def certainty_of(items: Sequence[Item]) -> float:
    """Return the chance that one of several things is as it begins, 0-1."""
    left_out = as_it_begins(items).but_not
    return sum(1 - one.certainty if one.key in left_out else one.certainty for one in items) / len(items)


def was_let_stand(question: "Question", answer: Answer) -> bool:
    """Whether an answer about several things leaves them as they began: somebody may not have looked."""
    began = question.default
    return isinstance(answer, Yes) and isinstance(began, Yes) and {*answer.but_not} == {*began.but_not}


def unticked(question: "Question", answer: Answer) -> tuple[Item, ...]:
    """Return the things that an answer leaves unticked, or says no to, unless not all of them were looked at."""
    if isinstance(answer, No):
        looked_at = int(question.facts.get("looked_at", len(question.items)))
        return question.items if len(question.items) <= looked_at else ()
    return tuple(one for one in question.items if isinstance(answer, Yes) and one.key in answer.but_not)


def refused(question: "Question", answer: Answer) -> tuple[Item, ...]:
    """Return the things of which an answer says that they are wrong: not what began unticked and was left so."""
    began = question.default.but_not if isinstance(question.default, Yes) and isinstance(answer, Yes) else ()
    return tuple(one for one in unticked(question, answer) if one.key not in began)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, as it can be stored and shown."""

    kind: str
    group: str
    """Whose sketch it was made from."""
    joined_groups: tuple[str, ...] = ()
    """Of a question that was joined from several: their groups."""
    key: str
    """With the kind it says which question this is, also when it is made again."""
    prompt: str
    """What is asked, in a sentence."""
    why: str
    """Why it is asked, in a sentence."""
    mends: str
    """What an answer does: `214 photos get a place`."""
    reach: Reach
    worth: Worth
    facts: Mapping[str, str | int | float] = field(default_factory=dict)
    """What the kind itself must remember of it, and what a page may show."""
    default: Answer | None = None
    """The common answer, given with one tap."""
    choices: tuple[Where, ...] = ()
    """Other answers that are offered beside it, likeliest first."""
    certainty: float = 0.0
    """How sure the default is before anybody is asked, 0-1."""
    alternatives: float = 0.0
    """In bits: how many other answers there might be."""
    cohesion: float = 1.0
    """The chance that what holds for the group holds for each of its photos, 0-1."""
    confidence: float = 0.0
    """How sure what is to be mended is as it stands, 0-1."""
    can_be_parted: bool = False
    """Whether `Several` leads to questions about parts of the group."""
    joins: str = ""
    """Questions of a kind that share this are asked as one."""
    items: tuple[Item, ...] = ()
    """What is asked about, where it is several things at once."""
    shown: tuple[PhotoId, ...] = ()
    """Of a grid: the photos that are asked about, once they have been looked up."""
    most: int = 0
    """Of a grid: how many can be shown; 0 where the question is about the whole group."""

    @property
    def question_id(self) -> str:
        """The same each time that the same is asked."""
        return f"{self.kind}/{self.key}"

    @property
    def reference(self) -> str:
        """The same as it stands in addresses: base64url of the id, without padding."""
        return urlsafe_b64encode(self.question_id.encode()).decode().rstrip("=")

    @property
    def groups(self) -> tuple[str, ...]:
        """All groups whose questions are to be made again once this one is answered."""
        return self.joined_groups or (self.group,)

    def with_shown(self, photo_ids: tuple[PhotoId, ...]) -> "Question":
        """Return the question with the photos of its grid."""
        return replace(self, shown=photo_ids[: self.most or None])
