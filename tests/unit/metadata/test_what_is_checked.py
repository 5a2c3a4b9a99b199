"""Which answers are checked: those that were unlikely before, and that nothing said since speaks for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from heliograph_metadata.domain.photo import Location, Photo, Place
from heliograph_metadata.domain.questions.checks import chance_of, check_of, checks
from heliograph_metadata.domain.questions.memory import Answered, remembered
from heliograph_metadata.domain.questions.question import Answer, Named, Question, Where, Yes
from tests.builders import LISBON, NOON, a_photo
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.unit.metadata.trips import PARIS, two_trips

NOW = NOON + timedelta(days=4000)
ROME = Location(41.903, 12.496, Place("IT", "Italy", "Lazio", "Rome"))
TRUST = 0.95


def asked(library: InMemoryQuestions, kind: str, group: str = "") -> Question:
    """Return the best question of a kind about a group, or about any."""
    found = (one for one in library.ranked(NOW) if one.kind == kind and group in {"", one.group})
    return library.asked(next(found), NOW)


def said(question: Question, answer: Answer) -> Answered:
    """Return that a question was answered, and changed fifty photos."""
    return Answered(answer_id="a1", question=question, answer=answer, person_id="me", at=NOW, photos=50)


def a_trip_to_rome() -> list[Photo]:
    """Return a day of June in the year of the two trips, of which nothing says where it was spent."""
    return [a_photo(300 + n, taken_at=datetime(2024, 6, 10, 10, n, tzinfo=UTC)) for n in range(14)]


def at_home(months: int = 8) -> list[Photo]:
    days = [NOON + timedelta(days=30 * month, minutes=n) for month in range(months) for n in range(3)]
    return [a_photo(n, taken_at=at, location=LISBON) for n, at in enumerate(days)]


def test_two_small_answers_are_checked_together_and_one_waits_for_another() -> None:
    question = asked(InMemoryQuestions(a_trip_to_rome()), "place", "2024-06")
    one, other = (replace(said(question, Where(ROME)), answer_id=name) for name in ("a1", "a2"))

    assert list(checks(remembered([one]))) == []
    [check] = checks(remembered([one, other]))
    assert (check.group, check.facts["answers"]) == ("together", "a1 a2")


def test_an_answer_that_was_likely_before_is_surer_than_any_other_one() -> None:
    lost = [a_photo(n, taken_at=NOON + timedelta(minutes=n)) for n in range(5)]
    placed = [a_photo(10 + n, taken_at=NOON + timedelta(minutes=n), location=LISBON) for n in (-2, 2)]
    question = asked(InMemoryQuestions([*lost, *placed]), "place")
    assert question.default is not None

    expected = chance_of(said(question, question.default), TRUST)
    surprising = chance_of(said(question, Where(ROME)), TRUST)

    assert surprising < TRUST < expected


def test_a_name_that_says_the_year_of_its_photos_was_meant_for_them() -> None:
    question = asked(InMemoryQuestions(a_trip_to_rome()), "event", "2024-06")

    assert chance_of(said(question, Named("Rome 2024")), TRUST) > 0.99
    assert chance_of(said(question, Named("the wedding")), TRUST) <= TRUST


def test_a_place_needs_no_check_once_the_name_made_of_its_town_was_let_stand() -> None:
    library = InMemoryQuestions([*two_trips(), *a_trip_to_rome()])
    library.answer("a1", asked(library, "place", "2024-06"), Where(ROME), NOW)
    before = chance_of(library.memory.live["a1"], TRUST, library.memory)
    trips = asked(library, "events")
    assert Named("Rome 2024") in {one.answer for one in trips.items}

    library.answer("a2", trips, Yes(), NOW)

    after = chance_of(library.memory.live["a1"], TRUST, library.memory)
    assert before <= TRUST < 0.98 < after
    library.undo("a2", NOW)
    assert chance_of(library.memory.live["a1"], TRUST, library.memory) == before


def test_a_place_is_in_doubt_once_the_name_made_of_its_town_was_unticked() -> None:
    library = InMemoryQuestions([*two_trips(), *a_trip_to_rome()])
    library.answer("a1", asked(library, "place", "2024-06"), Where(ROME), NOW)
    check = check_of([library.memory.live["a1"]], "", TRUST, library.memory)
    trips = asked(library, "events")
    rome = next(one for one in trips.items if one.answer == Named("Rome 2024"))

    library.answer("a2", trips, Yes(but_not=(rome.key,)), NOW)

    doubted = check_of([library.memory.live["a1"]], "", TRUST, library.memory)
    assert doubted.worth.value > check.worth.value


def test_who_lives_where_most_months_were_spent_calls_it_home_with_one_tap() -> None:
    library = InMemoryQuestions(at_home())
    question = asked(library, "same-place")

    assert question.default == Named("Home")
    assert asked(InMemoryQuestions([*at_home(), *away()]), "same-place").default is None


def away() -> list[Photo]:
    """Return a house in Rome where somebody was in as many months, and took photos of its street."""
    days = [NOON + timedelta(days=30 * month, hours=5, minutes=n) for month in range(8) for n in range(2)]
    return [a_photo(500 + n, taken_at=at, location=ROME) for n, at in enumerate(days)]


def test_one_check_is_enough_for_what_was_likely_and_changes_very_many() -> None:
    home = InMemoryQuestions(at_home(120))
    question = asked(home, "same-place")
    assert question.reach.photos >= 300

    home.answer("a1", question, Named("Home"), NOW)
    home.answer("c1", asked(home, "check"), Yes(), NOW)

    assert "check" not in {one.kind for one in home.ranked(NOW)}


def test_photos_of_a_town_in_which_one_always_is_are_not_of_a_trip() -> None:
    at = datetime(2024, 3, 10, 22, 5, tzinfo=UTC)
    there, at_home_then = a_photo(400, taken_at=at, location=PARIS), a_photo(401, taken_at=at, location=LISBON)
    library = InMemoryQuestions([*two_trips(), there, at_home_then])
    question = asked(library, "events")
    paris = next(one for one in question.items if one.answer == Named("Paris 2024"))
    assert paris.span.holds(at_home_then)
    with_albums = tuple(replace(one, answer=Named(one.key, album_id=one.key)) for one in question.items)

    library.answer("a1", replace(question, items=with_albums), Yes(), NOW)

    assert library.photos[at_home_then.photo_id].album_ids == ()
    assert sum(one.album_ids == (paris.key,) for one in library.photos.values()) == 15
