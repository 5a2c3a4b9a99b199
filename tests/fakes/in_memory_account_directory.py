"""An `AccountDirectory` over an `InMemoryAccountStore`."""

from dataclasses import replace
from typing import Any

from heliograph_auth.domain.accounts import Account
from heliograph_auth.service.administration import AccountsPage
from tests.fakes.in_memory_account_store import InMemoryAccountStore


class InMemoryAccountDirectory:
    """Pages in the order of ids."""

    def __init__(self, store: InMemoryAccountStore) -> None:
        self._store = store

    async def page(self, *, after: str | None, limit: int) -> AccountsPage:
        ids = sorted(one for one in self._store.accounts if after is None or one > after)
        shown = [self._store.accounts[one] for one in ids[:limit]]
        return AccountsPage(shown, ids[limit - 1] if len(ids) > limit else None)

    async def close(self, account: Account) -> bool:
        generation = account.generation + 1
        if not self._change(account, is_closed=True, generation=generation):
            return False
        self._store.access.closed.add(account.account_id)
        self._store.access.generations[account.account_id] = generation
        return True

    async def reopen(self, account: Account) -> bool:
        if not self._change(account, is_closed=False):
            return False
        self._store.access.closed.discard(account.account_id)
        return True

    async def appoint(self, account: Account, *, is_admin: bool) -> None:
        self._change(account, is_admin=is_admin)

    def _change(self, account: Account, **changes: Any) -> bool:
        there = self._store.accounts.get(account.account_id)
        if there is None or (there.password_hash, there.generation) != (account.password_hash, account.generation):
            return False
        self._store.accounts[account.account_id] = replace(there, **changes)
        return True
