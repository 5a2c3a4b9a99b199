"""The HTTP API of accounts, sessions and tokens."""

from fastapi import APIRouter

from heliograph.problems import PROBLEM_RESPONSES
from heliograph_auth.routes import (
    accounts,
    administration,
    api_keys,
    confirmations,
    exporting,
    foreign,
    leaving,
    passkeys,
    second_factor,
    security_log,
    sessions,
    sign_in_ways,
)
from heliograph_auth.routes.jwks import router as jwks_router

router = APIRouter(prefix="/api/v1", responses=PROBLEM_RESPONSES)
for part in (
    accounts,
    confirmations,
    sessions,
    second_factor,
    passkeys,
    foreign,
    sign_in_ways,
    api_keys,
    security_log,
    exporting,
    leaving,
    administration,
):
    router.include_router(part.router)

__all__ = ["jwks_router", "router"]
