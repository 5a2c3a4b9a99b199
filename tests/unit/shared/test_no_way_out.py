"""No service fetches an address that somebody has sent: what could, is listed here with where its addresses are from.

A request forged on the server's side needs code that makes requests, and an address from outside. Neither is there.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.openapi import whole_api

ROOT = Path(__file__).resolve().parents[3]
CLIENTS = {"httpx", "aiohttp", "requests", "urllib3", "urllib.request", "http.client", "socket", "ftplib", "smtplib"}
MAY_CALL = {
    "shared/src/heliograph/identity/keys.py": "auth's public keys, at an address from the settings",
    "services/auth/src/heliograph_auth/main.py": "opens the client for the OpenID provider",
    "services/auth/src/heliograph_auth/oidc.py": "the OpenID provider of the settings, and what its own document names",
    "services/upload/src/heliograph_upload/main.py": "opens the client for those keys",
    "services/metadata/src/heliograph_metadata/main.py": "opens the client for those keys",
    "services/metadata/src/heliograph_metadata/s3.py": "reads aioboto3's streams; takes their errors from there",
    "services/inference/src/heliograph_inference/s3.py": "reads aioboto3's streams; takes their errors from there",
    "services/inference/src/heliograph_inference/interruption.py": "the machine's own metadata, at AWS's fixed address",
}
ADDRESSES = {"url", "urls", "uri", "uris", "href", "webhook", "callback", "endpoint"}
"""AWS is called by aioboto3 at the addresses of the settings; keys and buckets are never taken from a request whole."""


def imported(file: Path) -> Iterator[str]:
    """Every module that a file imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_only_what_fetches_auths_own_keys_can_make_a_request() -> None:
    sources = [*ROOT.glob("services/*/src/**/*.py"), *ROOT.glob("shared/src/**/*.py")]
    assert len(sources) > 100

    found = {
        str(file.relative_to(ROOT))
        for file in sources
        if any(name == client or name.startswith(f"{client}.") for name in imported(file) for client in CLIENTS)
    }

    assert found == set(MAY_CALL)


def test_no_request_of_the_api_takes_an_address() -> None:
    document: dict[str, Any] = json.loads(whole_api())
    taken = [name for path in document["paths"].values() for operation in path.values() for name in taken_by(operation)]
    schemas = {name for name in taken if name.startswith("#")}
    for schema in schemas:
        taken += document["components"]["schemas"][schema.rsplit("/", 1)[1]].get("properties", {})

    assert [name for name in taken if ADDRESSES & set(name.lower().replace("-", "_").split("_"))] == []


def taken_by(operation: dict[str, Any]) -> Iterator[str]:
    """The names of an operation's parameters, and the schemas of its body."""
    yield from (parameter["name"] for parameter in operation.get("parameters", ()))
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield from _references(content["schema"])


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)
