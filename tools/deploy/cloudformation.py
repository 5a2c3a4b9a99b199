"""CloudFormation by change sets: what would change is said first, then done, or not."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

_UNCHANGED = ("didn't contain changes", "No updates are to be performed", "no changes")
_CAPABILITIES = ["CAPABILITY_NAMED_IAM"]
_STORED_FOR_REVIEW = "REVIEW_IN_PROGRESS"
_POLL_SECONDS = 5.0


class DeploymentError(RuntimeError):
    """CloudFormation, or something before it, refused; the text says what and why."""


@dataclass(frozen=True)
class Change:
    """What a change set does to one resource."""

    action: str
    logical_id: str
    kind: str
    replacement: str

    def __str__(self) -> str:
        """Say it in a line."""
        replaced = "" if self.replacement in ("", "False") else f"  (replaced: {self.replacement.lower()})"
        return f"    {self.action.lower():<8}{self.kind:<44}{self.logical_id}{replaced}"


class CloudFormation:
    """The stacks of one region, through a botocore client."""

    def __init__(self, client: Any, *, poll_seconds: float = _POLL_SECONDS) -> None:
        self._client = client
        self._poll_seconds = poll_seconds

    def status(self, name: str) -> str | None:
        """Return a stack's status; None where there is no such stack."""
        described = self._described(name)
        return str(described["StackStatus"]) if described else None

    def outputs(self, name: str) -> dict[str, str]:
        """Return a stack's outputs; none where there is no such stack."""
        described = self._described(name) or {}
        return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}

    def _described(self, name: str) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self._client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return None if found["StackStatus"] == "DELETE_COMPLETE" else found

    def plan(self, name: str, template: Path, parameters: Mapping[str, str]) -> tuple[str, list[Change]]:
        """Make a change set; return its name and what it would do, which may be nothing.

        Raises:
            DeploymentError: The template or a parameter is no good, or the stack is in no state to be changed.
        """
        status = self.status(name)
        change_set = f"deploy-{time.time_ns()}"
        self._client.create_change_set(
            StackName=name,
            ChangeSetName=change_set,
            ChangeSetType="CREATE" if status in (None, _STORED_FOR_REVIEW) else "UPDATE",
            TemplateBody=template.read_text(encoding="utf-8"),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=_CAPABILITIES,
            Tags=[{"Key": "heliograph", "Value": parameters.get("StackName", name)}],
        )
        described = self._until(
            lambda: self._client.describe_change_set(StackName=name, ChangeSetName=change_set),
            lambda answer: answer["Status"] in ("CREATE_COMPLETE", "FAILED"),
        )
        if described["Status"] == "FAILED":
            reason = str(described.get("StatusReason", ""))
            self.drop(name, change_set)
            if any(words in reason for words in _UNCHANGED):
                return change_set, []
            raise DeploymentError(f"{name}: {reason}")
        return change_set, [_change(one["ResourceChange"]) for one in described["Changes"]]

    def drop(self, name: str, change_set: str) -> None:
        """Take a change set back, with the empty stack that it may have made."""
        self._client.delete_change_set(StackName=name, ChangeSetName=change_set)
        if self.status(name) == _STORED_FOR_REVIEW:
            self._client.delete_stack(StackName=name)

    def carry_out(self, name: str, change_set: str, *, protect: bool) -> None:
        """Do what a change set says, and wait until it is done.

        Raises:
            DeploymentError: A resource could not be made or changed; CloudFormation has gone back to what was before.
        """
        self._client.execute_change_set(StackName=name, ChangeSetName=change_set)
        self._settled(name)
        if protect:
            self._client.update_termination_protection(StackName=name, EnableTerminationProtection=True)

    def _settled(self, name: str) -> None:
        status = self._until(
            lambda: self.status(name) or "DELETE_COMPLETE",
            lambda found: not found.endswith("_IN_PROGRESS"),
        )
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"):
            raise DeploymentError(f"{name} ended in {status}:\n" + "\n".join(self._failures(name)))

    def _failures(self, name: str) -> list[str]:
        events = self._client.describe_stack_events(StackName=name)["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
        return [f"    {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed[-5:]]

    def delete(self, name: str) -> bool:
        """Delete a stack and wait; return False where there was none.

        Raises:
            DeploymentError: Something in it can't be deleted.
        """
        if self.status(name) is None:
            return False
        self._client.delete_stack(StackName=name)
        self._settled(name)
        return True

    def _until(self, ask: Callable[[], Any], is_enough: Callable[[Any], bool]) -> Any:
        while not is_enough(answer := ask()):
            time.sleep(self._poll_seconds)
        return answer


def _change(described: Mapping[str, Any]) -> Change:
    return Change(
        described["Action"],
        described["LogicalResourceId"],
        described["ResourceType"],
        str(described.get("Replacement", "")),
    )
