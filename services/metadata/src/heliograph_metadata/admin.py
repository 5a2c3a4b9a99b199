"""Composition root of what an operator runs: `python -m heliograph_metadata.admin reindex`, or another command.

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
from heliograph.messages import PHOTO_CLASSIFIED, PHOTO_PREPARED, Lane, queue_in
from heliograph.photos import OwnerId
from heliograph.sqs import SqsQueue
from heliograph_metadata.dynamodb.album_store import DynamoAlbumStore
from heliograph_metadata.dynamodb.all_photos import DynamoAllPhotos
from heliograph_metadata.dynamodb.belongings import DynamoBelongings
from heliograph_metadata.dynamodb.job_store import DynamoJobStore
from heliograph_metadata.dynamodb.library_index import DynamoLibraryIndex
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.rebuild import IndexRebuilder
from heliograph_metadata.dynamodb.verification import IndexVerifier
from heliograph_metadata.s3 import S3Objects
from heliograph_metadata.service.orphans import OrphanCheck, StoredObject
from heliograph_metadata.service.photo_selection import SearchSelection
from heliograph_metadata.service.reclassify import Reclassifier, Wish
from heliograph_metadata.service.search import Search
from heliograph_metadata.settings import MetadataSettings

_READERS_REMEMBER_SECONDS: Final = 3.0
_TOLD_EVERY: Final = 5_000
_QUEUED_TOLD_EVERY: Final = 500
_FEED_EVERY_SECONDS: Final = 0.5
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


async def reclassify(reclassifier: Reclassifier, owner_id: OwnerId, wish: Wish) -> int:
    """Hand a library's photos to the networks that have yet to look at them; 0 when all are handed over."""
    seen, queued, told = 0, 0, 0
    async for stretch in reclassifier.run(owner_id, wish):
        seen, queued = seen + stretch.seen, queued + stretch.queued
        if queued - told >= _QUEUED_TOLD_EVERY:
            say(f"{owner_id}: {queued} of {seen} photos handed to the networks so far")
            told = queued
    say(f"{owner_id}: {queued} of {seen} photos handed to the networks; the others need no look")
    return 0


async def _run(given: argparse.Namespace) -> int:
    settings = MetadataSettings()
    photos_table, terms_table = settings.table_name("photos"), settings.table_name("terms")
    async with aws_clients() as aws:
        if given.command == "orphans":
            return await orphans(_orphan_check(aws, settings), delete=given.delete)
        store = DynamoPhotoStore(aws.dynamodb, photos_table=photos_table, terms_table=terms_table)
        rebuilder = IndexRebuilder(aws.dynamodb, store, photos_table=photos_table, terms_table=terms_table)
        verifier = IndexVerifier(aws.dynamodb, store, photos_table=photos_table, terms_table=terms_table)
        wish = Wish(
            configured=tuple(given.models),
            text=given.query,
            with_failed=given.with_failed,
            forget_others=given.forget_others,
        )
        reclassifier = await _reclassifier(aws, settings, store, given.most_waiting)
        commands: dict[str, Callable[[OwnerId], Awaitable[int]]] = {
            "reindex": lambda owner_id: reindex(rebuilder, owner_id, only_if_needed=given.if_needed),
            "verify-index": lambda owner_id: verify(verifier, owner_id),
            "reclassify": lambda owner_id: reclassify(reclassifier, owner_id, wish),
        }
        worst = 0
        async for owner_id in _owners(rebuilder, given.owner):
            worst = max(worst, await commands[given.command](owner_id))
        return worst


async def _reclassifier(
    aws: AwsClients, settings: MetadataSettings, store: DynamoPhotoStore, most_waiting: int
) -> Reclassifier:
    photos_table, terms_table = settings.table_name("photos"), settings.table_name("terms")
    index = DynamoLibraryIndex(aws.dynamodb, photos_table=photos_table, terms_table=terms_table)
    albums = DynamoAlbumStore(aws.dynamodb, settings.table_name("albums"))
    prepared, classified = [
        SqsQueue(aws.sqs, settings.queue_name(queue_in(kind, Lane.BACKLOG)))
        for kind in (PHOTO_PREPARED, PHOTO_CLASSIFIED)
    ]
    return Reclassifier(
        store,
        DynamoAllPhotos(aws.dynamodb, photos_table),
        SearchSelection(Search(index, albums, store)),
        prepared=prepared,
        classified=classified,
        most_waiting=most_waiting,
        pause=lambda: asyncio.sleep(_FEED_EVERY_SECONDS),
    )


def _orphan_check(aws: AwsClients, settings: MetadataSettings) -> OrphanCheck:
    photos_table = settings.table_name("photos")
    return OrphanCheck(
        S3Objects(aws.s3, settings.bucket_name),
        DynamoAllPhotos(aws.dynamodb, photos_table),
        DynamoPhotoStore(aws.dynamodb, photos_table=photos_table, terms_table=settings.table_name("terms")),
        DynamoAlbumStore(aws.dynamodb, settings.table_name("albums")),
        DynamoJobStore(aws.dynamodb, settings.table_name("jobs")),
        DynamoBelongings(aws.dynamodb, settings.table_name),
        thumbnails=settings.thumbnails,
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
    parser.add_argument("command", choices=["reindex", "verify-index", "orphans", "reclassify"])
    parser.add_argument("--owner", help="one library; all where it is left out")
    parser.add_argument("--if-needed", action="store_true", help="only libraries whose index was made by older terms")
    parser.add_argument("--delete", action="store_true", help="remove orphaned objects that are older than a day")
    parser.add_argument("--models", nargs="+", default=[], metavar="NAME@VERSION", help="the networks that there are")
    parser.add_argument("--query", default="", help="reclassify only photos that this search finds")
    parser.add_argument("--with-failed", action="store_true", help="and those that no network could look at")
    parser.add_argument("--forget-others", action="store_true", help="drop labels of networks that are no longer there")
    parser.add_argument("--most-waiting", type=int, default=1_000, help="photos that wait in the backlog at a time")
    given = parser.parse_args()
    if given.command == "reclassify" and not given.models:
        parser.error("reclassify needs --models: the networks that there are, as in models/manifest.toml")
    if given.most_waiting < 1:
        parser.error("--most-waiting is at least 1")
    try:
        return asyncio.run(_run(given))
    except HeliographError as error:
        say(str(error))
        return 2


if __name__ == "__main__":
    sys.exit(main())
