"""The route of the public keys."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from heliograph_auth.schemas.jwks import JsonWebKey, JsonWebKeySet

router = APIRouter(generate_unique_id_function=lambda route: route.name)


def _public_jwks(request: Request) -> list[JsonWebKey]:
    return [JsonWebKey.model_validate(key) for key in request.app.state.signing_keys.public_jwks()]


@router.get("/.well-known/jwks.json", tags=["sessions"], summary="Public keys")
async def get_jwks(keys: Annotated[list[JsonWebKey], Depends(_public_jwks)], response: Response) -> JsonWebKeySet:
    """Return the keys that prove access tokens (RFC 7517): those that sign, that will, and that did until just now."""
    response.headers["Cache-Control"] = "public, max-age=30"
    return JsonWebKeySet(keys=keys)
