"""In which town photos of some days were taken: what a trip is called until somebody says otherwise."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.named_days import NamedDays
from heliograph_metadata.domain.questions.sketch import MONTH, Hour, Mark, Sketches, months_of_year
from heliograph_metadata.domain.questions.stays import Stay

_TOWNS: Final = "towns "
_EVENT, _EVENTS = "event", "events"
_MOSTLY, _ONE_TOWN = 0.5, 0.9
_OF_SEVERAL: Final = 0.5
"""Where less than nine tenths of the photos of some days are of one town, another may name them, however few are of it.
Of simulated people 0.43."""
_IS_A_TRIP: Final = (0.7, 0.9, 0.9, 0.95)
"""Who takes photos in a town where they seldom are is on a trip that can be called by it, the more surely the more days
they are there. Of simulated people 0.7, 0.9, 0.97 and 0.99; somebody real may call it otherwise."""
LEAST_PHOTOS: Final = 12
"""Fewer are no event."""
_ONE_TRIP: Final = timedelta(hours=48)
_AS_BESIDE, _AS_BESIDE_SOMEWHERE = 0.93, 0.85
"""Days away so soon before or after others that have a name bear the same; less surely, where no town is known of them.
Of simulated people 0.99 and 0.96."""
_EVERYDAY: Final = 0.25
"""In a town of so many of the months with photos, and of three at least, nobody is on a trip."""
_LEAST_MONTHS: Final = 3
_HERE, _AWAY = "0000", "3333"
"""Tiles so far from one another that nobody is in both of them at once."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What some days may be called."""

    name: str
    certainty: float
    """The chance that it is called so, 0-1."""
    is_said: bool = False
    """Whether the person has called the days beside these so."""
    waits: bool = False
    """Whether another part of the trip is asked about first."""
    is_refused: bool = False
    """Whether the person has said that these days are not called so."""

    @property
    def is_offered(self) -> bool:
        """Whether it is asked for now."""
        return not self.waits and not self.is_refused


def town_mark(photo: Photo) -> Iterator[Mark]:
    """Yield in its month the hour and the town, where that is known."""
    if town := town_of(photo):
        yield f"{_TOWNS}{photo.taken:{MONTH}}", f"{photo.taken:%d%H}|{town}"


def town_of(photo: Photo) -> str:
    """Return the town in which a photo was taken; empty where that is not known."""
    place = photo.location.value.place if photo.location and photo.location.value else None
    return place.city if place else ""


def month_of(group: str) -> str:
    """Return the month of a group, be it one of hours or of towns."""
    return group.removeprefix(_TOWNS)


class Towns:
    """The towns of a year and a month on either side of it, by the hour."""

    def __init__(self, sketches: Sketches, year: str) -> None:
        months = months_of_year(year)
        self._by_hour: dict[datetime, Counter[str]] = {}
        seen: dict[str, set[str]] = {}
        for month in months:
            first = datetime.strptime(month, MONTH).replace(tzinfo=UTC)
            for cell, count in sketches.sketch(_EVENT, f"{_TOWNS}{month}").items():
                hour, _, town = cell.partition("|")
                at = first.replace(day=int(hour[:2]), hour=int(hour[2:]))
                self._by_hour.setdefault(at, Counter())[town] += count
                seen.setdefault(town, set()).add(month)
        self._hours = sorted(self._by_hour)
        least = max(_LEAST_MONTHS, _EVERYDAY * len(months))
        self._everyday = {town for town, there in seen.items() if len(there) >= least}

    @property
    def everyday(self) -> frozenset[str]:
        """Towns in which nobody is on a trip in that year."""
        return frozenset(self._everyday)

    def part(self, hours: Iterable[Hour]) -> None:
        """Mark hours by whether somebody was where they mostly are, so that stretches end where that changes."""
        for hour in hours:
            if there := self._by_hour.get(hour.at):
                is_everyday = max(sorted(there), key=lambda town: there[town]) in self._everyday
                hour.cells[_HERE if is_everyday else _AWAY] += 1

    def names_of(self, found: Sequence[Stay], memory: Memory) -> list[Guess | None]:
        """Return what stretches of days may be called, in their order.

        A trip through several towns has one name. Until the person has said one, its largest part is asked about by the
        name of its town, and the others wait.
        """
        guesses = [self._name_of(stay, memory) for stay in found]
        for trip in _trips(found, guesses):
            if len({guess.name for number, guess in trip.items() if found[number].missing >= LEAST_PHOTOS}) > 1:
                for number, guess in _one_first(trip, found, memory).items():
                    guesses[number] = guess
        return [
            guess and replace(guess, is_refused=_is_refused(stay, guess.name, memory))
            for stay, guess in zip(found, guesses, strict=True)
        ]

    def _name_of(self, stay: Stay, memory: Memory) -> Guess | None:
        """Return what a stretch of days may be called: as the days beside it, or by the town of most of it.

        Nothing, where it is not known where somebody mostly is: then nobody can say that they were away.
        """
        towns: Counter[str] = Counter()
        for at in self._hours[bisect_left(self._hours, stay.since) : bisect_right(self._hours, stay.until)]:
            towns += self._by_hour[at]
        town, count = min(towns.items(), key=lambda one: (-one[1], one[0]), default=("", 0))
        if not self._everyday or town in self._everyday:
            return None
        share = count / max(towns.total(), 1)
        called_so = share if share >= _ONE_TOWN else _OF_SEVERAL if share >= _MOSTLY else 0.0
        chance = called_so * _IS_A_TRIP[min(stay.days, len(_IS_A_TRIP)) - 1]
        own = Guess(f"{town} {stay.since:%Y}", chance) if chance else None
        for beside in memory.named_beside(stay.since, stay.until, within=_ONE_TRIP):
            sure = _AS_BESIDE if town and beside.is_away else _AS_BESIDE_SOMEWHERE
            if sure > chance and not self._was_home(beside, stay) and not _is_refused(stay, beside.name, memory):
                return Guess(beside.name, sure, is_said=True)
        return own

    def _was_home(self, named: NamedDays, stay: Stay) -> bool:
        """Whether somebody was where they mostly are between some days and others."""
        since, until = min(named.until, stay.until), max(named.since, stay.since)
        between = self._hours[bisect_right(self._hours, since) : bisect_left(self._hours, until)]
        return any(self._everyday.issuperset(self._by_hour[at]) for at in between)


def _trips(found: Sequence[Stay], guesses: Sequence[Guess | None]) -> Iterator[dict[int, Guess]]:
    """Yield the stretches that follow upon one another by their numbers, none of them where somebody mostly is."""
    trip: dict[int, Guess] = {}
    until: datetime | None = None
    for number, (stay, guess) in enumerate(zip(found, guesses, strict=True)):
        if trip and until and (guess is None or stay.since - until > _ONE_TRIP):
            yield trip
            trip = {}
        if guess is not None:
            trip[number], until = guess, stay.until
    if trip:
        yield trip


def _one_first(trip: Mapping[int, Guess], found: Sequence[Stay], memory: Memory) -> dict[int, Guess]:
    """Return the guesses of a trip through several towns: as a part was called, or first by its largest part."""
    if said := next((guess for guess in trip.values() if guess.is_said), None):
        return {
            number: guess if guess.is_said or _is_refused(found[number], said.name, memory) else said
            for number, guess in trip.items()
        }
    open_ = {
        number: guess
        for number, guess in trip.items()
        if found[number].missing >= LEAST_PHOTOS and not _is_refused(found[number], guess.name, memory)
    }
    if not open_:
        return dict(trip)
    first = open_[max(open_, key=lambda number: (found[number].missing, -number))].name
    names = len({guess.name for guess in open_.values()})
    return {
        number: replace(guess, certainty=guess.certainty / names, waits=guess.name != first)
        for number, guess in trip.items()
    }


def _is_refused(stay: Stay, name: str, memory: Memory) -> bool:
    return memory.was_refused(_EVENTS, stay.span, name)
