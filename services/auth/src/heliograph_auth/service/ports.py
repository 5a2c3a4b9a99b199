"""What accounts and sessions need of the world outside."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from heliograph.identity import Principal
from heliograph.photos import OwnerId
from heliograph_auth.domain.accounts import Account
from heliograph_auth.domain.invitations import Invitation
from heliograph_auth.domain.sessions import Session


class AccountStore(Protocol):
    """Where accounts are kept. tests/contract/test_account_store.py is its specification."""

    async def create(self, account: Account, *, invitation: Invitation | None = None) -> bool:
        """Store a new account; return False, changing nothing, where its email address is taken.

        Args:
            account: The account.
            invitation: The one that is used up with it, if it takes one.

        Raises:
            InvalidInvitationError: It is not there any more, not good for that address, or whoever made it is no
                administrator at this moment; nothing has changed.
        """

    async def admits(self, invitation: str, account: Account) -> Invitation | None:
        """Return the invitation of that digest, where it is good now and for that account.

        None is whose maker is no administrator any more, or is closed.
        """

    async def get(self, account_id: OwnerId) -> Account | None:
        """Return the account of that id."""

    async def with_email(self, key: str) -> Account | None:
        """Return the account whose address has that `email_key`; nobody's takes as many requests as somebody's."""

    async def rename(self, account_id: OwnerId, name: str) -> Account | None:
        """Give an account another name and return it; None where there is no such account."""

    async def verify_email(self, account_id: OwnerId, email: str, at: datetime) -> Account | None:
        """Keep that an account's address reaches its holder, and return it; the first time stays.

        None where the account is gone or has another address.
        """

    async def change_email(self, account: Account, email: str, at: datetime) -> Account | None:
        """Give an account another address, which is known to reach its holder, and return it.

        None, changing nothing, where somebody has that address, or the account has changed meanwhile or is gone.
        """

    async def rehash(self, account: Account, password_hash: str) -> bool:
        """Keep another hash of the same password; return False where the password has changed meanwhile."""

    async def change_password(self, account: Account, password_hash: str) -> Account | None:
        """Keep another password's hash and take back everything that was given out for the account before.

        Return the account of the next generation; None, where its password or generation has changed meanwhile or it
        is gone.
        """


class Passwords(Protocol):
    """Slow hashing of passwords, and a judgement of them."""

    async def hashed(self, password: str) -> str:
        """Return the hash of a password, with its salt and parameters.

        Raises:
            TooManySignInsError: Too many are waiting.
        """

    async def match(self, password: str, password_hash: str | None) -> bool:
        """Whether the hash is the password's; None takes as long as any other and is False.

        Raises:
            TooManySignInsError: Too many are waiting.
        """

    def is_outdated(self, password_hash: str) -> bool:
        """Whether passwords are hashed another way today."""

    async def weakness(self, password: str, known_words: Sequence[str]) -> str | None:
        """Return in a sentence why a password is too easy to guess, for someone who knows these words; else None."""


class SessionStore(Protocol):
    """Where sessions are kept. tests/contract/test_session_store.py is its specification."""

    async def begin(self, session: Session) -> None:
        """Store a new session."""

    async def get(self, session_id: str) -> Session | None:
        """Return the session of that id; an expired one may or may not be there still."""

    async def of_account(self, account_id: OwnerId) -> list[Session]:
        """Return an account's sessions, in no order; what was begun or ended a moment ago may be missing or there."""

    async def rotate(self, session: Session, *, expected_digest: str) -> bool:
        """Store `session`; return False, changing nothing, where its current digest is another or it is gone."""

    async def end(self, session_id: str) -> None:
        """Forget a session, and take back its access tokens at once; nothing happens where there is none."""


class AccessTokens(Protocol):
    """Signs access tokens."""

    @property
    def refresh_key(self) -> bytes:
        """A secret that all processes of this service share, for `RefreshToken.successor`."""

    def issue(self, principal: Principal, *, now: datetime, lives: timedelta) -> str:
        """Return a signed token that speaks for `principal`."""
