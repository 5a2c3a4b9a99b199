"""What must hold of a photo that is looked for: a tree of groups of terms, and what each of them is worth.

A condition is judged from what is known of a candidate: its card, its place in time, and the terms that were looked
up for it. Nothing here reads anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from heliograph.photos import PhotoStatus
from heliograph_metadata.domain.index import Card, Posting
from heliograph_metadata.domain.search.query import Certainty
from heliograph_metadata.domain.search.values import TimeSpan
from heliograph_metadata.domain.terms import FAVOURITE, LOCATED, PRESENT, TRASHED, Term, folded, status_term
from heliograph_metadata.domain.tiles import Area


class How(StrEnum):
    """Why a photo matches, the best reason first."""

    CONFIRMED = "confirmed"
    """A person said so."""
    EXACT = "exact"
    """The very name, also in the plural."""
    PREFIX = "prefix"
    """A name with a word that is, or begins with, what was written."""
    SYNONYM = "synonym"
    """Another word for it, or a kind of it."""
    FILTER = "filter"
    """A filter that says yes or no."""


SURE: Final = 0.8
LIKELY: Final = 0.5
BANDS: Final = range(8)
"""The steps of relevance; within one the newest photo comes first.

0 confirmed by a person · 1-3 the very name: sure, likely, perhaps · 4-5 a name that has or begins with the word:
likely, perhaps · 6-7 a synonym or a kind of it: likely, perhaps. What has no confidence is sure. Where several words
must be met, the one that is met worst decides.
"""

_FIRST_BAND: Final = {How.CONFIRMED: 0, How.EXACT: 1, How.PREFIX: 4, How.SYNONYM: 6}
_WITH_CONFIDENCE: Final = frozenset({"label"})


@dataclass(slots=True)
class Candidate:
    """A photo that may be one that is looked for."""

    sort_key: str
    card: Card
    known: dict[Term, Posting | None] = field(default_factory=dict)
    """Its posting of each term that was looked up; None where it doesn't bear the term."""


@dataclass(frozen=True, slots=True)
class Match:
    """Why a photo was found."""

    kind: str
    name: str
    how: How
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Sense:
    """One of the terms that a word can mean."""

    term: Term
    name: str
    how: How = How.FILTER
    photos: int | None = None
    """That bear it, where that is known."""

    @property
    def bands(self) -> range:
        """The bands in which it can put a photo."""
        first = _FIRST_BAND.get(self.how, 0)
        if self.term.kind not in _WITH_CONFIDENCE:
            return range(first, first + 1)
        return range(first, first + (3 if self.how is How.EXACT else 2))

    def band(self, posting: Posting) -> int:
        """Return the band in which a posting of the term puts its photo."""
        first = _FIRST_BAND.get(self.how, 0)
        confidence = 1.0 if posting.confidence is None else posting.confidence
        if self.how is How.EXACT:
            return first if confidence >= SURE else first + 1 if confidence >= LIKELY else first + 2
        return first if confidence >= LIKELY or self.term.kind not in _WITH_CONFIDENCE else first + 1


@dataclass(frozen=True, slots=True)
class Group:
    """Terms of which a photo must bear one, and what must hold of its posting besides."""

    terms: tuple[Term, ...]
    min_confidence: float = 0.0
    area: Area | None = None
    favourite: bool | None = None
    certainty: Certainty | None = None
    senses: Mapping[Term, Sense] = field(default_factory=dict)
    """What is known of the terms, for ranking and for saying why."""
    is_ranked: bool = False

    def admits(self, posting: Posting) -> bool:
        """Whether a posting of one of the terms is good enough."""
        if posting.confidence is not None:
            if posting.confidence < self.min_confidence:
                return False
            if self.certainty and not self.certainty.holds(posting.confidence):
                return False
        elif self.certainty and self.certainty.most < 1:
            return False  # what a person said is certain
        return True

    @property
    def is_free(self) -> bool:
        """Whether a candidate's card and place in time say all."""
        return self.area is not None or self.favourite is not None or all(map(_is_on_every_card, self.terms))

    @property
    def is_picky(self) -> bool:
        """Whether a photo in one of the lists may still not belong to the group."""
        return bool(self.area or self.favourite is not None or self.min_confidence or self.certainty)

    def judge(self, candidate: Candidate) -> bool | None:
        """Whether the candidate belongs to the group; None where a term has to be looked up to say so."""
        card = candidate.card
        if self.favourite is not None and card.favourite is not self.favourite:
            return False
        if self.area is not None:
            return (
                card.latitude is not None
                and card.longitude is not None
                and self.area.holds(card.latitude, card.longitude)
            )
        if self.favourite is not None:
            return True
        is_open = False
        for term in self.terms:
            if _is_on_every_card(term) or (term.kind == "type" and card.file_type):
                if _shows(candidate, term):
                    return True
            elif term not in candidate.known:
                is_open = True
            elif (posting := candidate.known[term]) and self.admits(posting):
                return True
        return None if is_open else False

    def best(self, candidate: Candidate) -> tuple[int, Sense, Posting] | None:
        """Return the best reason that is known why a candidate belongs here: its band, the sense and the posting."""
        found = [
            (sense.band(posting), number, sense, posting)
            for number, term in enumerate(self.terms)
            if (posting := candidate.known.get(term)) and (sense := self.senses.get(term)) and self.admits(posting)
        ]
        if not found:
            return None
        band, _, sense, posting = min(found, key=lambda one: one[:2])
        return band, sense, posting


@dataclass(frozen=True, slots=True)
class Taken:
    """Spans of time, apart from each other and in order, in one of which a photo must have been taken."""

    spans: tuple[TimeSpan, ...]
    name: str = ""

    def judge(self, candidate: Candidate) -> bool:
        """Whether the candidate was taken then."""
        return any(span.holds(candidate.sort_key) for span in self.spans)


@dataclass(frozen=True, slots=True)
class FileNamed:
    """A part of the file's name, however it is written."""

    part: str

    def judge(self, candidate: Candidate) -> bool:
        """Whether the candidate's file has it in its name."""
        return folded(self.part) in folded(candidate.card.filename)


@dataclass(frozen=True, slots=True)
class Not:
    """What must not hold."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Every:
    """Conditions that must all hold."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Conditions of which one must hold."""

    parts: tuple["Condition", ...]


Leaf = Group | Taken | FileNamed
Condition = Leaf | Not | Every | Either

EVERYTHING: Final = Group((PRESENT,))
NOTHING: Final = Group(())
FAILED: Final = status_term(PhotoStatus.FAILED)
_ON_THE_CARD: Final = frozenset({PRESENT, FAVOURITE, LOCATED})


def _is_on_every_card(term: Term) -> bool:
    return term.kind == "time" or term in _ON_THE_CARD


def _shows(candidate: Candidate, term: Term) -> bool:
    is_present = not (candidate.known.get(TRASHED) or candidate.known.get(FAILED))
    if term == PRESENT or not is_present:  # photos in the trash and failed ones bear no other term
        return is_present
    if term.kind == "time":
        return candidate.sort_key.startswith(term.value)
    if term.kind == "type":
        return candidate.card.file_type == term.value
    return candidate.card.favourite if term == FAVOURITE else candidate.card.latitude is not None


def judge(condition: Condition, candidate: Candidate) -> bool | None:
    """Whether a condition holds, from what is known; None where that doesn't say."""
    match condition:
        case Not():
            inner = judge(condition.part, candidate)
            return None if inner is None else not inner
        case Every():
            found = [judge(part, candidate) for part in condition.parts]
            return False if False in found else None if None in found else True
        case Either():
            found = [judge(part, candidate) for part in condition.parts]
            return True if True in found else None if None in found else False
        case _:
            return condition.judge(candidate)


def band(condition: Condition, candidate: Candidate) -> int | None:
    """Return the band of a candidate for which a condition holds; None where it doesn't."""
    match condition:
        case Group() if condition.is_ranked:
            best = condition.best(candidate)
            return best[0] if best else None
        case Every():
            bands = [band(part, candidate) for part in condition.parts]
            return None if None in bands else max(filter(None, bands), default=0)
        case Either():
            return min((one for part in condition.parts if (one := band(part, candidate)) is not None), default=None)
        case _:
            return 0 if judge(condition, candidate) else None


def bands_of(condition: Condition) -> set[int]:
    """Return the bands in which a condition can put a photo."""
    match condition:
        case Group() if condition.is_ranked:
            return {one for sense in condition.senses.values() for one in sense.bands}
        case Every():
            each = [bands_of(part) for part in condition.parts]
            least = max((min(bands) for bands in each if bands), default=0)
            return {one for bands in each for one in bands if one >= least} if all(each) else set()
        case Either():
            return set().union(*map(bands_of, condition.parts))
        case _:
            return {0}


def groups_of(condition: Condition, *, also_negated: bool = True) -> Iterator[Group]:
    """Yield the groups of a tree; those that must not hold only where they are asked for."""
    match condition:
        case Group():
            yield condition
        case Not() if also_negated:
            yield from groups_of(condition.part)
        case Every() | Either():
            for part in condition.parts:
                yield from groups_of(part, also_negated=also_negated)


def terms_of(condition: Condition) -> set[Term]:
    """Return every term of a tree."""
    return {term for group in groups_of(condition) for term in group.terms}


def matches(condition: Condition, candidate: Candidate) -> Iterator[Match]:
    """Yield why a candidate was found, one reason for each part that holds."""
    match condition:
        case Group():
            if best := condition.best(candidate):
                _, sense, posting = best
                kind = "label" if sense.term.kind == "confirmed" else sense.term.kind
                yield Match(kind, sense.name, sense.how, posting.confidence)
            elif condition.senses and condition.judge(candidate):
                sense = next(iter(condition.senses.values()))
                yield Match(sense.term.kind, sense.name, How.FILTER)
            elif condition.area is not None and condition.judge(candidate):
                yield Match("near", "", How.FILTER)
        case Taken() if condition.name and condition.judge(candidate):
            yield Match("date", condition.name, How.FILTER)
        case FileNamed() if condition.judge(candidate):
            yield Match("filename", candidate.card.filename, How.FILTER)
        case Every() | Either():
            for part in condition.parts:
                if judge(part, candidate) is not False:
                    yield from matches(part, candidate)
