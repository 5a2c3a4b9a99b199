"""What tools/nginx.py fills into nginx's configuration."""

import json
import re
from pathlib import Path

import pytest

from tools.nginx import MapTiles, Upstreams, configuration, render


def a_configuration(tiles: MapTiles) -> str:
    return configuration(
        listen="127.0.0.1:8080",
        upstreams=Upstreams.of_demo(8080),
        run_dir=Path("/run"),
        web_root=Path("/web"),
        bucket="heliograph-photos",
        tiles=tiles,
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


def test_a_name_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="MISSING"):
        render("listen ${MISSING};", {})
