"""The route of deleting one's account."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from heliograph.identity import CurrentPrincipal
from heliograph_auth.routes.cookie import Cookie
from heliograph_auth.routes.dependencies import Visiting, never_cached
from heliograph_auth.schemas.second_factor import Proof
from heliograph_auth.service.leaving import Leaving

router = APIRouter(tags=["accounts"], generate_unique_id_function=lambda route: route.name)


def _leaving(request: Request) -> Leaving:
    leaving: Leaving = request.app.state.leaving
    return leaving


@router.post("/me/deletion", status_code=202, summary="Delete your account", dependencies=[Depends(never_cached)])
async def delete_account(
    body: Proof,
    principal: CurrentPrincipal,
    leaving: Annotated[Leaving, Depends(_leaving)],
    cookie: Cookie,
    visit: Visiting,
) -> None:
    """Delete the account with all that is in it; nothing of it can be had back.

    At once nobody can sign in, every session and API key ends, links and shared albums of yours show nothing, and
    the address is free. Photos and all else are removed from then on, which takes from seconds to some minutes.

    `403 wrong-password`; `403 code-needed` or `403 wrong-code` where two-step sign-in is on; `429` after too many of
    those.
    """
    await leaving.delete(principal, password=body.password, code=body.code, visit=visit)
    cookie.drop()
