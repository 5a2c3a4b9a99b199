"""What is asked of a library, in which order, what an answer does, and what is never asked again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heliograph_metadata.domain.looks import Look
from heliograph_metadata.domain.photo import Camera, Label, Location, Photo, Source, Sourced
from heliograph_metadata.domain.questions.engine import BUDGET, budget_left, changes
from heliograph_metadata.domain.questions.question import (
    Keep,
    Named,
    Never,
    No,
    NotSure,
    Off,
    Question,
    Several,
    Skip,
    Span,
    When,
    Where,
    Which,
    Yes,
)
from heliograph_metadata.domain.questions.registry import KINDS
from heliograph_metadata.domain.questions.sketch import summed
from heliograph_metadata.domain.questions.value import (
    PRIORS,
    agreed,
    all_right,
    entropy,
    has_looked,
    spread,
    surprise,
    worth,
)
from tests.builders import LISBON, NOON, a_photo
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.unit.metadata.trips import two_trips

NOW = NOON + timedelta(days=400)
PARIS = Location(48.857, 2.352)
PORTO = Location(41.149, -8.611)
FUJI, PHONE = Camera("FUJIFILM", "X-T4"), Camera("Apple", "iPhone 13")


def asked(library: InMemoryQuestions, kind: str) -> Question:
    """Return the best question of a kind, as it is shown."""
    return library.asked(next(one for one in library.ranked(NOW) if one.kind == kind), NOW)


def kinds_asked(library: InMemoryQuestions, now: datetime = NOW) -> list[str]:
    return [one.kind for one in library.ranked(now)]


def a_day_without_places(photos: int = 5, *, day: int = 0, first: int = 0) -> list[Photo]:
    at = NOON + timedelta(days=day)
    return [a_photo(first + number, taken_at=at + timedelta(minutes=number)) for number in range(photos)]


def places_of(library: InMemoryQuestions) -> list[Location | None]:
    return [photo.point for photo in library.photos.values()]


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


def test_an_answer_that_contradicts_other_photos_changes_nothing_until_it_is_checked() -> None:
    phone = [a_photo(50 + n, taken_at=NOON + timedelta(minutes=n), location=LISBON) for n in range(3)]
    library = InMemoryQuestions([*phone, *a_day_without_places()])
    question = asked(library, "place")

    assert library.answer("a1", question, Where(PARIS), NOW) == []

    check = asked(library, "check")
    assert len(library.answer("a2", check, Yes(), NOW)) == 5
    library.undo("a1", NOW)
    assert places_of(library).count(None) == 5


def test_what_a_check_has_taken_back_is_not_applied_again_without_another_check() -> None:
    phone = [a_photo(50 + n, taken_at=NOON + timedelta(minutes=n), location=LISBON) for n in range(3)]
    library = InMemoryQuestions([*phone, *a_day_without_places()])
    library.answer("a1", asked(library, "place"), Where(PARIS), NOW)
    library.answer("a2", asked(library, "check"), Yes(but_not=("a1",)), NOW)

    question = asked(library, "place")

    assert library.answer("a3", question, Where(PARIS), NOW) == []
    assert len(library.answer("a4", question, Where(LISBON), NOW)) == 5


def test_large_answers_are_looked_through_together_and_an_unticked_one_is_taken_back() -> None:
    days = [photo for n in range(8) for photo in a_day_without_places(30, day=30 * n, first=100 * n)]
    library = InMemoryQuestions(days)
    for number in range(8):
        library.answer(f"a{number}", asked(library, "place"), Where(LISBON), NOW)

    check = asked(library, "check")
    library.answer("check", check, Yes(but_not=("a2",)), NOW)

    assert places_of(library).count(None) == 30
    assert asked(library, "place").reach.photos == 30
    assert library.memory.trust < 0.95
    library.undo("check", NOW)
    assert places_of(library).count(None) == 0


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


def test_one_large_answer_is_checked_before_small_ones_are_asked_for() -> None:
    library = InMemoryQuestions([*a_day_without_places(300), *a_day_without_places(6, day=90, first=1000)])

    library.answer("a1", library.asked(library.ranked(NOW)[0], NOW), Where(LISBON), NOW)

    check = library.ranked(NOW)[0]
    assert (check.kind, check.facts["answers"]) == ("check", "a1")


def test_a_grid_that_is_let_stand_though_much_of_it_is_doubtful_changes_nothing_before_it_is_checked() -> None:
    doubt = [a_photo(n, taken_at=NOON, location=LISBON, labels=(Label("dog", 0.5, Source.MODEL),)) for n in range(20)]
    library = InMemoryQuestions(doubt)
    question = asked(library, "label")

    assert library.answer("a1", question, Yes(), NOW) == []
    assert len(library.answer("a2", asked(library, "check"), Yes(), NOW)) == 20

    library.undo("a2", NOW)
    library.answer("a3", asked(library, "check"), Yes(but_not=("a1",)), NOW)
    assert len(library.answer("a4", asked(library, "label"), Yes(question.shown[:9]), NOW)) == 20


def test_the_trips_of_all_years_are_named_in_one_grid_and_each_photo_of_them_is_in_the_album() -> None:
    library = InMemoryQuestions(two_trips())
    question = asked(library, "events")
    assert [one.answer for one in question.items] == [Named("Paris 2024"), Named("Porto 2024")]
    with_albums = replace(
        question, items=tuple(replace(one, answer=Named(one.key, album_id=one.key)) for one in question.items)
    )

    library.answer("a1", with_albums, Yes(but_not=(question.items[0].key,)), NOW)

    assert sum(photo.album_ids == (question.items[1].key,) for photo in library.photos.values()) == 14
    assert "events" not in kinds_asked(library)
    assert asked(library, "event").default == Named("Paris 2024")
    library.undo("a1", NOW)
    assert [one.span for one in asked(library, "events").items] == [one.span for one in question.items]


def test_coming_home_ends_a_trip() -> None:
    back = [
        a_photo(300 + n, taken_at=datetime(2024, 3, 17, 7 + n, tzinfo=UTC), location=LISBON, labels=("cat",))
        for n in range(15)
    ]
    library = InMemoryQuestions([*two_trips(), *back])

    trip = next(one for one in asked(library, "events").items if one.answer == Named("Paris 2024"))

    assert trip.photos == 14


def test_home_is_where_most_months_were_spent_and_not_where_most_photos_were_taken() -> None:
    phone = [a_photo(n, taken_at=datetime(2024, 1 + n, 5, 12, tzinfo=UTC), location=LISBON) for n in range(6)]
    trip = [a_photo(100 + n, taken_at=datetime(2024, 8, 5, 12, tzinfo=UTC), location=PARIS) for n in range(60)]
    camera = [a_photo(200 + n, taken_at=datetime(2024, 11, 5, 12, tzinfo=UTC)) for n in range(3)]
    library = InMemoryQuestions([*phone, *trip, *camera])

    [item] = asked(library, "places").items

    assert isinstance(item.answer, Where)
    assert abs(item.answer.location.latitude - LISBON.latitude) < 0.1


def test_the_fewer_have_looked_the_more_is_let_stand() -> None:
    assert all_right(0.5, 1) == pytest.approx(0.5)
    assert all_right(1.0, 30) == pytest.approx(1.0)
    assert 0.5**20 < all_right(0.5, 20) < 0.01
    assert has_looked(0.95, 1.0) == pytest.approx(0.95)
    assert has_looked(0.95, 0.0) == 0.0
    assert has_looked(0.95, all_right(0.5, 20)) < 0.2


def test_what_was_met_often_says_little_and_what_was_never_met_a_lot() -> None:
    counts = {"home": 900, "Paris": 99}

    assert surprise(counts, "home", beyond=14.0) < 0.2
    assert 3 < surprise(counts, "Paris", beyond=14.0) < 4
    assert surprise(counts, "Kyoto", beyond=14.0) > 20


def test_a_kind_that_is_never_wanted_is_asked_for_less() -> None:
    library = InMemoryQuestions([*a_day_without_places(), *a_day_without_places(day=60, first=100)])
    before = asked(library, "place").worth.knows

    library.answer("a1", asked(library, "place"), Never(), NOW)

    assert library.memory.knows("place") < before


def test_a_grid_of_doubtful_labels_confirms_what_is_left_ticked_and_rejects_the_others() -> None:
    doubt = [a_photo(n, taken_at=NOON, location=LISBON, labels=(Label("dog", 0.5, Source.MODEL),)) for n in range(5)]
    library = InMemoryQuestions(doubt)
    question = asked(library, "label")
    no_dog = question.shown[0]

    library.answer("a1", question, Yes(but_not=(no_dog,)), NOW)

    assert library.photos[no_dog].labels == ()
    assert library.photos[no_dog].rejected_labels == ("dog",)
    assert [one.source for one in library.photos[question.shown[1]].labels] == [Source.PERSON]
    assert library.memory.ticks == {"dog": (4, 1)}
    assert "label" not in kinds_asked(library)
    library.undo("a1", NOW)
    assert library.photos[no_dog].labels == doubt[0].labels


def test_a_clock_that_was_reset_is_put_right_with_the_hours_between_the_photos_kept() -> None:
    start = datetime(2000, 1, 1, tzinfo=UTC)
    reset = [a_photo(n, taken_at=start + timedelta(hours=n), camera=FUJI, location=LISBON) for n in range(4)]
    library = InMemoryQuestions(reset)

    library.answer("a1", asked(library, "date"), When(NOON), NOW)

    assert [photo.taken for photo in library.photos.values()] == [NOON + timedelta(hours=n) for n in range(4)]


def test_a_date_is_offered_between_those_of_the_files_numbered_before_and_after() -> None:
    start = datetime(2000, 1, 1, tzinfo=UTC)
    before = a_photo(1, taken_at=NOON, camera=FUJI, location=LISBON, filename="DSCF2010.JPG")
    after = a_photo(2, taken_at=NOON + timedelta(days=10), camera=FUJI, location=LISBON, filename="DSCF2090.JPG")
    reset = [
        a_photo(10 + n, taken_at=start, camera=FUJI, location=LISBON, filename=f"DSCF205{n}.JPG") for n in range(4)
    ]

    question = asked(InMemoryQuestions([before, after, *reset]), "date")

    assert (question.facts["after"], question.facts["before"]) == ("2024-06-15", "2024-06-25")
    assert isinstance(question.default, When)
    assert NOON < question.default.at < NOON + timedelta(days=10)


def test_files_without_a_date_that_were_numbered_together_get_one() -> None:
    undated = Sourced(NOW, Source.DEFAULT, 0.1)
    film = [a_photo(n, taken_at=undated, filename=f"film_{n:02}.tif") for n in range(1, 5)]
    other = [a_photo(50 + n, taken_at=undated, filename=f"film_{n}.tif") for n in range(900, 903)]
    library = InMemoryQuestions([*film, *other])

    library.answer("a1", asked(library, "date"), When(NOON), NOW)

    assert sum(photo.taken == NOON for photo in library.photos.values()) == 4


def test_a_roll_of_several_events_is_asked_about_in_halves() -> None:
    undated = Sourced(NOW, Source.DEFAULT, 0.1)
    library = InMemoryQuestions([a_photo(n, taken_at=undated, filename=f"film_{n:02}.tif") for n in range(1, 9)])

    library.answer("a1", asked(library, "date"), Several(), NOW)

    assert [one.reach.photos for one in library.ranked(NOW) if one.kind == "date"] == [4, 4]


def a_trip_with_a_wrong_clock(hours: int) -> list[Photo]:
    pattern = (0, 1, 3, 6, 7, 24, 26, 27, 31)
    photos = []
    for number, hour in enumerate(pattern):
        at = NOON - timedelta(hours=3) + timedelta(hours=hour)
        photos.append(a_photo(number, taken_at=at, camera=PHONE, location=LISBON))
        wrong = Sourced(at - timedelta(hours=hours), Source.EXIF, 0.9)
        photos.append(a_photo(100 + number, taken_at=wrong, camera=FUJI))
    return photos


@pytest.mark.parametrize("hours", [8, -9, 12, 24])
def test_a_clock_that_was_wrong_shows_against_another_camera_of_the_same_days(hours: int) -> None:
    library = InMemoryQuestions(a_trip_with_a_wrong_clock(hours))
    question = asked(library, "clock")
    assert question.default == Off(timedelta(hours=hours))

    library.answer("a1", question, Yes(), NOW)

    truth = [library.photos[one.photo_id].taken for one in a_trip_with_a_wrong_clock(0)]
    assert [photo.taken for photo in library.photos.values()] == truth


def test_clocks_that_agree_are_not_asked_about() -> None:
    assert "clock" not in kinds_asked(InMemoryQuestions(a_trip_with_a_wrong_clock(0)))


def test_one_of_two_names_is_confirmed_and_the_other_rejected() -> None:
    doubts = (Label("castle", 0.4, Source.MODEL), Label("palace", 0.3, Source.MODEL))
    library = InMemoryQuestions([a_photo(n, taken_at=NOON, location=PARIS, labels=doubts) for n in range(3)])

    library.answer("a1", asked(library, "two-labels"), Which("palace"), NOW)

    for photo in library.photos.values():
        assert [(one.name, one.source) for one in photo.labels] == [("palace", Source.PERSON)]


def test_where_neither_of_two_names_is_right_both_are_rejected() -> None:
    doubts = (Label("castle", 0.4, Source.MODEL), Label("palace", 0.3, Source.MODEL))
    library = InMemoryQuestions([a_photo(n, taken_at=NOON, location=PARIS, labels=doubts) for n in range(3)])

    library.answer("a1", asked(library, "two-labels"), No(), NOW)

    assert "two-labels" not in kinds_asked(library)
    assert {photo.labels for photo in library.photos.values()} == {()}
    library.undo("a1", NOW)
    assert {photo.labels for photo in library.photos.values()} == {doubts}


def test_an_event_gets_a_name_and_an_album() -> None:
    library = InMemoryQuestions(
        [a_photo(n, taken_at=NOON + timedelta(minutes=n), location=LISBON, labels=("cat",)) for n in range(12)]
    )

    library.answer("a1", asked(library, "event"), Named("Wedding", album_id="wedding"), NOW)

    assert all(photo.album_ids == ("wedding",) for photo in library.photos.values())
    assert "event" not in kinds_asked(library)


def at_home(label: str = "cat") -> list[Photo]:
    days = [NOON + timedelta(days=30 * month, minutes=n) for month in range(5) for n in range(3)]
    return [a_photo(n, taken_at=at, location=LISBON, labels=(label,)) for n, at in enumerate(days)]


def test_a_place_that_is_often_come_back_to_is_named_once() -> None:
    library = InMemoryQuestions(at_home())

    library.answer("a1", asked(library, "same-place"), Named("home"), NOW)

    assert all(photo.keywords == ("home",) for photo in library.photos.values())
    assert "same-place" not in kinds_asked(library)


def test_an_animal_that_is_seen_at_one_place_again_and_again_gets_its_name() -> None:
    library = InMemoryQuestions(at_home("cat"))
    question = asked(library, "thing")
    not_ours = question.shown[0]

    library.answer("a1", question, Named("Minka", but_not=(not_ours,)), NOW)

    named = [photo for photo in library.photos.values() if any(one.name == "Minka" for one in photo.labels)]
    assert len(named) == 14
    assert not_ours not in {photo.photo_id for photo in named}


def test_no_name_is_asked_for_what_has_none() -> None:
    assert "thing" not in kinds_asked(InMemoryQuestions(at_home("cup")))


def test_photos_on_which_nothing_was_seen_get_a_word() -> None:
    library = InMemoryQuestions([a_photo(n, taken_at=NOON, location=LISBON) for n in range(4)])

    library.answer("a1", asked(library, "missing"), Named("loom"), NOW)

    assert all([one.name for one in photo.labels] == ["loom"] for photo in library.photos.values())


def test_never_is_for_good_also_when_the_group_has_grown() -> None:
    library = InMemoryQuestions(a_day_without_places())
    library.answer("a1", asked(library, "place"), Never(), NOW)

    library.save(a_photo(30, taken_at=NOON - timedelta(hours=1)))

    assert "place" not in kinds_asked(library, NOW + timedelta(days=3000))
    library.undo("a1", NOW)
    assert "place" in kinds_asked(library)


def test_never_outlives_a_check_of_what_was_answered_before() -> None:
    days = [photo for n in range(8) for photo in a_day_without_places(30, day=30 * n, first=100 * n)]
    library = InMemoryQuestions(days)
    question = asked(library, "place")
    library.answer("a0", question, Where(LISBON), NOW)
    for number in range(1, 8):
        library.answer(f"a{number}", asked(library, "place"), Where(LISBON), NOW)
    check = asked(library, "check")
    library.answer("never", question, Never(), NOW)

    library.answer("check", check, Yes(but_not=("a0",)), NOW)

    assert places_of(library).count(None) == 30
    assert "place" not in kinds_asked(library, NOW + timedelta(days=3000))


def test_a_skipped_grid_of_a_label_rests_also_once_other_photos_of_it_were_ticked() -> None:
    doubt = [a_photo(n, taken_at=NOON, labels=(Label("dog", 0.5, Source.MODEL),)) for n in range(60)]
    library = InMemoryQuestions(doubt)
    first = asked(library, "label")
    library.answer("a1", first, Yes(first.shown[:12]), NOW)
    library.answer("a2", first, Skip(), NOW)

    assert "label" not in kinds_asked(library, NOW + timedelta(hours=1))
    assert "label" in kinds_asked(library, NOW + timedelta(days=2))


def test_who_is_not_sure_is_asked_again_much_later() -> None:
    library = InMemoryQuestions(a_day_without_places())
    library.answer("a1", asked(library, "place"), NotSure(), NOW)

    assert "place" not in kinds_asked(library, NOW + timedelta(days=100))
    assert "place" in kinds_asked(library, NOW + timedelta(days=200))


def test_after_three_skips_a_kind_is_quiet_for_a_week() -> None:
    days = [photo for n in range(5) for photo in a_day_without_places(3, day=30 * n, first=10 * n)]
    library = InMemoryQuestions(days)
    for number in range(3):
        library.answer(f"a{number}", asked(library, "place"), Skip(), NOW)

    assert "place" not in kinds_asked(library, NOW + timedelta(days=2))
    assert "place" in kinds_asked(library, NOW + timedelta(days=8))


def test_there_is_a_budget_for_each_day() -> None:
    library = InMemoryQuestions([p for n in range(3) for p in a_day_without_places(3, day=30 * n, first=10 * n)])
    for number in range(2):
        library.answer(f"a{number}", asked(library, "place"), Where(LISBON), NOW)

    assert budget_left(library.memory, NOW) == BUDGET - 2
    assert budget_left(library.memory, NOW + timedelta(days=2)) == BUDGET


def test_whoever_never_knows_dates_is_asked_about_them_less() -> None:
    library = InMemoryQuestions([])
    undated = Sourced(NOW, Source.DEFAULT, 0.1)
    for number in range(12):
        library.save(a_photo(number, taken_at=undated, filename=f"{'abcdefghijkl'[number]}_1.tif"))
    before = asked(library, "date").worth.value
    for number in range(4):
        library.answer(f"a{number}", asked(library, "date"), NotSure(), NOW)
    library.save(a_photo(50, taken_at=undated, filename="z_1.tif"))

    assert library.memory.knows("date") < PRIORS["date"].knows
    assert min(one.worth.value for one in library.ranked(NOW) if one.kind == "date") < before


def test_a_photo_that_changes_costs_the_difference_of_its_marks_and_nothing_else() -> None:
    photo = a_photo(1, taken_at=NOON, labels=(Label("dog", 0.5, Source.MODEL),))
    new = changes(None, photo)

    assert changes(photo, photo) == {}
    assert all(summed(cells, changes(photo, None)[group]) == {} for group, cells in new.items())
    assert set(changes(photo, None)) == set(new)


def test_photos_in_the_trash_or_unfinished_are_not_asked_about() -> None:
    assert changes(None, a_photo(1, taken_at=NOON, trashed_at=NOON)) == {}
    assert changes(None, a_photo(1, taken_at=NOON, status="awaiting_upload")) == {}


def test_takes_of_one_scene_are_asked_about_and_those_not_kept_go_to_the_trash() -> None:
    takes = [
        a_photo(n, taken_at=NOON + timedelta(seconds=n), camera=FUJI, look=Look("f" * 64, (), float(n)))
        for n in range(4)
    ]
    library = InMemoryQuestions(takes)
    question = asked(library, "burst")
    assert question.default == Keep((takes[3].photo_id,))

    library.answer("a1", question, question.default, NOW)

    assert [photo.trashed_at is None for photo in library.photos.values()] == [False, False, False, True]


def test_every_kind_has_a_name_of_its_own_and_priors() -> None:
    names = [kind.name for kind in KINDS]

    assert len(names) == len(set(names)) >= 10
    assert set(PRIORS) == {*names, "check"}


def test_the_less_is_known_the_more_bits_an_answer_takes_away() -> None:
    assert entropy(1.0, 8.0) == 0.0
    assert entropy(0.0, 8.0) == 8.0
    assert entropy(0.5, 8.0) == 5.0
    few, many = (
        worth("place", photos=n, certainty=0.0, alternatives=8.0, confidence=0.95, knows=0.9) for n in (2, 200)
    )
    assert many.value == pytest.approx(100 * few.value)


def test_nothing_met_yet_is_as_open_as_can_be_and_one_place_met_often_is_not() -> None:
    assert spread([], beyond=14.0) == 14.0
    assert spread([1000], beyond=14.0) < 0.1
    assert spread([10, 10, 10, 10], beyond=14.0) > 2.0


def test_what_was_likely_and_is_let_stand_is_surer_than_either() -> None:
    assert agreed(0.9, 0.95) > 0.99
    assert agreed(0.0, 0.95) == 0.0


def test_spans_share_by_the_hour() -> None:
    day = Span("2024-06-15T00", "2024-06-15T23")

    assert day.shared(Span("2024-06-15T12", "2024-06-16T12")) == 0.5
    assert day.shared(Span("2024-06-17T00", "2024-06-17T01")) == 0.0
