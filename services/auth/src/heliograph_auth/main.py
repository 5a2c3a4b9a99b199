"""Composition root of the auth service: `uvicorn --factory heliograph_auth.main:create_app`."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from fastapi import FastAPI

from heliograph.app import ReadinessCheck
from heliograph.app import create_app as create_base_app
from heliograph.audit import DynamoAuditLog
from heliograph.aws import AwsClients, aws_clients
from heliograph.departures import DynamoDepartures
from heliograph.exports import DynamoExportRequests
from heliograph.identity import MethodScopes, Scope, install_identity
from heliograph.logs import configure_logs
from heliograph.rounds import rounds
from heliograph_auth.ceremonies import WebAuthnCeremonies
from heliograph_auth.domain.letters import Letters
from heliograph_auth.dynamodb.accounts import DynamoAccountStore
from heliograph_auth.dynamodb.api_keys import DynamoApiKeyStore
from heliograph_auth.dynamodb.audit import DynamoAuditReader
from heliograph_auth.dynamodb.challenges import DynamoChallengeStore
from heliograph_auth.dynamodb.confirmations import DynamoConfirmationStore
from heliograph_auth.dynamodb.directory import DynamoAccountDirectory
from heliograph_auth.dynamodb.identities import DynamoIdentityStore
from heliograph_auth.dynamodb.invitations import DynamoInvitationStore
from heliograph_auth.dynamodb.leaving import DynamoAccountRemoval
from heliograph_auth.dynamodb.passkeys import DynamoPasskeyStore
from heliograph_auth.dynamodb.second_factors import DynamoSecondFactorStore
from heliograph_auth.dynamodb.sessions import DynamoSessionStore
from heliograph_auth.dynamodb.tries import DynamoTryStore
from heliograph_auth.keyring import KeyringFile, SigningKeys
from heliograph_auth.mail_folder import MailFolder
from heliograph_auth.oidc import OidcClient, OidcProvider
from heliograph_auth.passwords import Argon2Passwords
from heliograph_auth.routes import jwks_router, router
from heliograph_auth.sealing import KeyringSealing
from heliograph_auth.service.accounts import AccountService
from heliograph_auth.service.administration import Administration
from heliograph_auth.service.api_keys import ApiKeyService
from heliograph_auth.service.code_guard import CodeGuard
from heliograph_auth.service.confirmations import ConfirmationService, Writing
from heliograph_auth.service.email_change import Counting, EmailChange
from heliograph_auth.service.exporting import ExportAsking
from heliograph_auth.service.foreign import ForeignSignIn
from heliograph_auth.service.leaving import Leaving
from heliograph_auth.service.mail import Mail, Postbox
from heliograph_auth.service.other_ways import OtherWaysIn
from heliograph_auth.service.passkeys import PasskeyService
from heliograph_auth.service.reauthentication import Reauthentication
from heliograph_auth.service.second_factor import SecondFactorService
from heliograph_auth.service.security_log import SecurityLog
from heliograph_auth.service.sessions import Lifetimes, SessionService
from heliograph_auth.service.sign_in_guard import SignInGuard
from heliograph_auth.ses import SesMail, ses_client
from heliograph_auth.settings import AuthSettings

SCOPES = MethodScopes(read=Scope.ACCOUNT_READ, write=Scope.ACCOUNT_WRITE)

_PROVIDER_SECONDS = 10
"""How long an OpenID provider may take; redirects of it are not followed."""


def _provider(settings: AuthSettings, http: httpx.AsyncClient) -> OidcProvider | None:
    if not settings.oidc_issuer:
        return None
    client = OidcClient(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_secret,
        redirect_uri=f"{settings.public_url.rstrip('/')}/api/v1/tokens/oidc/callback",
        scopes=settings.oidc_scopes,
    )
    return OidcProvider(client, http)


def create_app() -> FastAPI:
    """Return the service; nothing outside it is touched before it starts."""
    settings = AuthSettings()
    configure_logs(service="auth", level=settings.log_level)
    accounts_table, access_table, audit_table = map(settings.table_name, ("accounts", "access", "audit"))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        keyring = KeyringFile(settings.auth_keyring_file)
        signing_keys = SigningKeys(keyring, issuer=settings.token_issuer, audience=settings.token_audience)
        passwords = Argon2Passwords(threads=settings.password_threads)
        lifetimes = Lifetimes(
            access=settings.access_token_lives, refresh=settings.refresh_token_lives, grace=settings.refresh_grace
        )
        async with aws_clients() as aws, AsyncExitStack() as stack:
            stack.callback(passwords.close)
            http = await stack.enter_async_context(httpx.AsyncClient(timeout=_PROVIDER_SECONDS))
            accounts = DynamoAccountStore(aws.dynamodb, table=accounts_table, access_table=access_table)
            audit = DynamoAuditLog(aws.dynamodb, audit_table)
            tries = DynamoTryStore(aws.dynamodb, accounts_table)
            guard = SignInGuard(tries, audit)
            keys = DynamoApiKeyStore(
                aws.dynamodb, table=accounts_table, access_table=access_table, audit_table=audit_table
            )
            factors = DynamoSecondFactorStore(aws.dynamodb, accounts_table)
            challenges = DynamoChallengeStore(aws.dynamodb, accounts_table)
            passkeys = DynamoPasskeyStore(aws.dynamodb, accounts_table)
            identities = DynamoIdentityStore(aws.dynamodb, accounts_table)
            second_factors = SecondFactorService(
                accounts,
                factors,
                challenges,
                passkeys,
                Reauthentication(accounts, passwords, guard),
                CodeGuard(tries),
                KeyringSealing(keyring),
                audit,
            )
            session_store = DynamoSessionStore(aws.dynamodb, table=accounts_table, access_table=access_table)
            sessions = SessionService(
                accounts,
                session_store,
                passwords,
                signing_keys,
                guard,
                second_factors,
                audit,
                lifetimes=lifetimes,
            )
            app.state.account_store = accounts
            app.state.signing_keys = signing_keys
            install_identity(app, settings, keys=signing_keys, dynamodb=aws.dynamodb)
            app.state.session_service = sessions
            _passkeys(
                app,
                WebAuthnCeremonies(settings.passkey_url or settings.public_url),
                accounts,
                passkeys,
                challenges,
                second_factors,
                audit,
            )
            app.state.provider = (settings.oidc_name, settings.public_url.rstrip("/")) if settings.oidc_issuer else None
            app.state.foreign_sign_in = ForeignSignIn(
                accounts,
                identities,
                challenges,
                passwords,
                second_factors,
                audit,
                _provider(settings, http),
                opens_accounts=settings.oidc_opens_accounts,
            )
            app.state.second_factor_service = second_factors
            writing = Writing(await stack.enter_async_context(_mail(settings)), Letters(settings.public_url), Postbox())
            stack.push_async_callback(writing.postbox.emptied)
            app.state.mail = writing.mail
            links = DynamoConfirmationStore(aws.dynamodb, accounts_table)
            app.state.email_changes = EmailChange(
                accounts, links, second_factors, Counting(guard, settings.letters_from_one), audit, writing
            )
            confirmations = ConfirmationService(
                accounts,
                links,
                passwords,
                guard,
                audit,
                writing,
                OtherWaysIn(keys, factors, passkeys, identities),
                app.state.email_changes,
                letters_from_one=settings.letters_from_one,
            )
            app.state.confirmation_service = confirmations
            app.state.account_service = AccountService(
                accounts,
                passwords,
                sessions,
                second_factors,
                guard,
                audit,
                confirmations,
                verification=settings.email_verification,
                registration_is_open=settings.registration_is_open,
                registrations=settings.registrations,
            )
            app.state.api_key_service = ApiKeyService(keys, second_factors, audit)
            app.state.security_log = SecurityLog(log := DynamoAuditReader(aws.dynamodb, audit_table))
            app.state.export_asking = ExportAsking(
                session_store,
                keys,
                log,
                DynamoExportRequests(aws.dynamodb, settings.table_name("exports")),
                signing_keys,
                second_factors,
                audit,
            )
            app.state.leaving = _leaving(settings, aws, second_factors)
            app.state.administration = Administration(
                accounts,
                DynamoAccountDirectory(aws.dynamodb, table=accounts_table, access_table=access_table),
                session_store,
                DynamoInvitationStore(aws.dynamodb, accounts_table),
                app.state.leaving,
                second_factors,
                audit,
            )
            await stack.enter_async_context(_looking(app.state.leaving, settings))
            yield

    app = create_base_app(
        "Heliograph auth",
        description="Accounts, sessions and tokens, and the public keys that prove them.",
        lifespan=lifespan,
        readiness=_readiness,
        scopes=SCOPES,
    )
    app.include_router(router)
    app.include_router(jwks_router)
    return app


def _passkeys(
    app: FastAPI,
    ceremonies: WebAuthnCeremonies,
    accounts: DynamoAccountStore,
    passkeys: DynamoPasskeyStore,
    challenges: DynamoChallengeStore,
    second_factors: SecondFactorService,
    audit: DynamoAuditLog,
) -> None:
    app.state.relying_party = ceremonies.relying_party
    app.state.passkey_service = PasskeyService(accounts, passkeys, challenges, ceremonies, second_factors, audit)


def _leaving(settings: AuthSettings, aws: AwsClients, second_factors: SecondFactorService) -> Leaving:
    tables = {name: settings.table_name(name) for name in ("accounts", "access", "audit", "departures")}
    removal = DynamoAccountRemoval(
        aws.dynamodb,
        table=tables["accounts"],
        access_table=tables["access"],
        audit_table=tables["audit"],
        departures_table=tables["departures"],
    )
    return Leaving(
        removal,
        DynamoDepartures(aws.dynamodb, tables["departures"]),
        second_factors,
        settles_after=settings.departure_settles_after,
    )


@asynccontextmanager
async def _looking(leaving: Leaving, settings: AuthSettings) -> AsyncIterator[None]:
    """Remove what is left of those who leave, as long as the service runs."""
    stopping, every = asyncio.Event(), settings.departures_every
    looking = asyncio.create_task(
        rounds("accounts that leave", leaving.look, stopping, at_start_after=every, after=every, every=every)
    )
    try:
        yield
    finally:
        stopping.set()
        await looking


@asynccontextmanager
async def _mail(settings: AuthSettings) -> AsyncIterator[Mail]:
    if settings.mail == "ses":
        async with ses_client() as ses:
            yield SesMail(ses, sender=settings.mail_sender)
    else:
        yield MailFolder(settings.mail_folder, sender=settings.mail_sender)


def _readiness(app: FastAPI) -> Mapping[str, ReadinessCheck]:
    async def signing_key() -> str:
        return f"{len(app.state.signing_keys.public_jwks())} live"

    return {
        "accounts": app.state.account_store.check,
        "access": app.state.access_records.check,
        "signing_key": signing_key,
        "mail": app.state.mail.check,
    }
