"""What an operator runs against the tables: building an index anew, and comparing it with the photos."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from heliograph.aws import AwsClients
from heliograph.messages import (
    PHOTO_CLASSIFIED,
    PHOTO_PREPARED,
    ClassifiedLabel,
    Lane,
    PhotoClassified,
    PhotoPrepared,
    queue_in,
)
from heliograph.photos import OwnerId, PhotoId
from heliograph.settings import SharedSettings
from heliograph.sqs import SqsQueue
from heliograph_metadata.admin import reclassify, reindex, verify
from heliograph_metadata.domain.terms import PRESENT, Term
from heliograph_metadata.dynamodb.album_store import DynamoAlbumStore
from heliograph_metadata.dynamodb.all_photos import DynamoAllPhotos
from heliograph_metadata.dynamodb.keys import count_key, posting_key
from heliograph_metadata.dynamodb.library_index import DynamoLibraryIndex
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_metadata.dynamodb.rebuild import IndexRebuilder
from heliograph_metadata.dynamodb.verification import IndexVerifier
from heliograph_metadata.service.label import LabelService
from heliograph_metadata.service.photo_selection import SearchSelection
from heliograph_metadata.service.reclassify import Reclassifier, Wish
from heliograph_metadata.service.search import Search
from tests.builders import LISBON, OWNER, a_photo
from tests.integration.metadata.library import Shelf


class Operator:
    """Has the keys to everything."""

    def __init__(self, aws: AwsClients, stack: SharedSettings) -> None:
        self.terms_table = stack.table_name("terms")
        photos_table = stack.table_name("photos")
        self.dynamodb = aws.dynamodb
        self.store = store = DynamoPhotoStore(aws.dynamodb, photos_table=photos_table, terms_table=self.terms_table)
        self.rebuilder = IndexRebuilder(
            aws.dynamodb, store, photos_table=photos_table, terms_table=self.terms_table, at_a_time=3
        )
        self.verifier = IndexVerifier(aws.dynamodb, store, photos_table=photos_table, terms_table=self.terms_table)
        self.index = DynamoLibraryIndex(aws.dynamodb, photos_table=photos_table, terms_table=self.terms_table)


@pytest.fixture
async def operator(aws: AwsClients, stack: SharedSettings) -> Operator:
    shelf = Shelf(aws, stack)
    await shelf.put(*(a_photo(number, labels=["dog"], location=LISBON) for number in range(7)))
    return Operator(aws, stack)


async def test_an_index_that_is_right_is_found_to_be_right(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await verify(operator.verifier, OWNER) == 0
    assert "7 photos" in (told := capsys.readouterr().out)
    assert "no difference" in told


async def test_whatever_differs_is_told_and_building_the_index_anew_mends_it(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    [posting, *_] = await operator.index.postings(OWNER, PRESENT, before=None, since=None, limit=1)
    lost = posting_key(OWNER, Term("label", "dog"), posting.sort_key)
    await operator.dynamodb.delete_item(TableName=operator.terms_table, Key=lost)
    await operator.dynamodb.update_item(
        TableName=operator.terms_table,
        Key=count_key(OWNER, Term("label", "dog")),
        UpdateExpression="ADD photos :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    stray = posting_key(OWNER, Term("label", "cat"), posting.sort_key) | {"card": {"S": posting.card.to_json()}}
    await operator.dynamodb.put_item(TableName=operator.terms_table, Item=stray)

    assert await verify(operator.verifier, OWNER) == 1
    told = capsys.readouterr().out
    assert "expected 7 photos, found 8 photos" in told
    assert "found nothing" in told
    assert "label:cat" in told
    assert "3 differences" in told

    assert await reindex(operator.rebuilder, OWNER, only_if_needed=False) == 0
    assert await verify(operator.verifier, OWNER) == 0


async def test_only_an_index_of_older_terms_is_built_anew_where_that_is_asked(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [owner async for owner in operator.rebuilder.owners()] == [OWNER]
    assert not await operator.rebuilder.is_needed(OWNER)
    await reindex(operator.rebuilder, OWNER, only_if_needed=True)
    assert capsys.readouterr().out == ""

    await operator.rebuilder.step(OWNER)  # it was begun and broken off
    assert await operator.rebuilder.is_needed(OWNER)
    await reindex(operator.rebuilder, OWNER, only_if_needed=True)
    assert "the index of 7 photos is new" in capsys.readouterr().out
    assert not await operator.rebuilder.is_needed(OWNER)


async def test_an_account_of_which_nothing_was_saved_yet_has_no_index_to_build_anew(operator: Operator) -> None:
    assert not await operator.rebuilder.is_needed(OwnerId("has-only-announced-files"))


class Networks:
    """Answer what waits in the backlog as the pipeline would: with a cat, seen by whom they were asked."""

    def __init__(self, operator: Operator, prepared: SqsQueue) -> None:
        self._prepared = prepared
        self._labelling = LabelService(operator.store, now=lambda: datetime.now(UTC))
        self.answered: list[PhotoId] = []

    async def answer_all(self) -> None:
        while messages := await self._prepared.receive(wait_seconds=0):
            for message in messages:
                asked = PhotoPrepared.model_validate_json(message.body)
                models = asked.models or ()
                cat = ClassifiedLabel(name="cat", confidence=0.9, model=models[0])
                answer = PhotoClassified(
                    correlation_id="c",
                    photo_id=asked.photo_id,
                    owner_id=asked.owner_id,
                    labels=(cat,),
                    models=models,
                    again=asked.again,
                )
                await self._labelling.label(answer)
                self.answered.append(asked.photo_id)
            await self._prepared.delete(messages)


async def test_a_reclassification_that_is_killed_halfway_goes_on_when_it_is_started_again(
    operator: Operator, aws: AwsClients, stack: SharedSettings
) -> None:
    prepared, classified = [
        SqsQueue(aws.sqs, stack.queue_name(queue_in(kind, Lane.BACKLOG))) for kind in (PHOTO_PREPARED, PHOTO_CLASSIFIED)
    ]
    networks, full = Networks(operator, prepared), asyncio.Event()

    async def until_killed() -> None:
        full.set()
        await asyncio.Event().wait()

    def reclassifier(pause: Callable[[], Awaitable[None]]) -> Reclassifier:
        return Reclassifier(
            operator.store,
            DynamoAllPhotos(aws.dynamodb, stack.table_name("photos"), ids_at_a_time=2),
            SearchSelection(
                Search(operator.index, DynamoAlbumStore(aws.dynamodb, stack.table_name("albums")), operator.store)
            ),
            prepared=prepared,
            classified=classified,
            most_waiting=4,
            pause=pause,
        )

    wish = Wish(configured=("yolov8n@2",), text="label:dog")
    everything = Wish(configured=("yolov8n@2",))
    run = asyncio.create_task(reclassify(reclassifier(until_killed), OWNER, everything))
    await full.wait()
    run.cancel()
    await asyncio.wait([run])
    assert await prepared.depth() == 4
    await networks.answer_all()

    assert await reclassify(reclassifier(networks.answer_all), OWNER, wish) == 0
    await networks.answer_all()

    assert len(networks.answered) == len(set(networks.answered)) == 7
    counts = await operator.index.counts_of(OWNER, [Term("label", "cat"), Term("label", "dog")])
    assert counts == {Term("label", "cat"): 7, Term("label", "dog"): 0}
    assert await verify(operator.verifier, OWNER) == 0
    assert await reclassify(reclassifier(until_killed), OWNER, everything) == 0
    assert await prepared.is_idle()
