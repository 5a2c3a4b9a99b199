"""Where photos without a place were taken, and what a place is called."""

from datetime import UTC, datetime, timedelta

from heliograph_metadata.domain.photo import Location, Source, Sourced
from heliograph_metadata.domain.questions.guesses import HOMES
from heliograph_metadata.domain.questions.kinds.same_place import SamePlaceKind
from heliograph_metadata.domain.questions.memory import Memory
from heliograph_metadata.domain.questions.question import Named, Several, Where, Yes
from heliograph_metadata.domain.questions.sketch import Sketch, Sketches
from tests.builders import LISBON, NOON, a_photo
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.unit.metadata.asking import NOW, PARIS, PORTO, a_day_without_places, asked, at_home, kinds_asked, places_of

SEVILLE, NEAR_SEVILLE = Location(37.389, -5.984), Location(37.30, -5.85)
ROME = Location(41.903, 12.496)


def test_a_day_without_places_is_one_question_and_one_answer_mends_all_of_it() -> None:
    library = InMemoryQuestions(a_day_without_places())
    question = asked(library, "place")

    changed = library.answer("a1", question, Where(LISBON), NOW)

    assert question.mends == "5 photos get a place"
    assert len(changed) == 5
    for photo in library.photos.values():
        assert photo.location is not None
        assert (photo.location.value, photo.location.source) == (LISBON, Source.PERSON)
        assert 0.9 < photo.location.confidence < 0.95
    assert "place" not in kinds_asked(library)


def test_undoing_an_answer_brings_back_what_was_there_and_the_question() -> None:
    library = InMemoryQuestions(a_day_without_places())
    library.answer("a1", asked(library, "place"), Where(LISBON), NOW)

    library.undo("a1", NOW)

    assert places_of(library) == [None] * 5
    assert "place" in kinds_asked(library)


def test_a_place_that_a_person_has_said_is_not_there_is_not_asked_for() -> None:
    nowhere = a_photo(1, taken_at=NOON, location=Sourced(None, Source.PERSON))

    assert "place" not in kinds_asked(InMemoryQuestions([nowhere]))


def test_the_pin_is_set_from_what_was_taken_around_the_photos() -> None:
    before = a_photo(50, taken_at=NOON - timedelta(hours=2), location=LISBON)
    library = InMemoryQuestions([before, *a_day_without_places()])

    question = asked(library, "place")

    assert isinstance(question.default, Where)
    assert abs(question.default.location.latitude - LISBON.latitude) < 0.02
    assert question.certainty > 0.5


def test_beside_the_pin_stand_the_other_places_that_it_may_have_been_those_of_the_nearest_time_first() -> None:
    days = {LISBON: -1, PORTO: 8, SEVILLE: -70, PARIS: -100, ROME: -200}
    phone = [a_photo(50 + n, taken_at=NOON + timedelta(days=days[at]), location=at) for n, at in enumerate(days)]
    suburb = a_photo(60, taken_at=NOON - timedelta(days=80), location=NEAR_SEVILLE)
    question = asked(InMemoryQuestions([*phone, suburb, *a_day_without_places()]), "place")

    assert isinstance(question.default, Where)
    towns = [_town_of(one) for one in (question.default, *question.choices)]
    assert towns == [LISBON, PORTO, SEVILLE, PARIS]


def test_other_places_are_offered_also_where_the_pin_cannot_be_set() -> None:
    long_ago = a_photo(50, taken_at=NOON - timedelta(days=300), location=PORTO)
    question = asked(InMemoryQuestions([long_ago, *a_day_without_places()]), "place")

    assert question.default is None
    assert [_town_of(one) for one in question.choices] == [PORTO]


def test_no_other_place_is_offered_where_none_is_known() -> None:
    before = a_photo(50, taken_at=NOON - timedelta(hours=2), location=LISBON)

    assert asked(InMemoryQuestions(a_day_without_places()), "place").choices == ()
    assert asked(InMemoryQuestions([before, *a_day_without_places()]), "place").choices == ()


def _town_of(answer: Where) -> Location:
    at = answer.location
    towns = (LISBON, PORTO, SEVILLE, PARIS, ROME)
    return next(one for one in towns if abs(one.latitude - at.latitude) + abs(one.longitude - at.longitude) < 0.005)


def test_photos_far_apart_in_time_or_place_are_different_questions() -> None:
    porto = a_photo(60, taken_at=NOON + timedelta(hours=5), location=PORTO)
    lisbon = a_photo(61, taken_at=NOON - timedelta(hours=1), location=LISBON)
    evening = [a_photo(70 + n, taken_at=NOON + timedelta(hours=6, minutes=n)) for n in range(3)]
    library = InMemoryQuestions(
        [lisbon, *a_day_without_places(), porto, *evening, *a_day_without_places(day=9, first=20)]
    )

    spans = {one.reach.spans[0].since for one in library.ranked(NOW) if one.kind == "place"}

    assert spans == {"2024-06-15T11", "2024-06-15T17", "2024-06-24T12"}


def test_saying_several_asks_about_smaller_groups() -> None:
    evening = [a_photo(70 + n, taken_at=NOON + timedelta(hours=8, minutes=n)) for n in range(3)]
    library = InMemoryQuestions([*a_day_without_places(), *evening])
    question = asked(library, "place")
    assert question.reach.photos == 8

    library.answer("a1", question, Several(), NOW)

    assert sorted(one.reach.photos for one in library.ranked(NOW) if one.kind == "place") == [3, 5]


def test_the_days_of_a_year_are_asked_about_at_once_and_what_is_unticked_stays_without_a_place() -> None:
    days = [photo for n in range(4) for photo in a_day_without_places(3, day=7 * n, first=10 * n)]
    phone = [a_photo(100 + n, taken_at=NOON + timedelta(days=7 * n, hours=1), location=LISBON) for n in range(4)]
    library = InMemoryQuestions([*days, *phone])
    question = asked(library, "places")
    assert len(question.items) == 4

    library.answer("a1", question, Yes(but_not=(question.items[2].key,)), NOW)

    assert places_of(library).count(None) == 3
    assert "places" not in kinds_asked(library)
    assert asked(library, "place").reach.photos == 3


def test_home_is_where_most_months_were_spent_and_not_where_most_photos_were_taken() -> None:
    phone = [a_photo(n, taken_at=datetime(2024, 1 + n, 5, 12, tzinfo=UTC), location=LISBON) for n in range(6)]
    trip = [a_photo(100 + n, taken_at=datetime(2024, 8, 5, 12, tzinfo=UTC), location=PARIS) for n in range(60)]
    camera = [a_photo(200 + n, taken_at=datetime(2024, 11, 5, 12, tzinfo=UTC)) for n in range(3)]
    library = InMemoryQuestions([*phone, *trip, *camera])

    [item] = asked(library, "places").items

    assert isinstance(item.answer, Where)
    assert abs(item.answer.location.latitude - LISBON.latitude) < 0.1


def test_a_place_that_is_often_come_back_to_is_named_once() -> None:
    library = InMemoryQuestions(at_home())

    library.answer("a1", asked(library, "same-place"), Named("home"), NOW)

    assert all(photo.keywords == ("home",) for photo in library.photos.values())
    assert "same-place" not in kinds_asked(library)


def test_photos_of_a_walk_past_a_house_are_not_called_as_it_is() -> None:
    walk = NOON + timedelta(days=45)
    walked = [
        a_photo(100 + n, taken_at=walk, location=Location(LISBON.latitude + 0.003 * n, LISBON.longitude))
        for n in range(3)
    ]
    library = InMemoryQuestions([*at_home(), *walked])
    question = asked(library, "same-place")

    changed = library.answer("a1", question, Named("home"), NOW)

    assert question.reach.photos == len(at_home())
    assert set(changed) == {photo.photo_id for photo in at_home()}


def test_a_phone_that_is_a_house_wrong_and_a_family_elsewhere_make_no_walk() -> None:
    party = NOON + timedelta(days=45)
    beside = [
        Location(LISBON.latitude + 0.0012, LISBON.longitude),
        Location(LISBON.latitude, LISBON.longitude + 0.0014),
    ]
    others = [
        a_photo(200 + n, taken_at=party, location=at) for n, at in enumerate([*beside, PARIS, Location(48.9, 2.4)])
    ]
    at_it = [a_photo(100 + n, taken_at=party, location=LISBON) for n in range(20)]
    library = InMemoryQuestions([*at_home(), *at_it, *others])

    assert asked(library, "same-place").reach.photos == len(at_home()) + len(at_it)


def test_the_months_of_a_house_are_read_only_where_it_is_asked_about() -> None:
    class Noting:
        def __init__(self, known: Sketches) -> None:
            self._known = known
            self.read: list[tuple[str, str]] = []

        def sketch(self, kind: str, group: str) -> Sketch:
            self.read.append((kind, group))
            return {} if group == HOMES else self._known.sketch(kind, group)

    library = InMemoryQuestions(at_home())
    house = asked(library, "same-place").group
    noting = Noting(library)

    assert not list(SamePlaceKind().questions(house, noting, Memory(), now=NOW))
    assert {kind for kind, group in noting.read if group != HOMES} == {"same-place"}
