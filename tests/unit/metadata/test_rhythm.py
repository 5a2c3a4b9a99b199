"""When a camera took its photos, by hours with photos of other clocks."""

from datetime import UTC, datetime, timedelta

import pytest

from heliograph_metadata.domain.questions.rhythm import begin_of

SINCE, UNTIL = datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 8, 1, tzinfo=UTC)
TRIP = datetime(2024, 6, 15, 9, tzinfo=UTC)
HOURS = (0, 1, 3, 6, 7, 24, 26, 27, 31)


def at(begin: datetime, hours: tuple[int, ...]) -> list[datetime]:
    return [begin + timedelta(hours=hour) for hour in hours]


def test_hours_fit_where_others_have_the_same_pauses() -> None:
    others = [*at(TRIP, HOURS), *at(TRIP - timedelta(days=20), (0, 5, 9, 13))]

    assert begin_of(at(SINCE, HOURS), others, since=SINCE, until=UNTIL) == (TRIP, 1.0)


def test_an_hour_in_which_only_one_of_them_took_photos_is_no_hindrance() -> None:
    found = begin_of(at(SINCE, HOURS), at(TRIP, HOURS[1:]), since=SINCE, until=UNTIL)

    assert found is not None
    assert (found[0], round(9 * found[1])) == (TRIP, 8)


@pytest.mark.parametrize(
    ("own", "others"),
    [
        (at(SINCE, HOURS[:5]), at(TRIP, HOURS)),
        (at(SINCE, HOURS), at(TRIP, HOURS[:5])),
        (at(SINCE, HOURS), at(TRIP, (0, 2, 10, 12, 14, 30, 33, 40))),
        (at(SINCE, HOURS), at(TRIP, HOURS) + at(TRIP + timedelta(days=10), HOURS)),
        (at(SINCE, HOURS), at(UNTIL - timedelta(hours=8), HOURS)),
        (at(SINCE, tuple(range(10))), at(TRIP, tuple(range(10)))),
        (at(SINCE, HOURS), at(TRIP, tuple(range(32)))),
    ],
    ids=["too few hours", "too few others", "other pauses", "twice", "beyond the time", "one long day", "all day long"],
)
def test_nothing_is_said_of_what_does_not_fit_or_fits_twice(own: list[datetime], others: list[datetime]) -> None:
    assert begin_of(own, others, since=SINCE, until=UNTIL) is None
