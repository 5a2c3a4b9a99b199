"""Routes of what people do by mail.

Links lead to pages of the web app, which send what is in them by POST: programs that look through mail follow links.
"""

from fastapi import APIRouter, Depends

from heliograph.identity import CurrentPrincipal
from heliograph_auth.routes.dependencies import Confirmations, EmailChanges, Visiting, never_cached
from heliograph_auth.schemas.confirmations import Confirm, Confirmed, EmailChangeAsked, Reset, ResetAsked

router = APIRouter(tags=["accounts"], generate_unique_id_function=lambda route: route.name)


@router.post("/verifications", status_code=202, summary="Ask for a letter to confirm your address")
async def ask_for_verification(principal: CurrentPrincipal, confirmations: Confirmations, visit: Visiting) -> None:
    """Send a letter with a link that confirms your address. `409 email-verified` where it is confirmed already."""
    await confirmations.ask_again(principal, visit)


@router.post("/verifications/confirm", summary="Follow a link that confirms", dependencies=[Depends(never_cached)])
async def confirm(body: Confirm, confirmations: Confirmations, visit: Visiting) -> Confirmed:
    """Open the account, or confirm or change the address, that a link stands for.

    `422 invalid-link` where it was followed before, or its time is over; `403 wrong-password` where whoever asked for
    the letter has chosen another; `429 too-many-tries` after many.
    """
    return Confirmed.of(await confirmations.confirm(body.token, body.password, visit))


@router.post("/me/email", status_code=202, summary="Change your address")
async def ask_for_email_change(
    body: EmailChangeAsked, principal: CurrentPrincipal, changes: EmailChanges, visit: Visiting
) -> None:
    """Send a letter with a link to the new address; following it (`POST /verifications/confirm`) changes the address.

    The answer is the same for an address that has an account. The former address is told by letter.
    `403 wrong-password`; `403 code-needed` or `403 wrong-code` where two-step sign-in is on; `409 email-unchanged`;
    `422 invalid-email`; `429 too-many-tries` after several.
    """
    await changes.ask(principal, email=body.email, password=body.password, code=body.code, visit=visit)


@router.post("/password-resets", status_code=202, summary="Forget your password")
async def ask_for_password_reset(body: ResetAsked, confirmations: Confirmations, visit: Visiting) -> None:
    """Send a letter with a link by which a new password can be chosen within half an hour.

    The answer is the same, and as fast, for an address that nobody has. `429 too-many-tries` after several.
    """
    await confirmations.ask_for_reset(body.email, visit)


@router.post("/password-resets/complete", status_code=204, summary="Choose a new password by a link")
async def reset_password(body: Reset, confirmations: Confirmations, visit: Visiting) -> None:
    """Replace the password by a link. Every session ends at once; sign in anew.

    `422 weak-password` where the new one is too easy to guess, `422 invalid-link` where the link was used, its time is
    over, or the password was changed meanwhile.
    """
    await confirmations.reset(body.token, body.new_password, visit)
