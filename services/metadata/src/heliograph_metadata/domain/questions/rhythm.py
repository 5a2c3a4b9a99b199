"""When a camera took its photos, by the hours at which clocks that are sure took theirs.

Two people at one place take photos at the same hours, with the same pauses between them.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

_FITS: Final = 0.65
_BETTER: Final = 0.2
"""Moved, so many of the hours must have photos of a sure clock beside them, and so many more than moved otherwise."""
_BOTH_WAYS: Final = 0.6
"""And so many of the hours of sure clocks from the first to the last must be among them: a long day fits any other."""
_LEAST_HOURS: Final = 8
_LEAST_DAYS: Final = 2
"""Hours that follow one another say nothing: it takes so many, of so many days."""
_MOST_HOURS: Final = 60
_MOST_OTHERS: Final = 2000
"""Of more, the first are compared; where there are more others, everything fits."""
_BEGINS: Final = 5
"""The first of so many hours is looked for: nobody takes photos beside the other all the time."""
_NEXT_TO: Final = 2
"""Hours by which another begin is the same one."""


def begin_of(
    own: Collection[datetime], sure: Collection[datetime], *, since: datetime, until: datetime
) -> tuple[datetime, float] | None:
    """Return when the first of some hours really was, and how well they fit then, 0-1; None where nothing fits alone.

    Args:
        own: Hours with photos of a clock of which only the differences are right.
        sure: Hours with photos of clocks that are right.
        since: All of them were taken after this,
        until: and before this.
    """
    hours = sorted(set(own))[:_MOST_HOURS]
    there = {hour for hour in sure if since <= hour <= until}
    if min(len(hours), len(there)) < _LEAST_HOURS or len(there) > _MOST_OTHERS:
        return None
    first, lasts = hours[0], hours[-1] - hours[0]
    after = [hour - first for hour in hours]
    begins = {hour - pause for hour in there for pause in after[:_BEGINS]}
    fits = {
        begin: sum(begin + pause in there for pause in after) / len(after)
        for begin in begins
        if since <= begin and begin + lasts <= until
    }
    if not fits:
        return None
    best = max(fits, key=lambda begin: (fits[begin], begin))
    beside = timedelta(hours=_NEXT_TO)
    others = max((fit for begin, fit in fits.items() if abs(begin - best) > beside), default=0.0)
    met = {best + pause for pause in after}
    meanwhile = [hour for hour in there if best <= hour <= best + lasts]
    is_both_ways = sum(hour in met for hour in meanwhile) >= _BOTH_WAYS * len(meanwhile)
    is_of_days = len({hour.date() for hour in met}) >= _LEAST_DAYS
    is_best = fits[best] >= max(_FITS, others + _BETTER)
    return (best, fits[best]) if is_best and is_both_ways and is_of_days else None
