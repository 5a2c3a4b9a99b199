"""Whether a converted network is of the kind that the manifest says, before it takes the place of another."""

import ast

import onnx

_TASKS = {"detect": "detection", "classify": "classification"}
"""As Ultralytics' exports name what they were trained for."""

_BOX = 4
_RANK = {"classification": 2, "detection": 3}


class WrongExportError(ValueError):
    """The export is of another kind than the manifest says."""


def check_export(model: onnx.ModelProto, *, task: str, side_px: int) -> None:
    """Check what a file says of itself; the inference service checks what it does.

    Args:
        model: The converted network.
        task: `detection` or `classification`.
        side_px: Of the manifest's input.

    Raises:
        WrongExportError: It was exported for another task, takes a fixed number or other pictures, or has another
            number of classes than names.
    """
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    exported_for = metadata.get("task", "")
    if exported_for and _TASKS.get(exported_for) != task:
        raise WrongExportError(f"the file was exported for the task `{exported_for}`, but the manifest says `{task}`")
    if len(model.graph.output) != 1:
        raise WrongExportError(
            f"the file has {len(model.graph.output)} outputs, as segmentation exports have; one is looked for"
        )
    _check_input(_shape(model.graph.input[0]), side_px)
    _check_output(_shape(model.graph.output[0]), task, _class_count(metadata))


def _shape(value: onnx.ValueInfoProto) -> list[int | None]:
    """Return the dimensions; None for one that is free."""
    dimensions = value.type.tensor_type.shape.dim
    return [dimension.dim_value if dimension.HasField("dim_value") else None for dimension in dimensions]


def _check_input(shape: list[int | None], side_px: int) -> None:
    match shape:
        case [int(batch), *_]:
            raise WrongExportError(
                f"the file takes {batch} picture(s) at a time and no other number: say "
                '`convert = "dynamic-shape"` (YOLOv8 detection) or `convert = "dynamic-batch"`'
            )
        case [None, 3, height, width]:
            if any(size not in {None, side_px} for size in (height, width)):
                raise WrongExportError(
                    f"the file takes pictures of {height}x{width} pixels, but the manifest says `side_px = {side_px}`"
                )
        case _:
            raise WrongExportError(f"the file's input is {shape} instead of (batch, 3, height, width)")


def _check_output(shape: list[int | None], task: str, names: int) -> None:
    if len(shape) != _RANK[task]:
        raise WrongExportError(f"the file's output {shape} is none of the task `{task}`")
    width = shape[1]
    expected = names if task == "classification" else _BOX + names
    if width is not None and width != expected:
        classes = width if task == "classification" else width - _BOX
        raise WrongExportError(f"the output has {classes} classes, but there are {names} names")


def _class_count(metadata: dict[str, str]) -> int:
    try:
        return len(ast.literal_eval(metadata["names"]))
    except KeyError:
        raise WrongExportError("the file does not name its classes: say `class_names` in the manifest") from None
    except (ValueError, SyntaxError, TypeError):
        raise WrongExportError(
            "the file's metadata `names` cannot be read: say `class_names` in the manifest"
        ) from None
