"""Places by name, offline: the nearest of 155,000 towns, weighed by their size.

The list, places.npz, is made by tools/places.py. It contains data of GeoNames (geonames.org) under CC BY 4.0.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from heliograph_metadata.domain.photo import Place

PLACES: Final = Path(__file__).with_name("places.npz")

EARTH_RADIUS_KM: Final = 6371.0088
FARTHEST_KM: Final = 100.0
"""Beyond this from every town (at sea, in a desert) a photo was taken nowhere in particular."""

LARGEST_RADIUS_KM: Final = 25.5
_NEAR_COSINE: Final = np.float32(np.cos((FARTHEST_KM + LARGEST_RADIUS_KM) / EARTH_RADIUS_KM))


def radius_of_population(population: int) -> float:
    """Return how far a town reaches, in km: as if 12,700 people lived on each square kilometre of it."""
    return min(0.005 * float(np.sqrt(population)), LARGEST_RADIUS_KM)


class Gazetteer:
    """All the towns, in arrays of about 5 MB; a look takes a fraction of a millisecond."""

    def __init__(self) -> None:
        with np.load(PLACES, allow_pickle=False) as places:
            latitude, longitude = np.radians(places["latitude"] / 1000), np.radians(places["longitude"] / 1000)
            self._towns = _on_unit_sphere(latitude, longitude).astype(np.float32)  # (towns, 3)
            self._region: NDArray[np.uint16] = places["region"]
            self._radius_km = places["radius"].astype(np.float32) / 10
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
        near = np.flatnonzero(self._towns @ here.astype(np.float32) > _NEAR_COSINE)
        if near.size == 0:
            return None
        # float32 cannot tell the cosine of a kilometre from that of none, so distances are those through the earth
        distance_km = EARTH_RADIUS_KM * np.linalg.norm(self._towns[near] - here, axis=1)
        nearest = distance_km.argmin()
        if distance_km[nearest] > FARTHEST_KM:
            return None
        abroad = self._country[near] != self._country[near[nearest]]
        town = int(near[np.where(abroad, np.inf, distance_km - self._radius_km[near]).argmin()])
        code, country, region = self._regions[self._region[town]]
        return Place(country_code=code, country=country, region=region, city=self._city(town))

    def _city(self, town: int) -> str:
        start = int(self._ends[town - 1]) + 1 if town else 0
        return self._cities[start : int(self._ends[town])].decode()


def _on_unit_sphere(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points in space, (…, 3), of angles in radians: distances between them know no date line and no pole."""
    return np.stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)], axis=-1
    )
