"""What tools/nginx.py fills into nginx's configuration."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tools.nginx import MapTiles, Tls, Upstreams, configuration, render


def a_configuration(tiles: MapTiles = MapTiles(), **more: Any) -> str:  # noqa: B008 - frozen
    return configuration(
        listen="127.0.0.1:8080",
        upstreams=Upstreams.of_demo(8080),
        run_dir=Path("/run"),
        web_root=Path("/web"),
        bucket="heliograph-photos",
        tiles=tiles,
        **more,
    )


def as_nginx_reads(string: str) -> str:
    """What nginx makes of a string between single quotes: a backslash takes the next one's meaning."""
    return re.sub(r"\\(['\"\\])", r"\1", string)


@pytest.mark.parametrize(
    "attribution",
    ["© OpenStreetMap contributors", "it's", 'a "quoted" <a href="x">link</a>', "back\\slash", "$host and ${uri}"],
)
def test_the_map_s_attribution_comes_out_of_nginx_as_it_went_in(attribution: str) -> None:
    written = MapTiles(attribution=attribution).config_json()

    assert not re.search(r"['$]", written)
    assert json.loads(as_nginx_reads(written))["tile_attribution"] == attribution


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://tile.openstreetmap.org/{z}/{x}/{y}.png", "https://tile.openstreetmap.org"),
        ("https://{s}.tiles.example/{z}/{x}/{y}.png", "https://*.tiles.example"),
        ("http://127.0.0.1:9000/{z}/{x}/{y}.png", "http://127.0.0.1:9000"),
        ("/tiles/{z}/{x}/{y}.png", ""),
    ],
)
def test_pictures_may_come_from_the_tiles_origin_and_no_other(url: str, origin: str) -> None:
    assert MapTiles(url).origin == origin
    assert f"img-src 'self' data: blob: {origin};" in a_configuration(MapTiles(url))


def test_each_resource_goes_to_the_port_of_its_service() -> None:
    written = a_configuration(MapTiles())

    assert "listen 127.0.0.1:8080;" in written
    for name, port in {"auth": 8081, "upload": 8082, "metadata": 8083, "s3": 8086}.items():
        assert re.search(rf"set \${name} +127\.0\.0\.1:{port};", written)


def test_no_location_sets_a_header_of_its_own_and_so_loses_all_the_others() -> None:
    server = a_configuration(MapTiles()).split("    server {\n")[1]

    for directive in ("add_header", "proxy_set_header"):
        assert re.search(rf"^ {{8}}{directive} ", server, re.MULTILINE)
        assert not re.search(rf"^ {{9,}}{directive} ", server, re.MULTILINE)


def test_with_a_certificate_the_one_server_speaks_tls_and_another_sends_plain_http_there() -> None:
    written = a_configuration(tls=Tls(Path("/tls/own.pem"), Path("/tls/key.pem"), "127.0.0.1:8088"))

    assert "listen 127.0.0.1:8080 ssl;" in written
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in written
    assert "listen 127.0.0.1:8088;" in written
    assert "return 308 https://$host:8080$request_uri;" in written
    assert "ssl" not in a_configuration()


def test_only_proxies_that_are_named_say_who_is_calling() -> None:
    assert "real_ip" not in a_configuration()

    written = a_configuration(trusted_proxies=["10.0.0.0/8", "fd00::/8"])

    assert "set_real_ip_from 10.0.0.0/8;" in written
    assert "set_real_ip_from fd00::/8;" in written
    assert "real_ip_header X-Forwarded-For;" in written


def test_no_page_may_run_or_style_by_what_stands_in_it() -> None:
    assert "unsafe-inline" not in a_configuration()
    assert "unsafe-eval'" not in a_configuration().replace("wasm-unsafe-eval'", "")


def test_a_name_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="MISSING"):
        render("listen ${MISSING};", {})
