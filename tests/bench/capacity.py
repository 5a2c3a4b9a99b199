"""Counts what requests to DynamoDB cost: how many there are, and the units that DynamoDB itself says they consume."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"})
_METERED = _READS | {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}


@dataclass
class Cost:
    """What some requests have cost."""

    requests: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    by_table: dict[str, float] = field(default_factory=dict)
    """Write units by table, without the prefix of its stack."""

    def add(self, other: "Cost") -> None:
        """Take in what other requests have cost."""
        self.requests += other.requests
        self.read_units += other.read_units
        self.write_units += other.write_units
        for table, units in other.by_table.items():
            self.by_table[table] = self.by_table.get(table, 0.0) + units


class CapacityMeter:
    """Listens to a client: asks for `ReturnConsumedCapacity` and adds up what the answers say."""

    def __init__(self, client: Any) -> None:
        self._costs: list[Cost] = []
        client.meta.events.register("provide-client-params.dynamodb", self._ask)
        client.meta.events.register("after-call.dynamodb", self._hear)

    def _ask(self, params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any]:
        return params | {"ReturnConsumedCapacity": "INDEXES"} if model.name in _METERED else params

    def _hear(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        capacity = parsed.get("ConsumedCapacity") or []
        for cost in self._costs:
            cost.requests += 1
            for one in capacity if isinstance(capacity, list) else [capacity]:
                units = float(one.get("CapacityUnits", 0.0))
                if model.name in _READS:
                    cost.read_units += units
                else:
                    cost.write_units += units
                    table = one["TableName"].rpartition("-")[2]
                    cost.by_table[table] = cost.by_table.get(table, 0.0) + units

    @contextmanager
    def metering(self) -> Iterator[Cost]:
        """Add up what is asked for inside; others may be asking at the same time."""
        cost = Cost()
        self._costs.append(cost)
        try:
            yield cost
        finally:
            self._costs.remove(cost)
