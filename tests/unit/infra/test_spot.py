"""What runs on Fargate Spot may be taken away at any time, and has time to give back what it holds."""

from typing import Any

from heliograph.consuming import FINISH_SECONDS
from tools.deploy.stacks import INFRA
from tools.template import read_document

_RESOURCES: dict[str, Any] = read_document(INFRA / "services.yaml")["Resources"]
_NOTICE_SECONDS = 120
"""Between SIGTERM and the end of a task that Fargate takes away; a longer StopTimeout is refused."""


def _services() -> dict[str, dict[str, Any]]:
    """Return the properties of the ECS services by their logical ids."""
    return {name: about["Properties"] for name, about in _RESOURCES.items() if about["Type"] == "AWS::ECS::Service"}


def _providers(service: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["CapacityProvider"]: one for one in service["CapacityProviderStrategy"]}


def test_the_worker_alone_is_on_spot_since_it_answers_nobody() -> None:
    on_spot = {name for name, service in _services().items() if "FARGATE_SPOT" in _providers(service)}
    assert on_spot == {"WorkerService"}
    assert "LoadBalancers" not in _services()["WorkerService"]


def test_so_many_of_its_tasks_as_the_operator_says_are_on_demand_and_no_more() -> None:
    providers = _providers(_services()["WorkerService"])
    assert providers["FARGATE"] == {"CapacityProvider": "FARGATE", "Base": {"Ref": "WorkerOnDemandBase"}, "Weight": 0}
    assert providers["FARGATE_SPOT"]["Weight"] > 0


def test_it_has_finished_or_given_back_what_it_holds_before_it_is_killed() -> None:
    (container,) = _RESOURCES["WorkerTask"]["Properties"]["ContainerDefinitions"]
    assert 2 * FINISH_SECONDS < container["StopTimeout"] <= _NOTICE_SECONDS
