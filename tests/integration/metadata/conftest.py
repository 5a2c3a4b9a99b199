"""Fixtures of the metadata service's HTTP API over the real tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI

from heliograph.aws import AwsClients
from heliograph.identity import Principal, TokenVerifier
from heliograph.photos import OwnerId
from heliograph.settings import SharedSettings
from heliograph_auth.signing import SigningKey
from heliograph_metadata.main import create_app
from tests.builders import OWNER
from tests.integration.metadata.library import STRANGER, Caller, Shelf


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[FastAPI]:
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def app(stack: SharedSettings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    monkeypatch.setenv("HELIOGRAPH_STACK_NAME", stack.stack_name)
    async with running(create_app()) as app:
        yield app


@pytest.fixture
def key(app: FastAPI) -> SigningKey:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key = SigningKey(pem, issuer="heliograph", audience="heliograph-api")
    app.state.token_verifier = TokenVerifier(key, issuer="heliograph", audience="heliograph-api")
    return key


@asynccontextmanager
async def calling(app: FastAPI, key: SigningKey, account_id: OwnerId) -> AsyncIterator[Caller]:
    principal = Principal(account_id=account_id, session_id="session")
    token = key.issue(principal, now=datetime.now(UTC), lives=timedelta(minutes=10))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://photos.test:8080") as http:
        yield Caller(http, token)


@pytest.fixture
async def owner(app: FastAPI, key: SigningKey) -> AsyncIterator[Caller]:
    async with calling(app, key, OWNER) as caller:
        yield caller


@pytest.fixture
async def stranger(app: FastAPI, key: SigningKey) -> AsyncIterator[Caller]:
    async with calling(app, key, STRANGER) as caller:
        yield caller


@pytest.fixture
def shelf(aws: AwsClients, stack: SharedSettings) -> Shelf:
    return Shelf(aws, stack)
