"""Places by name, offline: country and region by their boundaries, the city by 155,000 towns and their size.

All of it is in places.npz, made by tools/places.py. It contains towns of GeoNames (geonames.org, CC BY 4.0), borders
of countries by the country-coder contributors (ISC) and borders of regions by Natural Earth (public domain).
"""

from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from heliograph_metadata.boundaries import Boundaries
from heliograph_metadata.domain.photo import Location, Place
from heliograph_metadata.domain.terms import folded
from heliograph_metadata.town_names import TownNames

PLACES: Final = Path(__file__).with_name("places.npz")

COUNTRY_UNITS: Final = 100_000
REGION_UNITS: Final = 1_000
"""Units of the boundaries in a degree: about a metre, and 110 metres."""

EARTH_RADIUS_KM: Final = 6371.0088
FARTHEST_KM: Final = 100.0
"""Beyond this from every town of its country a photo was taken in no city, and at sea nowhere in particular."""
OFF_SHORE_KM: Final = 30.0
"""Outside all countries' waters a photo still belongs to a town this near."""
OWN_GROUND_KM: Final = 1.0
"""So near to a town's middle its region is the town's: boundaries of regions are right to about so much."""

LARGEST_RADIUS_KM: Final = 25.5
_BAND_DEGREES: Final = 1.2
"""North and south of a place; a little more than the farthest town and its radius."""
_REMEMBERED: Final = 16_384
"""Points whose places are kept, some 5 MB: people come back to where they were, and lists show photos again."""
_MOST_LATITUDE: Final = 89.9999
_MOST_LONGITUDE: Final = 179.99
"""Boundaries end at the poles and near the date line; a point just there is looked up a little beside."""


def radius_of_population(population: int) -> float:
    """Return how far a town reaches, in km: as if 12,700 people lived on each square kilometre of it."""
    return min(0.005 * float(np.sqrt(population)), LARGEST_RADIUS_KM)


class Gazetteer:
    """Towns from south to north and boundaries, in arrays of about 15 MB; a look takes a fraction of a millisecond."""

    def __init__(self) -> None:
        with np.load(PLACES, allow_pickle=False) as places:
            order = np.argsort(places["latitude"], kind="stable")
            self._number = order.astype(np.int32)  # where a town stands among the names
            self._latitude = places["latitude"][order] / np.float32(1000)
            self._longitude = places["longitude"][order] / np.float32(1000)
            self._towns = _on_unit_sphere(np.radians(self._latitude), np.radians(self._longitude))  # (towns, 3)
            self._region: NDArray[np.uint16] = places["region"][order]
            self._radius_km = places["radius"][order] / np.float32(10)
            self._cities: bytes = places["cities"].tobytes()
            self._ends = np.append(np.flatnonzero(places["cities"] == ord("\n")), len(self._cities))
            self._regions: list[tuple[str, str]] = [(code, name) for code, name in _rows(places["regions"])]
            self._names: dict[str, str] = dict(_rows(places["countries"]))
            self._codes = [code for (code,) in _rows(places["country_codes"])]
            self._countries = Boundaries(
                places["country_steps"], places["country_lengths"], places["country_areas"], per_degree=COUNTRY_UNITS
            )
            self._lands = Boundaries(
                places["region_steps"], places["region_lengths"], places["region_areas"], per_degree=REGION_UNITS
            )
        codes, numbers = np.unique([code for code, _ in self._regions], return_inverse=True)
        self._country = numbers.astype(np.int16)[self._region]
        self._country_numbers = {str(code): number for number, code in enumerate(codes)}
        self._remembered = lru_cache(_REMEMBERED)(self._looked_up)

    def __len__(self) -> int:
        return len(self._region)

    def place_at(self, latitude: float, longitude: float) -> Place | None:
        """Return the place there; None at sea far from every town, and at 0, 0, which broken files say.

        The country is the one within whose borders or coastal waters the point lies. The region is that whose
        boundaries hold it, or that of the nearest town where they are not known. The city is, of the towns of
        country and region, the one whose edge is nearest: so a photo from a village beside a suburb is of the
        village, and one from a city's quarter that happens to be listed is of the city.

        Args:
            latitude: Degrees north, WGS 84.
            longitude: Degrees east.
        """
        return self._remembered(latitude, longitude)

    def _looked_up(self, latitude: float, longitude: float) -> Place | None:
        if latitude == 0 and longitude == 0:
            return None
        here = _on_unit_sphere(np.radians(latitude), np.radians(longitude))
        south, north = np.searchsorted(self._latitude, [latitude - _BAND_DEGREES, latitude + _BAND_DEGREES])
        # Through the earth, not over it: up to FARTHEST_KM that is the same to the metre
        apart = self._towns[south:north] - here
        distance_km = EARTH_RADIUS_KM * np.sqrt(np.einsum("ij,ij->i", apart, apart))
        beside = _within(latitude, _MOST_LATITUDE), _within(longitude, _MOST_LONGITUDE)
        within = self._countries.holding(*beside)
        code = self._codes[within[0]] if within else self._code_off_shore(int(south), distance_km)
        if code is None:
            return None
        lands = [number for number in self._lands.holding(*beside) if self._regions[number][0] == code]
        native = np.where(
            self._country[south:north] == self._country_numbers.get(code, -1), distance_km, np.float32(np.inf)
        )
        near = bool(native.size) and bool(native.min() <= FARTHEST_KM)
        if not near and not lands:
            return None
        region = next((number for number in lands if self._regions[number][1]), None)
        if near and (region is None or native.min() <= OWN_GROUND_KM):
            region = int(self._region[south + native.argmin()])
        city = ""
        if near:
            at_home = (self._region[south:north] == region) & (native <= FARTHEST_KM)
            to_edge = np.where(at_home, native - self._radius_km[south:north], np.float32(np.inf))
            if at_home.any():
                city = self._city(int(self._number[south + to_edge.argmin()]))
        return Place(
            country_code=code,
            country=self._names[code],
            region=self._regions[region][1] if region is not None else "",
            city=city,
        )

    def named(self, text: str, *, limit: int) -> list[Location]:
        """Return towns of which a word begins so, the largest of those that begin so themselves first.

        Args:
            text: A name or its beginning; after a comma the beginning of its region or country.
            limit: The most towns to return.
        """
        name, _, area = text.partition(",")
        if not (name := folded(name)):
            return []
        numbers, begins = self._town_names.called(name)
        places = self._places[numbers]
        best = places[np.lexsort((numbers, -self._radius_km[places], ~begins))]
        found = (self._town(int(place)) for place in best)
        return list(islice((town for town in found if _lies_in(town.place, folded(area))), limit))

    @cached_property
    def _town_names(self) -> TownNames:
        return TownNames(self._cities.decode())

    @cached_property
    def _places(self) -> NDArray[np.int32]:
        """Where the town of each name stands from south to north."""
        places = np.empty_like(self._number)
        places[self._number] = np.arange(len(places), dtype=np.int32)
        return places

    def _town(self, place: int) -> Location:
        code, region = self._regions[int(self._region[place])]
        there = Place(code, self._names[code], region, self._city(int(self._number[place])))
        return Location(round(float(self._latitude[place]), 3), round(float(self._longitude[place]), 3), place=there)

    def _code_off_shore(self, south: int, distance_km: NDArray[np.float32]) -> str | None:
        """Return the country of the nearest town where no country's waters reach; None far from all."""
        if distance_km.size == 0 or distance_km.min() > OFF_SHORE_KM:
            return None
        return self._regions[int(self._region[south + distance_km.argmin()])][0]

    def _city(self, number: int) -> str:
        start = int(self._ends[number - 1]) + 1 if number else 0
        return self._cities[start : int(self._ends[number])].decode()


def _lies_in(place: Place | None, area: str) -> bool:
    """Whether a place is of an area whose name begins so: its region, its country or that one's code."""
    if not area or place is None:
        return not area
    return any(folded(one).startswith(area) for one in (place.region, place.country, place.country_code))


def _within(degrees: float, most: float) -> float:
    return min(max(degrees, -most), most)


def _rows(lines: NDArray[np.uint8]) -> list[list[str]]:
    return [line.split("\t") for line in lines.tobytes().decode().split("\n")]


def _on_unit_sphere(latitude: Any, longitude: Any) -> NDArray[np.float32]:
    """Return points in space, (…, 3), of angles in radians: distances between them know no date line and no pole."""
    across = np.cos(latitude)
    return np.stack([across * np.cos(longitude), across * np.sin(longitude), np.sin(latitude)], axis=-1).astype(
        np.float32
    )
