"""The authorisation matrix: every route of the API, called by everybody who might, through nginx."""

import json
import re
from functools import cache
from typing import Any

import httpx
import pytest

from tests.integration.access.principals import PRINCIPALS, Headers, Principal, bearer
from tests.integration.access.rows import ACCOUNTS, ROWS, Row, expected
from tests.integration.access.tally import tried
from tests.integration.access.world import SECRET, Call, World
from tools.openapi import whole_api

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@cache
def documented() -> frozenset[str]:
    """Return method and path of each operation of the API."""
    paths = json.loads(whole_api())["paths"]
    return frozenset(f"{method.upper()} {path}" for path, item in paths.items() for method in item)


def is_documented(method: str, path: str) -> bool:
    """Whether the document has an operation for a path, be it by another's braces."""
    templates = (one.removeprefix(f"{method} ") for one in documented() if one.startswith(f"{method} "))
    return any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) for template in templates)


def send(world: World, row: Row, principal: Principal, call: Call) -> httpx.Response:
    """Send one request and return the answer; of a stream of events only its head."""
    method, path = row.route.split(" ")
    request = world.http.build_request(
        method,
        path.format_map(call.parameters),
        params=dict(call.query),
        headers=dict(_proved(world, principal) if row.is_proved else principal.headers(world)),
        json=call.json,
        data=dict(call.form) if call.form else None,
        files={"file": ("photo.jpg", call.file, "image/jpeg")} if call.file else None,
    )
    if call.file:  # refused before it is read to its end, it leaves a connection that is good for nothing else
        request.headers["Connection"] = "close"
    response = world.http.send(request, stream=True)
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        response._content = b""  # it goes on for ever
    else:
        response.read()
    response.close()
    return response


def _proved(world: World, principal: Principal) -> Headers:
    """Return what somebody's requests carry once they have said their password again, as far as they can."""
    headers = principal.headers(world)
    if principal.scope is not None or principal.standing not in ACCOUNTS:
        return headers
    return bearer(world.proved(headers))


def tells(world: World, response: httpx.Response, call: Call) -> list[str]:
    """Return what an answer to somebody else says of Ada that the request didn't say itself."""
    secret = [SECRET, world.ada.account_id, world.ada.email, world.uploaded, *world.photo_ids]
    told = response.text + str(response.headers)
    return [one for one in secret if one in told and one not in call.said()]


def is_let_in(row: Row, principal: Principal) -> bool:
    """Whether what the principal sends is good for the row, whatever the principal is to Ada."""
    return principal.scope is None or expected(row, principal) == row.success


def deviations(world: World, row: Row) -> dict[str, Any]:
    """Return what came back other than it should, by principal; those who may not call first."""
    found: dict[str, Any] = {}
    call = row.request(world)
    allowed = [one for one in PRINCIPALS if one.standing in row.allowed and is_let_in(row, one)]
    for principal in [one for one in PRINCIPALS if one not in allowed]:
        response = send(world, row, principal, call)
        is_told = principal.standing != "owner" and tells(world, response, call)
        if response.status_code != expected(row, principal) or is_told:
            found[principal.name] = (response.status_code, expected(row, principal), response.text)
    for number, principal in enumerate(one for one in allowed if not one.is_only_refused):
        call = row.request(world) if number else call
        response = send(world, row, principal, call)
        if response.status_code != expected(row, principal):
            found[principal.name] = (response.status_code, expected(row, principal), response.text)
        elif principal.standing != "owner" and not row.is_shared and (told := tells(world, response, call)):
            found[principal.name] = f"it tells {told}: {response.text}"
    return found


def test_every_route_of_the_api_is_in_the_matrix_and_no_other() -> None:
    assert {row.route for row in ROWS} == documented(), "tests/integration/access/rows.py lists each route of the API"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_whoever_calls_gets_what_is_theirs_and_nothing_else(
    world: World, row: Row, pytestconfig: pytest.Config
) -> None:
    found = deviations(world, row)

    pytestconfig.stash[tried]["calls"] += sum(not (one.is_only_refused and is_let_in(row, one)) for one in PRINCIPALS)
    pytestconfig.stash[tried]["deviations"] += len(found)
    assert found == {}


@pytest.mark.parametrize("path", sorted({row.route.split(" ")[1] for row in ROWS}))
def test_a_method_that_the_document_does_not_name_is_refused(world: World, path: str) -> None:
    others = [method for method in METHODS if not is_documented(method, path)]

    statuses = {
        method: world.http.request(
            method, path.replace("{", "").replace("}", ""), headers=world.ada.headers
        ).status_code
        for method in others
    }

    assert statuses == dict.fromkeys(others, 405)
