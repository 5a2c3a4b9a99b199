"""What is seen of a question about many things: those seen first at once, the others behind, and all of them once."""

from datetime import timedelta

from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.question import HOUR, Item, Question, Reach, Span, Where, Worth
from heliograph_metadata.service.question_photos import QuestionPhotos, Shown
from tests.builders import LISBON, NOON, OWNER, a_photo
from tests.fakes.metered_index import MeteredIndex

SOON = 29.0
LATER = 31.0
"""Seconds, around those for which photos are remembered."""


class Watched:
    """A library with one photo without a place on each of some days, and a clock."""

    def __init__(self, days: int) -> None:
        self.photos = [a_photo(day, version=2, taken_at=NOON + timedelta(days=day)) for day in range(days)]
        self.index = MeteredIndex(self.photos)
        self.seconds = 0.0
        self.shown = QuestionPhotos(self.index, self.index, now=lambda: NOON, clock=lambda: self.seconds)

    async def seen(self, question: Question) -> Shown:
        """Look once; only what that reads is counted."""
        self.index.forget()
        return (await self.shown.of(OWNER, [question]))[0]

    async def seen_wholly(self, question: Question) -> Shown:
        await self.shown.complete(OWNER, [question])
        return await self.seen(question)

    def change(self, photo: Photo) -> None:
        self.index.photos[photo.photo_id] = photo
        self.index.changed()


def about(days: range, *, photos: int = 1) -> Question:
    """Return the question where one was on some days."""
    items = tuple(an_item(day, photos) for day in days)
    return Question(
        kind="beside", group="all", key=f"{days.start}", prompt="", why="", mends="",
        reach=Reach((), len(items), tuple(one.span for one in items)), worth=Worth(1.0, 1.0, 1.0), items=items,
    )  # fmt: skip


def an_item(day: int, photos: int) -> Item:
    hour = (NOON + timedelta(days=day)).strftime(HOUR)
    return Item(hour, Span(hour, hour), photos, Where(LISBON), 0.9)


def days_of(shown: Shown) -> list[int]:
    return [(photo.taken - NOON).days for photo in shown.items.values()]


async def test_of_many_things_those_seen_first_come_at_once_and_the_others_once_they_were_looked_for() -> None:
    library = Watched(40)
    question = about(range(40))

    first = await library.seen(question)
    assert (days_of(first), first.left, library.index.requests) == ([*range(12)], 28, 12)
    assert first.sample == tuple(first.items.values())

    whole = await library.seen_wholly(question)
    assert (days_of(whole), whole.left, library.index.requests) == ([*range(40)], 0, 0)


async def test_a_question_that_has_changed_reads_the_lists_of_what_is_new_in_it_alone() -> None:
    library = Watched(40)
    await library.seen_wholly(about(range(30)))
    library.seconds = SOON

    other = await library.seen(about(range(5, 33)))

    assert (days_of(other), other.left) == ([*range(5, 30)], 3)
    assert library.index.requests == 0
    assert days_of(await library.seen_wholly(about(range(5, 33)))) == [*range(5, 33)]


async def test_what_was_seen_is_read_again_later_and_looked_for_only_where_it_is_not_meant_any_more() -> None:
    library = Watched(10)
    library.change(a_photo(100, version=2, taken_at=NOON + timedelta(days=4, minutes=1)))
    first = await library.seen(about(range(10)))
    library.change(a_photo(100, version=3, taken_at=NOON + timedelta(days=4, minutes=1), location=LISBON))
    library.seconds = LATER

    again = await library.seen(about(range(10)))

    key = an_item(4, 1).key
    assert (first.items[key].photo_id, again.items[key]) == (a_photo(100).photo_id, library.photos[4])
    assert {**first.items, key: again.items[key]} == again.items
    assert library.index.requests == 1


async def test_a_thing_that_has_fewer_photos_now_is_read_again_at_once() -> None:
    library = Watched(3)
    await library.seen(about(range(3), photos=2))
    library.change(a_photo(1, version=3, taken_at=NOON + timedelta(days=1), location=LISBON))

    assert days_of(await library.seen(about(range(3)))) == [0, 2]


async def test_a_thing_without_a_photo_is_looked_for_once_and_leaves_nothing_to_be_done() -> None:
    library = Watched(3)

    shown = await library.seen(about(range(5)))
    assert (days_of(shown), shown.left, library.index.requests) == ([0, 1, 2], 0, 5)
    await library.seen(about(range(1, 5)))
    assert library.index.requests == 0
