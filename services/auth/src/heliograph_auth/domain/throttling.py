"""How many tries are taken before there are pauses, and how long these grow.

Three counts stand against guessing passwords, each kept by its own key:

    one account from one address    five tries, then pauses of 2 s, 4 s, 8 s … up to a quarter of an hour
    one account, wherever from      thirty, then pauses of up to five minutes: a crowd may not guess together either
    one address, whatever account   a hundred, then pauses of up to a quarter of an hour

All are raised BEFORE the password is looked at, so that tries that come at once are counted as those one by one, and
given back where it was right. Where an account was signed in to from an address in the last weeks, the first count
alone judges the two: what a crowd does elsewhere, or to others from there, keeps nobody from their account. Who is
signed in already and is asked for the password is counted by the session alone.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Final

_IPV6_SITE_BITS: Final = 64
"""A site's share of IPv6 addresses; all of them are one neighbour."""
KNOWN_FOR: Final = timedelta(days=30)
"""For how long an address that an account was signed in from is that account's own."""


@dataclass(frozen=True)
class Limit:
    """How many tries are free, and how long a pause may get."""

    free: int
    longest_pause: timedelta
    forgets_after: timedelta = timedelta(hours=1)
    """Without a try for so long, the count begins anew."""


PAIR: Final = Limit(5, timedelta(minutes=15))
ACCOUNT: Final = Limit(30, timedelta(minutes=5))
ADDRESS: Final = Limit(100, timedelta(minutes=15))
SESSION: Final = PAIR
REGISTRATIONS: Final = Limit(20, timedelta(minutes=15))
"""Of one address of the network."""
LETTERS_TO_ONE: Final = Limit(5, timedelta(minutes=15))
"""To one address of mail, whether it has an account or not."""
LETTERS_FROM_ONE: Final = Limit(20, timedelta(minutes=15))
"""That are asked for from one address of the network."""


@dataclass(frozen=True)
class Tries:
    """What is known of the tries under one key."""

    count: int = 0
    last_at: datetime | None = None
    next_at: datetime | None = None
    """When a pause ends; None without one, since clocks differ and "now" of one may be to come for another."""

    def pause(self, now: datetime) -> timedelta:
        """Return how long to wait before the next try."""
        return max(timedelta(0), self.next_at - now) if self.next_at else timedelta(0)

    def with_one_more(self, limit: Limit, now: datetime) -> "Tries":
        """Return the tries after one that is made now."""
        forgotten = self.last_at is not None and now - self.last_at > limit.forgets_after
        count = 1 if forgotten else self.count + 1
        over = count - limit.free
        last_at = max(now, self.last_at or now)
        if over < 0:
            return Tries(count, last_at)
        return Tries(count, last_at, now + min(limit.longest_pause, timedelta(seconds=2 ** min(over + 1, 20))))


@dataclass(frozen=True)
class Counted:
    """What one try has made of a count; `after` is None where a pause lasts, and then nothing was counted."""

    before: Tries
    after: Tries | None

    def taken_back(self, found: Tries) -> Tries:
        """Return what is left of a count without this try: a pause that it began is over, others' tries stay."""
        return self.before if found == self.after else replace(found, count=max(0, found.count - 1))


def counted(tries: Tries, limit: Limit, now: datetime) -> Counted:
    """Return what a try that is made now makes of a count."""
    return Counted(tries, None if tries.pause(now) else tries.with_one_more(limit, now))


@dataclass(frozen=True)
class Throttle:
    """One key under which tries are counted."""

    key: str
    limit: Limit
    is_cleared_by_success: bool = False


def place_of(email_key: str, address: str) -> str:
    """Return the key of an account at an address.

    What is kept are digests: the table need not hold addresses of people who have no account.
    """
    return f"{_digest(email_key)}:{_digest(site_of(address))}"


def throttles(email_key: str, address: str, *, is_known: bool = False) -> list[Throttle]:
    """Return what a try to sign in counts towards, for addresses of mail that nobody has as for others.

    Args:
        email_key: The account's, in `accounts.email_key`'s form.
        address: Where the try comes from.
        is_known: Whether the account was signed in to from there not long ago.
    """
    pair = Throttle(f"pair:{place_of(email_key, address)}", PAIR, is_cleared_by_success=True)
    if is_known:
        return [pair]
    return [
        pair,
        Throttle(f"account:{_digest(email_key)}", ACCOUNT),
        Throttle(f"address:{_digest(site_of(address))}", ADDRESS),
    ]


def session_throttle(session_id: str) -> Throttle:
    """Return what a look at the password counts towards where somebody is signed in."""
    return Throttle(f"session:{_digest(session_id)}", SESSION, is_cleared_by_success=True)


def deed_throttle(deed: str, whose: str, limit: Limit) -> Throttle:
    """Return what a deed counts towards that is throttled by itself, for example registering, by an address."""
    return Throttle(f"{deed}:{_digest(whose)}", limit)


def site_of(address: str) -> str:
    """Return what of an address one neighbour has for all of theirs."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{int(parsed) >> (128 - _IPV6_SITE_BITS):x}::/64"
    return str(parsed.ipv4_mapped or parsed) if isinstance(parsed, IPv6Address) else str(parsed)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
