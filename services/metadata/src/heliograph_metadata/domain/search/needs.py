"""What a search asks for besides its text, and which names of a library have to be read to understand it."""

from dataclasses import dataclass
from typing import Final

from heliograph_metadata.domain.search.parsing import TIME_FIELDS
from heliograph_metadata.domain.search.query import Field, Query, Words, clauses
from heliograph_metadata.domain.search.values import EVER, TimeSpan
from heliograph_metadata.domain.search.vocabulary import shortest_form
from heliograph_metadata.domain.terms import MOST_WORD_CHARACTERS, tokens
from heliograph_metadata.domain.tiles import Bounds, Circle

NAMED_FIELDS: Final = {
    Field.PLACE: "place",
    Field.CAMERA: "camera",
    Field.LENS: "lens",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Filters from outside the text; all must hold."""

    labels: tuple[str, ...] = ()
    min_confidence: float = 0.0
    """Of each label, also of those in the text."""
    time: TimeSpan = EVER
    place: str = ""
    camera: str = ""
    near: Circle | None = None
    bbox: Bounds | None = None
    album_id: str = ""
    status: str = ""
    favourite: bool | None = None


def kinds_needed(query: Query, filters: Filters) -> set[str]:
    """Return the kinds of names without which a search can't be understood."""
    kinds: set[str] = set()
    for clause in clauses(query.root):
        if isinstance(clause, Words):
            kinds |= {"label", "confirmed", "place", "camera", "lens", "album", "time"}
        elif clause.field in NAMED_FIELDS:
            kinds.add(NAMED_FIELDS[clause.field])
        elif clause.field in {Field.LABEL, Field.CONFIRMED}:
            kinds |= {"label", "confirmed"}
        elif clause.field is Field.ALBUM:
            kinds.add("album")
        elif clause.field in TIME_FIELDS:
            kinds.add("time")
        elif clause.field is Field.IS:
            kinds.add("confirmed")
    if filters.labels:
        kinds.add("confirmed")
    return kinds | {kind for kind, wanted in (("place", filters.place), ("camera", filters.camera)) if wanted}


def word_starts(query: Query) -> list[str]:
    """Return the beginnings of words that have to be looked up among captions, keywords and file names."""
    found: dict[str, None] = {}
    for clause in clauses(query.root):
        if isinstance(clause, Words) or clause.field in {Field.WORD, Field.FILENAME}:
            for token in tokens(clause.value):
                if len(token) <= MOST_WORD_CHARACTERS:
                    found[shortest_form(token)] = None
    return list(found)


def asks_for_names(query: Query, filters: Filters) -> bool:
    """Whether some photos can be more relevant than others."""
    ranked = (isinstance(one, Words) or one.field in {Field.LABEL, Field.WORD} for one in clauses(query.root))
    return bool(filters.labels) or any(ranked)
