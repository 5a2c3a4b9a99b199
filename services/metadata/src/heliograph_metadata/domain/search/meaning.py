"""What a search means in a library's own words: the written tree turned into conditions on terms."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from heliograph_metadata.domain.search.conditions import (
    EVERYTHING,
    NOTHING,
    Condition,
    Either,
    Every,
    FileNamed,
    Group,
    How,
    Not,
    Sense,
    Taken,
)
from heliograph_metadata.domain.search.groups import area_group, every, one_term, status_condition
from heliograph_metadata.domain.search.needs import NAMED_FIELDS, Filters
from heliograph_metadata.domain.search.parsing import TIME_FIELDS, value_of
from heliograph_metadata.domain.search.query import (
    All,
    Any,
    Certainty,
    Clause,
    Field,
    Filter,
    Negation,
    Part,
    Query,
    Words,
    clauses,
)
from heliograph_metadata.domain.search.values import (
    EVER,
    EachYear,
    TimeSpan,
    bounds_of,
    circle_of,
    date_span,
    is_year,
    month_named,
    time_of,
)
from heliograph_metadata.domain.search.vocabulary import Vocabulary
from heliograph_metadata.domain.terms import (
    FAVOURITE,
    LOCATED,
    TRASHED,
    Term,
    folded,
    label_term,
    tokens,
)

MOST_TERMS: Final = 240
"""Of a whole search; of more, those of each word that most photos bear."""
_FEWEST_OF_A_WORD: Final = 6
MOST_ALTERNATIVES: Final = 80
_LONGEST_RUN: Final = 4

_FILLERS: Final = frozenset(
    tokens("a an the of in on at with my our me and from to by for is are was")
    + tokens("photo photos picture pictures image images pic pics shot shots")
)
"""Words that people write around what they look for; passed over where they name nothing."""


class Meaning:
    """Turns a written search into conditions, in the words of one library."""

    def __init__(self, vocabulary: Vocabulary, *, min_confidence: float = 0.0, clauses: int = 1) -> None:
        self._vocabulary = vocabulary
        self._min_confidence = min_confidence
        self._most = min(MOST_ALTERNATIVES, max(MOST_TERMS // max(clauses, 1), _FEWEST_OF_A_WORD))

    def of(self, part: Part) -> Condition | None:
        """Return the condition of a part; None where it says nothing, as punctuation does."""
        match part:
            case Words():
                return self.words([part])
            case Filter():
                return self.filter(part)
            case Negation():
                inner = self.of(part.part)
                return None if inner is None else Not(inner)
            case All():
                return every(self._side_by_side(part.parts))
            case Any():
                found = [one for alternative in part.parts if (one := self.of(alternative)) is not None]
                return Either(tuple(found)) if len(found) > 1 else found[0] if found else None

    def _side_by_side(self, parts: Sequence[Part]) -> list[Condition]:
        """Return the conditions of parts that must all hold; words next to one another may be one name."""
        found: list[Condition | None] = []
        run: list[Words] = []
        for part in parts:
            if isinstance(part, Words) and not part.quoted and part.certainty is None:
                run.append(part)
                continue
            found += [self.words(run), self.of(part)]
            run = []
        found.append(self.words(run))
        return [one for one in found if one is not None]

    def words(self, run: Sequence[Words]) -> Condition | None:
        """Return the condition of free words next to one another; None where they are no words."""
        if not run:
            return None
        [first, *others] = run
        if not others and (first.quoted or first.certainty):
            return self._whole(first)
        parts: list[tuple[str, str]] = [(one.value, token) for one in run for token in _tokens_of(one.value)]
        found: list[Condition] = []
        at = 0
        while at < len(parts):
            taken = 1
            for length in range(min(_LONGEST_RUN, len(parts) - at), 1, -1):
                senses = self._run(" ".join(token for _, token in parts[at : at + length]))
                if senses:
                    each = [self._free(token) for _, token in parts[at : at + length]]
                    found.append(Either((self._group(senses, is_ranked=True), Every(tuple(each)))))
                    taken = length
                    break
            else:
                token = parts[at][1]
                if not (token in _FILLERS and len(parts) > 1 and self._is_filler(token)):
                    found.append(self._free(token))
            at += taken
        return every(found)

    def _is_filler(self, token: str) -> bool:
        names = self._vocabulary.names.values()
        return not any(one.called(token) for one in names)

    def _run(self, text: str) -> list[Sense]:
        """Return the names that are just these words, and the labels that they are another word for."""
        kinds = ("label", "place", "camera", "lens", "album")
        senses = [sense for kind in kinds for sense in self._vocabulary.named(kind, text)]
        known = {sense.term for sense in senses}
        return senses + [one for one in self._vocabulary.synonyms(text) if one.term not in known]

    def _free(self, token: str) -> Condition:
        """Return the condition of one free word: a time, or whatever it means in this library."""
        span = date_span(token) if "-" in token or ".." in token else None
        if span is None and is_year(token) and any(month.startswith(token) for month, _ in self._vocabulary.months):
            span = TimeSpan(token, f"{token}~")
        if span is not None:
            return Taken((span,), token)
        group = self._group(self._vocabulary.free(token), is_ranked=True)
        month = month_named(token)
        if month is None or any(
            sense.how is How.EXACT and sense.term.kind != "word" for sense in group.senses.values()
        ):
            return group
        each = Taken(self._each_year(month), token)
        return Either((each, group)) if group.terms else each

    def _whole(self, one: Words) -> Condition | None:
        """Return the condition of a name in quotes, or of a label with a confidence."""
        plain = folded(one.value)
        if one.certainty:
            senses = self._vocabulary.named("label", plain) if one.quoted else self._vocabulary.meaning("label", plain)
            return self._group(senses, is_ranked=True, certainty=one.certainty)
        if not tokens(plain):
            return None
        if (span := date_span(one.value)) is not None:
            return Taken((span,), one.value)
        kinds = ("label", "place", "camera", "lens", "album")
        found: list[Condition] = []
        if senses := [sense for kind in kinds for sense in self._vocabulary.named(kind, plain)]:
            found.append(self._group(senses, is_ranked=True))
        each = [self._group(self._written(token), is_ranked=True) for token in dict.fromkeys(tokens(plain))]
        if all(group.terms for group in each):
            found.append(Every(tuple(each)) if len(each) > 1 else each[0])
        return Either(tuple(found)) if len(found) > 1 else found[0] if found else NOTHING

    def _written(self, token: str) -> list[Sense]:
        return [sense for sense in self._vocabulary.written(token) if sense.term.value == token]

    def filter(self, clause: Filter) -> Condition:
        """Return the condition of a filter."""
        if clause.field in TIME_FIELDS:
            return self._time(clause)
        if clause.field in NAMED_FIELDS:
            senses = self._of_kind(NAMED_FIELDS[clause.field], clause.value, is_exact=clause.quoted)
            return self._group(_filters(senses))
        makers: dict[Field, Callable[[Filter], Condition]] = {
            Field.LABEL: self._label,
            Field.CONFIRMED: self._confirmed,
            Field.ALBUM: self._album,
            Field.WORD: self._word,
            Field.FILENAME: self._filename,
            Field.IS: self._state,
            Field.TYPE: lambda one: one_term(Term("type", folded(value_of(one))), value_of(one).upper()),
            Field.STATUS: lambda one: status_condition(value_of(one)),
            Field.HAS: lambda _: one_term(LOCATED, "With a location"),
            Field.NEAR: lambda one: area_group(circle_of(one.value)),
            Field.BBOX: lambda one: area_group(bounds_of(one.value)),
        }
        return makers[clause.field](clause)

    def _label(self, clause: Filter) -> Condition:
        named, meaning = self._vocabulary.named, self._vocabulary.meaning
        senses = named("label", clause.value) if clause.quoted else meaning("label", clause.value)
        return self._group(senses, is_ranked=True, certainty=clause.certainty)

    def _word(self, clause: Filter) -> Condition:
        parts = [self._group(self._vocabulary.written(token), is_ranked=True) for token in tokens(clause.value)]
        return every(list(parts)) or NOTHING

    def outside(self, filters: Filters) -> list[Condition]:
        """Return the conditions of the filters that stand outside the text."""
        found: list[Condition] = []
        confirmed = self._vocabulary.of("confirmed")
        for label in filters.labels:
            term = label_term(label)
            senses = [Sense(term, label, How.EXACT)]
            if term.value and confirmed.called(term.value):
                senses.append(Sense(Term("confirmed", term.value), label, How.CONFIRMED))
            found.append(self._group(senses, is_ranked=True))
        if filters.album_id:
            found.append(one_term(Term("album", filters.album_id), ""))
        if filters.status:
            found.append(status_condition(filters.status))
        if filters.favourite is not None:
            found.append(one_term(FAVOURITE, "Favourites") if filters.favourite else Group((), favourite=False))
        for kind, wanted in (("place", filters.place), ("camera", filters.camera)):
            if wanted:
                found.append(self._group(_filters(self._of_kind(kind, wanted))))
        found += [area_group(area) for area in (filters.near, filters.bbox) if area]
        if filters.time != EVER:
            found.append(Taken((filters.time,)))
        return found

    def _of_kind(self, kind: str, value: str, *, is_exact: bool = False) -> list[Sense]:
        """Return the term with just this value, or else those whose names have all the words."""
        names = self._vocabulary.of(kind).all
        exact = [name.meant(How.EXACT) for name in names if folded(name.term.value) == folded(value)]
        if exact:
            return exact
        return self._vocabulary.named(kind, value) if is_exact else self._vocabulary.meaning(kind, value)

    def _confirmed(self, clause: Filter) -> Condition:
        senses = self._vocabulary.named("confirmed", clause.value)
        if not senses and not clause.quoted:
            meant = {sense.term.value for sense in self._vocabulary.meaning("label", clause.value)}
            confirmed = self._vocabulary.of("confirmed")
            senses = [name.meant(How.CONFIRMED) for name in confirmed.all if name.term.value in meant]
        return self._group([replace(sense, how=How.CONFIRMED) for sense in senses])

    def _album(self, clause: Filter) -> Condition:
        albums = self._vocabulary.of("album")
        by_id = [name.meant(How.EXACT) for name in albums.all if name.term.value == clause.value]
        senses = by_id or self._vocabulary.named("album", clause.value)
        if not senses and not clause.quoted:
            senses = self._vocabulary.meaning("album", clause.value)
        return self._group(_filters(senses))

    def _filename(self, clause: Filter) -> Condition:
        value = clause.value
        stem = value.rsplit(".", 1)[0]
        starts = [self._group(_filters(self._vocabulary.written(token))) for token in tokens(stem) if token.isalpha()]
        indexed = [group for group in starts if group.terms]
        return Every((*indexed, FileNamed(value))) if indexed else FileNamed(value)

    def _state(self, clause: Filter) -> Condition:
        value = value_of(clause)
        if value == "confirmed":
            names = self._vocabulary.of("confirmed").all
            return self._group([name.meant(How.CONFIRMED) for name in names])
        return one_term(TRASHED, "Trash") if value == "trashed" else one_term(FAVOURITE, "Favourites")

    def _time(self, clause: Filter) -> Condition:
        time = time_of(clause)
        spans = self._each_year(time.month) if isinstance(time, EachYear) else (time,)
        return Taken(spans, f"{clause.field}:{clause.value}")

    def _each_year(self, month: int) -> tuple[TimeSpan, ...]:
        return tuple(
            TimeSpan(value, f"{value}~") for value, _ in self._vocabulary.months if value.endswith(f"-{month:02}")
        )

    def _group(self, senses: Iterable[Sense], *, is_ranked: bool = False, certainty: Certainty | None = None) -> Group:
        """Return the group of these senses: the best and most borne, without places within another that is there."""
        by_term: dict[Term, Sense] = {}
        for sense in senses:
            if sense.term not in by_term or sense.bands[0] < by_term[sense.term].bands[0]:
                by_term[sense.term] = sense
        places = {term.value for term in by_term if term.kind == "place"}
        kept = [sense for sense in by_term.values() if not _lies_in_another(sense.term, places)]
        confirmed = self._vocabulary.of("confirmed")
        if is_ranked:
            kept += [
                name.meant(How.CONFIRMED)
                for sense in kept
                if sense.term.kind == "label" and sense.how is How.EXACT
                for name in confirmed.called(sense.term.value)
            ]
        kept.sort(key=lambda sense: (sense.bands[0], -(sense.photos or 0), sense.term))
        best = {sense.term: sense for sense in kept[: self._most]}
        return Group(
            tuple(best),
            min_confidence=self._min_confidence,
            certainty=certainty,
            senses=best,
            is_ranked=is_ranked,
        )


def meaning_of(query: Query, vocabulary: Vocabulary, filters: Filters) -> Condition:
    """Return what must hold of a photo that a search is about."""
    count = sum(len(tokens(clause.value)) or 1 for clause in clauses(query.root)) + len(filters.labels)
    meaning = Meaning(vocabulary, min_confidence=filters.min_confidence, clauses=count)
    found = meaning.outside(filters)
    if query.root is not None and (inside := meaning.of(query.root)) is not None:
        found = [*inside.parts, *found] if isinstance(inside, Every) else [inside, *found]
    return every(found) or EVERYTHING


def senses_of(clause: Clause, vocabulary: Vocabulary) -> list[Sense]:
    """Return what a clause alone means in a library's own words, the best first."""
    found = Meaning(vocabulary).of(clause)
    stack, senses = [found] if found else [], dict[Term, Sense]()
    while stack:
        one = stack.pop()
        if isinstance(one, Group):
            senses |= dict(one.senses)
        elif isinstance(one, Every | Either):
            stack += one.parts
    return list(senses.values())


def _tokens_of(value: str) -> list[str]:
    """Return the words of a free word; a date stays one."""
    return [value] if date_span(value) is not None else tokens(value)


def _filters(senses: Iterable[Sense]) -> list[Sense]:
    return [replace(sense, how=How.FILTER) for sense in senses]


def _lies_in_another(term: Term, places: set[str]) -> bool:
    parts = term.value.split("/")
    return term.kind == "place" and any("/".join(parts[:end]) in places for end in range(1, len(parts)))
