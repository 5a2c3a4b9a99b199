"""What nginx says of every answer: who may embed, sniff, cache and run it, as a passive scanner would check it."""

import re
import socket
import ssl
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.integration.access.principals import bearer
from tests.integration.access.world import World, trusting

PAGES = (
    "/",
    "/sign-in",
    "/register",
    "/timeline",
    "/search?q=dog",
    "/map",
    "/albums",
    "/questions",
    "/s",
    "/docs/",
    "/nowhere",
)
FILES = (
    "/config.json",
    "/openapi.json",
    "/favicon.svg",
    "/manifest.webmanifest",
    "/docs/explorer.js",
    "/docs/swagger-ui.css",
)
ANSWERS = (
    "/.well-known/jwks.json",
    "/api/v1/me",
    "/api/v1/timeline",
    "/api/v1/nowhere",
    "/heliograph-photos/x",
    "/assets/none.js",
)

LAX = {"*", "'unsafe-inline'", "'unsafe-eval'", "https:", "data:"}
FEATURES = ("camera", "microphone", "geolocation", "payment", "usb", "display-capture")
INSIDE = r"Traceback|botocore|site-packages|ClientError|arn:aws|dynamodb"
ALWAYS: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
}


def policy(response: httpx.Response) -> dict[str, list[str]]:
    """Return the content security policy's directives."""
    [written] = response.headers.get_list("content-security-policy")
    return {words[0]: words[1:] for part in written.split(";") if (words := part.split())}


def faults(response: httpx.Response) -> list[str]:
    """Return what a passive scan finds wrong with an answer."""
    headers = response.headers
    found = [f"{name}: {headers.get_list(name)}" for name, value in ALWAYS.items() if headers.get_list(name) != [value]]
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", headers.get("x-correlation-id", "")):
        found.append(f"x-correlation-id {headers.get_list('x-correlation-id')}")
    if "access-control-allow-origin" in headers:
        found.append("another origin may read it")
    if response.content and not re.search(r"charset=utf-8|image/|json|xml", headers.get("content-type", "")):
        found.append(f"content-type {headers.get('content-type')}")
    return [*found, *_lax_policies(response), *_lax_cookies(response), *_disclosures(response)]


def _lax_policies(response: httpx.Response) -> list[str]:
    said = policy(response)
    found = [
        f"{directive} {source}"
        for directive in ("default-src", "script-src", "style-src")
        for source in said.get(directive, said["default-src"])
        if source in LAX
    ]
    if said["frame-ancestors"] != ["'none'"]:
        found.append(f"frame-ancestors {said['frame-ancestors']}")
    permissions = response.headers.get("permissions-policy", "")
    return found + [f"{name} is allowed" for name in FEATURES if f"{name}=()" not in permissions]


def _lax_cookies(response: httpx.Response) -> list[str]:
    strict = {"httponly", "secure", "samesite=strict"}
    return [
        f"cookie {cookie.split('=')[0]}"
        for cookie in response.headers.get_list("set-cookie")
        if not strict <= {part.strip().lower() for part in cookie.split(";")}
    ]


def _disclosures(response: httpx.Response) -> list[str]:
    headers = response.headers
    found = [f"{name}: {headers[name]}" for name in ("x-powered-by", "via") if name in headers]
    if re.search(r"\d", headers.get("server", "")):
        found.append(f"server: {headers['server']}")
    if "json" in headers.get("content-type", "") and re.search(INSIDE, response.text):
        found.append("it tells of its inside")
    return found


@pytest.mark.parametrize("path", [*PAGES, *FILES, *ANSWERS])
@pytest.mark.parametrize("who", ["anonymous", "owner"])
def test_every_answer_bears_the_headers_that_keep_it_to_itself(world: World, path: str, who: str) -> None:
    headers = {"Origin": "https://evil.example"} | (world.ada.headers if who == "owner" else {})

    response = world.http.get(path, headers=headers)

    assert faults(response) == []
    if path in PAGES:
        assert response.status_code == 200
        assert policy(response)["style-src"] == ["'self'"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=\"|\bstyle=\"", response.text)


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/timeline", "/api/v1/search", "/api/v1/albums", "/api/v1/jobs"])
def test_answers_about_somebody_are_for_nobody_elses_cache(world: World, path: str) -> None:
    response = world.http.get(path, headers=world.ada.headers)

    assert re.search(r"private|no-store", response.headers["cache-control"]), response.headers["cache-control"]


def test_a_token_is_never_cached(world: World) -> None:
    form = {"grant_type": "password", "username": world.ada.email, "password": "correct horse battery staple"}

    assert world.http.post("/api/v1/tokens", data=form).headers["cache-control"] == "no-store"


# --- what nginx itself refuses ------------------------------------------------------------------------------------


def raw(world: World, request: bytes) -> tuple[str, dict[str, str], bytes]:
    """Send bytes by TLS and return status line, headers and body of what comes back."""
    context = ssl.create_default_context(cafile=str(world.system.certificate))
    with (
        socket.create_connection(("127.0.0.1", httpx.URL(world.system.url).port or 0), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return status, {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}, body


@pytest.mark.parametrize(
    ("request_line", "status", "code"),
    [
        ("GET /%00 HTTP/1.1", 400, "bad-request"),
        ("GET /api/v1/photos/%00 HTTP/1.1", 400, "bad-request"),
        ("GET /../../etc/passwd HTTP/1.1", 400, "bad-request"),
        ("GET /assets/none.js HTTP/1.1", 404, "not-found"),
        ("GET /docs/none HTTP/1.1", 404, "not-found"),
        ("GET /x/../heliograph-photos/y HTTP/1.1", 404, "not-found"),
        ("TRACE / HTTP/1.1", 405, "method-not-allowed"),
        ("POST / HTTP/1.1", 405, "method-not-allowed"),
        ("DELETE /heliograph-photos/x HTTP/1.1", 403, "forbidden"),
        (f"GET /{'a' * 40_000} HTTP/1.1", 414, "too-long"),
        (f"GET / HTTP/1.1\r\nX-Long: {'a' * 40_000}", 431, "too-large"),
        ("POST /api/v1/albums HTTP/1.1\r\nContent-Length: 5000000", 413, "too-large"),
        ("POST /api/v1/albums HTTP/1.1\r\nTransfer-Encoding: nonsense", 501, "not-implemented"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_nginx_refuses_it_refuses_as_a_problem(world: World, request_line: str, status: int, code: str) -> None:
    answered, headers, body = raw(world, f"{request_line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    problem: dict[str, Any] = httpx.Response(status, content=body).json()

    assert answered.split(" ")[1] == str(status)
    assert headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, f"/problems/{code}")
    assert headers["x-correlation-id"] == problem["correlation_id"]
    assert headers["x-content-type-options"] == "nosniff"


def test_a_correlation_id_that_was_sent_names_the_request_in_every_log(world: World) -> None:
    response = world.http.get("/api/v1/me", headers={"X-Correlation-Id": "from-a-client-1"})

    assert response.headers.get_list("x-correlation-id") == ["from-a-client-1"]
    assert response.json()["correlation_id"] == "from-a-client-1"
    # A service writes its line when the answer is out: by the next answer it is there.
    forged = world.http.get("/api/v1/me", headers={"X-Correlation-Id": 'a","status":200,"x":"'})
    assert re.fullmatch(r"[0-9a-f]{32}", forged.headers["x-correlation-id"])
    for service in ("nginx", "auth"):
        assert "from-a-client-1" in (world.system.data / "logs" / f"{service}.log").read_text()


def test_no_other_origin_is_let_in(world: World) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    url = world.call("GET", f"/photos/{world.uploaded}")["thumbnail_url"]

    for path in ("/api/v1/me", "/api/v1/tokens", "/heliograph-photos/x", "/"):
        assert "access-control-allow-origin" not in world.http.options(path, headers=asked).headers
    picture = world.http.get(url, headers=asked)
    assert picture.status_code == 200
    assert "access-control-allow-origin" not in picture.headers


# --- limits -------------------------------------------------------------------------------------------------------


def test_a_flood_from_one_address_is_refused_with_when_to_come_again(world: World) -> None:
    statuses: dict[int, int] = {}
    refused = httpx.Response(200)
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2", verify=trusting(world.system))
    with httpx.Client(base_url=world.system.url, transport=elsewhere) as http:
        while not (refused.status_code == 429 or sum(statuses.values()) > 2000):
            refused = http.post("/api/v1/tokens/refresh", json={"refresh_token": "nonsense"})
            statuses[refused.status_code] = statuses.get(refused.status_code, 0) + 1

    assert set(statuses) == {401, 429}, statuses
    assert refused.json()["code"] == "throttled"
    assert refused.headers["retry-after"] == "1"
    assert world.http.get("/api/v1/me", headers=bearer(world.ada.access_token)).status_code == 200


def test_as_many_calls_from_many_addresses_are_no_flood(world: World) -> None:
    statuses = {world.http.post("/api/v1/tokens/refresh", json={"refresh_token": "x"}).status_code for _ in range(600)}

    assert statuses == {401}


# --- by plain HTTP ------------------------------------------------------------------------------------------------


def test_plain_http_is_sent_to_tls_and_answered_with_nothing_else(world: World) -> None:
    port = httpx.URL(world.system.url).port or 0
    wanted = f"{world.system.url}/api/v1/me?x=1"

    for plain in (port, port + 8):
        response = httpx.get(f"http://127.0.0.1:{plain}/api/v1/me?x=1", trust_env=False)
        assert (response.status_code, response.headers["location"]) == (308, wanted)
        assert "strict-transport-security" not in response.headers
