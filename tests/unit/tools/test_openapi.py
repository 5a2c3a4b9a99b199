"""Merging the services' OpenAPI documents."""

import json
from typing import Any

import pytest

from heliograph.identity import MethodScopes, Scope
from tools.openapi import OpenApiConflictError, merged


def a_document(path: str, operation_id: str, *, schema: str = "Thing", tag: str = "things", **more: Any) -> Any:
    operation = {"operationId": operation_id, "tags": [tag], "responses": {}, **more}
    return {"paths": {path: {"get": operation}}, "components": {"schemas": {schema: {"type": "object"}}}}


def test_the_same_services_in_another_order_give_the_same_bytes() -> None:
    one = a_document("/a", "get_a", tag="photos")
    two = a_document("/b", "get_b", tag="accounts", schema="Other")

    assert json.dumps(merged([one, two])) == json.dumps(merged([two, one]))
    assert merged([one, two])["tags"] == [{"name": "accounts"}, {"name": "photos"}]


def test_a_schema_that_two_services_share_is_there_once() -> None:
    document = merged([a_document("/a", "get_a"), a_document("/b", "get_b")])

    assert list(document["components"]["schemas"]) == ["Thing"]


def test_whatever_is_there_twice_with_another_meaning_is_an_error() -> None:
    with pytest.raises(OpenApiConflictError, match="GET /a is there twice"):
        merged([a_document("/a", "get_a"), a_document("/a", "read_a")])
    with pytest.raises(OpenApiConflictError, match="two operations are called get_a"):
        merged([a_document("/a", "get_a"), a_document("/b", "get_a")])
    other = a_document("/b", "get_b")
    other["components"]["schemas"]["Thing"] = {"type": "string"}
    with pytest.raises(OpenApiConflictError, match="two different schemas are called Thing"):
        merged([a_document("/a", "get_a"), other])


@pytest.mark.parametrize(
    ("needs", "security"),
    [
        (Scope.LIBRARY_READ, [{"account": ["library:read"]}, {"api_key": []}]),
        (Scope.ACCOUNT_WRITE, [{"account": ["account:write"]}]),
    ],
)
def test_an_operation_says_what_scope_it_needs_and_whether_a_key_will_do(
    needs: Scope, security: list[dict[str, list[str]]]
) -> None:
    described = a_document("/a", "get_a", security=[{"OAuth2PasswordBearer": []}])

    document = merged([described], [MethodScopes(read=needs, write=Scope.LIBRARY_WRITE)])

    assert document["paths"]["/a"]["get"]["security"] == security


def test_an_operation_that_needs_a_token_is_signed_in_to_with_the_password_form() -> None:
    document = merged([a_document("/a", "get_a", security=[{"OAuth2PasswordBearer": []}]), a_document("/b", "get_b")])

    assert document["paths"]["/a"]["get"]["security"] == [{"account": []}]
    assert "security" not in document["paths"]["/b"]["get"]
    flow = document["components"]["securitySchemes"]["account"]["flows"]["password"]
    assert flow["tokenUrl"] == "/api/v1/tokens"
