"""Everything that can pile up or fail is watched."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.deploy.stacks import INFRA, STORAGE
from tools.template import Place, read_document, read_template

_SERVICES = INFRA.parent / "services"


def _watched(metric: str) -> set[str]:
    """Return the names of what alarms watch by a metric, without the stack's prefix."""
    alarms = read_document(INFRA / "alarms.yaml")["Resources"].values()
    metrics = [
        one["MetricStat"]["Metric"]
        for about in alarms
        if about["Type"] == "AWS::CloudWatch::Alarm"
        for one in about["Properties"].get("Metrics", [])
        if "MetricStat" in one
    ]
    return {
        dimension["Value"]["Fn::Sub"].removeprefix("${StackName}-")
        for one in metrics
        if one["MetricName"] == metric
        for dimension in one["Dimensions"]
    }


def _names(kind: str) -> set[str]:
    return {
        str(one.properties["QueueName" if kind == "AWS::SQS::Queue" else "TableName"]).removeprefix("heliograph-")
        for one in read_template(STORAGE.path, {}, Place())
        if one.kind == kind
    }


def test_the_age_of_every_queues_oldest_message_is_watched() -> None:
    assert _watched("ApproximateAgeOfOldestMessage") == {
        name for name in _names("AWS::SQS::Queue") if not name.endswith("-dead")
    }


def test_every_dead_letter_queue_is_watched() -> None:
    assert _watched("ApproximateNumberOfMessagesVisible") == {
        name for name in _names("AWS::SQS::Queue") if name.endswith("-dead")
    }


@pytest.mark.parametrize("metric", ["ReadThrottleEvents", "WriteThrottleEvents"])
def test_throttling_of_every_table_is_watched(metric: str) -> None:
    rarely_used = {"departures", "exports"}  # an item for each account; an alarm takes no more than ten tables
    assert _watched(metric) == _names("AWS::DynamoDB::Table") - rarely_used


def test_no_alarm_watches_more_metrics_than_cloudwatch_takes() -> None:
    for template in INFRA.glob("*.yaml"):
        for about in read_document(template)["Resources"].values():
            if about["Type"] == "AWS::CloudWatch::Alarm":
                watched = [one for one in about["Properties"].get("Metrics", []) if "MetricStat" in one]
                assert len(watched) <= 10, about["Properties"]["AlarmDescription"]


def test_what_failed_photos_are_counted_by_is_what_the_worker_logs() -> None:
    pattern = read_document(INFRA / "alarms.yaml")["Resources"]["PhotosThatFailed"]["Properties"]["FilterPattern"]
    code = "".join(path.read_text(encoding="utf-8") for path in _python_files(_SERVICES / "metadata"))
    events = re.findall(r'\$\.event = "([^"]+)"', pattern)
    assert events
    assert [event for event in events if f'"{event}"' not in code] == []


def test_the_dashboard_is_json() -> None:
    body: Any = read_document(INFRA / "alarms.yaml")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    widgets = json.loads(body["Fn::Sub"])["widgets"]
    assert len({widget["properties"]["title"] for widget in widgets}) == len(widgets)


def _python_files(folder: Path) -> Iterator[Path]:
    return folder.rglob("*.py")
