"""Where a search begins: of the conditions that must all hold, the one that fewest photos fulfil."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from heliograph_metadata.domain.search.conditions import Candidate, Condition, Either, Every, Group, Taken
from heliograph_metadata.domain.search.values import TimeSpan, common
from heliograph_metadata.domain.terms import PRESENT, Term, is_listed
from heliograph_metadata.service.walk import Stream

_MOST_READS: Final = 64
"""Lists times spans of time that are begun at once; of more the spans are read as one."""


@dataclass(frozen=True, slots=True)
class Lead:
    """The lists that a walk goes down."""

    streams: Sequence[Stream]
    photos: int | None
    """How many photos stand in them, each list for itself; None where that isn't known."""
    group: Group | None = None
    """The group whose lists they are, where they are one group's."""
    is_alone: bool = False
    """Whether no other part of the search is ranked."""

    def before(self, sort_key: str) -> list[Stream]:
        """Return what is left of the streams before a sort key; all where there is none."""
        if not sort_key:
            return list(self.streams)
        return [
            Stream(stream.term, common(stream.spans, [TimeSpan("", sort_key)]), stream.is_whole)
            for stream in self.streams
        ]

    def rules_out(self, candidate: Candidate, wanted: int) -> bool:
        """Whether what the lists say shows already that a candidate is not in the wanted band."""
        if self.group is None or not self.group.is_ranked:
            return False
        best = self.group.best(candidate)
        if best is None:
            return all(term in candidate.known for term in self.group.terms)
        return best[0] < wanted if self.is_alone and best[0] < wanted else self._is_worse(candidate, best[0], wanted)

    def _is_worse(self, candidate: Candidate, found: int, wanted: int) -> bool:
        """Whether its best reason is worse than wanted, and no other that could be better is still unknown."""
        if found <= wanted or self.group is None:
            return False
        return not any(
            sense.bands[0] <= wanted and term not in candidate.known for term, sense in self.group.senses.items()
        )


def spans_of(condition: Condition, span: TimeSpan) -> list[TimeSpan]:
    """Return the spans of time in which a photo must have been taken for a condition to hold, in order."""
    spans = [span]
    parts = condition.parts if isinstance(condition, Every) else (condition,)
    for part in parts:
        if isinstance(part, Taken):
            spans = common(spans, part.spans)
        elif isinstance(part, Every):
            spans = [one for whole in spans for one in spans_of(part, whole)]
    return spans


def streams_of(
    condition: Condition, counts: Mapping[Term, int], spans: Sequence[TimeSpan], *, wanted: int | None = None
) -> Lead:
    """Return the lists that have every photo for which a condition holds, as few postings as can be.

    Args:
        condition: What must hold.
        counts: How many photos bear each term, where that is known.
        spans: When a photo must have been taken.
        wanted: The band of the photos that are looked for; any where there is none.
    """
    if not spans:
        return Lead([], 0)
    ranked = [part for part in _parts(condition) if isinstance(part, Group) and part.is_ranked]
    terms, photos, group, times = _lead(condition, counts, wanted, is_alone=_ranked_groups(condition) == 1)
    if len(terms) * len(spans) > _MOST_READS:
        spans = [TimeSpan(spans[0].since, spans[-1].before)]
    streams = [
        Stream(term, common(spans, times) if term == PRESENT and times else spans, term != PRESENT) for term in terms
    ]
    return Lead(streams, photos, group, is_alone=len(ranked) == 1 == _ranked_groups(condition))


_Found = tuple[list[Term], int | None, Group | None, Sequence[TimeSpan]]
_NOBODY: Final[_Found] = ([], 0, None, [])


def _parts(condition: Condition) -> Sequence[Condition]:
    return condition.parts if isinstance(condition, Every) else (condition,)


def _ranked_groups(condition: Condition) -> int:
    if isinstance(condition, Group):
        return int(condition.is_ranked)
    return sum(map(_ranked_groups, condition.parts)) if isinstance(condition, Every | Either) else 0


def _lead(condition: Condition, counts: Mapping[Term, int], wanted: int | None, *, is_alone: bool) -> _Found:
    """Return the terms whose lists have all that fulfil a condition, how many those are, and when they were taken."""
    total = counts.get(PRESENT)
    match condition:
        case Group() if condition.favourite is False or condition.terms == (PRESENT,):
            return [PRESENT], total, None, []
        case Group() if not all(map(is_listed, condition.terms)):  # known to be borne by none, or met among all photos
            return ([PRESENT], total, None, []) if any(counts.get(term, 1) for term in condition.terms) else _NOBODY
        case Group():
            terms = [term for term in condition.terms if _can_lead(condition, term, wanted, is_alone=is_alone)]
            known = [counts[term] for term in terms if term in counts]
            return terms, sum(known) if len(known) == len(terms) else None, condition, []
        case Every():
            found = [_lead(part, counts, wanted, is_alone=is_alone) for part in condition.parts]
            return min(found, key=lambda one: (one[1] is None, one[1] or 0, len(one[0])))
        case Either():
            return _union([_lead(part, counts, wanted, is_alone=False) for part in condition.parts])
        case _:
            return [PRESENT], total, None, condition.spans if isinstance(condition, Taken) else []


def _can_lead(group: Group, term: Term, wanted: int | None, *, is_alone: bool) -> bool:
    """Whether a photo of the wanted band can be met in a term's list, and in no other that is read."""
    sense = group.senses.get(term)
    if wanted is None or not group.is_ranked or sense is None:
        return True
    return wanted in sense.bands if is_alone else sense.bands[0] <= wanted


def _union(found: Sequence[_Found]) -> _Found:
    terms = list(dict.fromkeys(term for one in found for term in one[0]))
    photos = [one[1] for one in found if one[1] is not None]
    times: list[TimeSpan] = []
    for one in found:
        if PRESENT in one[0]:
            if not one[3]:  # everything, whatever the others say
                return [PRESENT], one[1], None, []
            times += one[3]
    return terms, sum(photos) if len(photos) == len(found) else None, None, _merged(times)


def _merged(spans: Sequence[TimeSpan]) -> list[TimeSpan]:
    """Return spans of time that may overlap as ones that don't, in order."""
    merged: list[TimeSpan] = []
    for span in sorted(spans):
        last = merged[-1] if merged else None
        if last and (not last.before or last.before >= span.since):
            before = "" if not last.before or not span.before else max(last.before, span.before)
            merged[-1] = TimeSpan(last.since, before)
        else:
            merged.append(span)
    return merged
