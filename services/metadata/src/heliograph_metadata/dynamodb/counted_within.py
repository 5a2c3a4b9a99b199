"""Which count stands in an item of its own, and which within another's: the marks of a label in the label's.

A label's count is written whenever a photo gets the label or loses it, so how doubtful it is on its photos
(`sketch.label`) is told in the same item, at no price: attributes `c<cell>`, each a number of photos.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from heliograph_metadata.domain.questions.kinds.label import LabelKind
from heliograph_metadata.domain.sketched import first_of, mark_of
from heliograph_metadata.domain.terms import SKETCH, Term
from heliograph_metadata.dynamodb.values import Item

LABEL_MARKS: Final = f"{SKETCH}{LabelKind.name}"
_LABELS: Final = "label"
_CELL: Final = re.compile(r"c(\d+)", re.ASCII)


def by_item(terms: Iterable[Term]) -> dict[Term, dict[str, Term]]:
    """Return counted terms by the term in whose item they are counted: by attribute those within, none for its own."""
    found: dict[Term, dict[str, Term]] = {}
    for term in terms:
        if term.kind == LABEL_MARKS:
            (_, label), cell = mark_of(term)
            found.setdefault(Term(_LABELS, label), {})[f"c{cell}"] = term
        else:
            found.setdefault(term, {})
    return found


def cells_of(item: Mapping[str, Any]) -> dict[str, int]:
    """Return the marks that are counted within a label's item, by cell."""
    cells = ((_CELL.fullmatch(name), value) for name, value in item.items())
    return {found[1]: photos for found, value in cells if found and (photos := int(value["N"]))}


def marks_within(items: Iterable[Item]) -> dict[str, int]:
    """Return the counts of `LABEL_MARKS` that items of labels hold, by the values of their terms."""
    cells = ((first_of(item["sk"]["S"]), cells_of(item)) for item in items)
    return {f"{label}{cell}": photos for label, there in cells for cell, photos in there.items()}
