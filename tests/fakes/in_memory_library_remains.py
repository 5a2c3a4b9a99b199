"""`LibraryRemains` and `OwnedObjects` in memory."""

from heliograph.photos import OwnerId


class InMemoryLibraryRemains:
    """Whose things there are; it fails as often as it is told to before it removes anything."""

    def __init__(self, *owners: OwnerId) -> None:
        self.owners = list(owners)
        self.failures: list[Exception] = []

    async def remove_all_of(self, owner_id: OwnerId) -> int:
        if self.failures:
            raise self.failures.pop()
        removed = self.owners.count(owner_id)
        self.owners = [owner for owner in self.owners if owner != owner_id]
        return removed


class InMemoryOwnedObjects:
    """Keys of objects."""

    def __init__(self, *keys: str) -> None:
        self.keys = set(keys)

    async def remove_all_of(self, owner_id: OwnerId) -> int:
        theirs = {key for key in self.keys if key.split("/")[1] == owner_id}
        self.keys -= theirs
        return len(theirs)
