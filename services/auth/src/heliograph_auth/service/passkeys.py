"""What people do with passkeys: register one, sign in with it, name and remove it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.identity import Principal
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, utc_now
from heliograph_auth.domain.challenges import LIVES, Challenge, InvalidChallengeError, Purpose, digest_of, new_secret
from heliograph_auth.domain.passkeys import (
    MAX_CREDENTIAL_ID_BYTES,
    MAX_PASSKEYS,
    MAX_PUBLIC_KEY_BYTES,
    InvalidPasskeyError,
    Passkey,
    PasskeyNotFoundError,
    PasskeyTakenError,
    RefusedPasskeyError,
    TooManyPasskeysError,
    Wire,
    clean_passkey_name,
    passkey_id_of,
)
from heliograph_auth.service.passkey_store import PasskeyStore
from heliograph_auth.service.ports import AccountStore
from heliograph_auth.service.second_factor import SecondFactorService
from heliograph_auth.service.second_factor_ports import ChallengeStore


@dataclass(frozen=True)
class Registered:
    """What an authenticator has made."""

    credential_id: str
    public_key: bytes
    sign_count: int


@dataclass(frozen=True)
class Offered:
    """What somebody who signs in says before it is believed."""

    credential_id: str
    challenge: str


class Ceremonies(Protocol):
    """The words of the WebAuthn standard, for one site."""

    def registration_options(self, account: Account, challenge: str, others: list[Passkey]) -> Wire:
        """Return what a browser makes a passkey by, on an authenticator that has none of `others`."""

    def sign_in_options(self, challenge: str, allowed: list[Passkey]) -> Wire:
        """Return what a browser signs in by: with one of those, or with any of this site where there are none."""

    def offered(self, credential: Wire) -> Offered:
        """Return what a credential says of itself; raise `InvalidPasskeyError` where it can't be read."""

    def registered(self, credential: Wire, challenge: str) -> Registered:
        """Return what was made for this site and this challenge, by somebody whom the authenticator knows.

        Raises:
            RefusedPasskeyError: It was not.
        """

    def sign_count(self, credential: Wire, challenge: str, passkey: Passkey) -> int:
        """Return how often the authenticator has signed, which has signed this challenge with that passkey.

        Raises:
            InvalidPasskeyError: It has not; or for another site, or for somebody whom it doesn't know.
        """


class PasskeyService:
    """The use cases of passkeys."""

    def __init__(
        self,
        accounts: AccountStore,
        store: PasskeyStore,
        challenges: ChallengeStore,
        ceremonies: Ceremonies,
        second_factors: SecondFactorService,
        audit: AuditLog,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._accounts = accounts
        self._store = store
        self._challenges = challenges
        self._ceremonies = ceremonies
        self._second_factors = second_factors
        self._audit = audit
        self._clock = clock

    async def begin_registration(self, principal: Principal, *, password: str, code: str | None, visit: Visit) -> Wire:
        """Return what a browser makes a passkey by.

        Raises:
            WrongPasswordError, SignInsThrottledError: As in `Reauthentication.account`.
            CodeNeededError, WrongCodeError, CodesThrottledError: With a second factor a code is needed as well, since a
                passkey signs in without.
            TooManyPasskeysError: There are enough.
        """
        account = await self._second_factors.proven(principal, password=password, code=code, visit=visit)
        others = await self._store.of_account(account.account_id)
        if len(others) >= MAX_PASSKEYS:
            raise TooManyPasskeysError
        secret = await self._challenge(Purpose.PASSKEY_REGISTRATION, account)
        return self._ceremonies.registration_options(account, secret, others)

    async def register(self, principal: Principal, *, credential: Wire, name: str, visit: Visit) -> Passkey:
        """Keep the passkey that a browser has made.

        Raises:
            InvalidPasskeyNameError: The name is none.
            InvalidChallengeError: It was made for somebody else, too long ago, or is here already.
            RefusedPasskeyError: It is no passkey for this site, or of somebody whom the authenticator doesn't know.
            PasskeyTakenError: It is somebody's already.
        """
        cleaned = clean_passkey_name(name)
        offered = self._ceremonies.offered(credential)
        kept = await self._challenges.get(digest_of(offered.challenge))
        if kept is None or (kept.account_id, kept.generation) != (principal.account_id, principal.generation):
            raise InvalidChallengeError  # and somebody else's is not spent
        await self._taken(offered, Purpose.PASSKEY_REGISTRATION)
        made = self._ceremonies.registered(credential, offered.challenge)
        if len(made.credential_id) > 4 * MAX_CREDENTIAL_ID_BYTES // 3 or len(made.public_key) > MAX_PUBLIC_KEY_BYTES:
            raise RefusedPasskeyError("Its id or its key is longer than any authenticator makes them.")
        passkey = Passkey(
            made.credential_id, principal.account_id, made.public_key, made.sign_count, cleaned, self._clock()
        )
        if not await self._store.add(passkey):
            raise PasskeyTakenError
        await self._record(AuditKind.PASSKEY_ADDED, passkey, visit)
        return passkey

    async def passkeys(self, principal: Principal) -> list[Passkey]:
        """Return the caller's passkeys, the newest first."""
        found = await self._store.of_account(principal.account_id)
        return sorted(found, key=lambda passkey: passkey.created_at, reverse=True)

    async def rename(self, principal: Principal, passkey_id: str, name: str) -> Passkey:
        """Give one of the caller's passkeys another name.

        Raises:
            InvalidPasskeyNameError: It is none.
            PasskeyNotFoundError: The caller has none of that id.
        """
        passkey = await self._own(principal, passkey_id)
        renamed = replace(passkey, name=clean_passkey_name(name))
        if not await self._store.replace(renamed, expected=passkey):
            raise PasskeyNotFoundError("The passkey was used or removed just now; look again.")
        return renamed

    async def remove(
        self, principal: Principal, passkey_id: str, *, password: str, code: str | None, visit: Visit
    ) -> None:
        """Remove one of the caller's passkeys: it signs nobody in any more.

        Raises:
            PasskeyNotFoundError: The caller has none of that id.
            WrongPasswordError, CodeNeededError, WrongCodeError and others: See `SecondFactorService.proven`.
        """
        passkey = await self._own(principal, passkey_id)
        await self._second_factors.proven(principal, password=password, code=code, visit=visit)
        await self._store.remove(passkey_id)
        await self._record(AuditKind.PASSKEY_REMOVED, passkey, visit)

    async def begin_sign_in(self, second_step: str | None) -> Wire:
        """Return what a browser signs in by: with any passkey, or as the second step after a password.

        Raises:
            InvalidChallengeError: The second step is none, or too old.
        """
        if second_step is None:
            return self._ceremonies.sign_in_options(await self._challenge(Purpose.PASSKEY_SIGN_IN), [])
        account = await self._second_factors.account_at(second_step)
        allowed = await self._store.of_account(account.account_id)
        secret = await self._challenge(Purpose.PASSKEY_SIGN_IN, account, second_step=second_step)
        return self._ceremonies.sign_in_options(secret, allowed)

    async def signed_in(self, credential: Wire, visit: Visit) -> Account:
        """Return whose passkey has signed.

        Raises:
            InvalidPasskeyError: It is nobody's, not good for this, or a copy.
            InvalidChallengeError: It has signed something old, or something that was used.
        """
        offered = self._ceremonies.offered(credential)
        taken = await self._taken(offered, Purpose.PASSKEY_SIGN_IN)
        passkey = await self._store.get(passkey_id_of(offered.credential_id))
        if passkey is None or (taken.account_id is not None and taken.account_id != passkey.account_id):
            raise InvalidPasskeyError
        sign_count = self._ceremonies.sign_count(credential, offered.challenge, passkey)
        account = await self._accounts.get(passkey.account_id)
        if account is None or (taken.account_id is not None and taken.generation != account.generation):
            raise InvalidPasskeyError
        used = replace(passkey, sign_count=sign_count, last_used_at=self._clock())
        if not passkey.may_follow(sign_count) or not await self._store.replace(used, expected=passkey):
            await self._record(AuditKind.PASSKEY_REFUSED, passkey, visit)
            raise InvalidPasskeyError("This passkey has been copied, or was used twice at once: it signs nobody in.")
        if second_step := taken.notes.get("second_step"):
            await self._second_factors.take(second_step)
        return account

    async def _own(self, principal: Principal, passkey_id: str) -> Passkey:
        passkey = await self._store.get(passkey_id)
        if passkey is None or passkey.account_id != principal.account_id:
            raise PasskeyNotFoundError
        return passkey

    async def _challenge(self, purpose: Purpose, account: Account | None = None, **notes: str) -> str:
        secret = new_secret()
        notes = {name: digest_of(value) for name, value in notes.items()}
        await self._challenges.keep(
            Challenge(
                digest_of(secret),
                purpose,
                self._clock() + LIVES,
                account.account_id if account else None,
                account.generation if account else 0,
                notes,
            )
        )
        return secret

    async def _taken(self, offered: Offered, purpose: Purpose) -> Challenge:
        taken = await self._challenges.take(digest_of(offered.challenge))
        if taken is None or not taken.is_good_for(purpose, self._clock()):
            raise InvalidChallengeError
        return taken

    async def _record(self, kind: AuditKind, passkey: Passkey, visit: Visit) -> None:
        about = {"name": passkey.name}
        event = AuditEvent(passkey.account_id, self._clock(), kind, visit.address, visit.device, about)
        await self._audit.record(event)
