"""What is wrong with a file or a call is said in one specific problem, and the photos after it are none the worse."""

import http.client
import json
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jose import jwt

from tests.bench.system import System
from tests.client import Client, File
from tests.photos import a_jpeg, a_png_bomb, a_truncated_jpeg, hex_sha256, text_named_jpg


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (File("diary.jpg", text_named_jpg()), "not-an-image"),
        (File("half.jpg", a_truncated_jpeg()), "truncated-image"),
        (File("bomb.png", a_png_bomb(), "image/png"), "too-many-pixels"),
    ],
    ids=lambda value: value.filename if isinstance(value, File) else "",
)
async def test_a_file_that_is_no_whole_photo_fails_with_its_reason_and_the_next_one_is_ready(
    ada: Client, file: File, code: str
) -> None:
    bad = await ada.upload(file)
    good = await ada.upload(File("good.jpg", a_jpeg("zidane.jpg")))

    assert (await ada.settled(good))["status"] == "ready"
    photo = await ada.settled(bad)
    assert (photo["status"], photo["failure"]["code"]) == ("failed", code)
    assert photo["failure"]["detail"]


async def test_an_empty_file_is_rejected_when_it_is_announced_and_those_beside_it_are_not(ada: Client) -> None:
    empty, good = await ada.admit([File("empty.jpg", b""), File("good.jpg", a_jpeg("zidane.jpg"))])

    assert (empty["status"], empty["problem"]["code"]) == ("rejected", "empty-file")
    assert good["status"] == "accepted"


async def test_an_empty_file_is_refused_as_a_form(ada: Client) -> None:
    form = aiohttp.FormData()
    form.add_field("file", b"", filename="empty.jpg", content_type="image/jpeg")

    answer = await ada.call("POST", "/api/v1/photos", data=form)

    assert (answer.status, answer.code) == (HTTPStatus.UNPROCESSABLE_ENTITY, "empty-file")


async def test_bytes_with_another_hash_than_announced_are_refused_and_the_right_ones_taken(ada: Client) -> None:
    file = File("good.jpg", a_jpeg("zidane.jpg"))
    [said] = await ada.admit([file])
    tampered = file.content[:-1] + b"\x00"

    assert (await ada.put(said["upload"], tampered)).status == HTTPStatus.BAD_REQUEST
    assert (await ada.put(said["upload"], file.content)).status == HTTPStatus.OK
    assert (await ada.settled(said["photo_id"]))["status"] == "ready"


async def test_a_file_larger_than_announced_is_refused(ada: Client) -> None:
    file = File("good.jpg", a_jpeg("zidane.jpg"))
    [said] = await ada.admit([file])

    answer = await ada.put(said["upload"], file.content + b"more")

    assert answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN}
    assert (await ada.get(f"/api/v1/photos/{said['photo_id']}"))["status"] == "awaiting_upload"


async def test_a_file_over_the_limit_is_rejected_when_it_is_announced(ada: Client) -> None:
    announcement = {"filename": "film.jpg", "content_type": "image/jpeg", "size_bytes": 2**40, "sha256": "0" * 64}

    answer = await ada.call("POST", "/api/v1/uploads", json_body={"files": [announcement]})

    [said] = answer.body["files"]
    assert (said["status"], said["problem"]["code"]) == ("rejected", "too-large")


@pytest.mark.parametrize("path", ["/api/v1/timeline", "/api/v1/uploads", "/api/v1/me"])
async def test_a_token_that_is_expired_foreign_or_none_is_refused_by_each_service(
    system: System, ada: Client, path: str
) -> None:
    ours = _signing_key(system)
    theirs = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    kid = jwt.get_unverified_header(ada.access_token)["kid"]
    claims: dict[str, Any] = jwt.get_unverified_claims(ada.access_token)
    past = claims | {"iat": int(time.time()) - 1200, "exp": int(time.time()) - 600}
    refused = {
        "expired": jwt.encode(past, ours, algorithm="ES256", headers={"kid": kid}),
        "foreign": jwt.encode(claims, theirs.decode(), algorithm="ES256", headers={"kid": kid}),
        "garbled": "not.a.token",
    }
    method = "POST" if path.endswith("uploads") else "GET"

    for why, token in refused.items():
        answer = await ada.call(method, path, json_body={"files": []}, headers={"Authorization": f"Bearer {token}"})
        assert answer.status == HTTPStatus.UNAUTHORIZED, (why, answer)
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert (await ada.call(method, path, json_body={"files": []}, signed_in=False)).status == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/v1/uploads"), ("POST", "/api/v1/accounts"), ("POST", "/api/v1/albums")]
)
async def test_malformed_json_is_a_problem_in_each_service(ada: Client, method: str, path: str) -> None:
    answer = await ada.call(method, path, data=b'{"files": [', headers={"Content-Type": "application/json"})

    assert answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.code


@pytest.mark.parametrize("path", ["/search", "/search/facets", "/suggest"])
async def test_ten_kilobytes_of_words_to_look_for_are_one_clear_problem(ada: Client, path: str) -> None:
    answer = await ada.call("GET", f"/api/v1{path}?q=" + "dog+" * 2_500)

    assert answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.code in {"invalid-query", "invalid-request"}


async def test_a_wrong_announcement_is_told_by_its_field(ada: Client) -> None:
    announcement = {"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": 1, "sha256": hex_sha256(b"")[:-1]}

    answer = await ada.call("POST", "/api/v1/uploads", json_body={"files": [announcement]})

    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "sha256" in str(answer.body)


def _signing_key(system: System) -> str:
    keyring = json.loads((system.data / "auth" / "keyring.json").read_text(encoding="utf-8"))
    return str(keyring["keys"][-1]["pem"])


def test_a_path_that_only_ends_in_the_bucket_never_reaches_the_storage(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)

    connection.request("GET", "/_ministack/health/../../heliograph-photos/originals/nobody/nothing")
    answer = connection.getresponse()

    assert answer.status == HTTPStatus.NOT_FOUND
    assert b"<Error>" not in answer.read()  # what S3 itself would say
    connection.close()
