"""Makes the conditions that need no library's names: states, areas, single terms."""

from collections.abc import Sequence
from typing import Final

from heliograph.photos import PhotoStatus
from heliograph_metadata.domain.search.conditions import EVERYTHING, Condition, Every, Group, Not, Sense
from heliograph_metadata.domain.terms import LOCATED, POSTED_LEVELS, TRASHED, Term, status_term
from heliograph_metadata.domain.tiles import Area, Circle, tile_count, tiles

_MOST_TILES: Final = 16


def status_condition(status: str) -> Condition:
    """Return the condition of a state; whatever is to be seen is ready but for what is prepared."""
    if status == PhotoStatus.READY:
        return Every((Not(Group((status_term(PhotoStatus.PREPARED),))), EVERYTHING))
    return one_term(TRASHED if status == "trashed" else status_term(PhotoStatus(status)), status)


def area_group(area: Area) -> Group:
    """Return the few posted tiles that cover an area, or all photos with a location where it is too large."""
    box = area.bounds() if isinstance(area, Circle) else area
    for level in reversed(POSTED_LEVELS):
        if tile_count(box, level) <= _MOST_TILES:
            return Group(tuple(Term("area", key) for key in sorted(tiles(box, level))), area=area)
    return Group((LOCATED,), area=area)


def every(conditions: Sequence[Condition]) -> Condition | None:
    """Return the condition that all of these hold; None of none."""
    return Every(tuple(conditions)) if len(conditions) > 1 else conditions[0] if conditions else None


def one_term(term: Term, name: str) -> Group:
    """Return the group of one term; without a name it is no reason to be told."""
    return Group((term,), senses={term: Sense(term, name)} if name else {})
