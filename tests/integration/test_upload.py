"""The upload service over HTTP, with its own keys only, against the stand-in."""

import asyncio
import json
import os
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from heliograph.aws import AwsClients
from heliograph.identity import Principal, TokenVerifier
from heliograph.messages import photos_uploaded
from heliograph.photos import Admission, Lane, OriginalPrefix, OwnerId, PhotoId, original_key, photo_id_of
from heliograph.settings import SharedSettings
from heliograph.sqs import SqsQueue
from heliograph_auth.signing import SigningKey, new_signing_key
from heliograph_upload.main import create_app
from tests.fakes.known_keys import KnownKeys
from tools.access import apply_access
from tools.standin import Standin

ADA, EVE = OwnerId("ada"), OwnerId("eve")


def announcement(content: bytes, **changed: object) -> dict[str, object]:
    return {
        "filename": "a.jpg",
        "content_type": "image/jpeg",
        "size_bytes": len(content),
        "sha256": sha256(content).hexdigest(),
        **changed,
    }


@dataclass
class Upload:
    """The service at work, and tokens for it."""

    http: httpx.AsyncClient
    key: SigningKey

    def token(self, owner_id: OwnerId = ADA, *, ago: timedelta = timedelta(0)) -> str:
        principal = Principal(account_id=owner_id, session_id="s")
        return self.key.issue(principal, now=datetime.now(UTC) - ago, lives=timedelta(minutes=10))

    async def post(self, path: str, *, token: str | None = None, **content: Any) -> httpx.Response:
        return await self.http.post(path, headers={"Authorization": f"Bearer {token or self.token()}"}, **content)

    async def announce(self, *files: dict[str, object]) -> list[dict[str, Any]]:
        response = await self.post("/api/v1/uploads", json={"files": files})
        assert response.status_code == 200, response.text
        answered: list[dict[str, Any]] = response.json()["files"]
        return answered

    async def send(self, content: bytes, **named: str) -> httpx.Response:
        file = (named.get("filename", "a.jpg"), content, named.get("content_type", "image/jpeg"))
        return await self.post("/api/v1/photos", files={"file": file})


@pytest.fixture
async def upload(
    standin: Standin,
    stack: SharedSettings,
    aws: AwsClients,  # opened before the keys change: a test's own clients stay the root user's
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Upload]:
    own = apply_access(standin.endpoint, {}, stack_name=stack.stack_name)["upload"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", own.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", own.secret_access_key)
    monkeypatch.setenv("HELIOGRAPH_STACK_NAME", stack.stack_name)
    monkeypatch.setenv("HELIOGRAPH_MAX_UPLOAD_BYTES", "6000000")
    app = create_app()
    key = SigningKey(new_signing_key(), issuer="heliograph", audience="heliograph-api")
    # The address that requests come to is the one that URLs are signed for: here S3's own, as if through nginx.
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=standin.endpoint.url) as http,
    ):
        app.state.token_verifier = TokenVerifier(
            KnownKeys(key.public_jwk), issuer="heliograph", audience="heliograph-api"
        )
        yield Upload(http, key)


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


async def put(browser: httpx.AsyncClient, answer: dict[str, Any], content: bytes, **changed: str | None) -> int:
    headers = {name.lower(): value for name, value in answer["upload"]["headers"].items()} | changed
    kept = {name: value for name, value in headers.items() if value is not None}
    response = await browser.put(answer["upload"]["url"], content=content, headers=kept)
    return response.status_code


async def stored(aws: AwsClients, stack: SharedSettings, content: bytes) -> bytes:
    key = original_key(ADA, photo_id_of(ADA, sha256(content).hexdigest()))
    found = await aws.s3.get_object(Bucket=stack.bucket_name, Key=key)
    return await found["Body"].read()


async def arrivals(aws: AwsClients, stack: SharedSettings, name: str) -> list[str]:
    """Return the keys that S3 tells a queue of; wait for the first."""
    queue = SqsQueue(aws.sqs, stack.queue_name(name))
    arrived: list[str] = []
    while not arrived:
        for message in await queue.receive(wait_seconds=10):
            arrived += [uploaded.object_key for uploaded in photos_uploaded(message.body)]
    return arrived


async def test_an_announced_photo_is_put_to_s3_which_tells_of_it(
    upload: Upload, browser: httpx.AsyncClient, aws: AwsClients, stack: SharedSettings
) -> None:
    content = os.urandom(10_000)

    [answer] = await upload.announce(announcement(content, file_modified_at="2024-06-01T12:00:00+02:00"))
    assert answer["status"] == "accepted"
    assert await put(browser, answer, content) == 200

    assert await stored(aws, stack, content) == content
    assert await arrivals(aws, stack, "photo-uploaded") == [original_key(ADA, PhotoId(answer["photo_id"]))]


@pytest.fixture
def tiered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service keeps originals as it does on AWS."""
    monkeypatch.setenv("HELIOGRAPH_ORIGINALS_STORAGE_CLASS", "INTELLIGENT_TIERING")


async def test_originals_are_put_into_the_storage_class_that_the_settings_say_and_into_no_other(
    tiered: None, upload: Upload, browser: httpx.AsyncClient, aws: AwsClients, stack: SharedSettings
) -> None:
    announced, sent = os.urandom(1_000), os.urandom(1_000)

    [answer] = await upload.announce(announcement(announced))
    assert await put(browser, answer, announced, **{"x-amz-storage-class": None}) == 403
    assert await put(browser, answer, announced) == 200
    assert (await upload.send(sent)).status_code == 201

    for content in (announced, sent):
        key = original_key(ADA, photo_id_of(ADA, sha256(content).hexdigest()))
        found = await aws.s3.head_object(Bucket=stack.bucket_name, Key=key)
        assert found["StorageClass"] == "INTELLIGENT_TIERING"


async def test_what_is_said_to_belong_to_a_bulk_import_is_admitted_as_that(
    upload: Upload, aws: AwsClients, stack: SharedSettings
) -> None:
    by_name, by_form, other = (os.urandom(1_000) for _ in range(3))

    answers = await upload.announce(announcement(by_name, lane="backlog"), announcement(other))
    sent = await upload.post("/api/v1/photos", files={"file": ("a.jpg", by_form)}, data={"lane": "backlog"})
    refused = await upload.post("/api/v1/photos", files={"file": ("a.jpg", other)}, data={"lane": "fast"})

    admissions = []
    for photo_id in (answers[0]["photo_id"], answers[1]["photo_id"], sent.json()["photo_id"]):
        item = await aws.dynamodb.get_item(TableName=stack.table_name("photos"), Key={"photo_id": {"S": photo_id}})
        admissions.append(Admission.model_validate_json(item["Item"]["admission"]["S"]))
    assert [one.lane for one in admissions] == [Lane.BACKLOG, Lane.INTERACTIVE, Lane.BACKLOG]
    assert [one.prefix for one in admissions] == [OriginalPrefix.of_lane(one.lane) for one in admissions]
    assert f"/imports/{ADA}/" in answers[0]["upload"]["url"]
    told = original_key(ADA, PhotoId(sent.json()["photo_id"]), OriginalPrefix.IMPORTS)
    assert await arrivals(aws, stack, "photo-uploaded-backlog") == [told]
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown-lane")


async def test_s3_takes_nothing_but_the_announced_bytes_and_those_once(
    upload: Upload, browser: httpx.AsyncClient
) -> None:
    content = os.urandom(10_000)
    [answer] = await upload.announce(announcement(content))
    another = b64encode(sha256(b"another").digest()).decode()

    assert await put(browser, answer, os.urandom(10_000)) == 400
    assert await put(browser, answer, content[:-1]) == 403
    assert await put(browser, answer, content + b"x") == 403
    assert await put(browser, answer, content, **{"content-type": "text/html"}) == 403
    assert await put(browser, answer, content, **{"if-none-match": None}) == 403
    assert await put(browser, answer, content, **{"x-amz-checksum-sha256": None}) == 403
    assert await put(browser, answer, content, **{"x-amz-checksum-sha256": another}) == 403
    assert await put(browser, answer, content) == 200
    assert await put(browser, answer, content) == 412


async def test_a_photo_is_asked_for_until_its_bytes_have_come(upload: Upload, browser: httpx.AsyncClient) -> None:
    content = os.urandom(1000)
    [first] = await upload.announce(announcement(content))
    [second, _] = await upload.announce(announcement(content), announcement(os.urandom(1000)))
    assert (first["status"], second["status"]) == ("accepted", "accepted")

    await put(browser, second, content)

    [third] = await upload.announce(announcement(content))
    assert (third["status"], third["photo_id"]) == ("duplicate", first["photo_id"])
    assert "upload" not in third


async def test_a_hundred_files_are_answered_in_their_order_each_for_itself(upload: Upload) -> None:
    contents = [os.urandom(100) for _ in range(94)]
    await upload.send(contents[3])
    twice = announcement(contents[5], filename="twice.jpg")
    wrong = [
        announcement(b"", filename="empty.jpg"),
        announcement(b"x", size_bytes=6_000_001, filename="large.jpg"),
        announcement(b"y", content_type="text/plain", filename="../text.jpg"),
    ]

    answers = await upload.announce(*map(announcement, contents), twice, *wrong, twice, announcement(b"z"))

    expected = ["accepted"] * 94 + ["duplicate"] + ["rejected"] * 3 + ["duplicate", "accepted"]
    expected[3] = "duplicate"
    assert [answer["status"] for answer in answers] == expected
    assert [answer["sha256"] for answer in answers[:94]] == [sha256(content).hexdigest() for content in contents]
    assert [(answer["filename"], answer["problem"]["code"]) for answer in answers if "problem" in answer] == [
        ("empty.jpg", "empty-file"),
        ("large.jpg", "too-large"),
        ("text.jpg", "unsupported-type"),
    ]


async def test_a_direct_upload_is_stored_once_whoever_sends_it_again(
    upload: Upload, aws: AwsClients, stack: SharedSettings
) -> None:
    content = os.urandom(5_000_000)

    first, again = await upload.send(content), await upload.send(content, filename="copy.jpg")

    assert (first.status_code, first.json()["status"]) == (201, "accepted")
    assert (again.status_code, again.json()["status"]) == (200, "duplicate")
    assert first.json()["photo_id"] == again.json()["photo_id"]
    assert await stored(aws, stack, content) == content


async def test_the_same_photo_sent_by_several_at_once_is_stored_once(upload: Upload) -> None:
    content = os.urandom(100_000)

    answers = await asyncio.gather(*(upload.send(content) for _ in range(4)))

    assert len({answer.json()["photo_id"] for answer in answers}) == 1
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]


async def test_two_people_have_each_their_own_photo(upload: Upload) -> None:
    content = {"file": ("a.jpg", b"the same bytes", "image/jpeg")}

    adas = await upload.post("/api/v1/photos", files=content)
    eves = await upload.post("/api/v1/photos", files=content, token=upload.token(EVE))

    assert adas.status_code == eves.status_code == 201
    assert adas.json()["photo_id"] != eves.json()["photo_id"]


@pytest.mark.parametrize(
    ("content", "named", "expected"),
    [
        (b"", {}, (422, "empty-file")),
        (b"x" * 6_000_001, {}, (413, "too-large")),
        (b"x" * 6_100_000, {}, (413, "too-large")),
        (b"text", {"filename": "a.txt", "content_type": "text/plain"}, (422, "unsupported-type")),
        (b"text", {"filename": "a.txt", "content_type": "application/octet-stream"}, (422, "unsupported-type")),
    ],
    ids=["empty", "too large", "form too large", "text", "untold"],
)
async def test_a_direct_upload_that_is_refused_says_why(
    upload: Upload, content: bytes, named: dict[str, str], expected: tuple[int, str]
) -> None:
    response = await upload.send(content, **named)

    assert (response.status_code, response.json()["code"]) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", (400, "malformed-json")),
        (b'{"files": ["\xff"]}', (400, "malformed-json")),
        (b" " * 1_100_000, (413, "too-large")),
        (b"[]", (422, "invalid-request")),
        (b'{"files": []}', (422, "invalid-request")),
        (json.dumps({"files": [announcement(b"x", filename="\ud800")]}).encode(), (422, "invalid-request")),
    ],
    ids=["cut", "bytes", "too long", "list", "no files", "half a letter"],
)
async def test_a_request_that_is_no_announcement_is_one_problem(
    upload: Upload, body: bytes, expected: tuple[int, str]
) -> None:
    headers = {"Authorization": f"Bearer {upload.token()}", "Content-Type": "application/json"}

    response = await upload.http.post("/api/v1/uploads", content=body, headers=headers)

    assert (response.status_code, response.json()["code"]) == expected
    assert response.headers["Content-Type"] == "application/problem+json"


async def test_what_is_wrong_with_an_announced_file_is_named(upload: Upload) -> None:
    wrong: dict[str, list[object]] = {
        "sha256": ["zz", "0" * 63, "g" * 64, 5, None],
        "size_bytes": [-1, "many", 1.5, None],
        "filename": ["x" * 4097, None],
        "content_type": ["x" * 201, None],
        "file_modified_at": ["yesterday", "2024-06-01T12:00:00"],
    }
    files = [announcement(b"x", **{name: value}) for name, values in wrong.items() for value in values]

    response = await upload.post("/api/v1/uploads", json={"files": files})

    assert response.status_code == 422
    places = [f"body.files.{place}.{name}" for place, name in enumerate(n for n, v in wrong.items() for _ in v)]
    assert [error["location"] for error in response.json()["errors"]] == places


async def test_more_than_a_hundred_files_are_too_many(upload: Upload) -> None:
    response = await upload.post("/api/v1/uploads", json={"files": [announcement(b"x")] * 101})

    assert (response.status_code, response.json()["code"]) == (422, "invalid-request")


async def test_nobody_uploads_without_a_good_token(upload: Upload) -> None:
    expired = upload.token(ago=timedelta(minutes=11))

    for path in ("/api/v1/uploads", "/api/v1/photos"):
        assert (await upload.http.post(path)).json()["code"] == "unauthenticated"
        response = await upload.post(path, token=expired)
        assert (response.status_code, response.json()["code"]) == (401, "invalid-token")


async def test_a_table_that_does_not_answer_is_one_problem(
    upload: Upload, aws: AwsClients, stack: SharedSettings
) -> None:
    await aws.dynamodb.delete_table(TableName=stack.table_name("photos"))

    for files in ([announcement(b"x")], [announcement(b"x"), announcement(b"y")]):
        response = await upload.post("/api/v1/uploads", json={"files": files})
        assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert (await upload.http.get("/readyz")).status_code == 503


async def test_the_service_describes_itself_without_being_started() -> None:
    described = create_app().openapi()

    assert set(described["paths"]) == {"/api/v1/uploads", "/api/v1/photos"}
    direct = described["paths"]["/api/v1/photos"]["post"]
    assert direct["operationId"] == "upload_photo"
    assert direct["requestBody"]["content"]["multipart/form-data"]["schema"]["required"] == ["file"]
    assert {"200", "201", "4XX"} <= set(direct["responses"])
    assert direct["security"] == [{"OAuth2PasswordBearer": []}]
