"""The tree of places over a library in memory."""

import pytest

from heliograph_metadata.domain.errors import InvalidCursorError
from heliograph_metadata.domain.photo import Location, Photo, Place
from heliograph_metadata.service.places import Places
from tests.builders import OWNER, a_photo
from tests.fakes.metered_index import MeteredIndex


def at(number: int, *place: str) -> Photo:
    return a_photo(number, location=Location(1.0, 1.0, Place(*place)))


SHELF = [
    at(1, "PT", "Portugal", "Lisboa", "Sintra"),
    at(2, "PT", "Portugal", "Lisboa", "Lisbon"),
    at(3, "PT", "Portugal", "Lisboa", "Lisbon"),
    at(4, "PT", "Portugal", "Lisboa 2", "Elsewhere"),
    at(5, "PT", "Portugal", "Faro", ""),
    at(6, "MC", "Monaco", "", "Monte-Carlo"),
    at(7, "MC", "Monaco", "", "Larvotto"),
    at(8, "NE", "Niger"),
    at(9, "FR", "France", "Île-de-France / Grand Paris", "Paris"),
]


async def listed(index: MeteredIndex, parent: str = "", *, limit: int = 60) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    cursor = None
    while True:
        page = await Places(index).below(OWNER, parent, after=cursor, limit=limit)
        found += [(place.value, place.name, place.photos) for place in page.places]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 60])
async def test_countries_lead_to_regions_and_these_to_cities(limit: int) -> None:
    index = MeteredIndex(SHELF)
    assert await listed(index, limit=limit) == [
        ("FR", "France", 1),
        ("MC", "Monaco", 2),
        ("NE", "Niger", 1),
        ("PT", "Portugal", 5),
    ]
    assert await listed(index, "PT", limit=limit) == [
        ("PT/Faro", "Faro", 1),
        ("PT/Lisboa", "Lisboa", 3),
        ("PT/Lisboa 2", "Lisboa 2", 1),
    ]
    assert await listed(index, "PT/Lisboa", limit=limit) == [
        ("PT/Lisboa/Lisbon", "Lisbon", 2),
        ("PT/Lisboa/Sintra", "Sintra", 1),
    ]
    [(region, _, _)] = await listed(index, "FR", limit=limit)
    assert await listed(index, region, limit=limit) == [(f"{region}/Paris", "Paris", 1)]


@pytest.mark.parametrize("limit", [1, 60])
async def test_a_city_whose_region_is_not_known_lies_right_below_its_country(limit: int) -> None:
    assert await listed(MeteredIndex(SHELF), "MC", limit=limit) == [
        ("MC//Larvotto", "Larvotto", 1),
        ("MC//Monte-Carlo", "Monte-Carlo", 1),
    ]


async def test_what_lies_in_a_place_is_said_with_what_lies_around_it() -> None:
    page = await Places(MeteredIndex(SHELF)).below(OWNER, "PT/Lisboa", after=None, limit=60)

    assert [(place.value, place.name, place.photos) for place in page.parents] == [
        ("PT", "Portugal", 5),
        ("PT/Lisboa", "Lisboa", 3),
    ]
    assert [place.photo_id for place in page.places if place.name == "Sintra"] == [SHELF[0].photo_id]


@pytest.mark.parametrize("parent", ["XX", "PT/Lisboa/Sintra", "PT/Nowhere", "\U0010ffff"])
async def test_where_nothing_lies_there_is_nothing(parent: str) -> None:
    assert await listed(MeteredIndex(SHELF), parent) == []


async def test_a_cursor_of_another_place_is_refused() -> None:
    index = MeteredIndex(SHELF)
    page = await Places(index).below(OWNER, "PT", after=None, limit=1)
    assert page.next_cursor
    with pytest.raises(InvalidCursorError):
        await Places(index).below(OWNER, "", after=page.next_cursor, limit=1)


async def test_the_cities_of_a_country_are_passed_over() -> None:
    many = [at(number, "IT", "Italy", f"Region {number % 3}", f"City {number}") for number in range(100, 1000)]
    index = MeteredIndex([*many, *SHELF])

    countries = await Places(index).below(OWNER, "", after=None, limit=60)

    assert [place.value for place in countries.places] == ["FR", "IT", "MC", "NE", "PT"]
    assert index.counts_read <= 300
    assert index.requests <= 3 + 5
    assert len(await listed(index, "IT/Region 1", limit=50)) == 300
