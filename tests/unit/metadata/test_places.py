"""Places by name, without a network."""

import pytest

from heliograph_metadata.domain.photo import Place
from heliograph_metadata.places import Gazetteer


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer()


@pytest.mark.parametrize(
    ("latitude", "longitude", "country_code", "city"),
    [
        (38.7139, -9.1394, "PT", "Lisbon"),
        (38.7223, -9.1393, "PT", "Lisbon"),
        (40.7484, -73.9857, "US", "New York City"),
        (35.6586, 139.7454, "JP", "Tokyo"),
        (48.1370, 11.5750, "DE", "Munich"),
        (-33.8568, 151.2153, "AU", "Sydney"),
        (0.05, 32.46, "UG", "Entebbe"),
        (51.4779, 0.0, "GB", "London"),
        (41.9022, 12.4539, "VA", "Vatican City"),
        (1.2900, 103.8500, "SG", "Singapore"),
    ],
)
def test_a_place_is_the_city_it_lies_in(
    gazetteer: Gazetteer, latitude: float, longitude: float, country_code: str, city: str
) -> None:
    place = gazetteer.place_at(latitude, longitude)

    assert place is not None
    assert (place.country_code, place.city) == (country_code, city)


def test_a_place_has_a_country_and_a_region(gazetteer: Gazetteer) -> None:
    assert gazetteer.place_at(48.137, 11.575) == Place("DE", "Germany", "Bavaria", "Munich")


@pytest.mark.parametrize(
    ("latitude", "longitude", "country_code", "city"),
    [
        (47.6450, 9.1780, "CH", "Kreuzlingen"),
        (47.6603, 9.1758, "DE", "Konstanz"),
        (47.5930, 7.6100, "DE", "Weil am Rhein"),
        (47.8400, 12.9880, "DE", "Freilassing"),
    ],
)
def test_a_larger_city_across_the_border_does_not_draw_a_place_to_it(
    gazetteer: Gazetteer, latitude: float, longitude: float, country_code: str, city: str
) -> None:
    place = gazetteer.place_at(latitude, longitude)

    assert place is not None
    assert (place.country_code, place.city) == (country_code, city)


def test_a_place_across_the_date_line_is_near(gazetteer: Gazetteer) -> None:
    west, east = gazetteer.place_at(-16.8, 179.999), gazetteer.place_at(-16.8, -179.999)

    assert west == east
    assert west is not None
    assert west.country_code == "FJ"


@pytest.mark.parametrize(("latitude", "longitude"), [(30, -40), (-90, 0), (90, 180), (0, 0), (-50, -180)])
def test_the_middle_of_nowhere_is_no_place(gazetteer: Gazetteer, latitude: float, longitude: float) -> None:
    assert gazetteer.place_at(latitude, longitude) is None


def test_the_first_and_the_last_town_have_their_names(gazetteer: Gazetteer) -> None:
    names = [gazetteer._city(number) for number in (0, 1, len(gazetteer) - 1)]

    assert all(name and "\n" not in name for name in names)
    assert len(gazetteer) > 150_000
