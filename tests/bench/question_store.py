"""What questions cost as a library grows: GET /questions idle, after a new photo and after an answer.

    python -m tests.bench.question_store [--sizes 1000,10000,100000]

The libraries are those of tests/bench/library.py. Only what questions read of them is written, in batches: documents,
the lists that questions reach through (in larger libraries of the photos without a place alone), and the sketches;
of these also the book, which the smallest library is asked to make. A new photo goes through the real write path. An
answer is the event alone, with its groups marked: what its jobs save costs what any save costs. It is given to groups
in turn, and then by the API to the question that comes first, which may be a hundred things of many groups. Read units
and requests are exact whatever else the machine does; milliseconds are not.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from heliograph.aws import AwsClients, aws_clients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.document import document_of
from heliograph_metadata.domain.index import Posting, postings
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.domain.questions.engine import Group, candidates, touched
from heliograph_metadata.domain.questions.history import Said
from heliograph_metadata.domain.questions.memory import Answered, Memory
from heliograph_metadata.domain.questions.question import Never
from heliograph_metadata.domain.questions.sketch import Sketch
from heliograph_metadata.domain.questions.value import LEAST_VALUE
from heliograph_metadata.domain.sketched import mark_of, sketch_terms, sketched
from heliograph_metadata.domain.terms import TERMS_SCHEMA, Term
from heliograph_metadata.dynamodb.answer_store import DynamoAnswerStore
from heliograph_metadata.dynamodb.counted_within import by_item
from heliograph_metadata.dynamodb.index_writer import attributes_of
from heliograph_metadata.dynamodb.keys import count_key, head_key, posting_key
from heliograph_metadata.dynamodb.packed_documents import packed
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.question_book import DynamoQuestionBook
from heliograph_metadata.dynamodb.sketches import DynamoSketchStore, notes
from heliograph_metadata.dynamodb.values import Item, number, text, timestamp
from heliograph_upload.domain import NewPhoto
from heliograph_upload.dynamodb import DynamoAdmissionStore
from tests.bench.capacity import CapacityMeter, Cost
from tests.bench.ingest import percentile
from tests.bench.library import Reader, reading
from tests.bench.meter import machine
from tests.bench.synthetic import admission, classification, preparation
from tests.standin import running_standin
from tools.storage import apply_storage

_STACK: Final = SharedSettings(stack_name="bench")
_WRITTEN_TOGETHER: Final = 25
_AT_ONCE: Final = 8
_REPEATS: Final = 30
_LISTED: Final = frozenset({"time", "label"})
_LARGE: Final = 5_000
_GROUPS_TOGETHER: Final = 40
_AGAIN_SECONDS: Final = 0.2
"""The web app waits longer before it asks again."""
_BATCH: Final = "2025-01-01T00:00:00.000000Z"


@dataclass(frozen=True)
class Row:
    """What one kind of request costs at one size."""

    name: str
    photos: int
    requests: float
    read_units: float
    write_units: float
    p50_ms: float
    p95_ms: float
    store_ms: float
    """Of p50, while requests to DynamoDB were under way."""
    again_p50_ms: float = 0.0
    """Of the answers after the first, while things are made anew; 0 where there were none."""
    again_p95_ms: float = 0.0


@dataclass(frozen=True)
class Times:
    """Milliseconds that answers took."""

    whole: list[float] = field(default_factory=list)
    """The first ones."""
    in_store: list[float] = field(default_factory=list)
    """Of them, during which a request to DynamoDB was under way."""
    again: list[float] = field(default_factory=list)
    """Those after the first, until nothing was left to be made anew."""


class Shelf:
    """One owner's library, as questions read it."""

    def __init__(self, aws: AwsClients, owner_id: OwnerId) -> None:
        self._client = aws.dynamodb
        self._owner_id = owner_id
        self._photos, self._terms = _STACK.table_name("photos"), _STACK.table_name("terms")
        self._store = DynamoPhotoStore(aws.dynamodb, photos_table=self._photos, terms_table=self._terms)
        self._admissions = DynamoAdmissionStore(aws.dynamodb, self._photos)
        self._answers = DynamoAnswerStore(aws.dynamodb, _STACK.table_name("questions"))
        self._sketches = DynamoSketchStore(aws.dynamodb, self._terms)
        self._book = DynamoQuestionBook(aws.dynamodb, _STACK.table_name("questions"))

    async def fill(self, size: int) -> int:
        """Write a library of `size` photos; return how many cells its sketches have."""
        counts: Counter[Term] = Counter()
        shown: list[int] = []

        def documents() -> Iterator[Item]:
            for one in range(size):
                photo = _photo(one, self._owner_id)
                counts.update(sketch_terms(photo))
                if size < _LARGE or photo.point is None:
                    shown.append(one)
                    yield _document(photo)

        def listed() -> Iterator[Item]:
            for one in shown:
                for (term, _), posting in postings(_photo(one, self._owner_id)).items():
                    if term.kind in _LISTED:
                        yield _posting(self._owner_id, term, posting)

        await self._write(self._photos, documents())
        await self._write(self._terms, listed())
        await self._write(
            self._terms,
            (
                count_key(self._owner_id, term)
                | {"photos": number(counts[term])}
                | {cell: number(counts[mark]) for cell, mark in within.items()}
                for term, within in by_item(counts).items()
            ),
        )
        if size < _LARGE:
            await self._write(self._terms, notes(self._owner_id, sketched(counts), _BATCH))
        else:
            await self._make_book(counts)
        head = {"committed_at": text(_BATCH), "terms_schema": number(TERMS_SCHEMA)}
        await self._client.put_item(TableName=self._terms, Item=head_key(self._owner_id) | head)
        return len(counts)

    async def _make_book(self, counts: Counter[Term]) -> None:
        sketches: dict[Group, dict[str, int]] = {}
        for term, count in counts.items():
            group, cell = mark_of(term)
            sketches.setdefault(group, {})[cell] = count
        groups, read = sorted(touched(sketched(counts))), _Sketches(sketches)
        made = {group: candidates(group, read, Memory(), now=datetime.now(UTC)) for group in groups}
        worth = [group for group in groups if any(one.joins or one.worth.value >= LEAST_VALUE for one in made[group])]
        for start in range(0, len(worth), _GROUPS_TOGETHER):
            some = {group: made[group] for group in worth[start : start + _GROUPS_TOGETHER]}
            book = await self._book.read(self._owner_id)
            assert await self._book.replace(self._owner_id, some, book=book, generation=0)

    async def _write(self, table: str, items: Iterable[Item]) -> None:
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(run: list[Item]) -> None:
            left: Any = {table: [{"PutRequest": {"Item": item}} for item in run]}
            async with turns:
                while left:
                    left = (await self._client.batch_write_item(RequestItems=left)).get("UnprocessedItems")

        remaining = iter(items)
        while runs := [run for _ in range(_AT_ONCE) if (run := list(islice(remaining, _WRITTEN_TOGETHER)))]:
            await asyncio.gather(*map(one, runs))

    async def take_in(self, one: int) -> None:
        """Save another photo, as the pipeline does."""
        before = admission(one, owner_id=self._owner_id)
        new = NewPhoto(before.photo_id, before.owner_id, before.admission, before.created_at, "bench")
        await self._admissions.admit([new])
        prepared = preparation(before, one)
        assert await self._store.replace(prepared, stored=before)
        assert await self._store.replace(classification(prepared, one), stored=prepared)

    async def answer(self, one: int) -> None:
        """Have a question refused."""
        found = (await self._book.read(self._owner_id)).questions
        group = sorted(found)[one % len(found)]
        event = Answered(
            answer_id=f"{one:012x}",
            question=found[group][0],
            answer=Never(),
            person_id=self._owner_id,
            at=datetime.now(UTC),
        )
        said = await self._answers.since(self._owner_id, 0)
        assert await self._answers.add(self._owner_id, Said(number=len(said) + 1, event=event))
        await self._sketches.mark_stale(self._owner_id, [group])


class _Sketches:
    """Sketches in memory."""

    def __init__(self, known: dict[Group, dict[str, int]]) -> None:
        self._known = known

    def sketch(self, kind: str, group: str) -> Sketch:
        return self._known.get((kind, group), {})


def _photo(one: int, owner_id: OwnerId) -> Photo:
    return replace(classification(preparation(admission(one, owner_id=owner_id), one), one), version=3)


def _document(photo: Photo) -> Item:
    return {
        "photo_id": text(photo.photo_id),
        "owner_id": text(photo.owner_id),
        "status": text(photo.status),
        "version": number(photo.version),
        "created_at": timestamp(photo.created_at),
        "updated_at": timestamp(photo.updated_at),
        "correlation_id": text(photo.correlation_id),
        "admission": text(photo.admission.model_dump_json()),
        "document": packed(document_of(photo)),
    }


def _posting(index: str, term: Term, posting: Posting) -> Item:
    return posting_key(index, term, posting.sort_key) | attributes_of(posting)


async def _asked(reader: Reader, meter: CapacityMeter, times: "Times", cost: Cost) -> Any:
    """Ask once, and wait until nothing is left to be made anew; the time is that of the first answer."""
    with meter.metering() as one:
        started = time.perf_counter()
        page = (await reader.get("/questions", limit=10)).json()
        times.whole.append(1000 * (time.perf_counter() - started))
        times.in_store.append(1000 * one.seconds)
        while page["pending"]:
            await asyncio.sleep(_AGAIN_SECONDS)
            started = time.perf_counter()
            page = (await reader.get("/questions", limit=10)).json()
            times.again.append(1000 * (time.perf_counter() - started))
    cost.add(one)
    return page


def _row(name: str, photos: int, times: Times, cost: Cost) -> Row:
    n = len(times.whole)
    return Row(
        name,
        photos,
        cost.requests / n,
        cost.read_units / n,
        cost.write_units / n,
        percentile(times.whole, 0.5),
        percentile(times.whole, 0.95),
        percentile(times.in_store, 0.5),
        percentile(times.again, 0.5) if times.again else 0.0,
        percentile(times.again, 0.95) if times.again else 0.0,
    )


async def _rows(reader: Reader, meter: CapacityMeter, shelf: Shelf, size: int) -> list[Row]:
    times, cost = Times(), Cost()
    started = time.perf_counter()
    with meter.metering() as whole:
        await _asked(reader, meter, times, cost)
    seconds = time.perf_counter() - started
    rows: list[Row] = []
    if size < _LARGE:
        row = Row("all groups, in all", size, whole.requests, whole.read_units, whole.write_units, 0.0, 0.0, 0.0)
        rows.append(row)
        print(f"{size} photos: all groups looked at after {seconds:.0f} s", file=sys.stderr, flush=True)

    async def measured(name: str, before: Any) -> None:
        times, cost = Times(), Cost()
        for number_ in range(_REPEATS):
            await before(number_)
            assert (await _asked(reader, meter, times, cost))["items"]
        rows.append(_row(name, size, times, cost))
        print(f"{rows[-1]}", file=sys.stderr, flush=True)

    async def nothing(_: int) -> None:
        """Change nothing."""

    await measured("idle", nothing)
    await measured("after a new photo", lambda one: shelf.take_in(size + one))

    async def refuse_the_best(_: int) -> None:
        best = (await reader.get("/questions", limit=1)).json()["items"][0]
        await reader.post(f"/questions/{best['question_id']}/never")

    await measured("after an answer", shelf.answer)
    await measured("after the first was refused", refuse_the_best)
    return rows


async def _run(sizes: list[int]) -> list[Row]:
    rows: list[Row] = []
    for size in sizes:
        owner_id = OwnerId(f"questions-{size}")
        async with aws_clients(max_pool_connections=64) as aws:
            started = time.monotonic()
            shelf = Shelf(aws, owner_id)
            cells = await shelf.fill(size)
            seconds = time.monotonic() - started
            print(f"{size} photos with {cells} cells written in {seconds:.0f} s", file=sys.stderr, flush=True)
            async with reading(owner_id) as reader:
                rows += await _rows(reader, reader.meter, shelf, size)
    return rows


def _print(rows: list[Row]) -> None:
    names = (
        "GET /questions",
        "photos",
        "requests",
        "read units",
        "write units",
        "p50 ms",
        "p95 ms",
        "in DynamoDB",
        "again p50",
        "p95 ms",
    )
    print("\n{:<32} {:>8} {:>9} {:>11} {:>12} {:>8} {:>8} {:>12} {:>10} {:>8}".format(*names))
    for row in rows:
        print(
            f"{row.name:<32} {row.photos:>8} {row.requests:>9.1f} {row.read_units:>11.2f} {row.write_units:>12.2f} "
            f"{row.p50_ms:>8.1f} {row.p95_ms:>8.1f} {row.store_ms:>12.1f} "
            f"{row.again_p50_ms:>10.1f} {row.again_p95_ms:>8.1f}"
        )


def main() -> int:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000")
    given = parser.parse_args()
    sizes = sorted(int(size) for size in given.sizes.split(",") if size)
    with tempfile.TemporaryDirectory() as folder, running_standin(Path(folder)) as standin:
        apply_storage(standin.endpoint, stack_name=_STACK.stack_name)
        rows = asyncio.run(_run(sizes))
    print(f"{machine()}, {datetime.now(UTC):%d %B %Y}")
    _print(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
