"""models/manifest.toml as the inference service reads it: which networks there are and what they are fed."""

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from heliograph.errors import UnavailableError


class ManifestUnreadableError(UnavailableError):
    """The manifest is not there or says something that cannot be."""

    code = "manifest-unreadable"


class InputSpec(BaseModel):
    """How a picture becomes a network's input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    side_px: int = Field(ge=32)
    fit: Literal["letterbox", "crop"]
    resize_px: int = Field(default=0, ge=0, description="What the short side becomes before the crop; 0: `side_px`.")
    resampling: Literal["bilinear", "bicubic"] = Field(
        default="bilinear", description="How a picture is made smaller before the crop; bilinear is Ultralytics'."
    )
    mean: tuple[float, float, float] = (0, 0, 0)
    scale: tuple[float, float, float] = (255, 255, 255)


class ModelSpec(BaseModel):
    """One network of the manifest; what only `make models` needs is named here so that nothing else can be there."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    version: int = Field(ge=1)
    task: Literal["detection", "classification"]
    input: InputSpec
    label_threshold: float = Field(default=0.25, ge=0, le=1, description="Of calibrated confidences.")
    box_threshold: float = Field(default=0.25, ge=0, le=1, description="Of raw scores; Ultralytics' default `conf`.")
    iou_threshold: float = Field(default=0.7, ge=0, le=1, description="Ultralytics' default `iou`.")
    most_labels: int = Field(default=3, ge=1, description="Of a classifier; a detector says all it finds.")

    licence: str = ""
    licence_note: str = ""
    source: str = ""
    source_size_bytes: int = 0
    source_sha256: str = ""
    member: str = ""
    member_size_bytes: int = 0
    member_sha256: str = ""
    convert: str = "none"
    class_names: str = ""

    @property
    def key(self) -> str:
        """Name and version, as in file names and in each label."""
        return f"{self.name}@{self.version}"


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    models: list[ModelSpec] = []


def read_manifest(directory: Path) -> list[ModelSpec]:
    """Return the networks that `directory`'s manifest lists.

    Raises:
        ManifestUnreadableError: It is not there or says something that cannot be; the first such thing, in a sentence.
    """
    path = directory / "manifest.toml"
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestUnreadableError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestUnreadableError(f"{path} is not TOML: {error}") from error
    try:
        models = _Manifest.model_validate(said).models
    except ValidationError as error:
        raise ManifestUnreadableError(f"{path}: {_sentence(said, error.errors(include_url=False)[0])}") from error
    keys = [model.key for model in models]
    if twice := [key for i, key in enumerate(keys) if key in keys[:i]]:
        raise ManifestUnreadableError(
            f"{path}: {twice[0]} is there twice; a network that is to see differently gets a `version` of its own"
        )
    for model in models:
        if model.task == "detection" and model.input.fit != "letterbox":
            raise ManifestUnreadableError(f'{path}: {model.key}: a detector\'s input has `fit = "letterbox"`')
    return models


def _sentence(said: dict[str, Any], error: ErrorDetails) -> str:
    """Return what is wrong, with the network and the field in which it is."""
    location = list(error["loc"])
    where = ""
    match location:
        case ["models", int(index), *rest]:
            entry = said["models"][index]
            known = isinstance(entry, dict) and "name" in entry
            where = f"{entry['name']}@{entry.get('version', '?')}: " if known else f"model {index + 1}: "
            location = rest
    field = ".".join(str(part) for part in location) or "it"
    match error["type"]:
        case "missing":
            return f"{where}`{field}` is missing"
        case "extra_forbidden":
            return f"{where}there is no field `{field}`"
        case "literal_error":
            return f"{where}`{field}` is {error['input']!r}; it can be {error.get('ctx', {}).get('expected')}"
    return f"{where}`{field}` is {error['input']!r}: {error['msg'].lower()}"
