"""Addresses of renditions at the CDN: what CloudFront checks them by, and that caches meet them again."""

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.credentials import ReadOnlyCredentials
from botocore.signers import CloudFrontSigner
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from pydantic import SecretStr

from heliograph.photos import OwnerId, PhotoId
from heliograph.presign import S3Presigner
from heliograph_metadata.cdn import CdnSigner
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.settings import MetadataSettings

SIGNED_BY = ec.ECDSA(hashes.SHA1(), deterministic_signing=True)  # noqa: S303 - CloudFront's choice
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
KEY = ec.derive_private_key(7**80, ec.SECP256R1())
OWNER, PHOTO = OwnerId("a" * 32), PhotoId("b" * 26)


def in_base64(key: PrivateKeyTypes) -> str:
    return b64encode(
        key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    ).decode()


def a_cdn(key: PrivateKeyTypes = KEY) -> CdnSigner:
    return CdnSigner("https://photos.example.org", key_pair_id="K2JCJMDEHXQW5F", private_key=in_base64(key))


def urls_at(now: datetime, cdn: CdnSigner) -> MediaUrls:
    presigner = S3Presigner(ReadOnlyCredentials("AKIDEXAMPLE", "secret", None), region="eu-west-1", bucket="photos")
    return MediaUrls(presigner, "https://s3.eu-west-1.amazonaws.com", now=now, cdn=cdn)


def verify(url: str, key: ec.EllipticCurvePublicKey) -> None:
    """Check an address as CloudFront does: rebuild its canned policy, and hold the signature against that."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert set(query) == {"Expires", "Key-Pair-Id", "Signature"}
    resource = url.partition("?")[0]
    policy = {
        "Statement": [{"Resource": resource, "Condition": {"DateLessThan": {"AWS:EpochTime": int(query["Expires"])}}}]
    }
    signature = b64decode(query["Signature"].translate(str.maketrans("-_~", "+=/")), validate=True)
    key.verify(signature, json.dumps(policy, separators=(",", ":")).encode(), SIGNED_BY)


def test_an_address_has_a_signature_that_cloudfront_finds_good_and_no_other_object_does() -> None:
    url = a_cdn().get_url("renditions/owner/photo/preview.jpg", expires_at=1_800_000_000)

    verify(url, KEY.public_key())
    with pytest.raises(InvalidSignature):
        verify(url.replace("/photo/", "/other/"), KEY.public_key())
    with pytest.raises(InvalidSignature):
        verify(url.replace("Expires=18", "Expires=19"), KEY.public_key())


def test_what_is_signed_is_what_the_sdk_of_amazon_signs() -> None:
    signed: list[bytes] = []

    def sign(message: bytes) -> bytes:
        signed.append(message)
        return KEY.sign(message, SIGNED_BY)

    at = datetime.fromtimestamp(1_800_000_000, UTC)
    url = CloudFrontSigner("K2JCJMDEHXQW5F", sign).generate_presigned_url(
        "https://photos.example.org/renditions/o/p/preview.jpg", date_less_than=at
    )

    ours = a_cdn().get_url("renditions/o/p/preview.jpg", expires_at=1_800_000_000)
    assert parse_qs(urlsplit(ours).query) == parse_qs(urlsplit(url).query)
    assert len(signed) == 1


def test_every_process_gives_the_same_address_for_four_hours_and_it_is_good_for_four_more_at_least() -> None:
    first, second = (
        urls_at(NOON + timedelta(seconds=seconds), a_cdn()).thumbnail(OWNER, PHOTO) for seconds in (0, 4 * 3600 - 1)
    )
    later = urls_at(NOON + timedelta(hours=4), a_cdn()).thumbnail(OWNER, PHOTO)

    assert first == second != later
    assert int(parse_qs(urlsplit(first).query)["Expires"][0]) == (NOON + timedelta(hours=8)).timestamp()


def test_a_column_of_thumbnails_has_the_addresses_that_each_has_alone() -> None:
    urls = urls_at(NOON, a_cdn())
    family = urls.thumbnails(OWNER)

    address = f"{family.before}{PHOTO}{family.after}{family.signature(PHOTO)}"
    assert address == urls.thumbnail(OWNER, PHOTO)
    assert address.startswith(f"https://photos.example.org/renditions/{OWNER}/{PHOTO}/thumbnail.webp?Expires=")
    verify(address, KEY.public_key())


def test_what_is_of_others_or_saved_as_a_file_comes_from_s3() -> None:
    urls = urls_at(NOON, a_cdn())
    for url in (
        urls.shared_thumbnail(OWNER, PHOTO),
        urls.shared_preview(OWNER, PHOTO),
        urls.preview_file(OWNER, PHOTO, filename="a.jpg"),
        urls.original("originals/o/p", filename="a.jpg"),
    ):
        assert url.startswith("https://s3.eu-west-1.amazonaws.com/photos/")


@pytest.mark.parametrize(
    "key",
    [
        "no base64!",
        b64encode(b"no key").decode(),
        in_base64(ec.derive_private_key(7, ec.SECP384R1())),
        in_base64(rsa.generate_private_key(65537, 2048)),
    ],
)
def test_what_is_no_such_key_is_refused_at_the_start(key: str) -> None:
    with pytest.raises(ValueError, match=r"the CDN's key|deserialize"):
        CdnSigner("https://photos.example.org", key_pair_id="K1", private_key=key)


def test_a_cdn_is_all_of_its_settings_or_none() -> None:
    assert MetadataSettings().cdn() is None
    assert MetadataSettings(
        cdn_url="https://photos.example.org", cdn_key_pair_id="K1", cdn_private_key=SecretStr(in_base64(KEY))
    ).cdn()
    with pytest.raises(ValueError, match="all are needed, or none"):
        MetadataSettings(cdn_url="https://photos.example.org").cdn()
