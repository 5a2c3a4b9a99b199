"""The timeline over a library in memory: pages of any part of a month, revisions, and how much is read for them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heliograph.photos import OwnerId, PhotoId, PhotoStatus
from heliograph_metadata.domain.errors import InvalidCursorError, InvalidQueryError
from heliograph_metadata.domain.index import Posting
from heliograph_metadata.domain.photo import Photo, edited, trashed
from heliograph_metadata.domain.terms import Term
from heliograph_metadata.domain.timeline import Span, span_within
from heliograph_metadata.service.timeline import MonthPage, Timeline
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore

JUNE = "2024-06"
ALL_OF_JUNE = span_within(JUNE)


class MeteredIndex(InMemoryPhotoStore):
    """Notes how long each list was that was asked for, and whether the answer had to be consistent."""

    def __init__(self, photos: Sequence[Photo] = ()) -> None:
        super().__init__(photos)
        self.reads: list[tuple[str, int, bool]] = []

    async def postings(
        self,
        owner_id: OwnerId,
        term: Term,
        *,
        before: str | None,
        since: str | None,
        limit: int,
        consistent: bool = False,
    ) -> Sequence[Posting]:
        found = await super().postings(owner_id, term, before=before, since=since, limit=limit)
        self.reads.append((term.kind, len(found), consistent))
        return found


async def page_of(
    index: InMemoryPhotoStore, span: Span = ALL_OF_JUNE, *, cursor: str | None = None, limit: int = 500
) -> MonthPage:
    timeline = Timeline(index)
    state = await timeline.state(OWNER, JUNE)
    return await timeline.page(OWNER, JUNE, state=state, span=span, cursor=cursor, limit=limit)


async def photo_ids(index: InMemoryPhotoStore, span: Span = ALL_OF_JUNE, *, limit: int = 500) -> list[PhotoId]:
    """Return what the pages of a part of the month list, from the first to the last."""
    page = await page_of(index, span, limit=limit)
    found = [posting.photo_id for posting in page.postings]
    while page.next_cursor:
        page = await page_of(index, span, cursor=page.next_cursor, limit=limit)
        assert page.postings
        found += [posting.photo_id for posting in page.postings]
    return found


def crowd(count: int) -> list[Photo]:
    """Return photos of one day, a second apart, newest first."""
    return [a_photo(number, taken_at=NOON - timedelta(seconds=number)) for number in range(count)]


async def test_a_page_reads_the_page_wherever_it_lies() -> None:
    index = MeteredIndex(crowd(2_000))

    first = await page_of(index, limit=100)
    middle = await page_of(index, span_within(JUNE, until="2024-06-15T11:45"), limit=100)

    assert first.postings[0].taken_at == NOON
    assert middle.postings[0].taken_at == NOON - timedelta(minutes=14, seconds=1)
    assert index.reads == [("time", 101, True), ("time", 101, True)]


@settings(deadline=None)
@given(
    minutes=st.lists(st.integers(0, 3 * 24 * 60), max_size=30),
    limit=st.integers(1, 7),
    bounds=st.tuples(st.integers(0, 3), st.integers(0, 3)).map(sorted),
)
async def test_the_pages_of_some_days_list_their_photos_once_newest_first(
    minutes: list[int], limit: int, bounds: list[int]
) -> None:
    begin = datetime(2024, 6, 10, tzinfo=timezone(timedelta(hours=9)))
    shelf = [a_photo(number, taken_at=begin + timedelta(minutes=minute)) for number, minute in enumerate(minutes)]
    since, until = (f"2024-06-{10 + day}" for day in bounds)
    expected = sorted(
        (photo for photo in shelf if since <= photo.taken.date().isoformat() <= until),
        key=lambda photo: (photo.taken, photo.photo_id),
        reverse=True,
    )

    found = await photo_ids(InMemoryPhotoStore(shelf), span_within(JUNE, since=since, until=until), limit=limit)

    assert found == [photo.photo_id for photo in expected]


async def test_a_cursor_is_good_for_its_own_part_of_its_own_month_alone() -> None:
    index = InMemoryPhotoStore(crowd(3))
    cursor = (await page_of(index, limit=1)).next_cursor

    with pytest.raises(InvalidCursorError):
        await page_of(index, span_within(JUNE, since="2024-06-15", until="2024-06-15"), cursor=cursor)
    with pytest.raises(InvalidCursorError):
        await page_of(index, cursor="made-up")


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2024-06-31", ""),
        ("", "2024-06-15T24"),
        ("2024-07-01", ""),
        ("", "2024-0"),
        ("2024-06-16", "2024-06-15"),
        ("2024-06-1٥", ""),
        ("2024-06-15 12:00", ""),
        ("2024-06-15T12:00:00+09:00", ""),
    ],
)
def test_what_is_no_part_of_the_month_is_refused(since: str, until: str) -> None:
    with pytest.raises(InvalidQueryError):
        span_within(JUNE, since=since, until=until)


async def test_a_revision_changes_with_what_the_month_shows_and_with_nothing_else() -> None:
    photo, other = a_photo(1, taken_at=NOON), a_photo(2, taken_at=NOON - timedelta(days=40))
    index = InMemoryPhotoStore([photo, other])
    timeline = Timeline(index)

    async def revision_after(after: Photo) -> int:
        index.photos[after.photo_id] = after
        return (await timeline.state(OWNER, JUNE)).revision

    first = await revision_after(photo)
    assert await revision_after(trashed(other, at=NOON)) == first
    liked = await revision_after(edited(photo, {"favourite": True}, at=NOON))
    gone = await revision_after(trashed(photo, at=NOON))

    assert first > 0
    assert liked not in {0, first}
    assert gone == 0  # an empty month has no revision


async def test_while_photos_are_prepared_a_month_says_which_and_has_no_revision() -> None:
    shelf = [
        replace(photo, status=PhotoStatus("prepared" if number % 3 == 0 else "ready"))
        for number, photo in enumerate(crowd(9))
    ]
    index = MeteredIndex(shelf)

    page = await page_of(index, limit=5)

    assert (await Timeline(index).state(OWNER, JUNE)).revision == 0
    assert page.prepared == {shelf[0].photo_id, shelf[3].photo_id}
    assert index.reads == [("time", 6, False)]


async def test_nobody_sees_another_s_months() -> None:
    timeline = Timeline(InMemoryPhotoStore(crowd(2)))
    stranger = OwnerId("stranger")

    state = await timeline.state(stranger, JUNE)
    page = await timeline.page(stranger, JUNE, state=state, span=ALL_OF_JUNE, cursor=None, limit=10)

    assert (state.revision, page.postings) == (0, [])
    assert await timeline.months(stranger) == await timeline.days(stranger, JUNE) == []


async def test_months_are_told_newest_first() -> None:
    index = InMemoryPhotoStore([a_photo(number, taken_at=NOON - timedelta(days=30 * number)) for number in range(4)])

    months = [month.value for month in await Timeline(index).months(OWNER)]

    assert months == ["2024-06", "2024-05", "2024-04", "2024-03"]


async def test_the_days_of_a_month_are_told_newest_first_and_those_of_no_other() -> None:
    days = ["2024-05-31", "2024-06-01", "2024-06-15", "2024-06-15", "2024-06-30", "2024-07-01"]
    shelf = [
        a_photo(number, taken_at=datetime.fromisoformat(f"{day}T23:59:59-05:00")) for number, day in enumerate(days)
    ]

    told = await Timeline(InMemoryPhotoStore(shelf)).days(OWNER, JUNE)

    assert [(day.value, day.photos) for day in told] == [("2024-06-30", 1), ("2024-06-15", 2), ("2024-06-01", 1)]
