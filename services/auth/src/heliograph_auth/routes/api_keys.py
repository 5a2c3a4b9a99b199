"""Routes of API keys."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from heliograph.identity import CurrentPrincipal
from heliograph_auth.routes.dependencies import Keys, Visiting, never_cached
from heliograph_auth.schemas.api_keys import ApiKeyCreate, ApiKeyMade, ApiKeyResponse, ApiKeysResponse

router = APIRouter(tags=["api keys"], generate_unique_id_function=lambda route: route.name)


@router.get("/api-keys", summary="Your API keys")
async def list_api_keys(principal: CurrentPrincipal, keys: Keys) -> ApiKeysResponse:
    """List your keys, the newest first. One that was made or revoked a moment ago may not show yet."""
    return ApiKeysResponse(api_keys=[ApiKeyResponse.of(key) for key in await keys.keys(principal)])


@router.post("/api-keys", status_code=201, summary="Make an API key", dependencies=[Depends(never_cached)])
async def create_api_key(body: ApiKeyCreate, principal: CurrentPrincipal, keys: Keys, visit: Visiting) -> ApiKeyMade:
    """Make a key for a program. It can do what its scopes say, and never more than you; no key can make keys.

    The key itself is in this answer and nowhere else: only its hash is kept. `403 wrong-password`; `403 code-needed`
    or `403 wrong-code` where two-step sign-in is on; `429` after too many of those.
    """
    lives = timedelta(days=body.expires_in_days) if body.expires_in_days else None
    key, secret = await keys.make(
        principal,
        name=body.name,
        scopes=body.scopes,
        lives=lives,
        password=body.password,
        code=body.code,
        visit=visit,
    )
    return ApiKeyMade.made(key, secret)


@router.delete("/api-keys/{key_id}", status_code=204, summary="Revoke an API key")
async def revoke_api_key(
    key_id: Annotated[str, Path(max_length=64)], principal: CurrentPrincipal, keys: Keys, visit: Visiting
) -> None:
    """Revoke a key: from now on no service takes it. `404` where you have none of that id."""
    await keys.revoke(principal, key_id, visit)
