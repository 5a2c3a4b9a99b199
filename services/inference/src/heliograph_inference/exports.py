"""Whether a network's file is what the manifest says: its bytes, its task, and the shapes of what goes in and out."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from heliograph_inference.domain import NetworkError
from heliograph_inference.manifest import ModelSpec

_TASKS = {"detect": "detection", "classify": "classification"}
"""As Ultralytics' exports name what they were trained for; their other tasks are not used here."""

_CLASSIFIED_RANK, _DETECTED_RANK = 2, 3
_BOX = 4
_END_TO_END = 6
"""x1, y1, x2, y2, confidence, class: an export that suppresses by itself."""


class WrongNetworkError(NetworkError):
    """A network's file is not there, not the one that was made, or not of the kind that the manifest says."""

    code = "wrong-network"


@dataclass(frozen=True)
class Export:
    """What a network's file says of itself, and the shape of what it gave for one picture."""

    task: str
    """Ultralytics' word for it; empty where the file has none."""
    class_count: int
    input_shape: tuple[int | str | None, ...]
    """Text or None where a dimension is free."""
    output_count: int


def verify_file(directory: Path, spec: ModelSpec) -> Path:
    """Return the path of a network's file once its bytes are those that `make models` wrote down.

    Raises:
        WrongNetworkError: The file or its record is not there, was made from other weights, or has changed since.
    """
    path, record_path = directory / f"{spec.key}.onnx", directory / f"{spec.key}.json"
    try:
        record = json.loads(record_path.read_bytes())
        expected, made_from = record["file"]["sha256"], record["made_from"]["weights_sha256"]
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise WrongNetworkError(f"{error.filename} is not there: `make models` fetches and makes it") from None
    except OSError as error:
        raise WrongNetworkError(f"{error.filename} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        raise WrongNetworkError(f"{record_path} says nothing of a hash: `make models` writes it anew") from None
    if found != expected:
        raise WrongNetworkError(
            f"{path} has SHA-256 {found} instead of {expected}, with which it was made: `make models` makes it anew"
        )
    listed = spec.member_sha256 or spec.source_sha256
    if listed != made_from:
        raise WrongNetworkError(
            f"{path} was made from weights with SHA-256 {made_from}, but the manifest lists "
            f"{listed or 'no `source_sha256`'}: `make models` makes it anew"
        )
    return path


def verify_input(spec: ModelSpec, export: Export) -> None:
    """Check what can be known before a first run.

    Raises:
        WrongNetworkError: It was exported for another task, one picture at a time, or another size.
    """
    if export.task and _TASKS.get(export.task) != spec.task:
        raise WrongNetworkError(
            f"{spec.key}: the file was exported for the task `{export.task}`, but the manifest says `{spec.task}`"
            + ("" if export.task in _TASKS else "; such networks are not used here")
        )
    match export.input_shape:
        case (int(batch), 3, _, _):
            raise WrongNetworkError(
                f"{spec.key}: the file takes {batch} picture(s) at a time and no other number: "
                'say `convert = "dynamic-shape"` (YOLOv8 detection) or `convert = "dynamic-batch"` in the manifest'
            )
        case (_, 3, height, width):
            fixed = [size for size in (height, width) if isinstance(size, int)]
            if any(size != spec.input.side_px for size in fixed):
                raise WrongNetworkError(
                    f"{spec.key}: the file takes pictures of {height}x{width} pixels, "
                    f"but the manifest says `side_px = {spec.input.side_px}`"
                )
        case _:
            raise WrongNetworkError(f"{spec.key}: the file takes {export.input_shape} instead of (batch, 3, h, w)")


def verify_output(spec: ModelSpec, export: Export, shape: tuple[int, ...]) -> None:
    """Check the shape of what a first run of one picture gave.

    Raises:
        WrongNetworkError: It is no output of the manifest's task, or has another width than there are class names.
    """
    names = export.class_count
    if spec.task == "classification":
        if len(shape) != _CLASSIFIED_RANK:
            raise WrongNetworkError(f"{spec.key}: a classifier gives (1, classes), but this one gave {shape}")
        if shape[1] != names:
            raise WrongNetworkError(f"{spec.key}: the output has {shape[1]} classes, but there are {names} names")
        return
    if export.output_count != 1:
        raise WrongNetworkError(
            f"{spec.key}: the file has {export.output_count} outputs, as segmentation exports have; a detector has one"
        )
    if len(shape) != _DETECTED_RANK:
        raise WrongNetworkError(f"{spec.key}: a detector gives (1, 4 + classes, anchors), but this one gave {shape}")
    if shape[1] != _BOX + names:
        raise WrongNetworkError(f"{spec.key}: {_why_no_detector(shape, names)}")


def _why_no_detector(shape: tuple[int, ...], names: int) -> str:
    _, rows, columns = shape
    if columns == _END_TO_END and rows > columns:
        return f"the output {shape} has been suppressed already; export it with `nms=False` and not end to end"
    if columns in {_BOX + names, _BOX + 1 + names}:
        return f"the output {shape} has one row an anchor, as YOLOv5's has; YOLOv8's is (1, {_BOX + names}, anchors)"
    return (
        f"the output has {rows - _BOX} classes, but there are {names} names; "
        "pose and oriented boxes have more rows, too, and are not used here"
    )
