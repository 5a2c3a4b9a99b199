"""What is this place called? Where somebody takes photos again and again: home, grandma's."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import ClassVar, Final

from heliograph_metadata.domain.bulk_edit import MOST_KEYWORDS, BulkEdit
from heliograph_metadata.domain.photo import Location, Photo
from heliograph_metadata.domain.questions.dates import is_dated
from heliograph_metadata.domain.questions.guesses import HOMES
from heliograph_metadata.domain.questions.kind import Edit, Kind
from heliograph_metadata.domain.questions.kinds.place import PlaceKind
from heliograph_metadata.domain.questions.memory import Answered, Memory
from heliograph_metadata.domain.questions.question import HOUR, Answer, Named, Question, Reach
from heliograph_metadata.domain.questions.sketch import NOTHING, Mark, Sketch, Sketches, hours, kilometres, middle
from heliograph_metadata.domain.questions.value import GLANCE_SECONDS, PRIORS, worth
from heliograph_metadata.domain.questions.wording import mended
from heliograph_metadata.domain.terms import folded
from heliograph_metadata.domain.tiles import quadkey, tiles_around

_LEVEL: Final = 18
"""Tiles about 150 metres wide. A place is such a tile and those around it in which photos were taken in several months,
too: who says home does not mean the next street, and where somebody once took photos nearby has not its name."""
_LEAST_MONTHS_AROUND: Final = 3
_LEAST_SHARE_AROUND: Final = 0.3
"""So many of the months of the tile itself, and three at least: at the corners of a house as many photos are of the
street."""
_ON_A_WALK: Final = 2
"""Whoever takes photos at a house and in so many tiles that do not touch it, within an hour, walks past it."""
_WALK_KM: Final = 5.0
"""No further: others of a family take photos elsewhere in the same hour."""
_LEAST_MONTHS: Final = 4
_LEAST_PHOTOS: Final = 12
_NAMES_BITS: Final = 4.0
"""Of choice among the places that a person calls by a name of their own."""
_COHESION: Final = 0.97
_LEAST_MONTHS_OF_A_YEAR: Final = 2
_LEAST_YEARS: Final = 2
"""A year counts in which somebody was at a place in so many months, and so many shared years speak against one name."""
_APART_KM: Final = 1.0
"""Places nearer than that are parts of one."""
_POSTED_LEVEL: Final = 12
HOME: Final = "Home"
"""The default of a place where somebody mostly is."""
_AT_HOME: Final = 0.5
"""So many of the months with photos of those years were spent there too."""
_IS_HOME: Final = 0.85
"""The chance that a place is called so where somebody was in half of all months, and in no town more often. Our own
estimate."""
_WRITING_SECONDS: Final = PRIORS["same-place"].seconds - PRIORS["events"].seconds
"""What a name that is there already saves."""


class SamePlaceKind(Kind):
    """Asks what a place is called at which photos were taken in many months."""

    name: ClassVar[str] = "same-place"
    takes: ClassVar[tuple[type[Answer], ...]] = (Named,)

    def marks(self, photo: Photo) -> Iterator[Mark]:
        """Yield its tile, and its month in it."""
        if (point := photo.point) and is_dated(photo):
            yield quadkey(point.latitude, point.longitude, _LEVEL), f"{photo.taken:%Y-%m}"

    def questions(self, group: str, sketches: Sketches, memory: Memory, *, now: datetime) -> Iterator[Question]:
        """Yield a question for a tile of many months."""
        del now
        own = sketches.sketch(self.name, group)
        if len(own) < _LEAST_MONTHS or len(group) != _LEVEL:
            return
        homes = sketches.sketch(PlaceKind.name, HOMES)
        around = {tile: sketches.sketch(self.name, tile) for tile in tiles_around(group)}
        if any(_rank(tile, months) > _rank(group, own) for tile, months in around.items()):
            return  # it is asked about with that one
        if not homes:
            return  # not read yet, as the tiles around were not: its months are read only where it is asked about
        least = max(_LEAST_MONTHS_AROUND, _LEAST_SHARE_AROUND * len(own))
        tiles = {group: own} | {tile: there for tile, there in around.items() if len(there) >= least}
        months = {month for there in tiles.values() for month in there}
        in_years = Counter(month[:4] for month in months)
        years = sorted(year for year, count in in_years.items() if count >= _LEAST_MONTHS_OF_A_YEAR)
        photos = sum(sum(there.values()) for there in tiles.values())
        passing = _passing(tiles, sorted(months), sketches) if photos >= _LEAST_PHOTOS else Counter()
        photos -= passing.total()
        if photos < _LEAST_PHOTOS:
            return
        is_home = _is_home(months, in_years, homes, group)
        latitude, longitude = middle(group)
        yield Question(
            kind=self.name,
            group=group,
            key=group,
            prompt="You have often been here. What do you call this place?",
            why=f"Photos of {len(months)} months were taken here.",
            mends=mended(photos, "are found by that name"),
            reach=Reach(tuple(dict.fromkeys(f"area:{tile[:_POSTED_LEVEL]}" for tile in tiles)), photos),
            worth=worth(
                self.name,
                photos=photos,
                certainty=0.0,
                alternatives=_NAMES_BITS,
                confidence=memory.trust * _COHESION,
                knows=memory.knows(self.name),
                seconds=6 * GLANCE_SECONDS - (_IS_HOME * _WRITING_SECONDS if is_home else 0.0),
            ),
            facts={
                "latitude": latitude,
                "longitude": longitude,
                "once": 1,
                "scope": group,
                "tiles": " ".join(tiles),
                "years": " ".join(years),
                "passing": " ".join(passing),
            },
            default=Named(HOME) if is_home else None,
            certainty=_IS_HOME if is_home else 0.0,
            alternatives=_NAMES_BITS,
            cohesion=_COHESION,
        )

    def reaches(self, question: Question, photo: Photo) -> bool:
        """Whether it was taken there."""
        point: Location | None = photo.point
        is_there = point is not None and quadkey(point.latitude, point.longitude, _LEVEL) in _tiles(question)
        is_passing = photo.taken.strftime(HOUR) in str(question.facts.get("passing", "")).split()
        return is_there and not is_passing and is_dated(photo) and len(photo.keywords) < MOST_KEYWORDS

    def may_reach(self, question: Question, point: tuple[float, float] | None, confidence: float | None) -> bool:
        """Whether it was taken there."""
        del confidence
        return point is not None and quadkey(*point, _LEVEL) in _tiles(question)

    def edits(self, question: Question, answer: Answer, *, confidence: float) -> tuple[Edit, ...]:
        """Return that all of them have the name as a keyword."""
        del question, confidence
        if not isinstance(answer, Named) or not folded(answer.name):
            return ()
        return (Edit(BulkEdit(add_keywords=(answer.name,))),)

    def contradicts(self, question: Question, answer: Answer, memory: Memory) -> str:
        """Return that another place is called so, at which the person was in the same years."""
        other = next(iter(self.at_odds(question, answer, memory)), None)
        if other is None or not isinstance(answer, Named):
            return ""
        apart = kilometres(_point(question), _point(other.question))
        return f"You call a place {answer.name} that is {apart:,.0f} km from there, and were at both in the same years."

    def at_odds(self, question: Question, answer: Answer, memory: Memory) -> tuple[Answered, ...]:
        """Return the answers that gave the name to a house elsewhere: who moves takes it along, else one is wrong."""
        if not isinstance(answer, Named):
            return ()
        return tuple(
            one
            for one in memory.live.values()
            if one.question.kind == self.name and one.question.key != question.key
            if isinstance(one.answer, Named) and folded(one.answer.name) == folded(answer.name)
            if one.answer_id not in memory.refuted
            if kilometres(_point(question), _point(one.question)) >= _APART_KM
            if _are_of_one_time(question, one.question)
        )


def _is_home(months: set[str], in_years: Counter[str], usual: Sketch, group: str) -> bool:
    """Whether somebody was here in most months of the years, and in no other town in as many.

    Args:
        months: In which photos were taken here.
        in_years: How many they are, by year.
        usual: Months and towns in which photos were taken, as the place kind keeps them.
        group: The tile.
    """
    by_town: dict[str, set[str]] = {}
    for cell in usual:
        month, _, town = cell.partition("|")
        if in_years[month[:4]] >= _LEAST_MONTHS_OF_A_YEAR:
            by_town.setdefault(town, set()).add(month)
    here = by_town.get(group[:_POSTED_LEVEL], set())
    others = max((len(there) for town, there in by_town.items() if town != group[:_POSTED_LEVEL]), default=0)
    return len(here) > others and len(months) >= _AT_HOME * len(set().union(*by_town.values()))


def _passing(tiles: Mapping[str, Sketch], months: Iterable[str], sketches: Sketches) -> Counter[str]:
    """Return the hours in which photos were taken at a house and in its streets, with how many: of walks past it.

    Tiles that touch the house are no streets: a phone indoors is often a house or two wrong.
    """
    house = {*tiles, *(beside for tile in tiles for beside in tiles_around(tile)), NOTHING}
    here = middle(next(iter(tiles)))
    found: Counter[str] = Counter()
    for hour in hours(sketches, PlaceKind.name, months):
        there = sum(count for tile, count in hour.cells.items() if tile in tiles)
        streets = [tile for tile in hour.cells.keys() - house if kilometres(middle(tile), here) <= _WALK_KM]
        if there and len(streets) >= _ON_A_WALK:
            found[hour.at.strftime(HOUR)] = there
    return found


def _rank(tile: str, months: Sketch) -> tuple[int, int, str]:
    """Return the key by which the tile that most was taken in comes last."""
    return len(months), sum(months.values()), tile


def _tiles(question: Question) -> list[str]:
    return str(question.facts["tiles"]).split()


def _point(question: Question) -> tuple[float, float]:
    return float(question.facts["latitude"]), float(question.facts["longitude"])


def _are_of_one_time(one: Question, other: Question) -> bool:
    """Whether somebody was often at two places in the same years, and not first at one and then at the other."""
    here, there = (set(str(question.facts.get("years", "")).split()) for question in (one, other))
    shared = len(here & there)
    return shared >= _LEAST_YEARS and 2 * shared >= min(len(here), len(there))
