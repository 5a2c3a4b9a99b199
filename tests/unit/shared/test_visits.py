"""From where a request comes, as our own proxies saw it, and with what program."""

import pytest
from fastapi import FastAPI
from starlette.requests import Request

from heliograph.visits import UNKNOWN, client_address, device_name


def a_request(forwarded: str | None, *, proxies: int, peer: str = "10.0.0.1") -> Request:
    app = FastAPI()
    app.state.proxies_in_front = proxies
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded is not None else []
    return Request({"type": "http", "app": app, "headers": headers, "client": (peer, 1)})


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        (None, 1, "10.0.0.1"),
        ("203.0.113.9", 1, "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", 1, "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9, 10.0.0.7", 2, "203.0.113.9"),
        ("203.0.113.9", 2, "203.0.113.9"),
        ("6.6.6.6", 0, "10.0.0.1"),
        (" , ", 1, "10.0.0.1"),
        ("x" * 1000, 1, "x" * 64),
    ],
)
def test_an_address_is_what_our_outermost_proxy_saw_whatever_came_from_outside(
    forwarded: str | None, proxies: int, address: str
) -> None:
    assert client_address(a_request(forwarded, proxies=proxies)) == address


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 Firefox/140.0", "Firefox"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28", "python-httpx"),
        ("", UNKNOWN),
        ("<script>", UNKNOWN),
        ("a" * 500, "a" * 40),
    ],
)
def test_a_program_is_called_so_that_one_knows_one_s_own_again(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name
