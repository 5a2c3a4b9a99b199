"""An `OwnLabelStore` in memory."""

from collections.abc import Sequence

from heliograph.photos import OwnerId
from heliograph_metadata.domain.own_labels import OwnLabel
from heliograph_metadata.domain.terms import label_term
from heliograph_metadata.service.own_labels import MOST_OWN


class InMemoryOwnLabelStore:
    """Own labels by owner and name."""

    def __init__(self) -> None:
        self._labels: dict[tuple[OwnerId, str], OwnLabel] = {}

    async def all(self, owner_id: OwnerId) -> Sequence[OwnLabel]:
        names = sorted(name for owner, name in self._labels if owner == owner_id)
        return [self._labels[owner_id, name] for name in names][:MOST_OWN]

    async def put(self, owner_id: OwnerId, label: OwnLabel) -> None:
        self._labels[owner_id, label_term(label.name).value] = label

    async def remove(self, owner_id: OwnerId, name: str) -> None:
        self._labels.pop((owner_id, label_term(name).value), None)
