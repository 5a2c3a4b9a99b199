"""The route that says how one can sign in here."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from heliograph_auth.schemas.passkeys import PasskeysHere, ProviderHere, SignInWays

router = APIRouter(tags=["sessions"], generate_unique_id_function=lambda route: route.name)


def _ways(request: Request) -> SignInWays:
    site: tuple[str, str] | None = request.app.state.relying_party
    provider: tuple[str, str] | None = request.app.state.provider
    return SignInWays(
        passkeys=PasskeysHere(origin=site[1]) if site else None,
        provider=ProviderHere(name=provider[0], origin=provider[1]) if provider else None,
    )


@router.get("/tokens/ways", summary="How to sign in")
async def get_sign_in_ways(ways: Annotated[SignInWays, Depends(_ways)]) -> SignInWays:
    """Return what there is here besides a password."""
    return ways
