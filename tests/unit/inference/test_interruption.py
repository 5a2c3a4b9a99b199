"""A spot instance's last notice, asked of a metadata service on loopback that behaves as EC2's version 2 does."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from heliograph_inference.interruption import interruption_notice

NOTICE = '{"action": "terminate", "time": "2026-11-25T12:00:00Z"}'


class MetadataService:
    """Knows one token at a time, and a notice once there is one."""

    def __init__(self) -> None:
        self.token = "first"
        self.notice: str | None = None
        self.failures = 0
        self.asked = asyncio.Event()

    async def give_token(self, request: web.Request) -> web.Response:
        assert int(request.headers["X-aws-ec2-metadata-token-ttl-seconds"]) <= 21600
        return web.Response(text=self.token)

    async def tell(self, request: web.Request) -> web.Response:
        if request.headers.get("X-aws-ec2-metadata-token") != self.token:
            return web.Response(status=401)
        self.asked.set()
        if self.failures:
            self.failures -= 1
            return web.Response(status=503)
        return web.Response(text=self.notice) if self.notice else web.Response(status=404)


@pytest.fixture
async def service() -> MetadataService:
    return MetadataService()


@pytest.fixture
async def url(service: MetadataService) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_put("/latest/api/token", service.give_token)
    app.router.add_get("/latest/meta-data/spot/instance-action", service.tell)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


async def noticed(url: str) -> str:
    async with asyncio.timeout(20):
        return await interruption_notice(url, poll_seconds=0)


async def test_the_notice_is_returned_as_soon_as_there_is_one(service: MetadataService, url: str) -> None:
    noticing = asyncio.create_task(noticed(url))
    await service.asked.wait()
    assert not noticing.done()

    service.notice = NOTICE

    assert await noticing == NOTICE


async def test_a_token_that_has_run_out_is_replaced(service: MetadataService, url: str) -> None:
    noticing = asyncio.create_task(noticed(url))
    await service.asked.wait()

    service.token = "second"
    service.notice = NOTICE

    assert await noticing == NOTICE


async def test_a_metadata_service_that_fails_is_asked_again(service: MetadataService, url: str) -> None:
    service.failures, service.notice = 3, NOTICE

    assert await noticed(url) == NOTICE


class Told(logging.Handler):
    """Collects what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.first = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        self.first.set()


async def test_where_nobody_answers_it_is_told_once_and_asked_on() -> None:
    told = Told()
    logger = logging.getLogger("heliograph_inference.interruption")
    logger.addHandler(told)
    noticing = asyncio.create_task(noticed("http://127.0.0.1:9"))
    async with asyncio.timeout(10):
        await told.first.wait()
    for _ in range(100):
        await asyncio.sleep(0)
    noticing.cancel()
    logger.removeHandler(told)

    assert told.lines == ["the instance metadata service does not answer"]
