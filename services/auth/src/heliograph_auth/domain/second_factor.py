"""The second factor of an account: codes of an authenticator app (TOTP), and recovery codes for its loss.

    begun ──first right code──► on ──password and code──► off
      └── 15 minutes without one: forgotten

Each code is good once: of a time step the app's code is taken once and no earlier step's after it (RFC 6238, 5.2).
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import pyotp

from heliograph.errors import ConflictError, ForbiddenError, ThrottledError, UnauthenticatedError
from heliograph.photos import OwnerId
from heliograph_auth.domain.throttling import Limit

BEGUN_LIVES: Final = timedelta(minutes=15)
RECOVERY_CODES: Final = 10
CODE_TRIES: Final = Limit(5, timedelta(minutes=15), forgets_after=timedelta(days=1))
"""For one account, wherever from: a code has a million values, and three of them are good at any moment."""
_ISSUER: Final = "Heliograph"
_STEP_SECONDS: Final = 30
_STEPS_AROUND: Final = 1
"""How far the app's clock may be off, in steps. Source: RFC 6238, 5.2."""
_DIGITS: Final = 6
_RECOVERY_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is easily read as another."""
_RECOVERY_CHARACTERS: Final = 16
"""About 79 bits, so that a plain hash will do."""
_GROUP: Final = 4


class SecondFactorOnError(ConflictError):
    """The second step is on already; turn it off first."""

    code = "second-factor-on"


class SecondFactorOffError(ConflictError):
    """There is no second step to be turned on or off: begin with it first."""

    code = "second-factor-off"


class SecondFactorChangedError(ConflictError):
    """The second step was changed by another request at the same moment; look again."""

    code = "second-factor-changed"


class WrongCodeError(ForbiddenError):
    """The code is wrong, too old, or was used before."""

    code = "wrong-code"


class WrongSecondStepError(UnauthenticatedError):
    """The code is wrong, too old, or was used before."""

    code = "wrong-second-step"


class CodesThrottledError(ThrottledError):
    """There were too many wrong codes; the next one is taken after a pause."""

    code = "codes-throttled"

    def __init__(self, pause: timedelta) -> None:
        self._seconds = max(1, -(-pause // timedelta(seconds=1)))
        super().__init__(f"Too many wrong codes. Try again in {-(-self._seconds // 60)} min.")

    @property
    def headers(self) -> Mapping[str, str]:
        """When to come back. Source: RFC 9110, section 10.2.3."""
        return {"Retry-After": str(self._seconds)}


@dataclass(frozen=True)
class SecondFactor:
    """What is kept of an account's second factor. Its secret is sealed; of recovery codes there are digests."""

    account_id: OwnerId
    sealed_secret: bytes
    begun_at: datetime
    turned_on_at: datetime | None = None
    last_step: int = 0
    """The time step whose code was used last."""
    recovery_digests: frozenset[str] = frozenset()
    version: int = 1
    """One more with each change."""

    def __repr__(self) -> str:
        return f"SecondFactor({self.account_id}, turned_on_at={self.turned_on_at})"

    @property
    def is_on(self) -> bool:
        """Whether it is asked for at sign-in."""
        return self.turned_on_at is not None

    def is_begun(self, now: datetime) -> bool:
        """Whether it waits for its first code."""
        return not self.is_on and now < self.begun_at + BEGUN_LIVES

    def turned_on(self, step: int, recovery_digests: Collection[str], now: datetime) -> "SecondFactor":
        """Return it after its first right code."""
        on = replace(self, turned_on_at=now, last_step=step, recovery_digests=frozenset(recovery_digests))
        return replace(on, version=self.version + 1)

    def with_step(self, step: int) -> "SecondFactor":
        """Return it after a code of that step was used."""
        return replace(self, last_step=step, version=self.version + 1)

    def without_recovery_code(self, digest: str) -> "SecondFactor":
        """Return it after a recovery code was used."""
        return replace(self, recovery_digests=self.recovery_digests - {digest}, version=self.version + 1)

    def with_recovery_codes(self, digests: Collection[str]) -> "SecondFactor":
        """Return it with other recovery codes in place of those that it had."""
        return replace(self, recovery_digests=frozenset(digests), version=self.version + 1)


def new_totp_secret() -> str:
    """Return 160 random bits in base32. Source: RFC 4226, section 4, R6."""
    return pyotp.random_base32()


def otpauth_uri(secret: str, email: str) -> str:
    """Return what an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_ISSUER)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code this is, of those around now; None where it is of none."""
    totp = pyotp.TOTP(secret)
    present = int(now.timestamp()) // _STEP_SECONDS
    found = None
    for step in range(present - _STEPS_AROUND, present + _STEPS_AROUND + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def is_app_code(code: str) -> bool:
    """Whether a code looks like an app's; else it is a recovery code, or none."""
    return len(code) == _DIGITS and code.isascii() and code.isdecimal()


def plain_code(typed: str) -> str:
    """Return a code as it was given out, however it was typed in."""
    return "".join(typed.split()).replace("-", "").lower()


def new_recovery_codes() -> list[str]:
    """Return ten codes in groups of four letters."""
    return [
        _grouped("".join(secrets.choice(_RECOVERY_LETTERS) for _ in range(_RECOVERY_CHARACTERS)))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_digest(account_id: OwnerId, code: str) -> str:
    """Return what is kept of a recovery code."""
    return hashlib.sha256(f"recovery:{account_id}:{plain_code(code)}".encode()).hexdigest()


def _grouped(code: str) -> str:
    return "-".join(code[first : first + _GROUP] for first in range(0, len(code), _GROUP))
