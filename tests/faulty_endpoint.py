"""An AWS endpoint on loopback that passes everything on to the stand-in, except what a test wants to go wrong."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from yarl import URL

_OWN_TO_A_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


class FaultyEndpoint:
    """Refuses as many requests of an operation as it is told to.

    An operation is `GetObject` or `AnyOther` of S3, or SQS's own name: `ReceiveMessage`, `SendMessageBatch`.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream.rstrip("/")
        self._refusals: Counter[str] = Counter()
        self._status = 503
        self.refused: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()
        """How many requests there were: of S3 by their method, of SQS by their own name."""

    def refuse(self, *operations: str, times: int, status: int = 503) -> None:
        """Answer the next requests of each of these operations with `status`; 0 breaks the connection off."""
        self._status = status
        self._refusals = Counter(dict.fromkeys(operations, times))

    @property
    def is_well(self) -> bool:
        """Whether nothing is left to be refused."""
        return not +self._refusals

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve, and give the endpoint's URL."""
        async with aiohttp.ClientSession(auto_decompress=False) as upstream:

            async def answer(request: web.Request) -> web.StreamResponse:
                operation = _operation(request)
                self.seen[_name(request)] += 1
                if self._refusals[operation] > 0:
                    self._refusals[operation] -= 1
                    self.refused[operation] += 1
                    if self._status == 0 and request.transport is not None:
                        request.transport.abort()
                    return web.Response(status=self._status or 500)
                return await self._passed_on(request, upstream)

            app = web.Application(client_max_size=2**30)
            app.router.add_route("*", "/{path:.*}", answer)
            runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0)
            await runner.setup()
            try:
                site = web.TCPSite(runner, "127.0.0.1", 0)
                await site.start()
                host, port, *_ = runner.addresses[0]
                yield f"http://{host}:{port}"
            finally:
                await runner.cleanup()

    def _asking(self, operation: str, body: bytes) -> bytes:
        """Return the body of a request as it is passed on."""
        return body

    def _answered(self, operation: str, body: bytes) -> None:
        """Hear the body of an answer."""

    async def _passed_on(self, request: web.Request, upstream: aiohttp.ClientSession) -> web.Response:
        url = URL(f"{self._upstream}{request.raw_path}", encoded=True)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OWN_TO_A_CONNECTION}
        asked = self._asking(_operation(request), await request.read())
        async with upstream.request(request.method, url, headers=headers, data=asked) as response:
            body = await response.read()
            self._answered(_operation(request), body)
            kept = [
                (name, value) for name, value in response.headers.items() if name.lower() not in _OWN_TO_A_CONNECTION
            ]
            return web.Response(status=response.status, body=body, headers=kept)


def _operation(request: web.Request) -> str:
    if target := request.headers.get("X-Amz-Target"):
        return target.rpartition(".")[2]
    return "GetObject" if request.method == "GET" and request.path.count("/") > 1 else "AnyOther"


def _name(request: web.Request) -> str:
    if target := request.headers.get("X-Amz-Target"):
        return f"SQS {target.rpartition('.')[2]}"
    return f"S3 {request.method}"
