"""Questions whose one answer mends much at once, and what keeps such answers from doing harm."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from heliograph_metadata.domain.photo import Location, Photo
from heliograph_metadata.domain.questions.question import Item, Named, No, NotSure, Question, Where, Yes
from heliograph_metadata.domain.questions.sketch import kilometres
from heliograph_metadata.domain.tiles import quadkey, tile_box, tiles_around
from tests.builders import LISBON, NOON, a_photo
from tests.fakes.in_memory_questions import InMemoryQuestions
from tests.unit.metadata import trips

NOW = NOON + timedelta(days=400)
PORTO = Location(41.149, -8.611)


def asked(library: InMemoryQuestions, kind: str) -> Question:
    return library.asked(next(one for one in library.ranked(NOW) if one.kind == kind), NOW)


def kinds_asked(library: InMemoryQuestions) -> set[str]:
    return {one.kind for one in library.ranked(NOW)}


def days_with_two_cameras(days: int = 3, *, apart: timedelta = timedelta()) -> list[Photo]:
    """Return days with a photo that has a place, and two by a camera that keeps none and says a later hour."""
    photos = []
    for day in range(days):
        at = NOON + timedelta(days=7 * day)
        photos.append(a_photo(10 * day, taken_at=at, location=LISBON if day % 2 else PORTO))
        photos += [a_photo(10 * day + n, taken_at=at + apart + timedelta(minutes=n)) for n in (1, 2)]
    return photos


def points(library: InMemoryQuestions) -> list[Location | None]:
    return [one.point for one in library.photos.values()]


def test_photos_of_the_same_hours_as_others_get_the_place_of_those_with_one_answer_and_lose_it_again() -> None:
    library = InMemoryQuestions(days_with_two_cameras())
    before = points(library)
    question = asked(library, "beside")
    assert (len(question.items), question.reach.photos) == (3, 6)

    changed = library.answer("a1", question, Yes((question.items[0].key,)), NOW)

    assert len(changed) == 4
    assert points(library).count(None) == 2
    for photo_id in changed:
        photo = library.photos[photo_id]
        true = PORTO if (photo.taken.date() - NOON.date()).days % 2 == 0 else LISBON
        assert photo.point is not None
        apart = kilometres((photo.point.latitude, photo.point.longitude), (true.latitude, true.longitude))
        assert apart < 0.2, "they lie at the same house"
    assert "beside" not in kinds_asked(library), "what was unticked is not asked about in the same way again"

    library.undo("a1", NOW)
    assert points(library) == before


def test_whoever_says_no_to_it_changes_nothing_and_is_not_asked_so_again() -> None:
    library = InMemoryQuestions(days_with_two_cameras())

    assert library.answer("a1", asked(library, "beside"), No(), NOW) == []

    assert "beside" not in kinds_asked(library)
    assert "place" in kinds_asked(library)


def test_a_camera_that_says_other_hours_than_the_phone_is_not_asked_about_so() -> None:
    assert "beside" not in kinds_asked(InMemoryQuestions(days_with_two_cameras(apart=timedelta(hours=8))))


def test_a_day_in_two_towns_is_not_asked_about_so() -> None:
    photos = days_with_two_cameras(1)
    there = [a_photo(50 + n, taken_at=NOON + timedelta(minutes=20 + n), location=LISBON) for n in range(3)]

    assert "beside" not in kinds_asked(InMemoryQuestions([*photos, *there]))


def test_days_of_which_somebody_is_not_sure_rest_for_half_a_year_and_others_are_still_asked_about() -> None:
    library = InMemoryQuestions(days_with_two_cameras())
    library.answer("a1", asked(library, "beside"), NotSure(), NOW)
    assert "beside" not in kinds_asked(library)

    later = days_with_two_cameras(6)[-3:]
    for photo in later:
        library.save(photo)

    assert [one.span.since[:10] for one in asked(library, "beside").items] == [f"{later[0].taken:%Y-%m-%d}"]


def test_whoever_says_that_a_trip_was_one_says_also_where_its_photos_without_a_place_were_taken() -> None:
    where = {1: LISBON, 3: trips.PARIS, 9: trips.PORTO}
    phone = [
        a_photo(number, taken_at=one.taken, location=one.point or where[one.taken.month])
        for number, one in enumerate(trips.two_trips())
    ]
    camera = [a_photo(1000 + n, taken_at=one.taken + timedelta(minutes=5)) for n, one in enumerate(phone)]
    true = {one.photo_id: beside.point for one, beside in zip(camera, phone, strict=True)}
    library = InMemoryQuestions([*phone, *camera])
    question = with_albums(asked(library, "events"))
    fills = [fill for item in question.items for fill in item.fills]
    assert fills
    assert f"{sum(fill.photos for fill in fills)} of them a place" in question.mends
    located = {photo_id: photo.location for photo_id, photo in library.photos.items() if photo.location}

    library.answer("a1", question, Yes(), NOW)

    filled = [one for one in library.photos.values() if one.photo_id not in located and one.location]
    assert len(filled) == sum(fill.photos for fill in fills)
    for photo in filled:
        here, there = photo.point, true[photo.photo_id]
        assert here is not None
        assert there is not None
        assert kilometres((here.latitude, here.longitude), (there.latitude, there.longitude)) < 15
    assert all(library.photos[photo_id].location == place for photo_id, place in located.items()), "others keep theirs"

    library.undo("a1", NOW)
    assert {photo_id for photo_id, photo in library.photos.items() if photo.location} == located.keys()


def with_albums(question: Question) -> Question:
    def one(item: Item) -> Item:
        return replace(item, answer=Named(item.key, album_id=item.key))

    return replace(question, items=tuple(map(one, question.items)))


def a_feast() -> Iterator[Photo]:
    for number in range(20):
        yield a_photo(number, taken_at=NOON + timedelta(minutes=number), location=LISBON)


@pytest.mark.parametrize(("name", "is_held"), [("Midsummer", False), ("Midsummer 2024", False), ("Rome 2019", True)])
def test_a_name_of_another_year_changes_nothing_before_it_is_checked(name: str, *, is_held: bool) -> None:
    library = InMemoryQuestions(a_feast())

    changed = library.answer("a1", asked(library, "event"), Named(name, album_id="album"), NOW)

    assert bool(changed) != is_held
    assert (library.ranked(NOW)[0].kind == "check") == is_held
    if is_held:
        assert len(library.answer("a2", asked(library, "check"), Yes(), NOW)) == 20


def at_a_house(first: int, latitude: float, longitude: float, months: int) -> list[Photo]:
    return [
        a_photo(
            first + 4 * month + n,
            taken_at=NOON + timedelta(days=31 * month, minutes=n),
            location=Location(latitude, longitude),
        )
        for month in range(months)
        for n in range(4)
    ]


def test_a_house_on_the_edge_of_two_tiles_is_asked_about_once_and_the_next_street_keeps_its_own_name() -> None:
    box = tile_box(quadkey(LISBON.latitude, LISBON.longitude, 18))
    middle = (box.south + box.north) / 2
    house = at_a_house(0, middle, box.east - 0.00005, 6) + at_a_house(100, middle, box.east + 0.00005, 5)
    once = [a_photo(300 + n, taken_at=NOON, location=Location(middle, box.west - 0.00005)) for n in range(4)]
    library = InMemoryQuestions([*house, *once])

    questions = [one for one in library.ranked(NOW) if one.kind == "same-place"]
    assert [one.reach.photos for one in questions] == [len(house)]
    changed = library.answer("a1", questions[0], Named("home"), NOW)

    assert set(changed) == {one.photo_id for one in house}
    assert "same-place" not in kinds_asked(library)


def test_a_tile_has_eight_around_it_over_the_date_line_and_five_at_a_pole() -> None:
    fiji = quadkey(-17.0, 179.9999, 18)
    around = tiles_around(fiji)

    assert len(set(around)) == 8
    assert fiji not in around
    assert quadkey(-17.0, -179.9999, 18) in around
    assert len(tiles_around("0" * 18)) == 5


def test_a_pin_far_from_others_of_the_same_hours_is_held_and_one_on_a_day_between_days_at_home_is_not() -> None:
    home = [a_photo(n, taken_at=NOON + timedelta(days=2 * n), location=LISBON) for n in range(2)]
    away = [a_photo(50 + n, taken_at=NOON + timedelta(days=1, minutes=n)) for n in range(8)]
    library = InMemoryQuestions([*home, *away])

    assert len(library.answer("a1", asked(library, "place"), Where(PORTO), NOW)) == 8
