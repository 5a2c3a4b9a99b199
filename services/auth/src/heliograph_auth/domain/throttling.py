"""How many wrong passwords are taken before there are pauses, and how long these grow.

Three counts stand against guessing, each kept by its own key:

    one account from one address    five tries, then pauses of 2 s, 4 s, 8 s … up to a quarter of an hour
    one account, wherever from      thirty, then pauses of up to five minutes: a crowd may not guess together either
    one address, whatever account   a hundred, then pauses of up to a quarter of an hour

The first is raised BEFORE the password is looked at, so that tries that come at once are counted as those one by one;
the others by each failure. A right password forgets the count of its account at its address; it can't clear an address
of what it did to other accounts.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Final

_IPV6_SITE_BITS: Final = 64
"""A site's share of IPv6 addresses; all of them are one neighbour."""


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


@dataclass(frozen=True)
class Tries:
    """What is known of the tries under one key."""

    count: int = 0
    last_at: datetime | None = None
    next_at: datetime | None = None

    def pause(self, now: datetime) -> timedelta:
        """Return how long to wait before the next try."""
        return max(timedelta(0), self.next_at - now) if self.next_at else timedelta(0)

    def with_one_more(self, limit: Limit, now: datetime) -> "Tries":
        """Return the tries after one that is made now."""
        forgotten = self.last_at is not None and now - self.last_at > limit.forgets_after
        count = 1 if forgotten else self.count + 1
        over = count - limit.free
        pause = min(limit.longest_pause, timedelta(seconds=2 ** min(over + 1, 20))) if over >= 0 else timedelta(0)
        return Tries(count, now, now + pause)


@dataclass(frozen=True)
class Throttle:
    """One key under which tries are counted."""

    key: str
    limit: Limit
    is_cleared_by_success: bool = False


def throttles(email_key: str, address: str) -> list[Throttle]:
    """Return what a try to sign in counts towards, for addresses of mail that nobody has as for others.

    What is kept are digests: the table need not hold addresses of people who have no account.
    """
    account, site = _digest(email_key), _digest(_site(address))
    return [
        Throttle(f"pair:{account}:{site}", PAIR, is_cleared_by_success=True),
        Throttle(f"account:{account}", ACCOUNT),
        Throttle(f"address:{site}", ADDRESS),
    ]


def _site(address: str) -> str:
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
