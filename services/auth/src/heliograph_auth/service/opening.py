"""How an account begins, whoever opens it."""

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account
from heliograph_auth.domain.errors import EmailTakenError
from heliograph_auth.service.ports import AccountStore


async def opened(
    account: Account, store: AccountStore, audit: AuditLog, visit: Visit, *, invitation: str = ""
) -> Account:
    """Store a new account, and begin its security log.

    Raises:
        EmailTakenError: Somebody has its address, in whatever case.
        InvalidInvitationError: There is no invitation of that digest for it.
    """
    if not await store.create(account, invitation=invitation or None):
        raise EmailTakenError(f"There is an account for {account.email} already.")
    await audit.record(
        AuditEvent(account.account_id, account.created_at, AuditKind.ACCOUNT_OPENED, visit.address, visit.device)
    )
    return account
