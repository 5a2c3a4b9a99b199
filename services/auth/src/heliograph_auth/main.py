"""Composition root of the auth service: `uvicorn --factory heliograph_auth.main:create_app`."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI

from heliograph.app import ReadinessCheck
from heliograph.app import create_app as create_base_app
from heliograph.aws import aws_clients
from heliograph.identity import TokenVerifier
from heliograph.logs import configure_logs
from heliograph_auth.dynamodb import DynamoAccountStore
from heliograph_auth.passwords import Argon2Passwords
from heliograph_auth.routes import jwks_router, router
from heliograph_auth.service import AccountService, Lifetimes
from heliograph_auth.settings import AuthSettings
from heliograph_auth.signing import SigningKey, signing_key_pem


def create_app() -> FastAPI:
    """Return the service; nothing outside it is touched before it starts."""
    settings = AuthSettings()
    configure_logs(service="auth", level=settings.log_level)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        signing_key = SigningKey(
            signing_key_pem(settings.auth_signing_key_file),
            issuer=settings.token_issuer,
            audience=settings.token_audience,
        )
        passwords = Argon2Passwords(threads=settings.password_threads)
        lifetimes = Lifetimes(
            access=settings.access_token_lives, refresh=settings.refresh_token_lives, grace=settings.refresh_grace
        )
        async with aws_clients() as aws:
            app.state.account_store = DynamoAccountStore(aws.dynamodb, settings.table_name("accounts"))
            app.state.signing_key = signing_key
            app.state.token_verifier = TokenVerifier(
                signing_key, issuer=settings.token_issuer, audience=settings.token_audience
            )
            app.state.account_service = AccountService(
                app.state.account_store, passwords, signing_key, lifetimes=lifetimes
            )
            try:
                yield
            finally:
                passwords.close()

    app = create_base_app(
        "Heliograph auth",
        description="Accounts, sessions and tokens, and the public keys that prove them.",
        lifespan=lifespan,
        readiness=_readiness,
    )
    app.include_router(router)
    app.include_router(jwks_router)
    return app


def _readiness(app: FastAPI) -> Mapping[str, ReadinessCheck]:
    async def signing_key() -> str:
        return str(app.state.signing_key.key_id)

    return {"accounts": app.state.account_store.check, "signing_key": signing_key}
