"""Places by name, offline: the nearest of 155,000 towns, weighed by their size.

The list, places.npz, is made by tools/places.py. It contains data of GeoNames (geonames.org) under CC BY 4.0.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from heliograph_metadata.domain.photo import Place

PLACES: Final = Path(__file__).with_name("places.npz")

EARTH_RADIUS_KM: Final = 6371.0088
FARTHEST_KM: Final = 100.0
"""Beyond this from every town (at sea, in a desert) a photo was taken nowhere in particular."""

LARGEST_RADIUS_KM: Final = 25.5
_BAND_DEGREES: Final = 1.2
"""North and south of a place; a little more than the farthest town and its radius."""


def radius_of_population(population: int) -> float:
    """Return how far a town reaches, in km: as if 12,700 people lived on each square kilometre of it."""
    return min(0.005 * float(np.sqrt(population)), LARGEST_RADIUS_KM)


class Gazetteer:
    """All the towns from south to north, in arrays of about 5 MB; a look takes a fraction of a millisecond."""

    def __init__(self) -> None:
        with np.load(PLACES, allow_pickle=False) as places:
            order = np.argsort(places["latitude"], kind="stable")
            self._number = order.astype(np.int32)  # where a town stands among the names
            self._latitude = places["latitude"][order] / np.float32(1000)
            longitude = places["longitude"][order] / np.float32(1000)
            self._towns = _on_unit_sphere(np.radians(self._latitude), np.radians(longitude))  # (towns, 3)
            self._region: NDArray[np.uint16] = places["region"][order]
            self._radius_km = places["radius"][order] / np.float32(10)
            self._cities: bytes = places["cities"].tobytes()
            self._ends = np.append(np.flatnonzero(places["cities"] == ord("\n")), len(self._cities))
            self._regions = [line.split("\t") for line in places["regions"].tobytes().decode().split("\n")]
        codes = np.array([code for code, _, _ in self._regions])
        self._country = np.unique(codes, return_inverse=True)[1][self._region]

    def __len__(self) -> int:
        return len(self._region)

    def place_at(self, latitude: float, longitude: float) -> Place | None:
        """Return the place there; None far from every town.

        The country is that of the nearest town. The city is, of that country's towns, the one whose edge is
        nearest: so a photo from a village beside a suburb is of the village, and one from a city's quarter that
        happens to be listed is of the city.

        Args:
            latitude: Degrees north, WGS 84.
            longitude: Degrees east.
        """
        here = _on_unit_sphere(np.radians(latitude), np.radians(longitude))
        south, north = np.searchsorted(self._latitude, [latitude - _BAND_DEGREES, latitude + _BAND_DEGREES])
        # Through the earth, not over it: up to FARTHEST_KM that is the same to the metre
        distance_km = EARTH_RADIUS_KM * np.sqrt(np.square(self._towns[south:north] - here).sum(axis=1))
        if distance_km.size == 0 or distance_km.min() > FARTHEST_KM:
            return None
        country = self._country[south:north]
        abroad = country != country[distance_km.argmin()]
        to_edge = np.where(abroad, np.inf, distance_km - self._radius_km[south:north])
        town = int(south + to_edge.argmin())
        code, name, region = self._regions[self._region[town]]
        return Place(country_code=code, country=name, region=region, city=self._city(int(self._number[town])))

    def _city(self, number: int) -> str:
        start = int(self._ends[number - 1]) + 1 if number else 0
        return self._cities[start : int(self._ends[number])].decode()


def _on_unit_sphere(latitude: Any, longitude: Any) -> NDArray[np.float32]:
    """Return points in space, (…, 3), of angles in radians: distances between them know no date line and no pole."""
    across = np.cos(latitude)
    return np.stack([across * np.cos(longitude), across * np.sin(longitude), np.sin(latitude)], axis=-1).astype(
        np.float32
    )
