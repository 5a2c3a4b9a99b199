"""What people do with sessions: sign in, stay signed in, see where they are signed in, sign out."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.identity import EVERYTHING, Principal, Scope
from heliograph.photos import OwnerId
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, email_key, normalised_email, utc_now
from heliograph_auth.domain.errors import (
    AccountClosedError,
    InvalidEmailError,
    InvalidRefreshTokenError,
    SessionNotFoundError,
    WrongCredentialsError,
)
from heliograph_auth.domain.sessions import LONGEST_LIFE, MOST_SESSIONS, RefreshToken, Session, TokenPair
from heliograph_auth.service.ports import AccessTokens, AccountStore, Passwords, SessionStore
from heliograph_auth.service.second_factor import SecondFactorService, SecondStep
from heliograph_auth.service.sign_in_guard import SignInGuard


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
    longest: timedelta = LONGEST_LIFE
    """From a session's beginning, however often it is refreshed."""


class SessionService:
    """The use cases of sessions."""

    def __init__(
        self,
        accounts: AccountStore,
        store: SessionStore,
        passwords: Passwords,
        tokens: AccessTokens,
        guard: SignInGuard,
        second_factors: SecondFactorService,
        audit: AuditLog,
        *,
        lifetimes: Lifetimes,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._accounts = accounts
        self._store = store
        self._passwords = passwords
        self._tokens = tokens
        self._guard = guard
        self._second_factors = second_factors
        self._audit = audit
        self._lifetimes = lifetimes
        self._clock = clock

    async def sign_in(self, *, email: str, password: str, visit: Visit) -> TokenPair | SecondStep:
        """Begin a session; or say what its second step is made with, where the password alone is not enough.

        Raises:
            SignInsThrottledError: Too many wrong passwords came before, for this account or from this address.
            WrongCredentialsError: No account has this address and password; which of the two, and how long it took
                to find out, is not told.
        """
        try:
            address = normalised_email(email)
        except InvalidEmailError:
            address = email
        async with self._guard.attempt(address, visit) as attempt:
            account = await self._accounts.with_email(email_key(address))
            matches = await self._passwords.match(password, account.password_hash if account else None)
            if account is None or not matches:
                await attempt.failed(account)
                raise WrongCredentialsError
            await attempt.succeeded()
        if self._passwords.is_outdated(account.password_hash):
            await self._accounts.rehash(account, await self._passwords.hashed(password))
        return await self._second_factors.asked(account, visit) or await self.begin(account, visit)

    async def sign_in_second(self, *, challenge: str, code: str, visit: Visit) -> TokenPair:
        """Begin a session by the second step.

        Raises:
            InvalidChallengeError, CodesThrottledError, WrongSecondStepError: See `SecondFactorService.passed`.
        """
        return await self.begin(await self._second_factors.passed(challenge, code, visit), visit)

    async def begin(self, account: Account, visit: Visit) -> TokenPair:
        """Begin a session for somebody who has proved in full who they are."""
        alive = sorted(await self._store.of_account(account.account_id), key=lambda session: session.rotated_at)
        for session in alive[: max(0, len(alive) - MOST_SESSIONS + 1)]:
            await self._store.end(session.session_id)
        pair = await self._begin(account, visit)
        await self._record(account.account_id, AuditKind.SIGNED_IN, visit)
        return pair

    async def begin_alone(self, account: Account, visit: Visit) -> TokenPair:
        """Begin a session of an account whose earlier ones are good for nothing any more, and forget those."""
        for session in await self._store.of_account(account.account_id):
            await self._store.end(session.session_id)
        return await self._begin(account, visit)

    async def refresh(self, text: str, visit: Visit) -> TokenPair:
        """Spend a refresh token for a new pair; `Lifetimes` says what happens to one that is spent already.

        Raises:
            InvalidRefreshTokenError: Unknown, expired, taken back, or spent, and then its session is over.
        """
        token = RefreshToken.parse(text)
        now = self._clock()
        session = await self._store.get(token.session_id)
        if session is None or session.expires_at <= now:
            raise InvalidRefreshTokenError
        account = await self._accounts.get(session.account_id)
        if account is None or session.generation < account.generation:
            await self._store.end(session.session_id)
            raise InvalidRefreshTokenError("The session has ended: sign in again.")
        successor = token.successor(self._tokens.refresh_key)
        if hmac.compare_digest(session.current_digest, token.digest):
            rotated = session.rotated(
                successor.digest,
                now=now,
                lives=self._lifetimes.refresh,
                longest=self._lifetimes.longest,
                address=visit.address,
            )
            if await self._store.rotate(rotated, expected_digest=token.digest):
                return self._pair(rotated, successor, now, account)
            latest = await self._store.get(token.session_id)  # another request was faster
            if latest is None:
                raise InvalidRefreshTokenError
            session = latest
        if session.repeats_the_last_refresh(token, now=now, grace=self._lifetimes.grace):
            return self._pair(session, successor, now, account)
        await self._store.end(token.session_id)
        await self._record(session.account_id, AuditKind.TOKEN_REUSED, visit, device=session.device)
        raise InvalidRefreshTokenError("The refresh token was used before; the session has ended: sign in again.")

    async def sign_out(self, principal: Principal, visit: Visit) -> None:
        """End the caller's session, with its access tokens."""
        await self._store.end(principal.session_id)
        await self._record(principal.account_id, AuditKind.SIGNED_OUT, visit)

    async def sessions(self, principal: Principal) -> list[Session]:
        """Return the caller's sessions that are alive, the one used last first."""
        now = self._clock()
        found = await self._store.of_account(principal.account_id)
        alive = [each for each in found if each.expires_at > now and each.generation >= principal.generation]
        return sorted(alive, key=lambda session: session.rotated_at, reverse=True)

    async def end_session(self, principal: Principal, session_id: str, visit: Visit) -> None:
        """End one of the caller's sessions, with its access tokens.

        Raises:
            SessionNotFoundError: The caller has none of that id.
        """
        session = await self._store.get(session_id)
        if session is None or session.account_id != principal.account_id:
            raise SessionNotFoundError
        await self._store.end(session_id)
        await self._record(principal.account_id, AuditKind.SESSION_ENDED, visit, about={"session": session.device})

    async def _begin(self, account: Account, visit: Visit) -> TokenPair:
        if account.is_closed:
            raise AccountClosedError
        token = RefreshToken.new()
        now = self._clock()
        session = Session(
            session_id=token.session_id,
            account_id=account.account_id,
            current_digest=token.digest,
            previous_digest="",
            rotated_at=now,
            expires_at=now + self._lifetimes.refresh,
            started_at=now,
            device=visit.device,
            address=visit.address,
            generation=account.generation,
        )
        await self._store.begin(session)
        return self._pair(session, token, now, account)

    async def _record(
        self,
        account_id: OwnerId,
        kind: AuditKind,
        visit: Visit,
        *,
        device: str = "",
        about: dict[str, str] | None = None,
    ) -> None:
        await self._audit.record(
            AuditEvent(account_id, self._clock(), kind, visit.address, device or visit.device, about or {})
        )

    def _pair(self, session: Session, token: RefreshToken, now: datetime, account: Account) -> TokenPair:
        principal = Principal(
            account_id=session.account_id,
            session_id=session.session_id,
            scopes=EVERYTHING | {Scope.ADMIN} if account.is_admin else EVERYTHING,
            generation=session.generation,
        )
        access_token = self._tokens.issue(principal, now=now, lives=self._lifetimes.access)
        return TokenPair(
            access_token, str(token), int(self._lifetimes.access.total_seconds()), session.expires_at - now
        )
