"""The marks of a photo as counted terms of the index, so that sketches are exact as all counts are.

A cell of a sketch is the count of a term: of the kind `sketch.place`, with the value `2024-06#1513|0331…`, the group
before the `#` and the cell after it.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.engine import Group, touched
from heliograph_metadata.domain.questions.registry import KINDS
from heliograph_metadata.domain.questions.sketch import is_asked_about
from heliograph_metadata.domain.terms import MOST_LABELS, SKETCH, Term

SKETCH_KINDS: Final = tuple(f"{SKETCH}{kind.name}" for kind in KINDS)

_MOST_OF_A_KIND: Final = MOST_LABELS
"""Of a photo: so that the change of all its counts fits into one transaction."""
_PARTS: Final = "#"
_MOST_BYTES: Final = 400
"""Of a term's value: it is part of a key, and of a question's address. By longer names of files nothing is asked."""


def sketch_terms(photo: Photo) -> set[Term]:
    """Return a photo's marks; none of a photo that is not to be seen."""
    if not is_asked_about(photo):
        return set()
    found: set[Term] = set()
    for kind in KINDS:
        terms = (Term(f"{SKETCH}{kind.name}", f"{first_of(group)}{cell}") for group, cell in kind.marks(photo))
        fitting = dict.fromkeys(term for term in terms if len(term.value.encode()) <= _MOST_BYTES)
        found.update(islice(fitting, _MOST_OF_A_KIND))
    return found


def first_of(group: str) -> str:
    """Return what the values of all terms of a group begin with, and those of no other group."""
    return group.replace("%", "%25").replace(_PARTS, "%23") + _PARTS


def split(value: str) -> tuple[str, str]:
    """Return what a term's value begins with, as `first_of` says it, and the cell."""
    group, parts, cell = value.partition(_PARTS)
    return group + parts, cell


def mark_of(term: Term) -> tuple[Group, str]:
    """Return the group and the cell that a term of a sketch stands for."""
    group, _, cell = term.value.partition(_PARTS)
    return (term.kind.removeprefix(SKETCH), group.replace("%23", _PARTS).replace("%25", "%")), cell


def sketched(terms: Iterable[Term]) -> set[Group]:
    """Return the groups whose sketches these terms are of, where anything is asked by them."""
    groups = {mark_of(term)[0] for term in terms if term.kind.startswith(SKETCH)}
    return {group for group in groups if touched([group])}
