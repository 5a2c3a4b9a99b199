"""What people do with a second factor: turn it on and off, use its codes at sign-in, get new recovery codes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from heliograph.audit import AuditEvent, AuditKind, AuditLog
from heliograph.errors import UnavailableError
from heliograph.identity import Principal
from heliograph.photos import OwnerId
from heliograph.visits import Visit
from heliograph_auth.domain.accounts import Account, utc_now
from heliograph_auth.domain.challenges import LIVES, Challenge, InvalidChallengeError, Purpose, digest_of, new_secret
from heliograph_auth.domain.passkeys import CodeNeededError
from heliograph_auth.domain.second_factor import (
    SecondFactor,
    SecondFactorChangedError,
    SecondFactorOffError,
    SecondFactorOnError,
    WrongCodeError,
    WrongSecondStepError,
    is_app_code,
    new_recovery_codes,
    new_totp_secret,
    otpauth_uri,
    plain_code,
    recovery_digest,
    step_of,
)
from heliograph_auth.service.code_guard import CodeGuard
from heliograph_auth.service.passkey_store import PasskeyStore
from heliograph_auth.service.ports import AccountStore
from heliograph_auth.service.reauthentication import Reauthentication
from heliograph_auth.service.second_factor_ports import ChallengeStore, Sealing, SecondFactorStore

_RACES: Final = 4
"""How often a code is looked at again because another one was used at the same moment."""


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs, told this once."""

    secret: str
    uri: str

    def __repr__(self) -> str:
        return "Enrolment(…)"


@dataclass(frozen=True)
class SecondStep:
    """A right password was not enough: what the second step is made with."""

    challenge: str
    has_passkeys: bool = False
    """Whether one of those would do as well."""
    lives: timedelta = LIVES

    def __repr__(self) -> str:
        return "SecondStep(…)"


class SecondFactorService:
    """The use cases of second factors."""

    def __init__(
        self,
        accounts: AccountStore,
        store: SecondFactorStore,
        challenges: ChallengeStore,
        passkeys: PasskeyStore,
        reauthentication: Reauthentication,
        guard: CodeGuard,
        sealing: Sealing,
        audit: AuditLog,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._accounts = accounts
        self._store = store
        self._challenges = challenges
        self._passkeys = passkeys
        self._reauthentication = reauthentication
        self._guard = guard
        self._sealing = sealing
        self._audit = audit
        self._clock = clock

    async def of(self, account_id: OwnerId) -> SecondFactor | None:
        """Return an account's second factor, where it is on."""
        factor = await self._store.get(account_id)
        return factor if factor and factor.is_on else None

    async def begin(self, principal: Principal, *, password: str, visit: Visit) -> Enrolment:
        """Make a secret for an authenticator app. Nothing is asked at sign-in before a first code has come from it.

        Raises:
            WrongPasswordError, SignInsThrottledError: As in `Reauthentication.account`.
            SecondFactorOnError: There is one.
        """
        account = await self._reauthentication.account(principal, password, visit)
        before = await self._store.get(account.account_id)
        if before and before.is_on:
            raise SecondFactorOnError
        secret = new_totp_secret()
        sealed = self._sealing.sealed(secret.encode(), whose=account.account_id)
        version = before.version + 1 if before else 1
        begun = SecondFactor(account.account_id, sealed, self._clock(), version=version)
        if not await self._store.replace(begun, expected=before):
            raise SecondFactorChangedError
        return Enrolment(secret, otpauth_uri(secret, account.email))

    async def turn_on(self, principal: Principal, *, code: str, visit: Visit) -> list[str]:
        """Turn it on by a first code, and return the recovery codes, which are told this once.

        Raises:
            SecondFactorOnError, SecondFactorOffError: It is on, or was not begun.
            CodesThrottledError: Too many wrong codes came before.
            WrongCodeError: The code is not the app's.
        """
        begun = await self._store.get(principal.account_id)
        if begun and begun.is_on:
            raise SecondFactorOnError
        if begun is None or not begun.is_begun(self._clock()):
            raise SecondFactorOffError
        await self._guard.attempt(principal.account_id)
        step = step_of(self._secret_of(begun), plain_code(code), self._clock())
        if step is None:
            raise WrongCodeError
        codes = new_recovery_codes()
        on = begun.turned_on(step, _digests(principal.account_id, codes), self._clock())
        if not await self._store.replace(on, expected=begun):
            raise SecondFactorChangedError
        await self._guard.succeeded(principal.account_id)
        await self._record(principal.account_id, AuditKind.SECOND_FACTOR_ON, visit)
        return codes

    async def renew_recovery_codes(self, principal: Principal, *, password: str, code: str, visit: Visit) -> list[str]:
        """Return new recovery codes; those from before are good for nothing any more.

        Raises:
            See `turn_off`.
        """
        factor = await self._proven(principal, password, code, visit)
        codes = new_recovery_codes()
        renewed = factor.with_recovery_codes(_digests(principal.account_id, codes))
        if not await self._store.replace(renewed, expected=factor):
            raise SecondFactorChangedError
        await self._record(principal.account_id, AuditKind.RECOVERY_CODES_MADE, visit)
        return codes

    async def turn_off(self, principal: Principal, *, password: str, code: str, visit: Visit) -> None:
        """Turn it off, for somebody who has the password and a code.

        Raises:
            WrongPasswordError, SignInsThrottledError: As in `Reauthentication.account`.
            SecondFactorOffError: It is off.
            CodesThrottledError, WrongCodeError: The code is not taken yet, or not good.
        """
        if not await self._store.remove(await self._proven(principal, password, code, visit)):
            raise SecondFactorChangedError
        await self._record(principal.account_id, AuditKind.SECOND_FACTOR_OFF, visit)

    async def asked(self, account: Account, visit: Visit) -> SecondStep | None:
        """Return what the second step is made with, for somebody who knew the password; None where there is none."""
        if await self.of(account.account_id) is None:
            return None
        step = SecondStep(new_secret(), bool(await self._passkeys.of_account(account.account_id)))
        await self._challenges.keep(
            Challenge(
                digest_of(step.challenge),
                Purpose.SECOND_STEP,
                self._clock() + step.lives,
                account.account_id,
                account.generation,
            )
        )
        await self._record(account.account_id, AuditKind.CODE_ASKED, visit)
        return step

    async def passed(self, challenge: str, code: str, visit: Visit) -> Account:
        """Return whose second step this is, where the code is right; the challenge is spent by it.

        Raises:
            InvalidChallengeError: It is none, too old, spent, or the account has changed meanwhile.
            CodesThrottledError: Too many wrong codes came before.
            WrongSecondStepError: The code is wrong, too old, or used.
        """
        account = await self.account_at(challenge)
        await self._guard.attempt(account.account_id)
        if await self._spent(account.account_id, code, visit) is None:
            raise WrongSecondStepError
        await self.take(digest_of(challenge))
        await self._guard.succeeded(account.account_id)
        return account

    async def account_at(self, challenge: str) -> Account:
        """Return whose second step a challenge is for.

        Raises:
            InvalidChallengeError: It is none, too old, spent, or the account has changed meanwhile.
        """
        kept = await self._challenges.get(digest_of(challenge))
        if kept is None or kept.account_id is None or not kept.is_good_for(Purpose.SECOND_STEP, self._clock()):
            raise InvalidChallengeError
        account = await self._accounts.get(kept.account_id)
        if account is None or account.generation != kept.generation:
            raise InvalidChallengeError
        if await self.of(account.account_id) is None:
            raise InvalidChallengeError
        return account

    async def take(self, digest: str) -> None:
        """Spend a challenge.

        Raises:
            InvalidChallengeError: It is spent.
        """
        if await self._challenges.take(digest) is None:
            raise InvalidChallengeError

    async def proven(self, principal: Principal, *, password: str, code: str | None, visit: Visit) -> Account:
        """Return the account of somebody who knows its password, and a code where it has a second factor.

        Raises:
            WrongPasswordError, SignInsThrottledError: As in `Reauthentication.account`.
            CodeNeededError, CodesThrottledError, WrongCodeError: No code, not taken yet, or not good.
        """
        account = await self._reauthentication.account(principal, password, visit)
        if await self.of(account.account_id):
            if not code:
                raise CodeNeededError
            await self._spend(account.account_id, code, visit)
        return account

    async def _proven(self, principal: Principal, password: str, code: str, visit: Visit) -> SecondFactor:
        await self._reauthentication.account(principal, password, visit)
        if await self.of(principal.account_id) is None:
            raise SecondFactorOffError
        return await self._spend(principal.account_id, code, visit)

    async def _spend(self, account_id: OwnerId, code: str, visit: Visit) -> SecondFactor:
        await self._guard.attempt(account_id)
        factor = await self._spent(account_id, code, visit)
        if factor is None:
            raise WrongCodeError
        await self._guard.succeeded(account_id)
        return factor

    async def _spent(self, account_id: OwnerId, typed: str, visit: Visit) -> SecondFactor | None:
        """Use a code up and return the factor without it; None, and a line in the log, where it is not good."""
        code = plain_code(typed)
        for _ in range(_RACES):
            factor = await self.of(account_id)
            if factor is None:
                break
            spent = self._without(factor, code)
            if spent is None:
                break
            if await self._store.replace(spent, expected=factor):
                if not is_app_code(code):
                    left = str(len(spent.recovery_digests))
                    await self._record(account_id, AuditKind.RECOVERY_CODE_USED, visit, left=left)
                return spent
        await self._record(account_id, AuditKind.CODE_WRONG, visit)
        return None

    def _without(self, factor: SecondFactor, code: str) -> SecondFactor | None:
        if is_app_code(code):
            step = step_of(self._secret_of(factor), code, self._clock())
            return factor.with_step(step) if step is not None and step > factor.last_step else None
        digest = recovery_digest(factor.account_id, code)
        return factor.without_recovery_code(digest) if digest in factor.recovery_digests else None

    def _secret_of(self, factor: SecondFactor) -> str:
        try:
            return self._sealing.opened(factor.sealed_secret, whose=factor.account_id).decode()
        except UnicodeDecodeError as error:
            raise UnavailableError("a sealed secret is no text") from error

    async def _record(self, account_id: OwnerId, kind: AuditKind, visit: Visit, **about: str) -> None:
        await self._audit.record(AuditEvent(account_id, self._clock(), kind, visit.address, visit.device, about))


def _digests(account_id: OwnerId, codes: list[str]) -> set[str]:
    return {recovery_digest(account_id, code) for code in codes}
