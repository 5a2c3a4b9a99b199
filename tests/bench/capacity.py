"""Counts what requests to DynamoDB cost: how many there are, and the units that DynamoDB itself says they consume."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.faulty_endpoint import FaultyEndpoint

_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"})
_METERED = _READS | {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}


@dataclass
class Cost:
    """What some requests have cost."""

    requests: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    seconds: float = 0.0
    """During which one request or more was under way, the SDK's own work on it included."""
    by_table: dict[str, float] = field(default_factory=dict)
    """Write units by table, without the prefix of its stack."""

    def add(self, other: "Cost") -> None:
        """Take in what other requests have cost."""
        self.requests += other.requests
        self.read_units += other.read_units
        self.write_units += other.write_units
        self.seconds += other.seconds
        for table, units in other.by_table.items():
            self.by_table[table] = self.by_table.get(table, 0.0) + units


class CapacityMeter:
    """Listens to a client: asks for `ReturnConsumedCapacity` and adds up what the answers say."""

    def __init__(self, client: Any) -> None:
        self._costs: list[Cost] = []
        self._under_way = 0
        self._since = 0.0
        client.meta.events.register("before-call.dynamodb", self._begin)
        client.meta.events.register("provide-client-params.dynamodb", self._ask)
        client.meta.events.register("after-call.dynamodb", self._hear)

    def _ask(self, params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any]:
        return params | {"ReturnConsumedCapacity": "INDEXES"} if model.name in _METERED else params

    def _begin(self, **_: Any) -> None:
        if self._under_way == 0:
            self._since = time.perf_counter()
        self._under_way += 1

    def _hear(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        self._under_way -= 1
        seconds = time.perf_counter() - self._since if self._under_way == 0 else 0.0
        capacity = parsed.get("ConsumedCapacity") or []
        for cost in self._costs:
            cost.requests += 1
            cost.seconds += seconds
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
            self._costs = [one for one in self._costs if one is not cost]


class MeteredTables(FaultyEndpoint):
    """DynamoDB for processes of their own: asks for `ReturnConsumedCapacity` and adds up what the answers say."""

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self.read_units: Counter[str] = Counter()
        """By operation and table, `GetItem photos`, in the stack's own words."""
        self.write_units: Counter[str] = Counter()
        """Likewise, indexes included."""

    def _asking(self, operation: str, body: bytes) -> bytes:
        if operation not in _METERED:
            return body
        return json.dumps(json.loads(body) | {"ReturnConsumedCapacity": "TOTAL"}).encode()

    def _answered(self, operation: str, body: bytes) -> None:
        if operation not in _METERED:
            return
        capacity = json.loads(body).get("ConsumedCapacity") or []
        units = self.read_units if operation in _READS else self.write_units
        for one in capacity if isinstance(capacity, list) else [capacity]:
            units[f"{operation} {one['TableName'].rpartition('-')[2]}"] += one.get("CapacityUnits", 0.0)
