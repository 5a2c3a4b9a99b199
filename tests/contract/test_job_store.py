"""What every `JobStore` does: the fake and DynamoDB, held to the same."""

from dataclasses import replace
from datetime import timedelta

import pytest

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId, PhotoId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.bulk_edit import BulkEdit, Zone
from heliograph_metadata.domain.job import Chunk, Failure, Job, Outcome, accounted, cancelled, chunks_of, selected
from heliograph_metadata.domain.search.saved import SearchQuery
from heliograph_metadata.domain.tiles import Bounds, Circle
from heliograph_metadata.dynamodb.job_store import DynamoJobStore
from heliograph_metadata.service.job_store import JobStore, KeyUse
from tests.builders import LISBON, NOON, OWNER, a_photo
from tests.fakes.in_memory_job_store import InMemoryJobStore

STRANGER = OwnerId("stranger")


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> JobStore:
    if request.param == "in memory":
        return InMemoryJobStore()
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")
    return DynamoJobStore(aws.dynamodb, stack.table_name("jobs"))


def photo_ids(count: int) -> list[PhotoId]:
    return [a_photo(number).photo_id for number in range(count)]


def a_job(job_id: str = "j1", *, photos: int = 0, **changes: object) -> tuple[Job, list[Chunk]]:
    chunks = chunks_of(photo_ids(photos))
    job = Job(
        job_id=job_id,
        owner_id=OWNER,
        version=1,
        edit=BulkEdit(favourite=True),
        created_at=NOON,
        updated_at=NOON,
        is_selected=True,
        total=photos,
        chunks=len(chunks),
    )
    return replace(job, **changes), chunks  # type: ignore[arg-type]


async def created(store: JobStore, job_id: str = "j1", *, photos: int = 1) -> Job:
    job, chunks = a_job(job_id, photos=photos)
    assert await store.create(job, chunks, key=None, request="r") == KeyUse(job_id, "r")
    return job


async def at_work(store: JobStore) -> list[tuple[OwnerId, str]]:
    return [found async for found in store.at_work()]


async def test_everything_that_a_job_is_about_is_kept(store: JobStore) -> None:
    edit = BulkEdit(
        shift=timedelta(days=-3, seconds=1),
        zone=Zone("Europe/Lisbon", "instant"),
        location=LISBON,
        keywords=("süd",),
        caption="",
        favourite=False,
        add_albums=("a",),
        remove_albums=("b",),
        trash=False,
    )
    search = SearchQuery(text="dog", near=Circle(1.0, 2.0, 3.0), bbox=Bounds(1.0, 2.0, 3.0, 4.0), favourite=False)
    job, _ = a_job(edit=edit, search=search, is_selected=False)

    await store.create(job, [], key=None, request="r")

    assert await store.get(OWNER, "j1") == job
    assert await store.get(STRANGER, "j1") is None
    assert await store.get(OWNER, "j2") is None


async def test_the_photos_of_a_job_are_in_chunks_in_order(store: JobStore) -> None:
    await created(store, photos=3_050)

    chunks = [chunk async for chunk in store.chunks(OWNER, "j1")]

    assert [chunk.number for chunk in chunks] == list(range(31))
    assert [photo_id for chunk in chunks for photo_id in chunk.photo_ids] == photo_ids(3_050)
    assert await store.chunk(OWNER, "j1", 30) == chunks[30]
    assert await store.chunk(OWNER, "j1", 31) is None
    assert await store.chunk(STRANGER, "j1", 0) is None


async def test_one_key_of_one_owner_makes_one_job(store: JobStore) -> None:
    first, chunks = a_job("j1", photos=1)
    second, _ = a_job("j2", photos=1)

    assert await store.create(first, chunks, key="k", request="r1") == KeyUse("j1", "r1")
    assert await store.create(second, chunks, key="k", request="r2") == KeyUse("j1", "r1")

    assert await store.get(OWNER, "j2") is None
    strange = replace(second, owner_id=STRANGER)
    assert await store.create(strange, chunks, key="k", request="r3") == KeyUse("j2", "r3")


async def test_a_job_and_its_chunk_change_together_and_the_second_of_two_changes_nothing(store: JobStore) -> None:
    job = await created(store)
    chunk = await store.chunk(OWNER, "j1", 0)
    assert chunk is not None
    outcome = Outcome(changed=1, failures=(Failure(PhotoId("p"), "no-date", "It has none."),))
    following, done = accounted(job, chunk, outcome, undo=False, at=NOON)

    assert await store.replace(following, stored=job, chunk=done)
    assert not await store.replace(cancelled(job, at=NOON), stored=job, chunk=chunk)

    assert await store.get(OWNER, "j1") == following
    assert await store.chunk(OWNER, "j1", 0) == done


async def test_a_search_adds_chunks(store: JobStore) -> None:
    job, _ = a_job(search=SearchQuery(), is_selected=False)
    await store.create(job, [], key=None, request="r")

    following, chunk = selected(job, photo_ids(2), cursor="on", at=NOON)
    assert await store.replace(following, stored=job, chunk=chunk)

    assert await store.get(OWNER, "j1") == following
    assert await store.chunk(OWNER, "j1", 0) == chunk


async def test_jobs_are_listed_newest_first_and_page(store: JobStore) -> None:
    for number in range(5):
        await created(store, f"j{number}")

    first = await store.newest(OWNER, before=None, limit=2)
    then = await store.newest(OWNER, before=first[-1].job_id, limit=10)

    assert [job.job_id for job in first] == ["j4", "j3"]
    assert [job.job_id for job in then] == ["j2", "j1", "j0"]
    assert list(await store.newest(STRANGER, before=None, limit=10)) == []


async def test_only_jobs_at_which_something_is_to_be_done_are_at_work(store: JobStore) -> None:
    job = await created(store)
    await created(store, "j2")
    assert sorted(await at_work(store)) == [(OWNER, "j1"), (OWNER, "j2")]
    chunk = await store.chunk(OWNER, "j1", 0)
    assert chunk is not None

    following, done = accounted(job, chunk, Outcome(changed=1), undo=False, at=NOON)
    await store.replace(following, stored=job, chunk=done)

    assert await at_work(store) == [(OWNER, "j2")]
