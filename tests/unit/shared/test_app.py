"""What the frame does for every process while it runs."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from heliograph.app import create_app


async def test_the_garbage_collector_passes_over_what_was_there_when_the_process_began_and_only_while_it_runs() -> None:
    opened: list[object] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        opened.append({"a place": opened})
        yield

    app = create_app("test", description="", lifespan=lifespan, readiness=lambda _: {})
    before = gc.get_freeze_count()

    async with app.router.lifespan_context(app):
        assert gc.get_freeze_count() > before
        assert not any(one is opened[0] for one in gc.get_objects())

    assert gc.get_freeze_count() == 0
    assert any(one is opened[0] for one in gc.get_objects())
