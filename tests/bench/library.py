"""The library benchmark: what lists, searches, facets and maps cost as a library grows, and what a save costs.

    python -m tests.bench.library [--sizes 1000,10000,100000] [--day 100000] [--data FOLDER] [--json FILE]

Photos go through the real write path (admitted, prepared, ready) into the stand-in's DynamoDB; of the single day only
the list is written, as nothing else of it is read. The HTTP API is called in this process. Requests, read units and
bytes are exact whatever else the machine does; milliseconds are not. With a folder the libraries are kept, and a later
run reads them without building them again.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from heliograph.aws import AwsClients, aws_clients
from heliograph.identity import Principal, TokenVerifier
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.signing import SigningKey
from heliograph_metadata.domain.index import IndexChange, postings
from heliograph_metadata.domain.photo import Photo, in_albums
from heliograph_metadata.domain.terms import month_term
from heliograph_metadata.dynamodb.index_writer import IndexWriter
from heliograph_metadata.dynamodb.ledger import Ledger
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.main import create_app
from heliograph_upload.domain import NewPhoto
from heliograph_upload.dynamodb import DynamoAdmissionStore
from tests.bench.capacity import CapacityMeter, Cost
from tests.bench.ingest import percentile
from tests.bench.meter import machine
from tests.bench.synthetic import ALBUM, DENSE_DAY, RARE_PAIR, admission, classification, preparation
from tests.standin import running_standin
from tools.storage import apply_storage

_CHUNK: Final = 100
_TOKEN_SECONDS: Final = 600
_REPEATS: Final = 15
_PAGE: Final = 60
_STACK: Final = SharedSettings(stack_name="bench")

_WRITE_DOLLARS: Final = 0.625
_READ_DOLLARS: Final = 0.125
"""Per million units on demand, us-east-1, standard table class. Source: DynamoDB's price page, November 2024 on."""

_PEERS: Final = (
    "Immich 1.135 at 50,100 assets on a like machine, p50/p99 ms: timeline months 24.5/42.6, largest month 15.2/36,",
    "  newest 100 by search 4.6/13.6, camera 10.3/18, file name part 30.5/57, map of all markers 104/160 (4.6 MB).",
)


@dataclass(frozen=True)
class Reading:
    """What one kind of request costs at one size."""

    name: str
    photos: int
    requests: float
    read_units: float
    bytes: int
    items: int
    p50_ms: float
    p99_ms: float
    database_share: float
    """Of the time: requests to the stand-in for DynamoDB, the SDK's own work on them included."""


@dataclass(frozen=True)
class Writing:
    """What a photo costs on its way to ready."""

    step: str
    photos: int
    at_once: int
    write_units: float
    read_units: float
    requests: float
    by_table: dict[str, float]
    milliseconds: float


class Library:
    """Grows one owner's library through the real write path."""

    def __init__(self, aws: AwsClients, *, owner_id: OwnerId) -> None:
        tables: Any = {"photos_table": _STACK.table_name("photos"), "terms_table": _STACK.table_name("terms")}
        self._store = DynamoPhotoStore(aws.dynamodb, **tables)
        self._admissions = DynamoAdmissionStore(aws.dynamodb, _STACK.table_name("photos"))
        self._meter = CapacityMeter(aws.dynamodb)
        self._owner_id = owner_id

    async def build(self, size: int, *, at_once: int = 64) -> list[Writing]:
        """Add `size` photos, `at_once` of them saved at the same time, and return what each step cost per photo."""
        costs: dict[str, tuple[Cost, float]] = {}

        async def step(name: str, work: Awaitable[Any]) -> None:
            started = time.perf_counter()
            with self._meter.metering() as cost:
                await work
            known, seconds = costs.get(name, (Cost(), 0.0))
            known.add(cost)
            costs[name] = known, seconds + time.perf_counter() - started

        for start in range(0, size, _CHUNK):
            numbers = range(start, min(start + _CHUNK, size))
            photos = [admission(number, owner_id=self._owner_id) for number in numbers]
            new = [NewPhoto(one.photo_id, one.owner_id, one.admission, one.created_at, "bench") for one in photos]
            await step("admitted", self._admissions.admit(new))
            following = [preparation(one, number) for one, number in zip(photos, numbers, strict=True)]
            following = [
                replace(in_albums(one, add=[ALBUM], at=one.updated_at), version=one.version)
                if number % 20 == 0
                else one
                for one, number in zip(following, numbers, strict=True)
            ]
            await step("prepared", self._saved(photos, following, at_once))
            last = [classification(one, number) for one, number in zip(following, numbers, strict=True)]
            await step("ready", self._saved(following, last, at_once))
        return [
            Writing(
                name,
                size,
                at_once,
                cost.write_units / size,
                cost.read_units / size,
                cost.requests / size,
                {table: units / size for table, units in sorted(cost.by_table.items())},
                1000 * seconds / size,
            )
            for name, (cost, seconds) in costs.items()
        ]

    async def _saved(self, before: list[Photo], after: list[Photo], at_once: int) -> None:
        for start in range(0, len(after), at_once):
            pairs = zip(before[start : start + at_once], after[start : start + at_once], strict=True)
            outcomes = await asyncio.gather(*(self._store.replace(photo, stored=stored) for stored, photo in pairs))
            assert all(outcomes)


class Reader:
    """Calls the API as the owner and measures."""

    def __init__(self, http: httpx.AsyncClient, token: Callable[[], str], meter: CapacityMeter) -> None:
        """Make one.

        Args:
            http: Reaches the API.
            token: Returns an access token that is good now.
            meter: Counts what the API asks of the tables.
        """
        self._http = http
        self._token = token
        self._headers: dict[str, str] = {}
        self._renewed_at = float("-inf")
        self.meter = meter

    async def get(self, path: str, **parameters: Any) -> Any:
        response = await self._http.get(f"/api/v1{path}", headers=self._signed_in(), params=parameters)
        assert response.status_code == 200, response.text
        return response

    async def post(self, path: str) -> Any:
        response = await self._http.post(f"/api/v1{path}", headers=self._signed_in())
        assert response.is_success, response.text
        return response

    def _signed_in(self) -> dict[str, str]:
        if time.monotonic() - self._renewed_at > _TOKEN_SECONDS / 2:
            self._headers, self._renewed_at = {"Authorization": f"Bearer {self._token()}"}, time.monotonic()
        return self._headers

    async def measured(self, name: str, photos: int, path: str, *, to_middle: bool = False, **asked: Any) -> Reading:
        """Return what a request costs; the page in the middle of its list where that is asked for."""
        parameters: dict[str, Any] = dict(asked)
        if to_middle:
            parameters |= await self._middle(path, parameters)
        await self.get(path, **parameters)
        times: list[float] = []
        with self.meter.metering() as cost:
            for _ in range(_REPEATS):
                started = time.perf_counter()
                response = await self.get(path, **parameters)
                times.append(1000 * (time.perf_counter() - started))
        body = response.json()
        return Reading(
            name,
            photos,
            round(cost.requests / _REPEATS, 2),
            round(cost.read_units / _REPEATS, 2),
            len(response.content),
            _length(body),
            percentile(times, 0.5),
            percentile(times, 0.99),
            1000 * cost.seconds / sum(times),
        )

    async def _middle(self, path: str, parameters: dict[str, Any]) -> dict[str, Any]:
        cursors: list[str] = []
        cursor: dict[str, Any] = {}
        while len(cursors) < 400:
            body = (await self.get(path, **(parameters | {"limit": 200} | cursor))).json()
            if not body["next_cursor"]:
                break
            cursors.append(body["next_cursor"])
            cursor = {"cursor": cursors[-1]}
        return {"cursor": cursors[len(cursors) // 2]} if cursors else {}


def _length(body: Any) -> int:
    for name in ("items", "photo_id", "months", "facets"):
        if isinstance(found := body.get(name), list):
            return len(found)
    return 0


async def _readings(reader: Reader, photos: int) -> AsyncIterator[Reading]:
    months = (await reader.get("/timeline")).json()["months"]
    month = max(months, key=lambda one: one["count"])["month"]
    yield await reader.measured("timeline: months", photos, "/timeline")
    yield await reader.measured("timeline: largest month, first page", photos, f"/timeline/{month}", limit=_PAGE)
    yield await reader.measured(
        "timeline: largest month, middle", photos, f"/timeline/{month}", limit=_PAGE, to_middle=True
    )
    lists: tuple[tuple[str, dict[str, Any]], ...] = (
        ("all photos by date", {"sort": "date"}),
        ("label: person", {"label": "person", "sort": "date"}),
        ("album", {"album": ALBUM, "sort": "date"}),
    )
    for name, query in lists:
        yield await reader.measured(f"{name}, first page", photos, "/search", limit=_PAGE, **query)
        yield await reader.measured(f"{name}, middle", photos, "/search", limit=_PAGE, to_middle=True, **query)
    world: dict[str, Any] = {"bbox": "-180,-85,180,85", "zoom": "1"}
    city: dict[str, Any] = {"bbox": "-9.25,38.65,-9.05,38.80", "zoom": "12"}
    yield await reader.measured("map: the world, zoom 1", photos, "/map", **world)
    yield await reader.measured("map: a continent, zoom 5", photos, "/map", bbox="-12,35,20,60", zoom="5")
    yield await reader.measured("map: one city, zoom 12", photos, "/map", **city)
    yield await reader.measured("map: one quarter, zoom 16", photos, "/map", bbox="-9.15,38.71,-9.13,38.72", zoom="16")
    span: dict[str, Any] = city | {"from": "2017", "to": "2019"}
    yield await reader.measured("map: one city, 2017 to 2019", photos, "/map", **span)
    box = city["bbox"]
    yield await reader.measured("map: photos of one city, first page", photos, "/map/photos", bbox=box, limit=_PAGE)
    yield await reader.measured(
        "map: photos of one city, middle", photos, "/map/photos", bbox=box, limit=_PAGE, to_middle=True
    )
    yield await reader.measured("search: within one city", photos, "/search", bbox=box, limit=_PAGE, sort="date")
    first, second = RARE_PAIR
    yield await reader.measured("search: best of person", photos, "/search", q="person", limit=_PAGE)
    yield await reader.measured("search: frequent and rare word", photos, "/search", q="person Reykjavík", limit=_PAGE)
    yield await reader.measured(
        "search: two frequent, rarely together", photos, "/search", q=f"{first} {second}", limit=_PAGE
    )
    yield await reader.measured(
        "search: label, place and year", photos, "/search", q="dog place:lisbon 2019", limit=_PAGE
    )
    yield await reader.measured("search: label and not another", photos, "/search", q="dog -person", limit=_PAGE)
    yield await reader.measured("search: nothing means it", photos, "/search", q="quixotic", limit=_PAGE)
    yield await reader.measured("facets: labels", photos, "/facets", kind="label")
    yield await reader.measured("facets: places", photos, "/facets", kind="place")
    yield await reader.measured("facets within dog", photos, "/search/facets", q="dog")
    yield await reader.measured("suggest: li", photos, "/suggest", q="li")


@asynccontextmanager
async def reading(owner_id: OwnerId) -> AsyncIterator[Reader]:
    """Start the HTTP API in this process and yield one who calls it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HELIOGRAPH_STACK_NAME", _STACK.stack_name)
        environment.setenv("HELIOGRAPH_LOG_LEVEL", "ERROR")
        app = create_app()
        async with app.router.lifespan_context(app):
            pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            key = SigningKey(pem, issuer="heliograph", audience="heliograph-api")
            app.state.token_verifier = TokenVerifier(key, issuer="heliograph", audience="heliograph-api")
            principal = Principal(account_id=owner_id, session_id="bench")
            lives = timedelta(seconds=_TOKEN_SECONDS)

            def token() -> str:
                return key.issue(principal, now=datetime.now(UTC), lives=lives)

            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://photos.test", timeout=60) as http:
                yield Reader(http, token, CapacityMeter(app.state.aws.dynamodb))


def _print_writing(rows: list[Writing]) -> None:
    names = ("save", "photos", "at once", "write units", "read units", "requests", "ms")
    print("\n{:<10} {:>8} {:>8} {:>12} {:>11} {:>9} {:>7}".format(*names), " write units by table")
    totals: dict[tuple[int, int], float] = {}
    for row in rows:
        tables = ", ".join(f"{table} {units:.2f}" for table, units in row.by_table.items())
        print(
            f"{row.step:<10} {row.photos:>8} {row.at_once:>8} {row.write_units:>12.2f} {row.read_units:>11.2f} "
            f"{row.requests:>9.2f} {row.milliseconds:>7.2f}  {tables}"
        )
        key = row.photos, row.at_once
        totals[key] = totals.get(key, 0.0) + row.write_units
    for (photos, at_once), units in totals.items():
        dollars = units * _WRITE_DOLLARS
        print(f"{photos} photos, {at_once} at once: {units:.2f} write units each, ${dollars:.2f} per million photos")


def _print_readings(rows: list[Reading]) -> None:
    names = (
        "request",
        "photos",
        "requests",
        "read units",
        "items",
        "bytes",
        "p50 ms",
        "p99 ms",
        "database",
        "$/M pages",
    )
    print("\n{:<40} {:>8} {:>9} {:>11} {:>6} {:>8} {:>8} {:>8} {:>9} {:>10}".format(*names))
    for row in sorted(rows, key=lambda row: (_order(rows, row.name), row.photos)):
        dollars = row.read_units * _READ_DOLLARS
        print(
            f"{row.name:<40} {row.photos:>8} {row.requests:>9.1f} {row.read_units:>11.2f} {row.items:>6} "
            f"{row.bytes:>8} {row.p50_ms:>8.1f} {row.p99_ms:>8.1f} {row.database_share:>9.0%} {dollars:>10.2f}"
        )
    print("\n" + "\n".join(_PEERS))


def _order(rows: list[Reading], name: str) -> int:
    return next(number for number, row in enumerate(rows) if row.name == name)


class Shelves:
    """The libraries that have been built in a folder, and what that cost."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "built.json"
        self.built: dict[str, list[dict[str, Any]]] = (
            json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        )

    async def build(self, aws: AwsClients, size: int, *, at_once: int = 64) -> OwnerId:
        """Build a library unless it is there, and return its owner."""
        owner_id = OwnerId(f"bench-{size}-{at_once}")
        if owner_id not in self.built:
            started = time.monotonic()
            self._remember(owner_id, await Library(aws, owner_id=owner_id).build(size, at_once=at_once))
            print(f"{owner_id} built in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        return owner_id

    async def build_day(self, aws: AwsClients, size: int) -> OwnerId:
        """Write the list of a month whose photos are all of one day, and nothing else of them; return its owner."""
        owner_id = OwnerId(f"bench-day-{size}")
        if owner_id not in self.built:
            terms_table = _STACK.table_name("terms")
            writer = IndexWriter(aws.dynamodb, terms_table, Ledger(aws.dynamodb, terms_table))
            for start in range(0, size, _CHUNK):
                change = IndexChange()
                for number in range(start, min(start + _CHUNK, size)):
                    photo = preparation(admission(number, owner_id=owner_id), number, day=DENSE_DAY)
                    of_the_month = {
                        place: posting for place, posting in postings(photo).items() if place[0] == month_term(photo)
                    }
                    change.add(IndexChange(put=of_the_month))
                await writer.write_postings([owner_id], change, batch="")
            self._remember(owner_id, [])
        return owner_id

    def _remember(self, owner_id: OwnerId, rows: list[Writing]) -> None:
        self.built[owner_id] = [asdict(row) for row in rows]
        self._file.write_text(json.dumps(self.built), encoding="utf-8")

    def writings(self) -> list[Writing]:
        """Return what it has cost to build them."""
        return [Writing(**row) for rows in self.built.values() for row in rows]


async def _run(shelves: Shelves, sizes: list[int], dense: int) -> list[Reading]:
    readings: list[Reading] = []
    async with aws_clients(max_pool_connections=64) as aws:
        for at_once in (1, 8, 16, 24):
            await shelves.build(aws, 320, at_once=at_once)
        owners = [(size, await shelves.build(aws, size)) for size in sizes]
        day_owner = await shelves.build_day(aws, dense) if dense else None
    for size, owner_id in owners:
        async with reading(owner_id) as reader:
            readings += [one async for one in _readings(reader, size)]
    if day_owner:
        async with reading(day_owner) as reader:
            path = f"/timeline/{DENSE_DAY[:7]}"
            one_day: dict[str, Any] = {"day": DENSE_DAY, "limit": _PAGE}
            readings.append(await reader.measured("a day, first page", dense, path, **one_day))
            readings.append(await reader.measured("a day, middle", dense, path, to_middle=True, **one_day))
    return readings


def main() -> int:
    """Build, measure and print."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--day", type=int, default=100_000, help="photos of one single day; 0 leaves it out")
    parser.add_argument("--data", type=Path, help="where the libraries are kept; nowhere if it is left out")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    sizes = sorted(int(size) for size in given.sizes.split(",") if size)
    with tempfile.TemporaryDirectory() as nowhere:
        folder: Path = given.data or Path(nowhere)
        folder.mkdir(parents=True, exist_ok=True)
        with running_standin(folder, keep=True) as standin:
            apply_storage(standin.endpoint, stack_name=_STACK.stack_name)
            shelves = Shelves(folder)
            readings = asyncio.run(_run(shelves, sizes, given.day))
    print(f"{machine()}, {datetime.now(UTC):%d %B %Y}")
    _print_writing(shelves.writings())
    _print_readings(readings)
    if given.json:
        rows = {"built": shelves.built, "readings": [asdict(row) for row in readings]}
        given.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
