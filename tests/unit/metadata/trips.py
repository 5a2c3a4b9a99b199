"""A library with two trips, of which every other photo says where it was taken."""

from datetime import UTC, datetime, timedelta

from heliograph_metadata.domain.photo import Location, Photo, Place
from tests.builders import LISBON, a_photo

PARIS = Location(48.857, 2.352, Place("FR", "France", "Île-de-France", "Paris"))
PORTO = Location(41.149, -8.611, Place("PT", "Portugal", "Porto", "Porto"))


def two_trips() -> list[Photo]:
    """Return a year in Lisbon with a week in Paris and one in Porto, seen by a phone and a camera without places."""
    home = [a_photo(n, taken_at=datetime(2024, 1 + n, 5, 12, tzinfo=UTC), location=LISBON) for n in range(12)]
    trips: list[Photo] = []
    for first, month, place in ((100, 3, PARIS), (200, 9, PORTO)):
        for n in range(14):
            at = datetime(2024, month, 10, 10, tzinfo=UTC) + timedelta(hours=12 * n)
            trips.append(a_photo(first + n, taken_at=at, location=place if n % 2 else None))
    return [*home, *trips]
