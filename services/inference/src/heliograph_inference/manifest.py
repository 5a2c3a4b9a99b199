"""models/manifest.toml as the inference service reads it: which networks there are and what they are fed."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from heliograph.errors import UnavailableError


class ManifestUnreadableError(UnavailableError):
    """The manifest is not there or says something that cannot be."""

    code = "manifest-unreadable"


class InputSpec(BaseModel):
    """How a picture becomes a network's input."""

    model_config = ConfigDict(frozen=True)

    side_px: int = Field(ge=32)
    fit: Literal["letterbox", "crop"]
    resize_px: int = Field(default=0, description="What the short side becomes before the crop; 0: `side_px`.")
    mean: tuple[float, float, float] = (0, 0, 0)
    scale: tuple[float, float, float] = (255, 255, 255)


class ModelSpec(BaseModel):
    """One network of the manifest."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    name: str
    version: int
    task: Literal["detection", "classification"]
    input: InputSpec
    label_threshold: float = Field(default=0.25, ge=0, le=1)
    box_threshold: float = Field(default=0.25, ge=0, le=1, description="Ultralytics' default `conf`.")
    iou_threshold: float = Field(default=0.7, ge=0, le=1, description="Ultralytics' default `iou`.")
    most_labels: int = Field(default=3, ge=1, description="Of a classifier; a detector says all it finds.")

    @property
    def key(self) -> str:
        """Name and version, as in file names and in each label."""
        return f"{self.name}@{self.version}"


class _Manifest(BaseModel):
    models: list[ModelSpec] = []


def read_manifest(directory: Path) -> list[ModelSpec]:
    """Return the networks that `directory`'s manifest lists.

    Raises:
        ManifestUnreadableError: It is not there or says something that cannot be.
    """
    path = directory / "manifest.toml"
    try:
        return _Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).models
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ManifestUnreadableError(f"{path}: {error}") from error
