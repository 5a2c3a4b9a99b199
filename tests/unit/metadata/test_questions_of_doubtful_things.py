"""Of several things asked about at once, what is doubtful begins unticked: who does not look says nothing of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from heliograph_metadata.domain.photo import Location, Photo
from heliograph_metadata.domain.questions.question import (
    Item,
    Named,
    Question,
    Span,
    Where,
    Yes,
    as_it_begins,
    certainty_of,
    was_let_stand,
)
from heliograph_metadata.domain.questions.validity import of_items
from tests.builders import LISBON, a_photo
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.unit.metadata.asking import NOW, asked
from tests.unit.metadata.test_questions_of_trips import BEGINS, LYON, at_home, days, grid, names, two_towns
from tests.unit.metadata.trips import PARIS, PORTO

SURE = days(400, datetime(2024, 9, 12, 9, tzinfo=UTC), PORTO, photos=15)


def item(name: str, certainty: float) -> Item:
    return Item(name, Span("2024-06-15T13", "2024-06-15T14"), 5, Named(name), certainty)


def albums(library: InMemoryQuestions) -> set[str]:
    return {album for photo in library.photos.values() for album in photo.album_ids}


def keys(question: Question) -> dict[str, str]:
    return {one.answer.name: one.key for one in question.items if isinstance(one.answer, Named)}


def test_a_trip_of_which_the_name_is_doubtful_begins_unticked_beside_one_that_is_sure() -> None:
    question = grid(InMemoryQuestions([*two_towns(), *SURE]))

    assert question.default == Yes((keys(question)["Lyon 2024"],))
    assert question.prompt.endswith("Untick what is wrong, and tick what is right.")
    assert question.mends == "15 photos get into an album"
    assert question.certainty > 0.5


def test_who_lets_it_stand_says_nothing_of_what_is_doubtful_and_who_ticks_it_names_it() -> None:
    library = InMemoryQuestions([*two_towns(), *SURE])
    question = grid(library)
    assert isinstance(question.default, Yes)

    library.answer("a1", question, question.default, NOW)
    assert albums(library) == {"Porto 2024"}
    assert names(library) == ["Paris 2024"], "the other town of the trip is asked about"

    library.undo("a1", NOW)
    library.answer("a2", question, Yes(), NOW)
    assert albums(library) == {"Porto 2024", "Lyon 2024"}


def test_a_doubtful_name_that_is_left_unticked_says_nothing_against_the_place() -> None:
    lost: list[Photo] = [replace(one, location=None) for one in two_towns() if one.point == LYON]
    there = [one for one in two_towns() if one.point != LYON]
    library = InMemoryQuestions([*there, *lost, *SURE], place_at=lambda _, __: LYON.place)
    place = next(one for one in library.ranked(NOW) if one.kind == "place" and one.reach.photos == len(lost))
    library.answer("place", place, Where(Location(LYON.latitude, LYON.longitude)), NOW)
    question = grid(library)
    assert keys(question).keys() == {"Lyon 2024", "Porto 2024"}

    library.answer("trips", question, Yes((keys(question)["Lyon 2024"],)), NOW)

    assert library.memory.doubted == set()


def test_a_sure_name_that_is_unticked_does() -> None:
    lost = days(100, BEGINS, None, photos=12)
    library = InMemoryQuestions([*at_home(), *lost, *SURE], place_at=lambda _, __: PARIS.place)
    place = next(one for one in library.ranked(NOW) if one.kind == "place" and one.reach.photos == len(lost))
    library.answer("place", place, Where(Location(PARIS.latitude, PARIS.longitude)), NOW)
    question = grid(library)

    library.answer("trips", question, Yes((keys(question)["Paris 2024"],)), NOW)

    assert library.memory.doubted == {"place"}


def test_where_all_is_doubtful_all_begins_ticked() -> None:
    doubtful = [item("a", 0.5), item("b", 0.4)]
    assert as_it_begins(doubtful) == Yes()
    assert certainty_of(doubtful) == 0.45
    assert as_it_begins([item("a", 0.5)]) == Yes()
    assert as_it_begins([*doubtful, item("c", 0.6)]) == Yes(("a", "b"))
    assert round(certainty_of([*doubtful, item("c", 0.6)]), 9) == round((0.5 + 0.6 + 0.6) / 3, 9)


def test_what_is_likely_begins_ticked_and_is_touched_where_it_is_wrong() -> None:
    assert [round(item("a", one).to_touch, 2) for one in (0.9, 0.6, 0.5, 0.2)] == [0.1, 0.4, 0.5, 0.2]


def test_letting_stand_is_told_by_what_began_unticked_in_any_order() -> None:
    question = replace(asked(InMemoryQuestions([*two_towns(), *SURE]), "events"), default=Yes(("a", "b")))

    assert was_let_stand(question, Yes(("b", "a")))
    assert not was_let_stand(question, Yes())
    assert not was_let_stand(question, Yes(("a",)))


def test_of_what_was_shown_only_that_begins_unticked() -> None:
    question = asked(InMemoryQuestions([*two_towns(), *SURE]), "events")
    named = keys(question)

    assert of_items(question, [named["Porto 2024"]]).default == Yes()
    assert of_items(question, [*named.values()]).default == question.default
    assert of_items(question, [named["Porto 2024"]]).certainty > 0.8


def test_who_leaves_days_unticked_that_began_so_may_not_have_looked() -> None:
    """Days at home, of which one is doubtful: only an answer that touches something says how one spends such days."""
    library = InMemoryQuestions([*at_home(), *days(300, datetime(2024, 8, 20, 10, tzinfo=UTC), None, photos=6, days=1)])
    question = asked(library, "place")
    span = question.reach.spans[0]
    usual = [
        Item(str(number), span, 6, Where(LISBON), certainty, is_usual=True)
        for number, certainty in enumerate((0.75, 0.5))
    ]
    places = replace(question, kind="places", items=tuple(usual), default=as_it_begins(usual))

    library.answer("a1", places, Yes(("1",)), NOW)
    assert library.memory.guessed == {}

    library.answer("a2", places, Yes(("0", "1")), NOW)
    assert library.memory.guessed == {2024: (0, 1)}, "the other one was not touched"


def test_a_trip_of_two_towns_is_called_by_the_larger_one_as_often_as_not_however_large() -> None:
    paris, lyon = days(100, BEGINS, PARIS, photos=24), days(200, BEGINS + timedelta(days=3), LYON, photos=12)
    mixed = InMemoryQuestions([*at_home(), *paris, *lyon])
    day = [a_photo(100 + n, taken_at=BEGINS + timedelta(minutes=5 * n), location=PARIS) for n in range(12)]
    one_day = InMemoryQuestions([*at_home(), *day])

    assert [round(one.certainty, 3) for one in asked(mixed, "events").items] == [0.475]
    assert [one.certainty for one in asked(one_day, "events").items] == [0.7]


def test_days_of_no_known_town_after_a_trip_are_offered_its_name_ticked() -> None:
    after = days(300, BEGINS + timedelta(days=3, hours=20), None, photos=15)
    library = InMemoryQuestions([*at_home(), *days(100, BEGINS, PARIS, photos=12), *after, *SURE])
    paris = next(one for one in library.ranked(NOW) if one.kind == "event" and one.default == Named("Paris 2024"))

    library.answer("a1", paris, Named("Paris 2024", album_id="p"), NOW)

    assert {one.answer.name: one.certainty for one in asked(library, "events").items if isinstance(one.answer, Named)}[
        "Paris 2024"
    ] == 0.85
