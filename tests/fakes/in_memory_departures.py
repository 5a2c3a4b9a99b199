"""`Departures` in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from heliograph.departures import Departure, Half
from heliograph.photos import OwnerId


class InMemoryDepartures:
    """A dictionary."""

    def __init__(self, *departures: Departure) -> None:
        self.departures = {one.account_id: one for one in departures}

    async def all(self) -> Sequence[Departure]:
        return list(self.departures.values())

    async def note_removed(self, account_id: OwnerId, half: Half, begun_at: datetime) -> None:
        if there := self.departures.get(account_id):
            self.departures[account_id] = replace(there, removed={**there.removed, half: begun_at})

    async def forget(self, account_id: OwnerId) -> None:
        self.departures.pop(account_id, None)
