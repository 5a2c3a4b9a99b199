"""What days away are called and where they were spent, by the days before and after them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from heliograph_metadata.domain.photo import Location, Photo, Place
from heliograph_metadata.domain.questions.named_days import item_key
from heliograph_metadata.domain.questions.question import Item, Named, No, Question, Span, Where, Yes
from heliograph_metadata.domain.questions.value import LEAST_VALUE
from tests.builders import LISBON, a_photo
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.unit.metadata.asking import NOW, asked
from tests.unit.metadata.trips import PARIS

LYON = Location(45.764, 4.836, Place("FR", "France", "Auvergne-Rhône-Alpes", "Lyon"))
BEGINS = datetime(2024, 3, 10, 9, tzinfo=UTC)


def at_home() -> list[Photo]:
    """Return a year in Lisbon."""
    return [a_photo(n, taken_at=datetime(2024, 1 + n, 5, 12, tzinfo=UTC), location=LISBON) for n in range(12)]


def days(first: int, begins: datetime, place: Location | None, *, photos: int, days: int = 3) -> list[Photo]:
    """Return photos of some days, every two hours of each."""
    hours = [timedelta(days=day, hours=2 * n) for day in range(days) for n in range(photos // days)]
    return [a_photo(first + n, taken_at=begins + at, location=place) for n, at in enumerate(hours)]


def two_towns() -> list[Photo]:
    """Return a trip to Paris and on to Lyon, where more photos were taken."""
    paris = days(100, BEGINS, PARIS, photos=12)
    return [*at_home(), *paris, *days(200, BEGINS + timedelta(days=3, hours=4), LYON, photos=18)]


def grid(library: InMemoryQuestions) -> Question:
    """Return the grid of trips, its names with the albums that are made of them."""
    question = asked(library, "events")
    return replace(question, items=tuple(_with_album(one) for one in question.items))


def _with_album(item: Item) -> Item:
    assert isinstance(item.answer, Named)
    return replace(item, answer=Named(item.answer.name, album_id=item.answer.name))


def names(library: InMemoryQuestions) -> list[str]:
    return [one.answer.name for one in asked(library, "events").items if isinstance(one.answer, Named)]


def test_a_trip_through_two_towns_is_asked_about_by_its_larger_part_and_the_other_is_offered_the_name() -> None:
    library = InMemoryQuestions(two_towns())
    assert names(library) == ["Lyon 2024"]
    lyon = next(one for one in library.ranked(NOW) if one.kind == "event" and one.reach.photos == 18)
    assert lyon.default == Named("Lyon 2024")

    library.answer("a1", lyon, Named("Lyon 2024", album_id="Lyon 2024"), NOW)

    assert names(library) == ["Lyon 2024"]
    assert asked(library, "events").certainty > 0.9
    library.answer("a2", grid(library), Yes(), NOW)
    assert sum(one.album_ids == ("Lyon 2024",) for one in library.photos.values()) == 30


def test_yes_to_one_trip_whose_name_is_unsure_is_done_at_once_and_looked_at_again_with_others() -> None:
    library = InMemoryQuestions(two_towns())
    question = grid(library)
    assert question.certainty < 0.5
    assert question.prompt == "Is this a trip, and is this what it is called?"

    library.answer("a1", question, Yes(), NOW)

    assert not library.memory.live["a1"].is_held
    assert sum(one.album_ids == ("Lyon 2024",) for one in library.photos.values()) == 18
    assert library.memory.unchecked() == [library.memory.live["a1"]]
    assert names(library) == ["Lyon 2024"]


def test_where_that_name_is_refused_the_other_town_is_asked_about() -> None:
    library = InMemoryQuestions(two_towns())

    library.answer("a1", grid(library), No(), NOW)
    assert names(library) == ["Paris 2024"]
    library.answer("a2", grid(library), Yes(), NOW)

    assert names(library) == ["Paris 2024"]
    library.undo("a2", NOW)
    library.undo("a1", NOW)
    assert names(library) == ["Lyon 2024"]


def test_a_name_that_was_written_is_offered_to_the_days_after() -> None:
    library = InMemoryQuestions(two_towns())
    library.answer("a1", grid(library), No(), NOW)
    parts = [one for one in library.ranked(NOW) if one.kind == "event"]
    lyon = next(one for one in parts if one.reach.photos == 18)

    library.answer("a2", lyon, Named("Cycling in France", album_id="c"), NOW)

    assert names(library) == ["Cycling in France"]


def test_days_at_home_after_a_trip_are_not_offered_its_name() -> None:
    back = days(300, BEGINS + timedelta(days=4), LISBON, photos=15, days=1)
    library = InMemoryQuestions([*at_home(), *days(100, BEGINS, PARIS, photos=12), *back])

    library.answer("a1", grid(library), Yes(), NOW)

    assert "events" not in {one.kind for one in library.ranked(NOW)}
    assert {one.default for one in library.ranked(NOW) if one.kind == "event"} == {None}


def test_a_photo_from_home_at_the_hours_of_a_trip_does_not_bear_its_name_though_it_is_asked_for_alone() -> None:
    trip = [*days(100, BEGINS, PARIS, photos=12), a_photo(150, taken_at=BEGINS, location=PARIS)]
    home = a_photo(200, taken_at=BEGINS, location=LISBON)
    library = InMemoryQuestions([*at_home(), *trip, home])
    question = asked(library, "event")

    changed = library.answer("a1", question, Named("Spring", album_id="spring"), NOW)

    assert question.reach.spans[0].holds(home)
    assert set(changed) == {photo.photo_id for photo in trip}


def test_a_name_refused_before_names_stood_in_keys_is_not_asked_for_again() -> None:
    library = InMemoryQuestions(two_towns())
    [item] = asked(library, "events").items
    assert item.key == item_key("events", item.span, "Lyon 2024")
    library.memory.unticked.add(f"events {item.span}")

    assert library.memory.was_refused("events", item.span, "Lyon 2024")
    assert not library.memory.was_refused("events", Span("2024-06-01T09", "2024-06-03T09"), "Lyon 2024")


def test_who_was_away_before_and_after_some_days_was_there_however_many_they_are() -> None:
    lost = days(300, BEGINS + timedelta(days=4), None, photos=24, days=4)
    after = days(400, BEGINS + timedelta(days=9), PARIS, photos=12)
    library = InMemoryQuestions([*at_home(), *days(100, BEGINS, PARIS, photos=12), *lost, *after])

    [item] = asked(library, "places").items

    assert isinstance(item.answer, Where)
    assert abs(item.answer.location.latitude - PARIS.latitude) < 0.1
    assert item.certainty > 0.75


def test_days_on_which_nobody_was_away_before_or_after_were_spent_at_home_if_they_are_few() -> None:
    one_day = days(300, datetime(2024, 9, 20, 10, tzinfo=UTC), None, photos=6, days=1)
    library = InMemoryQuestions([*at_home(), *days(100, BEGINS, PARIS, photos=12), *one_day])
    question = asked(library, "place")
    assert isinstance(question.default, Where)
    assert abs(question.default.location.latitude - LISBON.latitude) < 0.1

    week = days(300, datetime(2024, 9, 20, 10, tzinfo=UTC), None, photos=24, days=6)
    longer = asked(InMemoryQuestions([*at_home(), *week]), "place")
    assert longer.certainty < 0.1


def test_what_a_day_at_home_was_called_is_not_offered_to_a_trip_after_it() -> None:
    party = days(300, BEGINS - timedelta(days=1, hours=12), LISBON, photos=15, days=1)
    library = InMemoryQuestions([*at_home(), *party, *days(100, BEGINS, PARIS, photos=12)])
    at_the_party = next(one for one in library.ranked(NOW) if one.kind == "event" and one.reach.photos == 15)

    library.answer("a1", at_the_party, Named("Anna's birthday", album_id="a"), NOW)

    assert names(library) == ["Paris 2024"]


def test_a_trip_is_not_offered_the_name_of_one_from_which_somebody_came_home() -> None:
    back = days(300, BEGINS + timedelta(days=3), LISBON, photos=5, days=1)
    next_trip = days(200, BEGINS + timedelta(days=4), LYON, photos=12)
    library = InMemoryQuestions([*at_home(), *days(100, BEGINS, PARIS, photos=12), *back, *next_trip])
    paris = next(one for one in library.ranked(NOW) if one.kind == "event" and one.default == Named("Paris 2024"))

    library.answer("a1", paris, Named("Honeymoon", album_id="h"), NOW)

    assert names(library) == ["Lyon 2024"]


def test_where_an_inherited_name_is_refused_the_days_are_offered_their_own_town() -> None:
    library = InMemoryQuestions(two_towns())
    lyon = next(one for one in library.ranked(NOW) if one.kind == "event" and one.reach.photos == 18)
    library.answer("a1", lyon, Named("Work in Lyon", album_id="w"), NOW)
    assert names(library) == ["Work in Lyon"]

    library.answer("a2", grid(library), No(), NOW)

    assert names(library) == ["Paris 2024"]


def test_a_trip_over_new_year_is_offered_its_name_in_the_other_year() -> None:
    paris = days(100, datetime(2024, 12, 28, 9, tzinfo=UTC), PARIS, photos=18)
    lyon = days(200, datetime(2025, 1, 1, 1, tzinfo=UTC), LYON, photos=12)
    after = [a_photo(50 + n, taken_at=datetime(2025, 1 + n, 20, 12, tzinfo=UTC), location=LISBON) for n in range(12)]
    library = InMemoryQuestions([*at_home(), *after, *paris, *lyon])
    assert names(library) == ["Paris 2024"]

    library.answer("a1", grid(library), Yes(), NOW)

    assert names(library) == ["Paris 2024"]
    assert asked(library, "events").items[0].span.since == "2025-01-01T01"


def test_a_photo_of_another_town_on_the_way_takes_nothing_from_what_a_trip_is_called() -> None:
    stray = [a_photo(300, taken_at=BEGINS + timedelta(days=3, hours=4), location=LYON)]
    library = InMemoryQuestions([*at_home(), *days(100, BEGINS, PARIS, photos=12), *stray])

    assert names(library) == ["Paris 2024"]
    assert asked(library, "events").certainty > 0.8


def test_only_what_is_usual_is_judged_by_what_is_unticked_of_it() -> None:
    lost = days(300, BEGINS + timedelta(days=4), None, photos=24, days=4)
    library = InMemoryQuestions([*at_home(), *days(100, BEGINS, PARIS, photos=12), *lost])
    question = asked(library, "places")
    assert [one.is_usual for one in question.items] == [False]

    library.answer("a1", question, No(), NOW)

    assert library.memory.guessed == {}


def test_who_was_never_seen_anywhere_but_at_home_is_asked_about_a_day_all_the_same() -> None:
    lost = days(300, datetime(2024, 9, 5, 15, tzinfo=UTC), None, photos=11, days=1)
    library = InMemoryQuestions([*at_home(), *lost])

    question = next(one for one in library.ranked(NOW, least=LEAST_VALUE) if one.kind == "place")

    assert question.reach.photos == 11
    assert question.certainty < 0.5
