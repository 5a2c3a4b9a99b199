"""A library that is there before the browser opens: an account with photos, uploaded by API as curl would."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from http import HTTPStatus

from playwright.sync_api import APIRequestContext, FilePayload

from tests.e2e.visitor import Account
from tests.photos import Exif, a_jpeg

SUMMER = timezone(timedelta(hours=1))
LISBON = (38.7139, -9.1394)
BEIJING = (39.9163, 116.3972)
_WITHIN_SECONDS = 90.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class File:
    """A photo as it lies on somebody's disk."""

    name: str
    content: bytes = field(repr=False)


def bus_in_lisbon(name: str = "bus-in-lisbon.jpg") -> File:
    """Return a street with a bus and people, with GPS, date and camera."""
    exif = Exif(datetime(2024, 6, 1, 10, 30, tzinfo=SUMMER), "FUJIFILM", "X-T4", *LISBON)
    return File(name, a_jpeg("bus.jpg", exif=exif))


def cat(name: str = "cat.jpg") -> File:
    """Return a cat, with a date."""
    return File(name, a_jpeg("chelsea.png", exif=Exif(datetime(2024, 6, 20, 18, 0, tzinfo=SUMMER))))


def temple_in_beijing(name: str = "temple-in-beijing.jpg") -> File:
    """Return a temple, with GPS and a date in another month."""
    return File(name, a_jpeg("china.jpg", exif=Exif(datetime(2023, 10, 5, 9, 0, tzinfo=UTC), None, None, *BEIJING)))


def coffee(name: str = "coffee.jpg") -> File:
    """Return a cup of coffee without any date of its own."""
    return File(name, a_jpeg("coffee.png"))


def tall_portrait(name: str = "portrait.jpg") -> File:
    """Return a person, in portrait format."""
    exif = Exif(datetime(2022, 1, 15, 12, 0, tzinfo=UTC), "Canon", "EOS R5")
    return File(name, a_jpeg("astronaut.png", exif=exif, size_px=(600, 900)))


def everything() -> list[File]:
    """Return photos of several months, places and things, newest first."""
    return [cat(), bus_in_lisbon(), temple_in_beijing(), tall_portrait()]


@dataclass
class Library:
    """An account and the ids of its photos by file name."""

    account: Account
    photo_ids: dict[str, str]


def make_library(api: APIRequestContext, files: Sequence[File], *, within_seconds: float = _WITHIN_SECONDS) -> Library:
    """Register an account and upload files; returns when all of them are ready."""
    account = Account()
    made = api.post(
        "/api/v1/accounts", data={"email": account.email, "password": account.password, "name": account.name}
    )
    assert made.status == HTTPStatus.CREATED, made.text()
    form: dict[str, str | float | bool] = {
        "grant_type": "password",
        "username": account.email,
        "password": account.password,
    }
    token = api.post("/api/v1/tokens", form=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    photo_ids = {file.name: _upload(api, headers, file) for file in files}

    until = time.monotonic() + within_seconds
    while True:
        progress = api.get("/api/v1/progress", headers=headers).json()
        if progress["ready"] >= len(files):
            return Library(account, photo_ids)
        assert progress["failed"] == 0, progress
        assert time.monotonic() < until, progress
        time.sleep(_POLL_SECONDS)


def _upload(api: APIRequestContext, headers: dict[str, str], file: File) -> str:
    part = FilePayload(name=file.name, mimeType="image/jpeg", buffer=file.content)
    answer = api.post("/api/v1/photos", headers=headers, multipart={"file": part})
    assert answer.status == HTTPStatus.CREATED, answer.text()
    photo_id: str = answer.json()["photo_id"]
    return photo_id
