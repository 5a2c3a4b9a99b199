"""Answers on which many photos hang: checked a second time, and against what was said of other places."""

from dataclasses import replace
from datetime import timedelta

import pytest

from heliograph_metadata.domain.photo import Location, Photo
from heliograph_metadata.domain.questions.checks import AGAIN, check_of
from heliograph_metadata.domain.questions.question import Named, Question, Where, Yes
from tests.builders import LISBON, NOON, a_photo
from tests.fakes.in_memory_questions import InMemoryQuestions

NOW = NOON + timedelta(days=4000)
PARIS, PORTO = Location(48.857, 2.352), Location(41.149, -8.611)


def asked(library: InMemoryQuestions, kind: str) -> Question:
    """Return the best question of a kind, as it is shown."""
    return library.asked(next(one for one in library.ranked(NOW) if one.kind == kind), NOW)


def checks(library: InMemoryQuestions) -> list[Question]:
    return [one for one in library.ranked(NOW) if one.kind == "check"]


def at(place: Location, *, years: range, first: int) -> list[Photo]:
    """Return photos of three months of each year that were taken at a house."""
    days = [NOON + timedelta(days=365 * year + 31 * month) for year in years for month in range(3)]
    return [
        a_photo(first + 10 * number + minute, taken_at=day + timedelta(minutes=minute), location=place)
        for number, day in enumerate(days)
        for minute in range(4)
    ]


def about(library: InMemoryQuestions, place: Location) -> Question:
    """Return the question what the house at a place is called."""
    return next(
        one
        for one in library.ranked(NOW)
        if one.kind == "same-place" and abs(float(one.facts["latitude"]) - place.latitude) < 0.01
    )


def called(library: InMemoryQuestions, photos: list[Photo]) -> set[tuple[str, ...]]:
    return {library.photos[one.photo_id].keywords for one in photos}


def a_long_day(photos: int) -> InMemoryQuestions:
    return InMemoryQuestions(a_photo(n, taken_at=NOON + timedelta(seconds=n)) for n in range(photos))


def test_a_name_that_another_house_of_the_same_years_has_is_asked_about_together_with_that_one() -> None:
    home, grandmas = at(LISBON, years=range(4), first=0), at(PORTO, years=range(4), first=1000)
    library = InMemoryQuestions([*home, *grandmas])
    library.answer("slip", about(library, LISBON), Named("grandma's"), NOW)

    assert library.answer("true", about(library, PORTO), Named("Grandma's"), NOW) == []

    held = next(one for one in checks(library) if one.group == "held")
    assert held.facts["answers"] == "true slip"
    assert held.why == "It contradicts what you have said before."
    library.answer("check", held, Yes(but_not=("slip",)), NOW)
    assert (called(library, home), called(library, grandmas)) == ({()}, {("Grandma's",)})
    library.answer("again", about(library, LISBON), Named("home"), NOW)
    assert called(library, home) == {("home",)}


def test_who_moves_takes_the_name_of_home_along() -> None:
    first, second = at(LISBON, years=range(4), first=0), at(PORTO, years=range(4, 8), first=1000)
    library = InMemoryQuestions([*first, *second])

    library.answer("a1", about(library, LISBON), Named("home"), NOW)
    library.answer("a2", about(library, PORTO), Named("home"), NOW)

    assert called(library, [*first, *second]) == {("home",)}


def test_what_very_many_photos_hang_on_is_checked_twice_the_second_time_by_itself() -> None:
    library = a_long_day(300)
    library.answer("a1", asked(library, "place"), Where(LISBON), NOW)
    first = asked(library, "check")
    assert first.facts == {"answers": "a1", "further": "a1"}

    library.answer("c1", first, Yes(), NOW)

    second = asked(library, "check")
    assert (second.group, second.facts) == (AGAIN, {"answers": "a1"})
    assert second.question_id != first.question_id
    library.answer("c2", second, Yes(), NOW)
    assert checks(library) == []
    assert library.memory.checked == {"a1"}


def test_the_second_check_takes_back_what_the_first_has_let_stand() -> None:
    library = a_long_day(300)
    library.answer("a1", asked(library, "place"), Where(LISBON), NOW)
    library.answer("c1", asked(library, "check"), Yes(), NOW)

    library.answer("c2", asked(library, "check"), Yes(but_not=("a1",)), NOW)

    assert {one.location for one in library.photos.values()} == {None}
    library.undo("c2", NOW)
    assert {one.point for one in library.photos.values()} == {LISBON}
    assert asked(library, "check").group == AGAIN


def test_fewer_photos_are_checked_once() -> None:
    library = a_long_day(299)
    library.answer("a1", asked(library, "place"), Where(LISBON), NOW)

    library.answer("c1", check_of(library.memory.unchecked(), "", 0.9, library.memory), Yes(), NOW)

    assert library.memory.checked == {"a1"}


@pytest.mark.parametrize(("photos", "needed"), [(49, 1), (50, 2)])
def test_what_contradicts_other_photos_and_changes_many_changes_nothing_before_a_second_check(
    photos: int, needed: int
) -> None:
    phone = [a_photo(1000 + n, taken_at=NOON + timedelta(seconds=n), location=LISBON) for n in range(9)]
    library = InMemoryQuestions([*phone, *a_long_day(photos).photos.values()])
    library.answer("a1", asked(library, "place"), Where(PARIS), NOW)

    put = []
    changed = []
    for number in range(needed):
        put.append(asked(library, "check"))
        changed.append(len(library.answer(f"c{number}", put[-1], Yes(), NOW)))

    assert changed == [*[0] * (needed - 1), photos]
    assert len({one.question_id for one in put}) == needed
    assert library.memory.held() == []


def test_a_check_that_was_answered_before_there_were_second_ones_has_settled_what_it_let_stand() -> None:
    library = a_long_day(300)
    library.answer("a1", asked(library, "place"), Where(LISBON), NOW)
    old = check_of(library.memory.unchecked(), "", 0.9)

    library.answer("c1", replace(old, facts={"answers": old.facts["answers"]}), Yes(), NOW)

    assert checks(library) == []
