"""What a second account, or a thief, tries with what it has got hold of: 401, 403 or 404 is all that comes of it."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
import pytest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heliograph.presign import S3Presigner
from tests.integration.access.principals import bearer, forged, with_a_bit_flipped
from tests.integration.access.world import SECRET, World
from tools.access import read_credentials

REFUSED = {401, 403, 404}
HOURS_AGO = timedelta(hours=30)


def statuses(responses: Iterable[httpx.Response]) -> set[int]:
    return {response.status_code for response in responses}


# --- a second account with the first one's ids --------------------------------------------------------------------


def test_a_second_account_gets_nothing_done_with_the_first_ones_photo_ids(world: World) -> None:
    account = world.new_account()  # Eve has a photo with the same content by now
    eve, photo_id = account.headers, world.uploaded
    mine = world.http.post("/api/v1/albums", headers=eve, json={"name": "Mine"}).json()["album_id"]
    before = world.call("GET", f"/photos/{photo_id}")

    def as_eve(method: str, path: str, body: object = None, **query: str) -> httpx.Response:
        return world.http.request(method, f"/api/v1{path}", headers=eve, json=body, params=query)

    refused = [
        as_eve("GET", f"/photos/{photo_id}"),
        as_eve("PATCH", f"/photos/{photo_id}", {"caption": "mine now"}),
        as_eve("DELETE", f"/photos/{photo_id}"),
        as_eve("DELETE", f"/photos/{photo_id}", permanently="true"),
        as_eve("POST", f"/photos/{photo_id}/restore"),
        as_eve("POST", f"/photos/{photo_id}/retry"),
        *(as_eve("GET", f"/photos/{photo_id}/{what}") for what in ("original", "preview", "thumbnail")),
        as_eve("PATCH", f"/albums/{mine}", {"cover_photo_id": photo_id}),
        as_eve("POST", f"/albums/{mine}/photos/move", {"photo_ids": [photo_id], "before": world.photo_ids[0]}),
    ]
    as_eve("PATCH", f"/albums/{mine}/photos", {"add": [photo_id]})
    edit = {"caption": "mine now", "favourite": True, "trashed": True, "add_to_albums": [mine]}
    job = as_eve("POST", "/jobs", {"edit": edit, "photo_ids": [photo_id]})

    assert statuses(refused) <= REFUSED | {409, 422}, [(one.url.path, one.status_code, one.text) for one in refused]
    assert job.status_code in {202, 404}
    assert as_eve("GET", f"/albums/{mine}/photos").json()["items"] == []
    for query in ({}, {"q": SECRET}, {"status": "trashed"}, {"album": mine}):
        assert as_eve("GET", "/search", **query).json()["items"] == []
    if job.status_code == 202:
        world.finished(account, job.json()["job_id"])
    after = world.call("GET", f"/photos/{photo_id}")
    assert {**after, "thumbnail_url": 0, "preview_url": 0} == {**before, "thumbnail_url": 0, "preview_url": 0}


# --- tokens -------------------------------------------------------------------------------------------------------

OF_EACH_SERVICE = (("GET", "/api/v1/me"), ("GET", "/api/v1/timeline"), ("POST", "/api/v1/uploads"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.integers(0, 2), bit=st.integers(0, 4000), service=st.sampled_from(OF_EACH_SERVICE))
def test_a_token_with_any_one_bit_flipped_is_no_token(
    world: World, part: int, bit: int, service: tuple[str, str]
) -> None:
    token = with_a_bit_flipped(world.ada.access_token, part=part, bit=bit)
    method, path = service

    assert world.http.request(method, path, headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"alg": "RS256"},
        {"kid": "../../../../dev/null"},
        {"kid": ""},
        {"jku": "https://evil.example/jwks.json", "kid": "theirs"},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, "kid": "theirs"},
        {"x5u": "https://evil.example/key.pem", "kid": "theirs"},
    ],
    ids=str,
)
@pytest.mark.parametrize(("method", "path"), OF_EACH_SERVICE)
def test_a_token_whose_header_names_another_algorithm_or_key_is_refused(
    world: World, header: dict[str, Any], method: str, path: str
) -> None:
    genuine_header, payload, signature = world.ada.access_token.split(".")
    said = json.loads(urlsafe_b64decode(genuine_header + "=="))
    written = urlsafe_b64encode(json.dumps(said | header).encode()).rstrip(b"=").decode()

    for last in (signature, ""):
        response = world.http.request(method, path, headers=bearer(f"{written}.{payload}.{last}"))
        assert response.status_code == 401
        assert response.json()["code"] in {"invalid-token", "unauthenticated"}


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None},
        {"exp": "soon"},
        {"sub": None},
        {"sub": ["a", "b"]},
        {"aud": ["elsewhere"]},
        {"iss": None},
        {"sid": None},
    ],
    ids=str,
)
def test_a_token_that_auth_would_never_have_written_is_refused_though_its_key_signed_it(
    world: World, claims: dict[str, Any]
) -> None:
    token = forged(world, **claims)

    assert statuses(world.http.request(m, path, headers=bearer(token)) for m, path in OF_EACH_SERVICE) == {401}


# --- cursors ------------------------------------------------------------------------------------------------------

PAGED = ("/search", "/timeline/2024-01", "/jobs", "/stacks", "/answers", "/questions", "/map/photos?bbox=-10,38,-9,39")


def _with(path: str, **query: Any) -> str:
    return f"{path}{'&' if '?' in path else '?'}{urlencode(query)}"


def cursors_of_ada(world: World) -> dict[str, str]:
    """Return a cursor of each list of hers that has a second page."""
    pages = {path: world.call("GET", _with(path, limit=1)) for path in PAGED}
    return {path: page["next_cursor"] for path, page in pages.items() if page.get("next_cursor")}


def test_a_cursor_of_one_account_is_none_of_anothers_nor_of_another_list(world: World) -> None:
    found = cursors_of_ada(world)
    assert len(found) >= 3, found

    for path, cursor in found.items():
        theirs = world.http.get(_with(f"/api/v1{path}", cursor=cursor), headers=world.eve.headers)
        assert theirs.status_code in {400, 404} or theirs.json()["items"] == [], (path, theirs.text)
        assert SECRET not in theirs.text
        for other in found.keys() - {path}:
            mixed = world.http.get(_with(f"/api/v1{other}", cursor=cursor), headers=world.ada.headers)
            assert (mixed.status_code, mixed.json().get("code")) == (400, "invalid-cursor"), (path, other, mixed.text)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(max_size=80), st.binary(max_size=60).map(lambda raw: urlsafe_b64encode(raw).decode())))
def test_whatever_is_sent_as_a_cursor_shows_nothing_and_breaks_nothing(world: World, text: str) -> None:
    response = world.http.get(_with("/api/v1/search", cursor=text), headers=world.eve.headers)

    assert response.status_code in {200, 400, 422}, response.text
    assert SECRET not in response.text


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 10_000), other=st.characters(codec="ascii", categories=("L", "N")))
def test_a_cursor_changed_in_one_character_stays_in_its_owners_own_list(world: World, number: int, other: str) -> None:
    cursor = world.call("GET", "/search?limit=1")["next_cursor"]
    at = number % len(cursor)
    changed = cursor[:at] + other + cursor[at + 1 :]

    response = world.http.get(_with("/api/v1/search", cursor=changed), headers=world.ada.headers)

    assert response.status_code in {200, 400}, response.text
    if response.status_code == 200:
        for item in response.json()["items"]:
            assert item["photo_id"] in world.everything


# --- presigned addresses ------------------------------------------------------------------------------------------


def media(world: World) -> dict[str, str]:
    """Return the addresses at which Ada's photo is read: original, preview and thumbnail."""
    found = {}
    for what in ("original", "preview", "thumbnail"):
        response = world.http.get(f"/api/v1/photos/{world.uploaded}/{what}", headers=world.ada.headers)
        found[what] = response.headers["location"]
    return found


def changed(url: str, **query: str | None) -> str:
    """Return the address with some parts of its query changed, or left out."""
    parts = urlsplit(url)
    said = {**dict(parse_qsl(parts.query)), **query}
    return urlunsplit(parts._replace(query=urlencode({name: value for name, value in said.items() if value})))


def test_an_address_reads_its_one_object_for_a_while_and_is_in_no_shared_cache(world: World) -> None:
    for what, url in media(world).items():
        response = world.http.get(url)
        assert response.status_code == 200, (what, response.text)
        assert urlsplit(url).scheme == "https"
        assert "private" in response.headers["cache-control"], (what, response.headers)
        assert int(dict(parse_qsl(urlsplit(url).query))["X-Amz-Expires"]) <= 24 * 3600


def test_an_address_is_good_as_it_was_signed_only(world: World) -> None:
    url = media(world)["preview"]
    other = media(world)["original"]
    signature = dict(parse_qsl(urlsplit(url).query))["X-Amz-Signature"]
    flipped = f"{int(signature[0], 16) ^ 1:x}{signature[1:]}"
    parts = urlsplit(url)

    tried = {
        "without a query": world.http.get(parts.path),
        "without a signature": world.http.get(changed(url, **{"X-Amz-Signature": None})),
        "a bit flipped": world.http.get(changed(url, **{"X-Amz-Signature": flipped})),
        "good for longer": world.http.get(changed(url, **{"X-Amz-Expires": "604800"})),
        "signed later": world.http.get(changed(url, **{"X-Amz-Date": f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"})),
        "of another object": world.http.get(urlunsplit(parts._replace(path=urlsplit(other).path))),
        "to write": world.http.put(url, content=b"mine"),
        "the whole bucket": world.http.get(urlunsplit(parts._replace(path="/heliograph-photos/"))),
        "with a token beside it": world.http.get(parts.path, headers=world.ada.headers),
    }

    statuses_of = {name: response.status_code for name, response in tried.items()}
    assert statuses_of.pop("without a signature") in {400, 403}  # S3 calls what is half signed a bad request
    assert statuses_of == dict.fromkeys(statuses_of, 403)
    assert world.http.get(url).status_code == 200
    assert world.http.delete(url).status_code == 403


def test_an_address_past_its_time_reads_nothing(world: World) -> None:
    key = read_credentials(world.system.data / "standin" / "credentials.json")["metadata"]
    presigner = S3Presigner(
        ReadOnlyCredentials(key.access_key_id, key.secret_access_key, None),
        region="us-east-1",
        bucket="heliograph-photos",
    )
    object_key = urlsplit(media(world)["preview"]).path.removeprefix("/heliograph-photos/")

    def at(then: datetime) -> int:
        return world.http.get(
            presigner.get_url(world.system.url, object_key, stable_seconds=3600, now=then)
        ).status_code

    assert at(datetime.now(UTC)) == 200
    assert at(datetime.now(UTC) - HOURS_AGO) == 403


# --- the services' own doors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz", "/openapi.json/../metrics", "/api/../metrics"])
def test_what_operators_read_is_not_to_be_had_through_nginx(world: World, path: str) -> None:
    response = world.http.get(path)

    assert "heliograph_http_request_seconds" not in response.text
    assert not response.headers["content-type"].startswith("application/json") or "checks" not in response.json()
