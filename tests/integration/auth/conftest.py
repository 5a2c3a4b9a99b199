"""Auth in a stack of its own, and a client of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from heliograph.settings import SharedSettings
from heliograph_auth.main import create_app
from tests.integration.auth.ada import running


@pytest.fixture
def environment(stack: SharedSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOGRAPH_STACK_NAME", stack.stack_name)
    monkeypatch.setenv("HELIOGRAPH_AUTH_KEYRING_FILE", str(tmp_path / "auth" / "keyring.json"))
    monkeypatch.setenv("HELIOGRAPH_MAIL_FOLDER", str(tmp_path / "mail"))
    monkeypatch.setenv("HELIOGRAPH_PUBLIC_URL", "https://photos.example.org/")


@pytest.fixture
async def auth(environment: None) -> AsyncIterator[httpx.AsyncClient]:
    async with running(create_app()) as client:
        yield client
