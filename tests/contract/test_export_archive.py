"""What every `Archive` does: the fake and S3, held to the same."""

import io
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from heliograph.aws import AwsClients
from heliograph.exports import ExportStatus
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.export import Export
from heliograph_metadata.export_archive import SENT_TOGETHER_BYTES, S3Archive
from heliograph_metadata.service.exporting import Archive
from tests.builders import NOON, OWNER
from tests.fakes.in_memory_exports import InMemoryArchive

KEY = f"exports/{OWNER}/first/001.zip"


@dataclass
class Bucket:
    archive: Archive
    get: Callable[[str], Awaitable[bytes]]
    keys: Callable[[], Awaitable[set[str]]]


@pytest.fixture(params=["in memory", "s3"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    if request.param == "in memory":
        fake = InMemoryArchive()

        async def got(key: str) -> bytes:
            return fake.files[key]

        async def there() -> set[str]:
            return set(fake.files)

        return Bucket(fake, got, there)
    aws: AwsClients = request.getfixturevalue("aws")
    stack: SharedSettings = request.getfixturevalue("stack")

    async def get(key: str) -> bytes:
        return await (await aws.s3.get_object(Bucket=stack.bucket_name, Key=key))["Body"].read()

    async def keys() -> set[str]:
        page = await aws.s3.list_objects_v2(Bucket=stack.bucket_name)
        begun = await aws.s3.list_multipart_uploads(Bucket=stack.bucket_name)
        return {one["Key"] for one in page.get("Contents", [])} | {one["Key"] for one in begun.get("Uploads", [])}

    return Bucket(S3Archive(aws.s3, stack.bucket_name), get, keys)


async def some(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def test_files_come_out_as_they_went_in_also_ones_larger_than_what_is_sent_together(bucket: Bucket) -> None:
    large = [bytes([number]) * (SENT_TOGETHER_BYTES // 2 + 1) for number in range(3)]
    async with bucket.archive.part(KEY) as part:
        await part.add("a/Grüße.jpg", some(*large), at=NOON)
        await part.add("a/photos.jsonl", some(b"{}\n"), at=NOON)
        await part.add("a/empty.jpg", some(), at=NOON)
    content = await bucket.get(KEY)

    assert part.size_bytes == len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert found.testzip() is None
        assert found.namelist() == ["a/Grüße.jpg", "a/photos.jsonl", "a/empty.jpg"]
        assert found.read("a/Grüße.jpg") == b"".join(large)
        assert found.read("a/photos.jsonl") == b"{}\n"
        assert found.getinfo("a/empty.jpg").date_time == (2024, 6, 15, 12, 0, 0)


async def test_a_part_that_broke_off_was_never_there(bucket: Bucket) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"1" * (SENT_TOGETHER_BYTES + 1)
        raise RuntimeError("it broke off")

    async def written() -> None:
        async with bucket.archive.part(KEY) as part:
            await part.add("a.jpg", broken(), at=NOON)

    with pytest.raises(RuntimeError, match="it broke off"):
        await written()

    assert await bucket.keys() == set()


async def test_what_is_not_kept_of_an_account_is_removed_and_nobody_elses(bucket: Bucket) -> None:
    others = f"exports/{OWNER}-2/first/001.zip"
    for key in (KEY, f"exports/{OWNER}/second/001.zip", others):
        async with bucket.archive.part(key) as part:
            await part.add("a.jpg", some(b"1"), at=NOON)

    await bucket.archive.clear(OWNER, keep=[KEY])
    assert await bucket.keys() == {KEY, others}
    await bucket.archive.clear(OWNER, keep=[])

    assert await bucket.keys() == {others}


async def test_one_export_is_removed_and_the_next_one_stays(bucket: Bucket) -> None:
    export = Export(OWNER, "first", ExportStatus.DONE, NOON)
    next_one = f"exports/{OWNER}/first-again/001.zip"
    for key in (KEY, next_one):
        async with bucket.archive.part(key) as part:
            await part.add("a.jpg", some(b"1"), at=NOON)

    await bucket.archive.remove(export)

    assert await bucket.keys() == {next_one}
