"""The stand-in for AWS as the tests use it: in memory, on free ports, one for each pytest worker."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.standin import MINISTACK_PYTHON, Standin, StandinError

_ATTEMPTS = 3


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 on which nobody listens, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def fresh_stack_name() -> str:
    """Return a prefix under which nothing has been made yet."""
    return f"test-{secrets.token_hex(4)}"


@contextmanager
def running_standin(folder: Path, *, keep: bool = False, own_dynamodb: bool = False) -> Iterator[Standin]:
    """Start a stand-in, tell the SDK of this process of it by its environment, and stop it at the end.

    Args:
        folder: For its logs, and its data if it keeps any.
        keep: Whether its data outlives it.
        own_dynamodb: Whether MiniStack's own DynamoDB serves, which asks for permissions; see `ministack_command`.
    """
    if not MINISTACK_PYTHON.exists():
        raise StandinError("the stand-in for AWS isn't installed: run `make install`")
    for attempt in range(_ATTEMPTS):
        port, dynamodb_port = free_ports(2)
        standin = Standin(port, dynamodb_port, folder=folder, keep=keep, own_dynamodb=own_dynamodb)
        try:
            standin.__enter__()
            break
        except StandinError:
            if attempt == _ATTEMPTS - 1:  # not a port that somebody else took in between
                raise
    try:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("AWS_ENDPOINT_URL", standin.endpoint.url)
            environment.setenv("AWS_ENDPOINT_URL_DYNAMODB", standin.endpoint.dynamodb_url)
            environment.setenv("AWS_REGION", standin.endpoint.place.region)
            environment.setenv("AWS_DEFAULT_REGION", standin.endpoint.place.region)
            environment.setenv("AWS_ACCESS_KEY_ID", standin.root.access_key_id)
            environment.setenv("AWS_SECRET_ACCESS_KEY", standin.root.secret_access_key)
            environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
            for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
                environment.delenv(name, raising=False)
            yield standin
    finally:
        standin.__exit__()
