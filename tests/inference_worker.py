"""The inference worker as it runs, and what it works on in the stand-in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from heliograph.aws import AwsClients
from heliograph.messages import PhotoClassified, PhotoPrepared
from heliograph.photos import OwnerId, PhotoId, preview_key
from heliograph.settings import SharedSettings
from heliograph.sqs import SqsQueue

_OWNER = OwnerId("anna")


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Run the app's lifespan as uvicorn does: leaving is its SIGTERM."""
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://worker") as http,
    ):
        yield http


async def a_prepared_photo(aws: AwsClients, stack: SharedSettings, name: str, preview: bytes | None) -> str:
    """Put a preview where `prepare` does and return the message that tells of it."""
    key = preview_key(_OWNER, PhotoId(name))
    if preview is not None:
        await aws.s3.put_object(Bucket=stack.bucket_name, Key=key, Body=preview)
    return PhotoPrepared(
        correlation_id=f"correlation-{name}",
        photo_id=PhotoId(name),
        owner_id=_OWNER,
        preview_key=key,
        width_px=1080,
        height_px=1440,
    ).model_dump_json()


async def results(classified: SqsQueue, count: int) -> dict[str, PhotoClassified]:
    found: list[PhotoClassified] = []
    async with asyncio.timeout(30):
        while len(found) < count:
            messages = await classified.receive(wait_seconds=5)
            await classified.delete(messages)
            found += [PhotoClassified.model_validate_json(message.body) for message in messages]
    return {result.photo_id: result for result in found}
