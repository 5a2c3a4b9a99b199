"""Composition root of the upload service: `uvicorn --factory heliograph_upload.main:create_app`."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from heliograph.app import ReadinessCheck
from heliograph.app import create_app as create_base_app
from heliograph.aws import aws_clients
from heliograph.identity import KeySet, MethodScopes, Scope, install_identity
from heliograph.logs import configure_logs
from heliograph_upload.domain import UploadLimits
from heliograph_upload.dynamodb import DynamoAdmissionStore
from heliograph_upload.multipart import FORM_OVERHEAD_BYTES
from heliograph_upload.routes import DIRECT_UPLOAD_PATH, router
from heliograph_upload.s3 import S3Originals
from heliograph_upload.service import UploadService
from heliograph_upload.settings import UploadSettings

SCOPES = MethodScopes(read=Scope.UPLOADS_WRITE, write=Scope.UPLOADS_WRITE)


def create_app() -> FastAPI:
    """Return the service; nothing outside it is touched before it starts."""
    settings = UploadSettings()
    configure_logs(service="upload", level=settings.log_level)
    limits = UploadLimits(max_bytes=settings.max_upload_bytes, content_types=settings.upload_content_types)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with aws_clients() as aws, httpx.AsyncClient(timeout=5, trust_env=False) as http:
            store = DynamoAdmissionStore(aws.dynamodb, settings.table_name("photos"))
            originals = S3Originals(
                aws.s3,
                aws.credentials,
                region=aws.region,
                bucket=settings.bucket_name,
                url_lives_seconds=settings.upload_url_seconds,
                storage_class=settings.originals_storage_class,
            )
            app.state.admission_store = store
            install_identity(app, settings, keys=KeySet(settings.jwks_url, http), dynamodb=aws.dynamodb)
            app.state.upload_limits = limits
            app.state.s3_base_url = settings.s3_base_url(aws.region)
            app.state.upload_service = UploadService(store, originals, limits=limits)
            yield

    app = create_base_app(
        "Heliograph upload",
        description="Admission of new photos: duplicates, presigned uploads, direct upload.",
        lifespan=lifespan,
        readiness=_readiness,
        scopes=SCOPES,
        body_limits_bytes={DIRECT_UPLOAD_PATH: settings.max_upload_bytes + FORM_OVERHEAD_BYTES},
    )
    app.include_router(router)
    return app


def _readiness(app: FastAPI) -> Mapping[str, ReadinessCheck]:
    async def public_keys() -> str:
        await app.state.token_verifier.keys.refresh()
        return "auth's public keys"

    return {
        "photos": app.state.admission_store.check,
        "access": app.state.access_records.check,
        "public_keys": public_keys,
    }
