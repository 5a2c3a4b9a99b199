"""Composition root of what an operator runs: `python -m heliograph_metadata.admin reindex | verify-index | orphans`.

It speaks to the same tables as the services, with the operator's own keys (it may read whole tables, which no service
may), and can be broken off and run again at any time.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from heliograph.aws import AwsClients, aws_clients
from heliograph.errors import HeliographError
from heliograph.photos import OwnerId
from heliograph_metadata.dynamodb.album_store import DynamoAlbumStore
from heliograph_metadata.dynamodb.all_photos import DynamoAllPhotos
from heliograph_metadata.dynamodb.job_store import DynamoJobStore
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.rebuild import IndexRebuilder
from heliograph_metadata.dynamodb.verification import IndexVerifier
from heliograph_metadata.s3 import S3Objects
from heliograph_metadata.service.orphans import OrphanCheck, StoredObject
from heliograph_metadata.settings import MetadataSettings

_READERS_REMEMBER_SECONDS: Final = 3.0
_TOLD_EVERY: Final = 5_000
_REMOVED_TOGETHER: Final = 1_000
"""Source: DeleteObjects in the Amazon S3 API reference."""


def say(text: str) -> None:
    """Tell the operator what goes on."""
    print(f"heliograph: {text}", flush=True)  # noqa: T201 - a command line


async def reindex(rebuilder: IndexRebuilder, owner_id: OwnerId, *, only_if_needed: bool) -> int:
    """Build a library's index anew; 0 when it is done."""
    if only_if_needed and not await rebuilder.is_needed(owner_id):
        return 0
    photos, told = 0, 0
    while True:
        step = await rebuilder.step(owner_id)
        photos += step.photos
        if step.is_done:
            break
        if photos - told >= _TOLD_EVERY:
            say(f"{owner_id}: {photos} photos so far")
            told = photos
    await asyncio.sleep(_READERS_REMEMBER_SECONDS)
    deleted = await rebuilder.sweep(owner_id)
    say(f"{owner_id}: the index of {photos} photos is new; {deleted} items of the old one are deleted")
    return 0


async def verify(verifier: IndexVerifier, owner_id: OwnerId) -> int:
    """Print where a library's index and its photos differ; 1 where they do."""
    found = await verifier.verify(owner_id)
    for difference in found.differences:
        say(f"  {difference}")
    verdict = f"{len(found.differences)} differences" if found.differences else "no difference"
    say(f"{owner_id}: {found.photos} photos, {found.items} items of the index, {verdict}")
    return 1 if found.differences else 0


async def orphans(check: OrphanCheck, *, delete: bool) -> int:
    """Print what has lost its other half, and remove orphaned objects that are old enough; 1 where anything is left."""
    found, removed = 0, 0
    batch: list[StoredObject] = []
    async for leftover in check.leftovers(at=datetime.now(UTC)):
        say(f"  {leftover.what}")
        found += 1
        if delete and leftover.orphan:
            batch.append(leftover.orphan)
        if len(batch) == _REMOVED_TOGETHER:
            removed += await check.remove(batch, at=datetime.now(UTC))
            batch = []
    removed += await check.remove(batch, at=datetime.now(UTC))
    say(f"{found} leftovers{f', {removed} objects removed' if delete else ''}" if found else "nothing is left over")
    return 1 if found > removed else 0


async def _run(given: argparse.Namespace) -> int:
    settings = MetadataSettings()
    photos_table, terms_table = settings.table_name("photos"), settings.table_name("terms")
    async with aws_clients() as aws:
        if given.command == "orphans":
            return await orphans(_orphan_check(aws, settings), delete=given.delete)
        store = DynamoPhotoStore(aws.dynamodb, photos_table=photos_table, terms_table=terms_table)
        rebuilder = IndexRebuilder(aws.dynamodb, store, photos_table=photos_table, terms_table=terms_table)
        verifier = IndexVerifier(aws.dynamodb, store, photos_table=photos_table, terms_table=terms_table)
        commands: dict[str, Callable[[OwnerId], Awaitable[int]]] = {
            "reindex": lambda owner_id: reindex(rebuilder, owner_id, only_if_needed=given.if_needed),
            "verify-index": lambda owner_id: verify(verifier, owner_id),
        }
        worst = 0
        async for owner_id in _owners(rebuilder, given.owner):
            worst = max(worst, await commands[given.command](owner_id))
        return worst


def _orphan_check(aws: AwsClients, settings: MetadataSettings) -> OrphanCheck:
    photos_table = settings.table_name("photos")
    return OrphanCheck(
        S3Objects(aws.s3, settings.bucket_name),
        DynamoAllPhotos(aws.dynamodb, photos_table),
        DynamoPhotoStore(aws.dynamodb, photos_table=photos_table, terms_table=settings.table_name("terms")),
        DynamoAlbumStore(aws.dynamodb, settings.table_name("albums")),
        DynamoJobStore(aws.dynamodb, settings.table_name("jobs")),
    )


async def _owners(rebuilder: IndexRebuilder, given: str | None) -> AsyncIterator[OwnerId]:
    if given:
        yield OwnerId(given)
        return
    async for owner_id in rebuilder.owners():
        yield owner_id


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("command", choices=["reindex", "verify-index", "orphans"])
    parser.add_argument("--owner", help="one library; all where it is left out")
    parser.add_argument("--if-needed", action="store_true", help="only libraries whose index was made by older terms")
    parser.add_argument("--delete", action="store_true", help="remove orphaned objects that are older than a day")
    try:
        return asyncio.run(_run(parser.parse_args()))
    except HeliographError as error:
        say(str(error))
        return 2


if __name__ == "__main__":
    sys.exit(main())
