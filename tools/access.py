"""Gives each service a user of its own in the stand-in, allowed what infra/access.yaml lists and nothing else.

    python -m tools.access --endpoint http://127.0.0.1:4566 --credentials credentials.json

The keys are kept in the credentials file (mode 600) and stay the same as long as the stand-in remembers them.
"""

import argparse
import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tools.storage import Client, Endpoint
from tools.template import read_template

ACCESS_TEMPLATE = Path(__file__).resolve().parent.parent / "infra" / "access.yaml"

_BESIDE = {"metadata-worker": ("metadata",)}
"""Services that have another one's policy beside their own."""

_BATCH_ACTIONS = {
    "sqs:SendMessage": "sqs:SendMessageBatch",
    "sqs:DeleteMessage": "sqs:DeleteMessageBatch",
    "sqs:ChangeMessageVisibility": "sqs:ChangeMessageVisibilityBatch",
}
"""On AWS the permission for one message is the permission for ten; MiniStack asks for the batch's own name."""


@dataclass(frozen=True)
class AccessKey:
    """What a process signs its requests with."""

    access_key_id: str
    secret_access_key: str


def apply_access(
    endpoint: Endpoint,
    known: dict[str, AccessKey],
    *,
    stack_name: str = "heliograph",
    template: Path = ACCESS_TEMPLATE,
) -> dict[str, AccessKey]:
    """Make one user a service with its policy, and return each service's key.

    Args:
        endpoint: The stand-in, as its root user.
        known: Keys made earlier; one that the stand-in still knows is kept.
        stack_name: The prefix in storage.yaml.
        template: Where the policies are.
    """
    iam = endpoint.client("iam")
    policies = {
        policy.properties["ManagedPolicyName"].removeprefix(f"{stack_name}-"): policy.properties["PolicyDocument"]
        for policy in read_template(template, {"StackName": stack_name}, endpoint.place)
    }
    keys: dict[str, AccessKey] = {}
    for service in policies:
        user = f"{stack_name}-{service}"
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_user(UserName=user)
        for name in (service, *_BESIDE.get(service, ())):
            document = json.dumps(with_batch_actions(policies[name]))
            iam.put_user_policy(UserName=user, PolicyName=name, PolicyDocument=document)
        keys[service] = _key(iam, user, known.get(service))
    return keys


def with_batch_actions(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a policy that names batch calls beside the single ones that stand for them on AWS."""
    statements = []
    for statement in document["Statement"]:
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        batched = [_BATCH_ACTIONS[action] for action in actions if action in _BATCH_ACTIONS]
        statements.append({**statement, "Action": [*actions, *batched]})
    return {**document, "Statement": statements}


def _key(iam: Client, user: str, known: AccessKey | None) -> AccessKey:
    for listed in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
        if known is not None and listed["AccessKeyId"] == known.access_key_id:
            return known
        iam.delete_access_key(UserName=user, AccessKeyId=listed["AccessKeyId"])  # its secret is lost
    made = iam.create_access_key(UserName=user)["AccessKey"]
    return AccessKey(made["AccessKeyId"], made["SecretAccessKey"])


def read_credentials(path: Path) -> dict[str, AccessKey]:
    """Return the keys kept in that file by name; none where there is no file."""
    if not path.exists():
        return {}
    return {name: AccessKey(**key) for name, key in json.loads(path.read_text(encoding="utf-8")).items()}


def write_credentials(path: Path, keys: dict[str, AccessKey]) -> None:
    """Keep the keys in that file, readable by its owner only; the file is either the old or the new one."""
    _write_secret(path, json.dumps({name: asdict(key) for name, key in sorted(keys.items())}, indent=2))


def write_shared_credentials(path: Path, keys: dict[str, AccessKey]) -> None:
    """Write the keys as the AWS SDK reads them: a profile for each service. See `write_credentials`."""
    profiles = (
        f"[{name}]\naws_access_key_id = {key.access_key_id}\naws_secret_access_key = {key.secret_access_key}\n"
        for name, key in sorted(keys.items())
    )
    _write_secret(path, "\n".join(profiles))


def _write_secret(path: Path, content: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
    fresh.replace(path)


def main() -> None:
    """Give each service its user in the stand-in at that endpoint."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--endpoint", required=True, help="where IAM answers")
    parser.add_argument("--credentials", required=True, type=Path, help="where the keys are kept")
    parser.add_argument("--stack-name", default="heliograph")
    parser.add_argument("--access-key-id", default="test")
    parser.add_argument("--secret-access-key", default="test")
    given = parser.parse_args()
    root = AccessKey(given.access_key_id, given.secret_access_key)
    endpoint = Endpoint(given.endpoint, given.endpoint, root.access_key_id, root.secret_access_key)
    known = read_credentials(given.credentials)
    write_credentials(given.credentials, known | apply_access(endpoint, known, stack_name=given.stack_name))
    print(f"{given.stack_name}: each service has a user as infra/access.yaml says")


if __name__ == "__main__":
    main()
