"""Plays infra/inference.yaml through: what waits, how many machines there are, and how long it takes.

The alarms' expressions, thresholds and steps are those of the template; what is modelled beside them is a machine that
takes some minutes to start, metrics that are a minute old, and Spot machines that are taken away. Minutes are the unit,
as they are CloudWatch's.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

from tools.template import read_document

TEMPLATE = Path(__file__).resolve().parents[2] / "infra" / "inference.yaml"
START_MINUTES = 3
"""From the wish for a machine to its first photo: it boots, installs Docker, fetches an image of some 400 MB."""


@dataclass(frozen=True)
class Scenario:
    """What comes, and for how long one looks."""

    name: str
    title: str
    arrivals: Callable[[int, float, float], float]
    """Photos that come in a minute, by the minute, how many wait and how many have come before."""
    minutes: int
    photos: float
    """How many come in all."""


@dataclass
class Run:
    """What happened, minute by minute."""

    waiting: list[float] = field(default_factory=list)
    machines: list[int] = field(default_factory=list)
    """In service."""
    machine_minutes: int = 0
    """Paid for: also while they start."""
    interruptions: int = 0
    done: float = 0.0
    oldest_minutes: float = 0.0
    """The longest that a photo waited, by what came and what was done: first come, first served."""

    @property
    def drained_after(self) -> int | None:
        """The minute after which nothing was waiting any more; None where something still was."""
        busy = [minute for minute, waiting in enumerate(self.waiting) if waiting >= 1]
        if busy and busy[-1] == len(self.waiting) - 1:
            return None
        return busy[-1] + 1 if busy else 0


@dataclass(frozen=True)
class _Alarm:
    expression: CodeType
    periods: int
    breaches: Callable[[float], bool]
    threshold: float
    steps: list[tuple[float, float, int]]
    is_exact: bool
    least: int


class Policies:
    """The four alarms of the template with the policies that they trigger."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        resources = document["Resources"]
        defaults = {name: about.get("Default") for name, about in document["Parameters"].items()}
        self.rate = float(defaults["LookedAtPerSecond"])
        self.most = int(defaults["MostMachines"])
        self.alarms = [
            _alarm(
                about["Properties"], resources[about["Properties"]["AlarmActions"][0]["Ref"]]["Properties"], self.rate
            )
            for about in resources.values()
            if about["Type"] == "AWS::CloudWatch::Alarm"
        ]
        self.warmup_minutes = 2


def _alarm(alarm: Mapping[str, Any], policy: Mapping[str, Any], rate: float) -> _Alarm:
    expression = next(one["Expression"] for one in alarm["Metrics"] if "Expression" in one)
    text = expression if isinstance(expression, str) else expression["Fn::Sub"]
    threshold = float(alarm["Threshold"])
    return _Alarm(
        expression=compile(_python(text.replace("${LookedAtPerSecond}", str(rate))), TEMPLATE.name, "eval"),
        periods=int(alarm["EvaluationPeriods"]),
        breaches={
            "GreaterThanThreshold": lambda value: value > threshold,
            "GreaterThanOrEqualToThreshold": lambda value: value >= threshold,
            "LessThanThreshold": lambda value: value < threshold,
        }[alarm["ComparisonOperator"]],
        threshold=threshold,
        steps=[
            (
                float(step.get("MetricIntervalLowerBound", "-inf")),
                float(step.get("MetricIntervalUpperBound", "inf")),
                int(step["ScalingAdjustment"]),
            )
            for step in policy["StepAdjustments"]
        ],
        is_exact=policy["AdjustmentType"] == "ExactCapacity",
        least=int(policy.get("MinAdjustmentMagnitude", 0)),
    )


def _python(metric_math: str) -> str:
    """Write an expression of CloudWatch's as one of Python's; both know the same operators, by other names."""
    return metric_math.replace("IF(", "either(").replace("FILL(", "fill(").replace(" AND ", " and ")


_WORDS: dict[str, Any] = {
    "__builtins__": {},
    "either": lambda condition, first, second: first if condition else second,
    "fill": lambda value, _otherwise: value,
}


def play(scenario: Scenario, *, taken_per_hour: float = 0.0, seed: int = 1) -> Run:
    """Return what happens.

    Args:
        scenario: What comes.
        taken_per_hour: The share of machines that Spot takes away in an hour.
        seed: For which machines.
    """
    policies = Policies(read_document(TEMPLATE))
    chance = random.Random(seed)  # noqa: S311 - no secret
    run, waiting, arrived = Run(), 0.0, 0.0
    starting: list[int] = []
    in_service = 0
    seen: list[dict[str, float]] = []
    came: list[float] = []
    last_out = -policies.warmup_minutes
    before_out = 0
    for minute in range(scenario.minutes):
        coming = scenario.arrivals(minute, waiting, arrived)
        arrived += coming
        came.append(arrived)
        in_service += sum(at == minute for at in starting)
        starting = [at for at in starting if at > minute]
        taken = sum(chance.random() < taken_per_hour / 60 for _ in range(in_service))
        in_service -= taken
        run.interruptions += taken
        starting += [minute + START_MINUTES] * taken  # Auto Scaling replaces them; what was in hand waits again
        able = in_service * policies.rate * 60
        done = min(waiting + coming, able)
        waiting += coming - done
        run.done += done
        run.waiting.append(waiting)
        run.machines.append(in_service)
        run.machine_minutes += in_service + len(starting)
        first_unserved = next((at for at, count in enumerate(came) if count > run.done + 0.5), minute)
        run.oldest_minutes = max(run.oldest_minutes, minute - first_unserved)
        desired = in_service + len(starting)
        seen.append({"waiting": waiting, "in_hand": min(done, 1.0), "machines": desired})
        if minute == 0:
            continue
        wanted, is_out = _wanted(
            policies, seen[:-1], desired, before_out if minute - last_out < policies.warmup_minutes else desired
        )
        wanted = min(wanted, policies.most)
        if wanted > desired:
            if minute - last_out >= policies.warmup_minutes:
                before_out = desired
            last_out = minute if is_out else last_out
            starting += [minute + START_MINUTES] * (wanted - desired)
        while wanted < in_service + len(starting):
            if starting:
                starting.pop()
            else:
                in_service -= 1
    return run


def _wanted(policies: Policies, seen: list[dict[str, float]], desired: int, settled: int) -> tuple[int, bool]:
    """Return how many machines the alarms ask for, and whether it is more because of what waits.

    Machines that still warm up count as there, and are not asked for twice.
    """
    for alarm in policies.alarms:
        last = seen[-alarm.periods :]
        values = [_value(alarm.expression, facts) for facts in last]
        if len(values) < alarm.periods or not all(alarm.breaches(value) for value in values):
            continue
        beyond = values[-1] - alarm.threshold
        change = next(change for low, high, change in alarm.steps if low <= beyond < high or high == 0 > beyond)
        if alarm.is_exact:
            if change != desired:
                return change, False
            continue
        if change > 0:
            return max(desired, settled + max(alarm.least, int(settled * change / 100))), True
        fewer = max(alarm.least, int(desired * -change / 100))
        return max(0, desired - fewer), False
    return desired, False


def _value(expression: CodeType, facts: Mapping[str, float]) -> float:
    names = {"waiting": 0.0, "waiting_backlog": facts["waiting"], "in_hand": 0.0, "in_hand_backlog": facts["in_hand"]}
    return float(eval(expression, _WORDS, names | {"machines": facts["machines"]}))  # noqa: S307 - our own template's


def _trickle(minute: int, _waiting: float, _arrived: float) -> float:
    return 1.0 if minute % 3 == 0 and minute < _TRICKLE_MINUTES else 0.0


def _import(_minute: int, _waiting: float, arrived: float) -> float:
    return min(6_000.0, 100_000.0 - arrived)


def _reclassify(_minute: int, waiting: float, arrived: float) -> float:
    """`reclassify --most-waiting 100000`: it fills the queue up again, and again."""
    return min(_MOST_WAITING - waiting, 1_000_000.0 - arrived)


_TRICKLE_MINUTES = 240
_MOST_WAITING = 100_000.0
SCENARIOS = (
    Scenario("trickle", "One photo every three minutes, for four hours", _trickle, 300, 80),
    Scenario("import", "An import of 100,000 photos, 100 a second", _import, 90, 100_000),
    Scenario("reclassify", "A second look at 1,000,000 photos, 100,000 queued at a time", _reclassify, 180, 1_000_000),
)
