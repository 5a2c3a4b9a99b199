"""Presigned URLs: the same as botocore's own, and stable where they should be."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from heliograph.presign import S3Presigner

KEYS = ReadOnlyCredentials("AKIDEXAMPLE", "secret", None)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = 3600


def a_presigner(keys: ReadOnlyCredentials = KEYS) -> S3Presigner:
    return S3Presigner(keys, region="us-east-1", bucket="examplebucket")


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_the_signature_is_what_amazon_s_description_comes_to() -> None:
    # The steps of "Signature Calculations for the Authorization Header", S3 API reference, written out once more.
    url = a_presigner().get_url("https://s3.amazonaws.com", "test.txt", stable_seconds=HOUR, now=NOON)

    unsigned, _, signature = url.rpartition("&X-Amz-Signature=")
    canonical = (
        "GET\n/examplebucket/test.txt\n"
        + "&".join(sorted(urlsplit(unsigned).query.split("&")))
        + "\nhost:s3.amazonaws.com\n\nhost\nUNSIGNED-PAYLOAD"
    )
    scope = "20260601/us-east-1/s3/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n20260601T120000Z\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"AWS4secret"
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    assert signature == hmac.new(key, to_sign.encode(), "sha256").hexdigest()


@given(st.integers(min_value=0, max_value=HOUR - 1), st.integers(min_value=0, max_value=HOUR - 1))
def test_everyone_who_asks_within_the_hour_gets_the_same_url(one: int, other: int) -> None:
    urls = {
        a_presigner().get_url("http://here", "k", stable_seconds=HOUR, now=NOON + timedelta(seconds=seconds))
        for seconds in (one, other)
    }

    assert len(urls) == 1
    assert query_of(urls.pop())["X-Amz-Expires"] == str(2 * HOUR)


def test_the_next_hour_has_another_url() -> None:
    first, second = (
        a_presigner().get_url("http://here", "k", stable_seconds=HOUR, now=NOON + timedelta(seconds=seconds))
        for seconds in (HOUR - 1, HOUR)
    )

    assert first != second


def test_a_put_signs_every_header_and_the_host_that_the_browser_sees() -> None:
    headers = {"Content-Type": "image/jpeg", "Content-Length": "5", "If-None-Match": "*", "x-amz-checksum-sha256": "x="}

    url = a_presigner().put_url("https://photos.example:8443", "originals/o/p", headers=headers, expires_seconds=60)

    assert url.startswith("https://photos.example:8443/examplebucket/originals/o/p?")
    assert (
        query_of(url)["X-Amz-SignedHeaders"] == "content-length;content-type;host;if-none-match;x-amz-checksum-sha256"
    )
    assert query_of(url)["X-Amz-Expires"] == "60"


def test_keys_of_a_role_bring_their_session_token() -> None:
    role = ReadOnlyCredentials("AKIDEXAMPLE", "secret", "the session token")

    url = a_presigner(role).get_url("http://here", "k", stable_seconds=HOUR)

    assert query_of(url)["X-Amz-Security-Token"] == "the session token"


@pytest.mark.parametrize(("base_url", "key"), [("http://here", "a b/ü"), ("http://here/", "a b/ü")])
def test_names_are_encoded_once_and_parameters_kept(base_url: str, key: str) -> None:
    parameters = {"response-content-disposition": 'attachment; filename="ä b.jpg"'}

    url = a_presigner().get_url(base_url, key, stable_seconds=HOUR, parameters=parameters)

    assert urlsplit(url).path == "/examplebucket/a%20b/%C3%BC"
    assert query_of(url)["response-content-disposition"] == 'attachment; filename="ä b.jpg"'


@pytest.mark.parametrize("keys", [KEYS, ReadOnlyCredentials("AKIDEXAMPLE", "secret", "a/session+token=")])
def test_a_family_s_urls_are_those_that_are_signed_one_by_one(keys: ReadOnlyCredentials) -> None:
    presigner = a_presigner(keys)
    family = presigner.get_family(
        "http://photos.test:8080", "renditions/o wner/", "/thumbnail.webp", stable_seconds=HOUR, now=NOON
    )

    for part in ("abcdefghijklmnopqrstuvwxyz", "2a-b_c"):
        key = f"renditions/o wner/{part}/thumbnail.webp"
        assert family.url(part) == presigner.get_url("http://photos.test:8080", key, stable_seconds=HOUR, now=NOON)
