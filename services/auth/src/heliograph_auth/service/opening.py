"""How an account begins, whoever opens it."""

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account
from heliograph_auth.domain.errors import EmailTakenError, InvalidInvitationError
from heliograph_auth.service.ports import AccountStore


async def opened(
    account: Account, store: AccountStore, audit: AuditLog, visit: Visit, *, invitation: str = ""
) -> Account:
    """Store a new account, and begin its security log; whoever invited its holder finds that in theirs.

    Raises:
        EmailTakenError: Somebody has its address, in whatever case.
        InvalidInvitationError: There is no invitation of that digest for it, or its maker is no administrator.
    """
    invited = await store.admits(invitation, account) if invitation else None
    if invitation and invited is None:
        raise InvalidInvitationError
    if not await store.create(account, invitation=invited):
        raise EmailTakenError(f"There is an account for {account.email} already.")
    at = account.created_at
    await audit.record(AuditEvent(account.account_id, at, AuditKind.ACCOUNT_OPENED, visit.address, visit.device))
    if invited:
        about = {"name": invited.note, "account": account.account_id}
        await audit.record(AuditEvent(invited.made_by, at, AuditKind.REGISTRATION_INVITATION_USED, about=about))
    return account
