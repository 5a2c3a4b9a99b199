"""Answers through the HTTP API and the real worker, both with the metadata role's keys only."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heliograph.aws import AwsClients
from heliograph.settings import SharedSettings
from heliograph_metadata import worker as worker_root
from heliograph_metadata.domain.photo import Label, Photo, Source
from heliograph_metadata.domain.questions.history import Said
from heliograph_metadata.domain.questions.memory import Answered
from heliograph_metadata.domain.questions.question import Where
from heliograph_metadata.dynamodb.answer_store import DynamoAnswerStore
from tests.builders import LISBON, NOON, OWNER, a_photo, a_question
from tests.integration.metadata.library import Caller, Shelf
from tests.integration.metadata.test_jobs import a_worker_process, as_metadata
from tests.kennel import Kennel
from tests.standin import free_ports

__all__ = ["as_metadata"]

MINUTE = timedelta(minutes=1)
WHERE = {"type": "where", "latitude": 38.71, "longitude": -9.14}


@pytest.fixture
async def worker(as_metadata: None) -> AsyncIterator[None]:
    app = worker_root.create_app()
    async with app.router.lifespan_context(app):
        yield


def a_morning() -> tuple[list[Photo], list[Photo]]:
    """Return photos that lack a place, and others of the same morning that have one."""
    lost = [a_photo(number, taken_at=NOON + number * MINUTE) for number in range(5)]
    placed = [
        a_photo(100 + number, taken_at=NOON - timedelta(hours=1) + number * 20 * MINUTE, location=LISBON)
        for number in range(6)
    ]
    return lost, placed


async def asked(caller: Caller, kind: str) -> Any:
    """Return the first question of a kind, once it is asked."""
    async with asyncio.timeout(60):
        while True:
            page = await caller.get("/questions", limit=30)
            if found := [one for one in page["items"] if one["kind"] == kind]:
                return found[0]
            await asyncio.sleep(0.05)


async def through(caller: Caller, answer: dict[str, Any]) -> Any:
    """Return an answer once nothing is left to be done."""
    async with asyncio.timeout(60):
        while True:
            there = await caller.get(f"/answers/{answer['answer_id']}")
            if there["status"] not in {"working", "undoing"}:
                return there
            await asyncio.sleep(0.05)


async def test_an_answer_is_made_told_of_and_taken_back(owner: Caller, shelf: Shelf, worker: None) -> None:
    lost, placed = a_morning()
    await shelf.put(*lost, *placed)
    question = await asked(owner, "place")
    path = f"/questions/{question['question_id']}"

    said = await owner.call("POST", f"{path}/answer", 202, json={"answer": WHERE})
    done = await through(owner, said)

    assert (done["status"], done["changed"], done["photos"], done["failed"]) == ("done", 5, 5, 0)
    assert done["answer"] == WHERE
    assert (done["kind"], done["question_id"]) == ("place", question["question_id"])
    assert set(done["photo_ids"]) == {photo.photo_id for photo in lost}
    assert len(await owner.found(place="PT")) == 11
    job = await owner.get(f"/jobs/{done['jobs'][0]}")
    assert (job["answer_id"], job["status"], job["can_undo"]) == (done["answer_id"], "done", False)
    refused = await owner.call("POST", f"/jobs/{job['job_id']}/undo", 409)
    assert refused["code"] == "job-not-undoable"
    gone = await owner.call("POST", f"{path}/answer", 409, json={"answer": WHERE})
    assert gone["code"] == "question-answered"

    await owner.call("POST", f"{path}/undo", 202)
    undone = await through(owner, said)
    assert (undone["status"], undone["can_undo"]) == ("undone", False)
    assert len(await owner.found(place="PT")) == 6
    again = await owner.call("POST", f"{path}/undo", 202)
    assert (again["answer_id"], again["status"]) == (undone["answer_id"], "undone")
    assert [one["status"] for one in (await owner.get("/answers"))["items"]] == ["undone"]


async def test_a_grid_of_labels_is_ticked_and_unticked(owner: Caller, shelf: Shelf, worker: None) -> None:
    doubtful = (Label("dog", 0.5, Source.MODEL),)
    await shelf.put(*(a_photo(number, taken_at=NOON + number * MINUTE, labels=doubtful) for number in range(16)))
    question = await asked(owner, "label")
    shown = [photo["photo_id"] for photo in question["shown"]]
    assert len(shown) == 16

    body = {"answer": {"type": "yes", "but_not": shown[:2]}, "shown": shown}
    said = await owner.call("POST", f"/questions/{question['question_id']}/answer", 202, json=body)
    done = await through(owner, said)

    assert (done["changed"], len(done["jobs"])) == (16, 2)
    assert set(await owner.found(label="dog")) == set(shown[2:])


async def test_what_the_question_does_not_take_is_told_why_and_changes_nothing(
    owner: Caller, stranger: Caller, shelf: Shelf
) -> None:
    lost, placed = a_morning()
    await shelf.put(*lost, *placed)
    path = f"/questions/{(await asked(owner, 'place'))['question_id']}"

    for answer, code in [
        ({"type": "named", "name": "home"}, "answer-not-taken"),
        ({"type": "where", "latitude": 91, "longitude": 0}, "invalid-request"),
        ({"type": "when", "at": "2024-06-15T12:00:00"}, "invalid-request"),
        ({"type": "named", "name": "x" * 101}, "invalid-request"),
        ({"type": "skip"}, "invalid-request"),
        ({"type": "nonsense"}, "invalid-request"),
    ]:
        problem = await owner.call("POST", f"{path}/answer", 422, json={"answer": answer})
        assert problem["code"] == code, answer
    for deed in ("answer", "skip", "never"):
        body = {"json": {"answer": WHERE}} if deed == "answer" else {}
        assert (await stranger.call("POST", f"{path}/{deed}", 404, **body))["code"] == "question-not-found"
    for address in ("/questions/%00/undo", "/questions/zzzz/undo", "/answers/none/undo", f"{path}/undo"):
        assert (await owner.call("POST", address, 404))["code"] == "answer-not-found"
    assert (await owner.get("/answers"))["items"] == []
    assert len(await owner.found(place="PT")) == 6


async def test_a_skip_is_kept_once_under_its_key_and_listed_page_by_page(
    owner: Caller, stranger: Caller, shelf: Shelf
) -> None:
    lost, placed = a_morning()
    await shelf.put(*lost, *placed)
    path = f"/questions/{(await asked(owner, 'place'))['question_id']}"
    key = {"Idempotency-Key": "k"}

    skipped = await owner.call("POST", f"{path}/skip", 202, headers=key)
    assert (skipped["status"], skipped["answer"], skipped["photo_ids"]) == ("done", {"type": "skip"}, [])
    assert (await owner.call("POST", f"{path}/skip", 202, headers=key))["answer_id"] == skipped["answer_id"]
    assert (await owner.call("POST", f"{path}/never", 422, headers=key))["code"] == "idempotency-key-reused"
    never = await owner.call("POST", f"{path}/never", 202)

    first = await owner.get("/answers", limit=1)
    rest = await owner.get("/answers", limit=1, cursor=first["next_cursor"])
    told = [one["answer_id"] for one in (*first["items"], *rest["items"])]
    assert told == [never["answer_id"], skipped["answer_id"]]
    assert await owner.refused("/answers", cursor="nonsense") == "invalid-cursor"
    assert await stranger.refused(f"/answers/{never['answer_id']}") == "answer-not-found"
    assert (await stranger.call("POST", f"/answers/{never['answer_id']}/undo", 404))["code"] == "answer-not-found"
    undone = await owner.call("POST", f"/answers/{never['answer_id']}/undo", 202)
    assert undone["status"] == "undone"


async def test_an_answer_whose_jobs_were_never_made_is_gone_on_with_by_the_worker(
    owner: Caller, shelf: Shelf, aws: AwsClients, stack: SharedSettings, worker: None
) -> None:
    lost, placed = a_morning()
    await shelf.put(*lost, *placed)
    at = datetime.now(UTC) - MINUTE
    event = Answered(
        answer_id="0190aaaa", question=a_question(), answer=Where(LISBON), person_id=OWNER, at=at, photos=5
    )
    answers = DynamoAnswerStore(aws.dynamodb, stack.table_name("questions"))
    assert await answers.add(OWNER, Said(number=1, event=event, jobs=("0190aaaa.0",)))

    there = await through(owner, {"answer_id": "0190aaaa"})
    assert (there["status"], there["changed"]) == ("done", 5)
    assert len(await owner.found(place="PT")) == 11


async def test_a_worker_that_is_killed_amid_an_answer_is_taken_over_from(
    owner: Caller, shelf: Shelf, aws: AwsClients, stack: SharedSettings
) -> None:
    lost = [a_photo(number, taken_at=NOON + number * timedelta(seconds=20)) for number in range(220)]
    placed = [a_photo(1000 + number, taken_at=NOON - number * MINUTE, location=LISBON) for number in range(6)]
    await asyncio.gather(*map(shelf.put, (*lost, *placed)))
    url = (await aws.sqs.get_queue_url(QueueName=stack.queue_name("job-step")))["QueueUrl"]
    await aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "3"})
    question = await asked(owner, "place")
    said = await owner.call("POST", f"/questions/{question['question_id']}/answer", 202, json={"answer": WHERE})
    first, second = free_ports(2)

    with a_worker_process(first) as process:
        async with asyncio.timeout(60):
            while True:
                if len(await owner.found(place="PT", limit=200)) > len(placed):
                    break
                await asyncio.sleep(0.01)
        process.kill()
    with a_worker_process(second):
        done = await through(owner, said)
        assert (done["status"], done["changed"], done["failed"]) == ("done", 220, 0)
        assert len(await owner.found(place="PT", limit=200)) == 200
        await owner.call("POST", f"/answers/{said['answer_id']}/undo", 202)
        assert (await through(owner, said))["status"] == "undone"

    assert len(await owner.found(place="PT", limit=200)) == len(placed)
    assert (await owner.get(f"/photos/{lost[7].photo_id}"))["location"] is None


async def test_what_is_said_to_a_search_of_doubtful_photos_is_kept(owner: Caller, shelf: Shelf, worker: None) -> None:
    await shelf.put(*(a_photo(number, labels=[Label("dog", 0.5, Source.MODEL)]) for number in range(5)))

    question = await owner.get("/search/question", q="dog")
    assert (question["about"], question["choices"]) == ("uncertain", [])
    asks = question["asks"]
    shown = [photo["photo_id"] for photo in asks["shown"]]
    body = {"answer": {"type": "yes", "but_not": shown[:1]}, "shown": shown}
    said = await owner.call("POST", f"/questions/{asks['question_id']}/answer", 202, json=body)
    done = await through(owner, said)

    assert (done["status"], done["changed"], done["kind"]) == ("done", 5, "label")
    [label] = (await owner.get(f"/photos/{shown[1]}"))["labels"]
    assert (label["name"], label["source"]) == ("dog", "person")
    assert set(await owner.found(q="dog")) == set(shown[1:])
    assert await owner.get("/search/question", q="dog") is None


async def test_a_name_that_was_given_to_some_photos_is_suggested_for_those_that_look_alike(
    owner: Caller, shelf: Shelf, worker: None
) -> None:
    kennel = Kennel()
    named = kennel.photos("Rex", 8, labels=[])
    more = kennel.photos("Rex", 8, labels=["tree"])
    others = kennel.photos("Bella", 20, labels=["tree"])
    await shelf.put(*named, *more, *others)
    missing = await asked(owner, "missing")
    shown = [photo["photo_id"] for photo in missing["shown"]]
    body = {"answer": {"type": "named", "name": "Rex", "but_not": []}, "shown": shown}
    await through(owner, await owner.call("POST", f"/questions/{missing['question_id']}/answer", 202, json=body))

    lookalike = await asked(owner, "lookalike")

    assert lookalike["prompt"] == "Is this Rex? Untick those that are not."
    suggested = [photo["photo_id"] for photo in lookalike["shown"]]
    assert set(suggested) <= {photo.photo_id for photo in more}
    body = {"answer": {"type": "yes", "but_not": suggested[:1]}, "shown": suggested}
    await through(owner, await owner.call("POST", f"/questions/{lookalike['question_id']}/answer", 202, json=body))
    assert set(await owner.found(q="confirmed:rex")) == {*shown, *suggested[1:]}
    assert suggested[0] not in await owner.found(q="rex")
