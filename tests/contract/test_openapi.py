"""The one OpenAPI document: what is served is what the code says, and it describes the whole API well."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.openapi import whole_api

SERVED = Path(__file__).resolve().parents[2] / "frontend" / "public" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document as this checkout's code has it."""
    read: dict[str, Any] = json.loads(whole_api())
    return read


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each operation by its method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def test_the_document_that_is_served_is_what_the_code_says() -> None:
    assert SERVED.read_text(encoding="utf-8") == whole_api(), "run `make openapi`"


def test_every_operation_is_summed_up_tagged_and_names_its_problems(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        assert operation.get("summary"), name
        assert operation.get("tags"), name
        assert name == "GET /.well-known/jwks.json" or "4XX" in operation["responses"], name


def test_problems_are_said_to_be_what_they_are(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        for status, response in operation["responses"].items():
            if status[0] in "45":
                assert list(response["content"]) == ["application/problem+json"], (name, status)


def test_all_but_the_ways_in_need_a_token(document: dict[str, Any]) -> None:
    open_to_all = {name for name, operation in operations(document).items() if "security" not in operation}

    assert open_to_all == {
        "GET /.well-known/jwks.json",
        "POST /api/v1/accounts",
        "POST /api/v1/password-resets",
        "POST /api/v1/password-resets/complete",
        "POST /api/v1/shared/visits",
        "GET /api/v1/thumbnails/{owner_id}/{photo_id}",  # its address is signed
        "POST /api/v1/tokens",
        "POST /api/v1/tokens/refresh",
        "GET /api/v1/tokens/oidc/callback",
        "GET /api/v1/tokens/ways",
        "POST /api/v1/tokens/oidc",
        "POST /api/v1/tokens/passkey",
        "POST /api/v1/tokens/passkey-options",
        "POST /api/v1/tokens/second-factor",
        "POST /api/v1/verifications/confirm",
    }


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    wanted = {part.split('"', 1)[0] for part in text.split('"#/components/schemas/')[1:]}

    assert wanted == set(document["components"]["schemas"])
