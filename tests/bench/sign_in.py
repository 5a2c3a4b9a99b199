"""What a guesser gets, and what a clock tells: `make bench-sign-in`.

Starts a demo of its own and, through its nginx,
  1. tries 10,000 wrong passwords, 64 at once, of one account from one address, of as many accounts from one address,
     and of one account from 500 addresses, while owners of accounts and others sign in from there and from elsewhere;
  2. measures, in turn, how long the answer to a wrong password takes for addresses that have an account and that have
     none, and compares the two samples.

nginx says where a request comes from, so that clients on this machine come from 127.0.0.1, 127.0.0.2 and so on.
"""

import argparse
import asyncio
import math
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import aiohttp

from tests.bench.system import System, free_port
from tests.client import PASSWORD

_AT_ONCE = 64
_CROWD = 500
"""From how many addresses one account is guessed at."""
_RANKS_ALIKE = 1.96
"""Standard deviations of the rank sum within which 95 % of pairs of samples from one distribution lie."""


class Client:
    """Signs in from one address of this machine."""

    def __init__(self, url: str, address: str) -> None:
        self._url = url
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_AT_ONCE, local_addr=(address, 0)))

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.close()

    async def register(self, email: str) -> None:
        """Open an account."""
        about = {"email": email, "password": PASSWORD, "name": "Ada"}
        async with self._http.post(f"{self._url}/api/v1/accounts", json=about) as answer:
            assert answer.status == HTTPStatus.CREATED, await answer.text()

    async def sign_in(self, email: str, password: str = PASSWORD) -> tuple[int, float]:
        """Return the status of the answer and the seconds it took."""
        started = time.perf_counter()
        form = {"username": email, "password": password}
        async with self._http.post(f"{self._url}/api/v1/tokens", data=form) as answer:
            await answer.read()
            return answer.status, time.perf_counter() - started


def an_email() -> str:
    """Return an address that nobody has."""
    return f"{secrets.token_hex(8)}@example.org"


@dataclass(frozen=True)
class Attack:
    """Who is guessed at, from where; each try takes the next account and the next address."""

    name: str
    accounts: Sequence[str]
    addresses: Sequence[str]


async def guess(url: str, attack: Attack, tries: int, owner_email: str) -> None:
    """Print what 10,000 tries get, and what others notice of it."""
    guessers = [Client(url, address) for address in attack.addresses]
    home, beside, elsewhere = Client(url, "127.0.0.3"), Client(url, attack.addresses[0]), Client(url, "127.0.0.4")
    others = [an_email() for _ in range(3)]
    for email in others:
        await elsewhere.register(email)
    for client, email in ((home, owner_email), (beside, others[0])):
        status, _ = await client.sign_in(email)  # from now on it is known there
        assert status == HTTPStatus.OK, status
    statuses: Counter[int] = Counter()
    left = iter(range(tries))
    is_over = asyncio.Event()
    met: dict[str, list[tuple[int, float]]] = {}

    async def guessing() -> None:
        for number in left:
            guesser = guessers[number % len(guessers)]
            status, _seconds = await guesser.sign_in(
                attack.accounts[number % len(attack.accounts)], "a guess that is wrong"
            )
            statuses[status] += 1

    async def meanwhile(who: str, client: Client, email: str) -> None:
        while not is_over.is_set():
            met.setdefault(who, []).append(await client.sign_in(email))
            await asyncio.sleep(0.5)

    started = time.perf_counter()
    innocents = asyncio.gather(
        meanwhile("an account guessed at, from where it was signed in before", home, owner_email),
        meanwhile("an account guessed at, from a new address", Client(url, "127.0.0.5"), owner_email),
        meanwhile("another account, from the guesser's address, known there", beside, others[0]),
        meanwhile("another account, from the guesser's address, for the first time", beside, others[1]),
        meanwhile("another account, from another address", elsewhere, others[2]),
    )
    await asyncio.gather(*(guessing() for _ in range(_AT_ONCE)))
    seconds = time.perf_counter() - started
    is_over.set()
    await innocents
    print(f"{tries} wrong passwords, {attack.name}, {_AT_ONCE} at once: {seconds:.1f} s")
    print(f"  looked at: {statuses[401]}, throttled: {statuses[429]}, else: {tries - statuses[401] - statuses[429]}")
    for who, answers in met.items():
        refused = sum(status != HTTPStatus.OK for status, _ in answers)
        median = statistics.median(took for _, took in answers)
        print(f"  {who}: {len(answers)} sign-ins meanwhile, {refused} refused, median {median * 1000:.0f} ms")
    for client in (*guessers, home, beside, elsewhere):
        await client.close()


async def guess_in_three_ways(url: str, tries: int) -> None:
    """Print what guessing gets that is aimed at one account, at many, and that comes from many addresses."""
    registrar = Client(url, "127.0.0.3")
    owners = [an_email() for _ in range(3)]
    for email in owners:
        await registrar.register(email)
    await registrar.close()
    crowd = [f"127.0.{2 + number // 250}.{1 + number % 250}" for number in range(_CROWD)]
    for attack in (
        Attack("one account from one address", owners[:1], ["127.0.0.2"]),
        Attack("many accounts from one address", [owners[1], *(an_email() for _ in range(tries))], ["127.0.1.2"]),
        Attack(f"one account from {_CROWD} addresses", owners[2:], crowd),
    ):
        await guess(url, attack, tries, attack.accounts[0])


async def compare(url: str, pairs: int) -> None:
    """Print how long wrong passwords take of accounts that there are and of such that there aren't."""
    clients = [Client(url, f"127.0.9.{number}") for number in range(1, 17)]
    known_emails = [an_email() for _ in range(pairs)]
    for number, email in enumerate(known_emails):
        await clients[number % len(clients)].register(email)
    known: list[float] = []
    unknown: list[float] = []
    for number, email in enumerate(known_emails):
        client = clients[number % len(clients)]
        both = [(known, email), (unknown, an_email())]
        for sample, address in both if number % 2 else reversed(both):
            status, seconds = await client.sign_in(address, "a guess that is wrong")
            assert status == HTTPStatus.UNAUTHORIZED, status
            sample.append(seconds)
    for client in clients:
        await client.close()
    for name, sample in (("known", known), ("unknown", unknown)):
        quartiles = statistics.quantiles(sample, n=4)
        print(f"  {name:8} n={len(sample)} quartiles " + " ".join(f"{each * 1000:.2f}" for each in quartiles) + " ms")
    deviation = rank_deviation(known, unknown)
    verdict = "not to be told apart" if abs(deviation) < _RANKS_ALIKE else "TOLD APART"
    print(f"  Mann-Whitney z = {deviation:+.2f} (|z| < {_RANKS_ALIKE}: {verdict})")
    medians = statistics.median(known) - statistics.median(unknown)
    print(f"  difference of the medians {medians * 1e6:+.0f} µs")


def rank_deviation(one: Sequence[float], other: Sequence[float]) -> float:
    """Return how far the rank sum of `one` is from what chance gives, in standard deviations.

    Source: Mann and Whitney 1947; the normal approximation, good from 20 values each.
    """
    ranked = sorted([(value, True) for value in one] + [(value, False) for value in other])
    rank_sum = sum(rank for rank, (_, is_one) in enumerate(ranked, 1) if is_one)
    expected = len(one) * (len(ranked) + 1) / 2
    spread = math.sqrt(len(one) * len(other) * (len(ranked) + 1) / 12)
    return (rank_sum - expected) / spread


async def _main(tries: int, pairs: int) -> None:
    with tempfile.TemporaryDirectory() as folder, System(free_port(), Path(folder) / "data") as system:
        await guess_in_three_ways(system.url, tries)
        print("wrong passwords of accounts that there are, and of such that there aren't:")
        await compare(system.url, pairs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=10_000)
    parser.add_argument("--pairs", type=int, default=300)
    given = parser.parse_args()
    asyncio.run(_main(given.tries, given.pairs))
