"""Merges the four services' OpenAPI documents into the one of the whole API.

    python -m tools.openapi frontend/public/openapi.json [--check]

The same code gives the same bytes: names and order don't depend on which service is read first.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from heliograph.identity import SCOPE_MEANINGS, MethodScopes, Scope

SERVICES = ("auth", "upload", "metadata")
"""Those with routes for people; the workers have /healthz, /readyz and /metrics only."""

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_TAG_ORDER = (
    "accounts",
    "tokens",
    "sessions",
    "api keys",
    "uploads",
    "photos",
    "browse",
    "map",
    "albums",
    "shares",
    "shared",
    "progress",
)
_PROBLEM = "application/problem+json"
_DESCRIPTION = """\
A photo library that understands what it holds. Times are RFC 3339 in UTC, cursors are opaque, problems are RFC 9457.

Make an account with `POST /api/v1/accounts`, press **Authorize** and sign in with its e-mail and password."""
_SECURITY_SCHEMES = {
    "account": {
        "type": "oauth2",
        "description": "Your e-mail is the username.",
        "flows": {
            "password": {
                "tokenUrl": "/api/v1/tokens",
                "refreshUrl": "/api/v1/tokens/refresh",
                "scopes": {scope.value: meaning for scope, meaning in SCOPE_MEANINGS.items()},
            },
        },
    },
    "share": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token that `POST /api/v1/shared/visits` gives for a share link.",
    },
    "api_key": {"type": "http", "scheme": "bearer", "description": "An API key, good for its scopes: `hgk_…`."},
}


class OpenApiConflictError(RuntimeError):
    """Two services say different things about the same path, operation or schema."""


def merged(documents: list[dict[str, Any]], scopes: Sequence[MethodScopes | None] = ()) -> dict[str, Any]:
    """Return one document with the paths and schemas of all of them.

    `scopes` says of each what its routes need, where that is said at all.

    Raises:
        OpenApiConflictError: The same path and method, operation id, or schema name with another meaning, twice.
    """
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {}
    operation_ids: set[str] = set()
    for document, needs in zip_longest(documents, scopes):
        for path, item in document.get("paths", {}).items():
            for method, operation in item.items():
                if method in paths.setdefault(path, {}):
                    raise OpenApiConflictError(f"{method.upper()} {path} is there twice")
                identifier = operation.get("operationId", "")
                if identifier in operation_ids:
                    raise OpenApiConflictError(f"two operations are called {identifier}")
                operation_ids.add(identifier)
                paths[path][method] = _with_problems(_secured(operation, needs.needed(method) if needs else None))
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            if schemas.setdefault(name, schema) != schema:
                raise OpenApiConflictError(f"two different schemas are called {name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Heliograph",
            "version": "1",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in _tags(paths)],
        "paths": {path: _in_order(paths[path]) for path in sorted(paths)},
        "components": {
            "schemas": {name: schemas[name] for name in sorted(schemas)},
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


def _secured(operation: dict[str, Any], scope: Scope | None) -> dict[str, Any]:
    """Each service calls the one way to sign in what its framework calls it; here it has one name."""
    names = {name for one in operation.get("security", ()) for name in one}
    if not names:
        return operation
    if "share" in names:
        return {**operation, "security": [{"share": []}]}
    by_account = {"account": [scope.value] if scope else []}
    takes_keys = scope not in {None, Scope.ACCOUNT_WRITE}
    return {**operation, "security": [by_account, {"api_key": []}] if takes_keys else [by_account]}


def _with_problems(operation: dict[str, Any]) -> dict[str, Any]:
    """The framework gives problems the route's own media type; they have one of theirs (RFC 9457)."""
    responses = dict(operation["responses"])
    for status, response in responses.items():
        if status[0] in "45" and (content := response.get("content")):
            responses[status] = {**response, "content": {_PROBLEM: next(iter(content.values()))}}
    return {**operation, "responses": responses}


def _tags(paths: dict[str, dict[str, Any]]) -> list[str]:
    found = {tag for item in paths.values() for operation in item.values() for tag in operation.get("tags", [])}
    return [tag for tag in _TAG_ORDER if tag in found] + sorted(found - set(_TAG_ORDER))


def _in_order(item: dict[str, Any]) -> dict[str, Any]:
    return {method: item[method] for method in _METHODS if method in item}


def whole_api() -> str:
    """Return the document of the API as this checkout's code has it, as it is written to a file."""
    apps = [importlib.import_module(f"heliograph_{service}.main").create_app() for service in SERVICES]
    document = merged([app.openapi() | {} for app in apps], [app.state.scopes for app in apps])
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the one OpenAPI document, or see whether the one that is there is right."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the file is not right")
    given = parser.parse_args()
    wanted = whole_api()
    if not given.check:
        given.file.write_text(wanted, encoding="utf-8")
        return 0
    if given.file.exists() and given.file.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{given.file} is not what the code says: run `make openapi`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
