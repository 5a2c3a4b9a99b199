"""When photos were taken, by what is known of clocks and of other files; and what an event is called."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heliograph_metadata.domain.photo import Photo, Source, Sourced
from heliograph_metadata.domain.questions.question import Named, Never, NotSure, Off, Question, Several, When, Yes
from tests.builders import LISBON, NOON, a_photo
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.unit.metadata.asking import FUJI, NOW, PHONE, asked, kinds_asked
from tests.unit.metadata.trips import two_trips


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
    assert asked(library, "event").default is None, "what was refused is not offered again"
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


AT_THE_SAME_HOURS = (0, 1, 3, 6, 7, 24, 26, 27, 31)


def a_trip_with_a_clock_that_was_reset(begins: datetime, first: int) -> list[Photo]:
    """Return photos of a phone, and of a camera that had been reset, of the same hours; a dated file on either side."""
    photos = []
    for number, hour in enumerate(AT_THE_SAME_HOURS):
        later = timedelta(hours=hour)
        name = f"DSCF{first + number}.JPG"
        reset = Sourced(datetime(2000, 1, 1, tzinfo=UTC) + later, Source.EXIF, 0.9)
        photos.append(a_photo(2 * first + number, taken_at=begins + later, camera=PHONE, location=LISBON))
        photos.append(a_photo(3 * first + number, taken_at=reset, camera=FUJI, filename=name))
    for number, days in ((first - 40, -30), (first + 60, 30)):
        at = Sourced(begins + timedelta(days=days), Source.EXIF, 0.9)
        photos.append(a_photo(10 * first + number, taken_at=at, camera=FUJI, filename=f"DSCF{number}.JPG"))
    return photos


def resets(library: InMemoryQuestions) -> list[Question]:
    found = [one for one in library.ranked(NOW) if one.kind == "date"]
    return sorted(found, key=lambda one: (str(one.facts.get("first", "")), one.reach.spans[0].since))


def test_a_clock_that_was_reset_is_dated_by_the_hours_at_which_another_camera_took_photos() -> None:
    [question] = resets(InMemoryQuestions(a_trip_with_a_clock_that_was_reset(NOON, 1000)))

    assert question.default == When(NOON)
    assert question.certainty == 0.9
    assert question.reach.photos == len(AT_THE_SAME_HOURS)


def test_each_reset_of_a_clock_is_asked_about_by_itself_though_they_say_the_same_hours() -> None:
    years_later = NOON + timedelta(days=800)
    library = InMemoryQuestions(
        a_trip_with_a_clock_that_was_reset(NOON, 1000) + a_trip_with_a_clock_that_was_reset(years_later, 3000)
    )
    first, second = resets(library)
    assert (first.default, second.default) == (When(NOON), When(years_later))

    library.answer("a1", second, When(years_later), NOW)

    taken = {photo.admission.filename: photo.taken for photo in library.photos.values()}
    assert taken["DSCF3000.JPG"] == years_later
    assert taken["DSCF3008.JPG"] == years_later + timedelta(hours=AT_THE_SAME_HOURS[-1])
    assert taken["DSCF1000.JPG"].year == 2000
    assert [one.default for one in resets(library)] == [When(NOON)]


def test_not_knowing_when_one_reset_was_says_nothing_of_the_next() -> None:
    library = InMemoryQuestions(
        a_trip_with_a_clock_that_was_reset(NOON, 1000)
        + a_trip_with_a_clock_that_was_reset(NOON + timedelta(days=800), 3000)
    )
    first, second = resets(library)

    library.answer("a1", first, NotSure(), NOW)

    assert [one.question_id for one in resets(library)] == [second.question_id]


def test_a_date_far_from_where_other_cameras_fit_is_believed() -> None:
    library = InMemoryQuestions(a_trip_with_a_clock_that_was_reset(NOON, 1000))
    [question] = resets(library)

    library.answer("a1", question, When(NOON - timedelta(days=9)), NOW)

    assert resets(library) == []


def test_a_stretch_of_a_reset_of_several_places_is_asked_about_in_parts_that_all_fit() -> None:
    library = InMemoryQuestions(a_trip_with_a_clock_that_was_reset(NOON, 1000))
    [question] = resets(library)

    library.answer("a1", question, Several(), NOW)

    parts = sorted(resets(library), key=lambda one: one.reach.spans[0].since)
    assert [one.default for one in parts] == [When(NOON), When(NOON + timedelta(hours=24))]


@pytest.mark.parametrize(
    "names",
    [
        ["a.jpg", "b.jpg", "c.jpg"],
        [*(f"{number}.jpg" for number in range(1000, 1100)), "portrait.jpg"],
        [f"IMG_2000010{day}_{hour:02}{minute:02}07.jpg" for day in (1, 2) for hour in (9, 14) for minute in (0, 7, 31)],
        [f"DSCF{number:04}.JPG" for _ in range(2) for number in range(1, 40)],
    ],
    ids=["no numbers", "a number alone", "times of day", "cards that begin at 1"],
)
def test_what_no_dated_file_parts_is_one_reset(names: list[str]) -> None:
    start = datetime(2000, 1, 1, tzinfo=UTC)
    photos = [
        a_photo(number, taken_at=start + timedelta(minutes=20 * number), camera=FUJI, filename=name)
        for number, name in enumerate(names)
    ]
    library = InMemoryQuestions(photos)

    [question] = resets(library)

    assert question.reach.photos == len(names)
    assert len(library.reached(question, NOW)) == len(names)


def test_never_is_remembered_of_a_reset_though_a_file_with_a_smaller_number_comes() -> None:
    photos = a_trip_with_a_clock_that_was_reset(NOON, 1000)
    library = InMemoryQuestions(photos)
    library.answer("a1", resets(library)[0], Never(), NOW)

    reset = Sourced(datetime(2000, 1, 1, tzinfo=UTC), Source.EXIF, 0.9)
    library.save(a_photo(9000, taken_at=reset, camera=FUJI, filename="DSCF0985.JPG"))

    assert resets(library) == []


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


def test_a_clock_that_was_wrong_on_a_trip_was_right_where_it_fits_another_camera_as_it_is() -> None:
    home = NOON + timedelta(days=3)
    phone = a_photo(300, taken_at=home, camera=PHONE, location=LISBON)
    own = a_photo(301, taken_at=Sourced(home, Source.EXIF, 0.9), camera=FUJI)
    library = InMemoryQuestions([*a_trip_with_a_wrong_clock(8), phone, own])
    question = asked(library, "clock")

    changed = library.answer("a1", question, Yes(), NOW)

    assert question.reach.photos == len(changed) == 9
    assert library.photos[own.photo_id].taken == home


@pytest.mark.parametrize("hours", [8, 3, -9])
def test_a_clock_that_was_wrong_is_put_right_throughout_and_over_the_turn_of_a_month(hours: int) -> None:
    """The phone was used at so many hours that some of the camera's fit as they are by chance."""
    phone, camera = [], []
    for day in range(6):
        begins = datetime(2024, 6, 28, tzinfo=UTC) + timedelta(days=day)
        phone += [begins + timedelta(hours=hour) for hour in (8, 9, 12, 13, 17, 18, 20, 21)]
        camera += [begins + timedelta(hours=hour) for hour in (9, 12, 17, 18, 20, *((16,) if day in {2, 3} else ()))]
    photos = [a_photo(n, taken_at=at, camera=PHONE, location=LISBON) for n, at in enumerate(phone)]
    photos += [
        a_photo(100 + n, taken_at=Sourced(at - timedelta(hours=hours), Source.EXIF, 0.9), camera=FUJI)
        for n, at in enumerate(camera)
    ]
    library = InMemoryQuestions(photos)
    question = asked(library, "clock")

    changed = library.answer("a1", question, Yes(), NOW)

    assert question.reach.photos == len(changed) == len(camera)
    assert [photo.taken for photo in library.photos.values()] == phone + camera


def test_clocks_that_agree_are_not_asked_about() -> None:
    assert "clock" not in kinds_asked(InMemoryQuestions(a_trip_with_a_wrong_clock(0)))


def test_an_event_gets_a_name_and_an_album() -> None:
    library = InMemoryQuestions(
        [a_photo(n, taken_at=NOON + timedelta(minutes=n), location=LISBON, labels=("cat",)) for n in range(12)]
    )

    library.answer("a1", asked(library, "event"), Named("Wedding", album_id="wedding"), NOW)

    assert all(photo.album_ids == ("wedding",) for photo in library.photos.values())
    assert "event" not in kinds_asked(library)
