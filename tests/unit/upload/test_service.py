"""Which photos are admitted, and whose bytes are asked for."""

from collections.abc import Collection
from hashlib import sha256
from io import BytesIO

import pytest

from heliograph.photos import OwnerId, PhotoId, PhotoStatus, photo_id_of
from heliograph_upload.domain import EmptyFileError, FileAnswer, FileStatus, NewPhoto, OfferedFile, UploadLimits
from heliograph_upload.service import UploadService
from tests.fakes.in_memory_admission_store import InMemoryAdmissionStore
from tests.fakes.in_memory_originals import InMemoryOriginals

ADA, EVE = OwnerId("ada"), OwnerId("eve")
LIMITS = UploadLimits(max_bytes=1000, content_types=frozenset({"image/jpeg"}))


class World:
    """The service and its fakes."""

    def __init__(self, store: InMemoryAdmissionStore | None = None) -> None:
        self.store = store or InMemoryAdmissionStore()
        self.originals = InMemoryOriginals()
        self.service = UploadService(self.store, self.originals, limits=LIMITS)

    async def admit(self, *files: OfferedFile, owner_id: OwnerId = ADA) -> list[FileAnswer]:
        return await self.service.admit(owner_id, files, base_url="http://here")

    async def statuses(self, *files: OfferedFile) -> str:
        """Return what becomes of each file: a for accepted, d for duplicate, r for rejected."""
        return "".join(answer.status[0] for answer in await self.admit(*files))


def a_file(content: bytes = b"photo", *, filename: str = "a.jpg", size_bytes: int | None = None) -> OfferedFile:
    size_bytes = len(content) if size_bytes is None else size_bytes
    return OfferedFile(filename, "image/jpeg", size_bytes, sha256(content).hexdigest())


async def test_a_new_photo_is_admitted_and_its_bytes_are_asked_for() -> None:
    world = World()

    [answer] = await world.admit(a_file(filename="holiday/a.jpg"))

    photo_id = photo_id_of(ADA, a_file().sha256)
    assert (answer.status, answer.photo_id, answer.filename) == (FileStatus.ACCEPTED, photo_id, "a.jpg")
    assert answer.upload is not None
    assert answer.upload.url == f"http://here/originals/ada/{photo_id}"
    assert world.store.photos[photo_id].admission.filename == "a.jpg"


async def test_a_photo_whose_bytes_never_came_is_accepted_again_as_it_was_described_last() -> None:
    world = World()
    await world.admit(a_file(filename="first.jpg"))

    for filename, others in (("second.jpg", ()), ("third.jpg", (a_file(b"another"),))):
        answers = await world.admit(a_file(filename=filename), *others)
        assert {answer.status for answer in answers} == {FileStatus.ACCEPTED}
        assert world.store.photos[photo_id_of(ADA, a_file().sha256)].admission.filename == filename


class ForgettingStore(InMemoryAdmissionStore):
    """Forgets each photo just before its wait begins anew, as the reconciler may."""

    async def renew(self, photos: Collection[NewPhoto]) -> set[PhotoId]:
        for photo in photos:
            del self.status[photo.photo_id]
        return await super().renew(photos)


async def test_a_photo_that_is_forgotten_while_it_is_announced_again_is_admitted_anew() -> None:
    world = World(ForgettingStore())
    await world.admit(a_file(filename="first.jpg"))

    assert await world.statuses(a_file(filename="second.jpg")) == "a"

    assert list(world.store.status.values()) == [PhotoStatus.AWAITING_UPLOAD]


async def test_a_photo_whose_bytes_wait_to_be_processed_is_not_asked_for_again() -> None:
    world = World()
    await world.service.upload(ADA, a_file(), BytesIO(b"photo"))

    assert await world.statuses(a_file()) == "d"


@pytest.mark.parametrize("status", [PhotoStatus.PREPARED, PhotoStatus.READY, PhotoStatus.FAILED, "trashed"])
async def test_a_photo_that_is_here_is_a_duplicate_whatever_became_of_it(status: str) -> None:
    world = World()
    await world.admit(a_file())
    world.store.status[photo_id_of(ADA, a_file().sha256)] = status

    assert await world.statuses(a_file()) == "d"
    assert await world.statuses(a_file(), a_file(b"another")) == "da"


async def test_the_same_bytes_twice_in_one_request_are_asked_for_once() -> None:
    world = World()

    answers = await world.admit(a_file(filename="one.jpg"), a_file(b"another"), a_file(filename="two.jpg"))

    assert [answer.status[0] for answer in answers] == ["a", "a", "d"]
    assert answers[0].photo_id == answers[2].photo_id
    assert answers[2].upload is None


async def test_a_file_that_is_refused_harms_no_other_and_leaves_nothing() -> None:
    world = World()
    files = [a_file(b""), a_file(b"good"), a_file(b"big", size_bytes=1001), a_file(b"good"), a_file(b"", filename="x")]

    answers = await world.admit(*files)

    assert "".join(answer.status[0] for answer in answers) == "rardr"
    assert [answer.problem.code for answer in answers if answer.problem] == ["empty-file", "too-large", "empty-file"]
    assert len(world.store.photos) == 1


async def test_bytes_that_were_refused_first_are_accepted_when_offered_rightly() -> None:
    assert await World().statuses(a_file(size_bytes=0), a_file()) == "ra"


async def test_two_people_have_each_their_own_photo_of_the_same_bytes() -> None:
    world = World()

    [adas] = await world.admit(a_file())
    [eves] = await world.admit(a_file(), owner_id=EVE)

    assert adas.status is eves.status is FileStatus.ACCEPTED
    assert adas.photo_id != eves.photo_id


async def test_a_direct_upload_admits_the_photo_and_stores_its_bytes_once() -> None:
    world = World()

    first = await world.service.upload(ADA, a_file(), BytesIO(b"photo"))
    second = await world.service.upload(ADA, a_file(), BytesIO(b"photo"))

    photo_id = photo_id_of(ADA, a_file().sha256)
    assert first == (photo_id, FileStatus.ACCEPTED)
    assert second == (photo_id, FileStatus.DUPLICATE)
    assert world.originals.bodies == {photo_id: b"photo"}


async def test_a_direct_upload_brings_the_bytes_that_an_earlier_try_left_behind() -> None:
    world = World()
    await world.admit(a_file())

    _, status = await world.service.upload(ADA, a_file(), BytesIO(b"photo"))

    assert status is FileStatus.ACCEPTED
    assert list(world.originals.bodies.values()) == [b"photo"]


async def test_a_direct_upload_of_a_photo_that_is_ready_stores_nothing() -> None:
    world = World()
    await world.admit(a_file())
    world.store.status[photo_id_of(ADA, a_file().sha256)] = PhotoStatus.READY

    _, status = await world.service.upload(ADA, a_file(), BytesIO(b"photo"))

    assert status is FileStatus.DUPLICATE
    assert world.originals.bodies == {}


async def test_a_direct_upload_that_is_refused_leaves_nothing() -> None:
    world = World()

    with pytest.raises(EmptyFileError):
        await world.service.upload(ADA, a_file(b""), BytesIO())

    assert world.store.photos == {}
