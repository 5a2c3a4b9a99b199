"""A place that was unticked of some hours is not offered for them again, nor held against what is said instead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heliograph_metadata.domain.photo import Location, Photo
from heliograph_metadata.domain.questions.elsewhere import Elsewhere, chance_left, hours_elsewhere
from heliograph_metadata.domain.questions.engine import groups_of
from heliograph_metadata.domain.questions.question import (
    Item,
    Named,
    No,
    Question,
    Several,
    Span,
    Where,
    Yes,
    as_it_begins,
)
from heliograph_metadata.domain.questions.sketch import kilometres
from tests.builders import LISBON, a_photo
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.unit.metadata.asking import NOW, asked
from tests.unit.metadata.test_questions_at_once import days_with_two_cameras
from tests.unit.metadata.test_questions_of_trips import BEGINS, at_home, days
from tests.unit.metadata.trips import PARIS

DAYS = Span("2024-06-10T09", "2024-06-12T18")
AT = (PARIS.latitude, PARIS.longitude)


def is_in(where: object, town: Location) -> bool:
    assert isinstance(where, Where)
    there = where.location
    return kilometres((there.latitude, there.longitude), (town.latitude, town.longitude)) < 40


def lost_days_of_a_trip() -> list[Photo]:
    """Return three days in Paris, four days of which nothing is known, and three days in Paris again."""
    lost = days(300, BEGINS + timedelta(days=4), None, photos=24, days=4)
    after = days(400, BEGINS + timedelta(days=9), PARIS, photos=12)
    return [*at_home(), *days(100, BEGINS, PARIS, photos=12), *lost, *after]


def of_the_trip(library: InMemoryQuestions, kind: str) -> Question:
    return next(one for one in library.ranked(NOW) if one.kind == kind and one.reach.photos == 24)


def test_what_was_unticked_is_neither_the_pin_nor_a_choice_when_the_days_are_asked_about_alone() -> None:
    library = InMemoryQuestions(lost_days_of_a_trip())
    grid = asked(library, "places")
    assert [is_in(one.answer, PARIS) for one in grid.items] == [True]
    assert is_in(of_the_trip(library, "place").default, PARIS)

    library.answer("a1", grid, No(), NOW)

    alone = of_the_trip(library, "place")
    assert alone.default is None or not is_in(alone.default, PARIS)
    assert not any(is_in(one, PARIS) for one in alone.choices)
    library.undo("a1", NOW)
    assert is_in(of_the_trip(library, "place").default, PARIS)


def test_another_place_is_not_held_against_a_guess_that_was_unticked() -> None:
    """Once somebody says that photos were not where others of the same hours were, it is believed where they were."""
    library = InMemoryQuestions(days_with_two_cameras())
    beside = asked(library, "beside")
    library.answer("a1", beside, No(), NOW)

    library.answer("a2", asked(library, "place"), Where(PARIS), NOW)

    assert not library.memory.live["a2"].is_held
    library.undo("a2", NOW)
    library.undo("a1", NOW)
    library.answer("a3", asked(library, "place"), Where(PARIS), NOW)
    assert library.memory.live["a3"].is_held, "without it, the other photos are believed"


def test_of_days_that_were_elsewhere_as_a_whole_one_may_have_been_there() -> None:
    library = InMemoryQuestions(lost_days_of_a_trip())
    library.answer("a1", asked(library, "places"), No(), NOW)
    library.answer("a2", of_the_trip(library, "place"), Several(), NOW)

    parts = [one for one in library.ranked(NOW) if one.kind == "place"]

    assert len(parts) == 4
    assert all(is_in(one.default, PARIS) and one.certainty < 0.6 for one in parts)


@pytest.mark.parametrize(
    ("hours", "left"),
    [
        (DAYS, 0.0),
        (Span("2024-06-10T09", "2024-06-12T12"), 0.0),
        (Span("2024-06-11T09", "2024-06-11T18"), 0.6),
        (Span("2024-06-12T12", "2024-06-20T12"), 1.0),
        (Span("2024-06-10T09", "2024-06-15T03"), 0.5),
        (Span("2024-07-10T09", "2024-07-12T18"), 1.0),
    ],
)
def test_the_chance_that_is_left_is_by_how_much_of_the_hours_was_unticked(hours: Span, left: float) -> None:
    said = [Elsewhere(DAYS, PARIS)]

    assert round(chance_left(said, hours, AT), 2) == left
    assert chance_left(said, hours, (LISBON.latitude, LISBON.longitude)) == 1.0


def test_several_refused_parts_of_some_hours_add_up() -> None:
    day = Span("2024-06-10T09", "2024-06-10T18")
    parts = [Span("2024-06-10T09", "2024-06-10T12"), Span("2024-06-10T12", "2024-06-10T15"), day]

    assert round(chance_left([Elsewhere(parts[0], PARIS)], day, AT), 2) == 0.6
    assert round(chance_left([Elsewhere(one, PARIS) for one in parts[:2]], day, AT), 2) == 0.3
    assert chance_left([Elsewhere(one, PARIS) for one in parts], day, AT) == 0.0
    assert round(chance_left([Elsewhere(parts[0], PARIS)] * 3, day, AT), 2) == 0.6, "the same hours count once"


def test_only_what_somebody_has_looked_at_says_where_they_were_not() -> None:
    library = InMemoryQuestions(lost_days_of_a_trip())
    item = Item(str(DAYS), DAYS, 5, Where(PARIS), 0.9)
    items = (item, replace(item, key="doubtful", certainty=0.5))
    places = replace(asked(library, "places"), items=items, default=as_it_begins(items))

    assert list(hours_elsewhere(places, Yes(("doubtful",)))) == []
    assert list(hours_elsewhere(places, Yes())) == []
    assert list(hours_elsewhere(places, Yes((item.key,)))) == [Elsewhere(DAYS, PARIS)]
    assert len(list(hours_elsewhere(places, No()))) == 2
    assert list(hours_elsewhere(places, Yes((item.key, "doubtful")))) == [Elsewhere(DAYS, PARIS)], "one is untouched"
    assert list(hours_elsewhere(replace(places, facts={"looked_at": 1}), No())) == [], "one of them was not shown"
    assert len(list(hours_elsewhere(replace(places, facts={"looked_at": 2}), No()))) == 2


def test_a_name_that_was_unticked_says_nothing_of_places() -> None:
    trip = Item("trip", DAYS, 5, Named("Paris 2024"), 0.9)
    question = replace(asked(InMemoryQuestions(lost_days_of_a_trip()), "place"), items=(trip,), default=Yes())

    assert list(hours_elsewhere(question, Yes(("trip",)))) == []


def test_a_day_at_home_that_was_elsewhere_has_no_pin() -> None:
    one_day = days(300, datetime(2024, 9, 20, 10, tzinfo=UTC), None, photos=6, days=1)
    library = InMemoryQuestions([*at_home(), *one_day])
    assert is_in(asked(library, "place").default, LISBON)

    library.answer("a1", asked(library, "places"), No(), NOW)

    assert asked(library, "place").default is None


def test_the_months_in_which_what_was_unticked_is_asked_about_alone_are_made_again() -> None:
    places = asked(InMemoryQuestions(lost_days_of_a_trip()), "places")
    assert ("place", "2024-03") not in groups_of(places, Yes())
    assert ("place", "2024-03") in groups_of(places, No())

    trips = asked(InMemoryQuestions(lost_days_of_a_trip()), "events")
    assert {("event", "2024-03"), ("events", "2024")} <= groups_of(trips, No())
    assert groups_of(replace(trips, facts={"looked_at": 0}), No()) == groups_of(trips, Yes())


def test_so_are_those_around_and_the_grids_of_their_years_also_of_what_ends_in_the_next() -> None:
    [stay] = asked(InMemoryQuestions(lost_days_of_a_trip()), "places").items
    over_new_year = replace(stay, span=Span("2024-12-28T09", "2025-03-02T18"))
    question = replace(asked(InMemoryQuestions(lost_days_of_a_trip()), "places"), items=(over_new_year,))

    made_again = groups_of(question, No())

    assert {("place", f"2024-{month}") for month in (11, 12)} <= made_again
    assert {("place", f"2025-0{month}") for month in (1, 2, 3, 4)} <= made_again
    assert {(kind, year) for kind in ("places", "beside", "events") for year in ("2024", "2025")} <= made_again


def test_a_trip_does_not_give_photos_the_place_that_was_refused_beside_the_others_of_their_hours() -> None:
    """What is made by the way with the name of a trip follows what was said of its photos."""
    hours = [BEGINS + timedelta(days=day, hours=2 * n) for day in range(3) for n in range(5)]
    phone = [a_photo(100 + n, taken_at=at, location=PARIS) for n, at in enumerate(hours)]
    camera = [a_photo(200 + n, taken_at=at + timedelta(minutes=5)) for n, at in enumerate(hours)]
    library = InMemoryQuestions([*at_home(), *phone, *camera])
    assert sum(fill.photos for one in asked(library, "events").items for fill in one.fills) == 15

    library.answer("a1", asked(library, "beside"), No(), NOW)

    assert [one.fills for one in asked(library, "events").items] == [()]
