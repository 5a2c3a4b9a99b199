"""What people do with accounts: register, sign in, stay signed in, sign out."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from heliograph.identity import Principal
from heliograph.photos import OwnerId
from heliograph_auth.domain import (
    Account,
    AccountNotFoundError,
    EmailTakenError,
    InvalidEmailError,
    InvalidRefreshTokenError,
    RefreshToken,
    Session,
    TokenPair,
    WrongCredentialsError,
    clean_name,
    email_key,
    new_account_id,
    normalised_email,
    utc_now,
)


class AccountStore(Protocol):
    """Where accounts and sessions are kept. tests/contract/test_account_store.py is its specification."""

    async def create(self, account: Account) -> bool:
        """Store a new account; return False, changing nothing, where its email address is taken."""

    async def get(self, account_id: OwnerId) -> Account | None:
        """Return the account of that id."""

    async def with_email(self, key: str) -> Account | None:
        """Return the account whose address has that `email_key`."""

    async def rename(self, account_id: OwnerId, name: str) -> Account | None:
        """Give an account another name and return it; None where there is no such account."""

    async def begin_session(self, session: Session) -> None:
        """Store a new session."""

    async def session(self, session_id: str) -> Session | None:
        """Return the session of that id; an expired one may or may not be there still."""

    async def rotate_session(self, session: Session, *, expected_digest: str) -> bool:
        """Store `session`; return False, changing nothing, where its current digest is another or it is gone."""

    async def end_session(self, session_id: str) -> None:
        """Forget a session; nothing happens where there is none."""


class Passwords(Protocol):
    """Slow hashing of passwords."""

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


class AccessTokens(Protocol):
    """Signs access tokens."""

    @property
    def refresh_key(self) -> bytes:
        """A secret that all processes of this service share, for `RefreshToken.successor`."""

    def issue(self, principal: Principal, *, now: datetime, lives: timedelta) -> str:
        """Return a signed token that speaks for `principal`."""


@dataclass(frozen=True)
class Lifetimes:
    """How long things are good for.

    `grace` decides a race: the same refresh token sent twice is a thief, or two tabs of one browser, or a client whose
    answer got lost. Within `grace` of its first use it gives the SAME successor again (which is derived, not stored),
    so all honest holders go on with one token; a thief who comes in time holds that one too, and the next refresh of
    the two gives him away. After `grace`, or for an older token, the session ends.
    """

    access: timedelta = timedelta(minutes=10)
    refresh: timedelta = timedelta(days=30)
    grace: timedelta = timedelta(seconds=10)


class AccountService:
    """The use cases of accounts and sessions."""

    def __init__(
        self,
        store: AccountStore,
        passwords: Passwords,
        tokens: AccessTokens,
        *,
        lifetimes: Lifetimes,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._tokens = tokens
        self._lifetimes = lifetimes
        self._clock = clock

    async def register(self, *, email: str, password: str, name: str) -> Account:
        """Open an account.

        Raises:
            InvalidEmailError, InvalidNameError: What was given is none.
            EmailTakenError: Somebody has it, in whatever case.
        """
        address = normalised_email(email)
        account = Account(
            account_id=new_account_id(),
            email=address,
            name=clean_name(name),
            password_hash=await self._passwords.hashed(password),
            created_at=self._clock(),
        )
        if not await self._store.create(account):
            raise EmailTakenError(f"There is an account for {address} already.")
        return account

    async def sign_in(self, *, email: str, password: str) -> TokenPair:
        """Begin a session.

        Raises:
            WrongCredentialsError: No account has this address and password; which of the two, and how long it took
                to find out, is not told.
        """
        try:
            account = await self._store.with_email(email_key(normalised_email(email)))
        except InvalidEmailError:
            account = None
        matches = await self._passwords.match(password, account.password_hash if account else None)
        if account is None or not matches:
            raise WrongCredentialsError
        token = RefreshToken.new()
        now = self._clock()
        session = Session(
            session_id=token.session_id,
            account_id=account.account_id,
            current_digest=token.digest,
            previous_digest="",
            rotated_at=now,
            expires_at=now + self._lifetimes.refresh,
        )
        await self._store.begin_session(session)
        return self._pair(session, token, now)

    async def refresh(self, text: str) -> TokenPair:
        """Spend a refresh token for a new pair; `Lifetimes` says what happens to one that is spent already.

        Raises:
            InvalidRefreshTokenError: Unknown, expired, or spent, and then its session is over.
        """
        token = RefreshToken.parse(text)
        now = self._clock()
        session = await self._store.session(token.session_id)
        if session is None or session.expires_at <= now:
            raise InvalidRefreshTokenError
        successor = token.successor(self._tokens.refresh_key)
        if hmac.compare_digest(session.current_digest, token.digest):
            rotated = session.rotated(successor.digest, now=now, lives=self._lifetimes.refresh)
            if await self._store.rotate_session(rotated, expected_digest=token.digest):
                return self._pair(rotated, successor, now)
            session = await self._store.session(token.session_id)  # another request was faster
        if session is not None and session.repeats_the_last_refresh(token, now=now, grace=self._lifetimes.grace):
            return self._pair(session, successor, now)
        await self._store.end_session(token.session_id)
        raise InvalidRefreshTokenError("The refresh token was used before; the session has ended: sign in again.")

    async def sign_out(self, principal: Principal) -> None:
        """End the caller's session; access tokens already given out stay good until they expire."""
        await self._store.end_session(principal.session_id)

    async def account(self, principal: Principal) -> Account:
        """Return the caller's account.

        Raises:
            AccountNotFoundError: It is gone.
        """
        account = await self._store.get(principal.account_id)
        if account is None:
            raise AccountNotFoundError
        return account

    async def rename(self, principal: Principal, name: str) -> Account:
        """Give the caller another name.

        Raises:
            InvalidNameError: It is none.
            AccountNotFoundError: The account is gone.
        """
        account = await self._store.rename(principal.account_id, clean_name(name))
        if account is None:
            raise AccountNotFoundError
        return account

    def _pair(self, session: Session, token: RefreshToken, now: datetime) -> TokenPair:
        principal = Principal(account_id=session.account_id, session_id=session.session_id)
        access_token = self._tokens.issue(principal, now=now, lives=self._lifetimes.access)
        return TokenPair(access_token, str(token), int(self._lifetimes.access.total_seconds()))
