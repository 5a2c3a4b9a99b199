"""A library for tests of the HTTP API: who calls it, and how photos get into it without a pipeline."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx

from heliograph.aws import AwsClients
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_metadata.domain.photo import Photo
from heliograph_metadata.dynamodb.photo_store import DynamoPhotoStore
from heliograph_upload.domain import NewPhoto
from heliograph_upload.dynamodb import DynamoAdmissionStore
from tests.builders import admission_of

STRANGER = OwnerId("stranger")
_MOST_ADMITTED = 100


class Caller:
    """Calls the API as one account."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self.http = http
        self.headers = {"Authorization": f"Bearer {token}"}

    async def call(self, method: str, path: str, expect: int = 200, **request: Any) -> Any:
        headers = self.headers | request.pop("headers", {})
        response = await self.http.request(method, f"/api/v1{path}", headers=headers, **request)
        assert response.status_code == expect, response.text
        return response.json() if response.content else None

    async def get(self, path: str, **parameters: Any) -> Any:
        return await self.call("GET", path, params=parameters)

    async def found(self, **parameters: Any) -> list[str]:
        return [photo["photo_id"] for photo in (await self.get("/search", **parameters))["items"]]

    async def refused(self, path: str, **parameters: Any) -> str:
        response = await self.http.get(f"/api/v1{path}", headers=self.headers, params=parameters)
        assert 400 <= response.status_code < 500, response.text
        assert response.headers["content-type"] == "application/problem+json"
        return str(response.json()["code"])


class Shelf:
    """Puts photos into the library as the pipeline would."""

    def __init__(self, aws: AwsClients, stack: SharedSettings) -> None:
        tables: Any = {"photos_table": stack.table_name("photos"), "terms_table": stack.table_name("terms")}
        self._store = DynamoPhotoStore(aws.dynamodb, **tables)
        self._admissions = DynamoAdmissionStore(aws.dynamodb, tables["photos_table"])

    async def put(self, *photos: Photo) -> None:
        before = {photo.photo_id: admission_of(photo) for photo in photos}
        for start in range(0, len(photos), _MOST_ADMITTED):
            await self._admissions.admit(
                [
                    NewPhoto(photo.photo_id, photo.owner_id, photo.admission, photo.created_at, photo.correlation_id)
                    for photo in photos[start : start + _MOST_ADMITTED]
                ]
            )
        saved = await asyncio.gather(
            *(
                self._store.replace(replace(photo, version=2), stored=before[photo.photo_id])
                for photo in photos
                if photo.status != "awaiting_upload"
            )
        )
        assert all(saved)
