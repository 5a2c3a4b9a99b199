"""Uploads files in the rhythm of the web app: hash, announce what has been hashed meanwhile, PUT several at a time."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from heliograph.messages import Lane
from tests.client import Client, File

_HASHED_AT_ONCE = 2
_MOST_ANNOUNCED = 100
"""In one request, as the API takes them."""

_Announced = tuple[Path, dict[str, Any]]


async def upload(uploader: Client, paths: Sequence[Path], concurrency: int, lane: Lane = Lane.INTERACTIVE) -> None:
    """Upload photos that the account doesn't have yet; return when S3 has them all."""
    waiting = iter(paths)
    hashed: asyncio.Queue[_Announced] = asyncio.Queue()
    admitted: asyncio.Queue[_Announced | None] = asyncio.Queue(maxsize=_MOST_ANNOUNCED)

    async def hash_one_after_another() -> None:
        for path in waiting:
            hashed.put_nowait((path, await asyncio.to_thread(_announcement, path, lane)))

    async def put_one_after_another() -> None:
        while (wanted := await admitted.get()) is not None:
            path, said = wanted
            answer = await uploader.put(said, await asyncio.to_thread(path.read_bytes))
            assert answer.status == HTTPStatus.OK, answer

    async with asyncio.TaskGroup() as tasks:
        for _ in range(_HASHED_AT_ONCE):
            tasks.create_task(hash_one_after_another())
        for _ in range(concurrency):
            tasks.create_task(put_one_after_another())
        await _admit(uploader, len(paths), hashed, admitted)
        for _ in range(concurrency):
            await admitted.put(None)


async def _admit(
    uploader: Client, count: int, hashed: asyncio.Queue[_Announced], admitted: asyncio.Queue[_Announced | None]
) -> None:
    while count:
        batch = [await hashed.get()]
        while not hashed.empty() and len(batch) < _MOST_ANNOUNCED:
            batch.append(hashed.get_nowait())
        answers = await uploader.announce([announcement for _, announcement in batch])
        for (path, _), said in zip(batch, answers, strict=True):
            await admitted.put((path, said["upload"]))
        count -= len(batch)


def _announcement(path: Path, lane: Lane) -> dict[str, Any]:
    return {**File(path.name, path.read_bytes()).announcement, "lane": lane}
