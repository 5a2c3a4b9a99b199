"""Addresses of thumbnails within previews: good for one photo, until one time, and the same for hours."""

from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from heliograph.photos import OwnerId, PhotoId
from heliograph.presign import S3Presigner
from heliograph_metadata.domain.errors import AddressExpiredError, ThumbnailNotFoundError, WrongAddressError
from heliograph_metadata.domain.thumbnail_addresses import ThumbnailSigner
from heliograph_metadata.domain.within_preview import Thumbnails
from heliograph_metadata.media_urls import MediaUrls
from heliograph_metadata.service.thumbnails import ThumbnailService
from heliograph_metadata.settings import MetadataSettings
from tests.fakes.in_memory_photo_files import InMemoryPhotoFiles
from tests.photos import like_a_webp

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
KEY = "k" * 43
SIGNER = ThumbnailSigner(KEY)
OWNER, PHOTO = OwnerId("a" * 32), PhotoId("b" * 26)
WEBP = like_a_webp(40)


def urls_at(now: datetime) -> MediaUrls:
    presigner = S3Presigner(ReadOnlyCredentials("AKIDEXAMPLE", "secret", None), region="eu-west-1", bucket="photos")
    families = partial(SIGNER.family, "https://photos.example.org")
    return MediaUrls(presigner, "https://s3.example.org", now=now, thumbnails=families)


def expiry(url: str) -> datetime:
    return datetime.fromtimestamp(int(parse_qs(urlsplit(url).query)["expires"][0]), UTC)


async def service(now: datetime = NOON, signer: ThumbnailSigner | None = SIGNER) -> ThumbnailService:
    files = InMemoryPhotoFiles(Thumbnails.WITHIN_PREVIEWS)
    await files.put(OWNER, PHOTO, thumbnail=WEBP, preview=b"large")
    return ThumbnailService(files, signer, now=now.timestamp)


async def opened(url: str, *, at: datetime) -> int:
    """Follow an address, and return for how long it is said to be good."""
    parts = urlsplit(url)
    [*_, owner_id, photo_id] = parts.path.split("/")
    query = parse_qs(parts.query)
    found = await (await service(at)).get(
        OwnerId(owner_id), PhotoId(photo_id), expires_at=int(query["expires"][0]), signature=query["signature"][0]
    )
    assert found.content == WEBP
    return found.good_for_seconds


async def test_an_address_stays_the_same_for_four_hours_and_is_good_for_four_more_at_least() -> None:
    first, last = (urls_at(NOON + timedelta(seconds=late)).thumbnail(OWNER, PHOTO) for late in (0, 4 * 3600 - 1))
    later = urls_at(NOON + timedelta(hours=4)).thumbnail(OWNER, PHOTO)

    assert first == last != later
    assert first.startswith(f"https://photos.example.org/api/v1/thumbnails/{OWNER}/{PHOTO}?expires=")
    assert expiry(first) == NOON + timedelta(hours=8)
    assert await opened(first, at=NOON) == 8 * 3600
    assert await opened(first, at=NOON + timedelta(hours=8, seconds=-1)) == 1
    with pytest.raises(AddressExpiredError):
        await opened(first, at=NOON + timedelta(hours=8))


async def test_an_address_of_somebody_else_s_photo_lives_for_twenty_minutes_at_most() -> None:
    first = urls_at(NOON).shared_thumbnail(OWNER, PHOTO)
    last = urls_at(NOON + timedelta(seconds=599)).shared_thumbnail(OWNER, PHOTO)

    assert first == last
    assert expiry(first) == NOON + timedelta(minutes=20)
    assert await opened(first, at=NOON + timedelta(minutes=5)) == 900


def test_a_column_of_thumbnails_has_the_addresses_that_each_has_alone() -> None:
    urls = urls_at(NOON)
    family = urls.thumbnails(OWNER)

    assert f"{family.before}{PHOTO}{family.after}{family.signature(PHOTO)}" == urls.thumbnail(OWNER, PHOTO)


def test_previews_and_files_keep_their_addresses_in_s3() -> None:
    urls = urls_at(NOON)
    for url in (
        urls.preview(OWNER, PHOTO),
        urls.shared_preview(OWNER, PHOTO),
        urls.preview_file(OWNER, PHOTO, filename="a.jpg"),
    ):
        assert url.startswith("https://s3.example.org/photos/renditions/")


@given(
    owner_id=st.sampled_from([OWNER, OwnerId("c" * 32), OwnerId("a" * 31)]),
    photo_id=st.sampled_from([PHOTO, PhotoId("d" * 26), PhotoId("")]),
    later=st.sampled_from([0, 1, -1, 10**6]),
    signature=st.one_of(st.just(None), st.text(max_size=60)),
)
def test_a_signature_is_good_for_what_was_signed_and_for_nothing_else(
    owner_id: OwnerId, photo_id: PhotoId, later: int, signature: str | None
) -> None:
    expires_at = int(NOON.timestamp()) + 3600
    good = SIGNER.signature(OWNER, PHOTO, expires_at)
    said = good if signature is None else signature
    is_same = (owner_id, photo_id, later, said) == (OWNER, PHOTO, 0, good)

    def left() -> int:
        return SIGNER.seconds_left(
            owner_id, photo_id, expires_at=expires_at + later, signature=said, at=NOON.timestamp()
        )

    if is_same:
        assert left() == 3600
    else:
        with pytest.raises(WrongAddressError):
            left()


async def test_another_key_or_none_makes_no_address_good() -> None:
    expires_at = int(NOON.timestamp()) + 60
    signature = ThumbnailSigner("x" * 43).signature(OWNER, PHOTO, expires_at)
    for signer in (SIGNER, None):
        with pytest.raises(WrongAddressError):
            await (await service(signer=signer)).get(OWNER, PHOTO, expires_at=expires_at, signature=signature)


async def test_a_good_address_of_a_photo_that_is_gone_leads_nowhere() -> None:
    gone, expires_at = PhotoId("e" * 26), int(NOON.timestamp()) + 60
    with pytest.raises(ThumbnailNotFoundError):
        await (await service()).get(
            OWNER, gone, expires_at=expires_at, signature=SIGNER.signature(OWNER, gone, expires_at)
        )


def test_the_service_does_not_start_within_previews_without_a_key_or_with_one_that_is_short() -> None:
    assert MetadataSettings().thumbnails is Thumbnails.OBJECTS
    assert MetadataSettings().thumbnail_signer() is None
    assert MetadataSettings(thumbnail_signing_key=SecretStr(KEY)).thumbnail_signer() == SIGNER
    with pytest.raises(ValueError, match="needs HELIOGRAPH_THUMBNAIL_SIGNING_KEY"):
        MetadataSettings(thumbnails=Thumbnails.WITHIN_PREVIEWS).thumbnail_signer()
    with pytest.raises(ValueError, match="32 characters"):
        MetadataSettings(thumbnail_signing_key=SecretStr("short")).thumbnail_signer()
    with pytest.raises(ValidationError):
        MetadataSettings.model_validate({"thumbnails": "elsewhere"})


def test_the_key_stands_in_no_text_about_the_signer() -> None:
    assert KEY not in repr(SIGNER) + repr(SIGNER.family("https://photos.example.org", OWNER, expires_at=1))
