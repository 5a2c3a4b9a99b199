"""All that an account has, in ZIP files: part by part, gone on with where it broke off, and removed after a week."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from heliograph.errors import UnavailableError
from heliograph.exports import ExportStatus
from heliograph.photos import OwnerId
from heliograph_metadata.domain.albums import Album
from heliograph_metadata.domain.export import KEPT_FOR, MOST_ATTEMPTS, Export, ExportNotFoundError, FileNames
from heliograph_metadata.domain.photo import Photo, purged, trashed
from heliograph_metadata.schemas.exports import described
from heliograph_metadata.service.export_records import LibraryRecords
from heliograph_metadata.service.exporting import LEASE, Exporter, ExportService
from tests.builders import NOON, OWNER, a_photo
from tests.fakes.in_memory_album_order import InMemoryAlbumOrder
from tests.fakes.in_memory_album_store import InMemoryAlbumStore
from tests.fakes.in_memory_answer_store import InMemoryAnswerStore
from tests.fakes.in_memory_exports import InMemoryArchive, InMemoryExports
from tests.fakes.in_memory_library_ids import InMemoryLibraryIds
from tests.fakes.in_memory_link_store import InMemoryLinkStore
from tests.fakes.in_memory_member_store import InMemoryMemberStore
from tests.fakes.in_memory_own_label_store import InMemoryOwnLabelStore
from tests.fakes.in_memory_photo_files import InMemoryPhotoFiles
from tests.fakes.in_memory_photo_store import InMemoryPhotoStore

FACTS = {"account": {"email": "ada@example.com"}}


class Stage:
    """A library, and a worker that makes exports of it."""

    def __init__(self, *photos: Photo, part_bytes: int = 10_000) -> None:
        self.now = NOON
        self.photos, self.files = InMemoryPhotoStore(photos), InMemoryPhotoFiles()
        for photo in photos:
            if photo.is_prepared:
                self.files.objects[photo.original_key] = photo.photo_id.encode() * 40
        self.exports, self.archive, self.albums = InMemoryExports(), InMemoryArchive(), InMemoryAlbumStore()
        self.service = ExportService(self.exports, now=lambda: self.now)
        self.exporter = self.worker(self.exports, part_bytes)

    def worker(self, exports: InMemoryExports, part_bytes: int = 10_000) -> Exporter:
        return Exporter(
            exports,
            InMemoryLibraryIds(self.photos),
            self.photos,
            self.files,
            self.archive,
            LibraryRecords(
                self.albums,
                InMemoryAlbumOrder(),
                InMemoryLinkStore(),
                InMemoryMemberStore(),
                InMemoryAnswerStore(),
                InMemoryOwnLabelStore(),
            ),
            described,
            part_bytes=part_bytes,
            now=lambda: self.now,
        )

    async def ask(self, export_id: str = "first") -> None:
        assert await self.exports.ask(OWNER, export_id, at=self.now, facts=FACTS)

    @property
    def export(self) -> Export:
        return self.exports.exports[OWNER]

    def unpacked(self) -> dict[str, bytes]:
        """Return the files of all parts."""
        found: dict[str, bytes] = {}
        for part in self.export.parts:
            with zipfile.ZipFile(io.BytesIO(self.archive.files[self.export.part_key(part.number)])) as file:
                assert part.size_bytes == len(self.archive.files[self.export.part_key(part.number)])
                found |= {name: file.read(name) for name in file.namelist()}
        return found

    def described(self) -> list[Mapping[str, Any]]:
        """Return what is said of all photos."""
        lines = [text for name, text in self.unpacked().items() if name.endswith("photos.jsonl")]
        return [json.loads(line) for text in lines for line in text.splitlines()]


def many(count: int = 6) -> list[Photo]:
    return [a_photo(number) for number in range(count)]


async def test_an_export_has_every_original_and_says_of_each_photo_where_it_is() -> None:
    there = trashed(a_photo(2, filename="b.jpg", caption="Sea", album_ids=("a",)), at=NOON)
    stage = Stage(a_photo(1, filename="a.jpg"), there, a_photo(3, status="awaiting_upload"))
    await stage.albums.create(Album(owner_id=OWNER, album_id="a", name="Lisbon", created_at=NOON, updated_at=NOON))
    await stage.ask()

    await stage.exporter.look()

    assert stage.export.status is ExportStatus.DONE
    assert (stage.export.photos, stage.export.done, len(stage.export.parts)) == (3, 3, 1)
    files, said = stage.unpacked(), {one["filename"]: one for one in stage.described()}
    assert files[said["b.jpg"]["file"]] == there.photo_id.encode() * 40
    assert said["b.jpg"]["albums"] == [{"album_id": "a", "name": "Lisbon"}]
    assert said["DSCF2041.JPG"]["file"] is None
    assert json.loads(files["heliograph-001/account.json"]) == FACTS
    assert json.loads(files["heliograph-001/albums.json"])["albums"][0]["name"] == "Lisbon"
    assert {"README.txt", "shares.json", "answers.jsonl", "own-labels.json"} <= {
        name.partition("/")[2] for name in files
    }


async def test_a_large_library_goes_into_several_parts_each_with_what_it_says_of_its_photos() -> None:
    stage = Stage(*many(), part_bytes=2_500)
    await stage.ask()

    await stage.exporter.look()

    assert len(stage.export.parts) > 1
    assert sum(part.photos for part in stage.export.parts) == 6
    assert sorted(one["photo_id"] for one in stage.described()) == sorted(stage.photos.photos)
    assert len({one["file"] for one in stage.described()}) == 6


async def test_what_is_deleted_for_good_meanwhile_is_not_in_it() -> None:
    stage = Stage(a_photo(1), purged(trashed(a_photo(2), at=NOON), at=NOON))
    await stage.ask()

    await stage.exporter.look()

    assert [one["photo_id"] for one in stage.described()] == [a_photo(1).photo_id]


async def test_an_export_that_broke_off_goes_on_with_the_part_that_it_was_at() -> None:
    stage = Stage(*many(), part_bytes=2_500)
    await stage.ask()
    await stage.exporter.look()
    whole, parts = stage.described(), stage.export.parts
    broken = Stage(*many(), part_bytes=2_500)
    broken.files = Breaking(broken.files.objects, after=3)
    await broken.ask()
    worker = broken.worker(broken.exports, 2_500)

    await worker.look()
    assert broken.export.is_at_work
    first = broken.export.parts
    assert first == parts[: len(first)]
    await worker.look()
    assert broken.export.parts == first  # somebody may still be at it
    broken.now += LEASE + timedelta(seconds=1)
    await worker.look()

    assert broken.export.status is ExportStatus.DONE
    assert broken.export.parts == parts
    assert broken.described() == whole


async def test_one_that_breaks_off_each_time_ends_and_says_so() -> None:
    stage = Stage(*many())
    stage.files = Breaking(stage.files.objects, after=0, times=1_000)
    worker = stage.worker(stage.exports)
    await stage.ask()

    for _ in range(MOST_ATTEMPTS + 1):
        await worker.look()
        stage.now += LEASE + timedelta(seconds=1)

    assert stage.export.status is ExportStatus.FAILED


async def test_another_worker_leaves_it_alone_and_one_that_lost_it_writes_nothing() -> None:
    stage = Stage(*many())
    await stage.ask()
    taken = await stage.exports.as_another().take(stage.export, now=NOON, until=NOON + LEASE)
    assert taken is not None

    await stage.exporter.look()

    assert stage.archive.files == {}
    assert stage.export == taken


async def test_an_export_is_there_for_a_week_and_then_gone() -> None:
    stage = Stage(*many())
    await stage.ask()
    await stage.exporter.look()
    _, part = await stage.service.part(OWNER, "first", 1)
    assert part.photos == 6

    stage.now += KEPT_FOR
    assert await stage.service.all(OWNER) == []
    await stage.exporter.look()

    assert stage.exports.exports == {}
    assert stage.archive.files == {}


async def test_one_that_is_removed_is_not_made_and_nothing_of_it_stays() -> None:
    stage = Stage(*many(), part_bytes=2_500)
    await stage.ask()
    await stage.service.remove(OWNER, "first")

    await stage.exporter.look()

    assert stage.exports.exports == {}
    assert stage.archive.files == {}


async def test_nobody_has_anybody_elses_export() -> None:
    stage = Stage(*many())
    await stage.ask()
    await stage.exporter.look()

    for account_id, export_id, number in ((OwnerId("eve"), "first", 1), (OWNER, "second", 1), (OWNER, "first", 2)):
        with pytest.raises(ExportNotFoundError):
            await stage.service.part(account_id, export_id, number)
    with pytest.raises(ExportNotFoundError):
        await stage.service.remove(OwnerId("eve"), "first")


async def test_the_next_export_takes_the_place_of_the_last_one() -> None:
    stage = Stage(*many())
    await stage.ask()
    await stage.exporter.look()
    stage.now += timedelta(hours=1)

    await stage.ask("second")
    await stage.exporter.look()

    assert {key.split("/")[2] for key in stage.archive.files} == {"second"}


def test_originals_keep_their_names_and_of_two_alike_the_second_has_a_number() -> None:
    names = FileNames("heliograph-001")
    photos = [a_photo(number, filename=name, taken_at=NOON) for number, name in enumerate(("a.jpg", "A.JPG", "a.jpg"))]

    assert [names.of(photo) for photo in photos] == [
        "heliograph-001/2024-06/a.jpg",
        "heliograph-001/2024-06/A (2).JPG",
        "heliograph-001/2024-06/a (3).jpg",
    ]


@pytest.mark.parametrize(
    "name",
    ["a" * 200 + "é" * 40 + ".jpg", "é" * 200 + ".HEIC", "日" * 200 + ".jpeg", "a" + "📷" * 90 + ".jpg", "é" * 200],
)
def test_long_names_are_cut_to_what_file_systems_take_and_stay_apart(name: str) -> None:
    names = FileNames("heliograph-001")
    named = [name, name.replace(".", "x.") if "." in name else f"{name}x", name]
    files = [names.of(a_photo(n, filename=each, taken_at=NOON)).split("/")[-1] for n, each in enumerate(named)]

    _, dot, ending = name.rpartition(".")
    assert all(file.endswith(dot + ending if dot else ("é", ")")) for file in files)
    assert all(250 <= len(file.encode()) <= 255 for file in files)
    assert all("\ufffd" not in file and file[:60] == name[:60] for file in files)
    assert len(set(files)) == 3


def test_what_is_long_behind_a_dot_is_no_ending() -> None:
    name = FileNames("heliograph-001").of(a_photo(1, filename="v1." + "é" * 200, taken_at=NOON)).split("/")[-1]

    assert name == "v1." + "é" * 126


def test_names_that_are_spelt_otherwise_but_look_the_same_stay_apart() -> None:
    names = FileNames("heliograph-001")

    composed, decomposed = (
        names.of(a_photo(n, filename=name, taken_at=NOON)) for n, name in enumerate(("\u00e9.jpg", "e\u0301.jpg"))
    )

    assert (composed, decomposed) == ("heliograph-001/2024-06/\u00e9.jpg", "heliograph-001/2024-06/e\u0301 (2).jpg")


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\x.jpg", "/etc/passwd", "a\x00b.jpg", "...", " . "])
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    path = FileNames("heliograph-001").of(a_photo(1, filename=name, taken_at=NOON))

    folder, month, file = path.split("/")
    assert (folder, month) == ("heliograph-001", "2024-06")
    assert file.strip(". ")
    assert "\\" not in file
    assert "\x00" not in file


class Breaking(InMemoryPhotoFiles):
    """Files of which those after some can't be read, some times."""

    def __init__(self, objects: dict[str, bytes], *, after: int, times: int = 1) -> None:
        super().__init__()
        self.objects = objects
        self.left, self.times = after, times

    def opened(self, key: str) -> Any:
        self.left -= 1
        if self.left < 0 and self.times > 0:
            self.times -= 1
            raise UnavailableError("S3 does not answer")
        return super().opened(key)


class Listed(InMemoryExports):
    """Exports as somebody has listed them a while ago."""

    def __init__(self, now: InMemoryExports) -> None:
        super().__init__()
        self.exports = now.exports
        self.listed = list(now.exports.values())

    async def all(self) -> Sequence[Export]:
        return self.listed


async def test_a_worker_that_has_listed_an_old_export_takes_nothing_from_the_next_one() -> None:
    stage = Stage(a_photo(1))
    await stage.ask()
    await stage.exporter.look()
    stage.now += KEPT_FOR
    slow = stage.worker(Listed(stage.exports))
    await stage.exporter.look()
    await stage.ask("second")
    await stage.exporter.look()

    await slow.look()

    assert stage.export.export_id == "second"
    assert set(stage.unpacked()) >= {"heliograph-001/account.json"}
