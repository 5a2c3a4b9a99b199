"""From where somebody asks for something: their address, and a few words on their program."""

import re
from dataclasses import dataclass
from typing import Final

from fastapi import Request

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""The first that is named counts: most browsers name others besides."""

_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_PRODUCT: Final = re.compile(r"[A-Za-z][\w.+-]{0,39}")
UNKNOWN: Final = "Unknown program"
_LONGEST_ADDRESS_CHARACTERS: Final = 64


def device_name(user_agent: str) -> str:
    """Return for example "Firefox on Linux", or the first word of a program that is no browser."""
    browser = next((name for mark, name in _BROWSERS if f"{mark}/" in user_agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    if browser and user_agent.startswith("Mozilla/"):
        return f"{browser} on {system}" if system else browser
    product = _PRODUCT.match(user_agent)
    return product[0] if product else UNKNOWN


def client_address(request: Request) -> str:
    """Return where a request comes from, as the outermost of our own proxies saw it.

    What stands further left in `X-Forwarded-For` came from outside, and may say anything.
    """
    proxies: int = request.app.state.proxies_in_front
    passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and passed:
        return passed[-min(proxies, len(passed))][:_LONGEST_ADDRESS_CHARACTERS]
    return request.client.host if request.client else ""


@dataclass(frozen=True)
class Visit:
    """From where, and with what."""

    address: str = ""
    device: str = ""


def visit_of(request: Request) -> Visit:
    """Return from where a request comes, and with what program."""
    return Visit(client_address(request), device_name(request.headers.get("User-Agent", "")))
