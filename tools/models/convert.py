"""From weights as they are published to a network as the inference service loads it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import onnx

from tools.models.channel_softmax import with_spelt_out_softmax
from tools.models.classifier_graph import ARCHITECTURES, classifier
from tools.models.dynamic_shape import with_dynamic_batch, with_dynamic_shape
from tools.models.manifest import ManifestError
from tools.models.state_dict import read_state_dict

CONVERTER_VERSION = 3
"""Goes up when a conversion's result changes, so that older files are made anew."""


def converted(weights: Path, convert: str, class_names: list[str]) -> onnx.ModelProto:
    """Return the network ready to run.

    Args:
        weights: The verified file.
        convert: The manifest's `convert`.
        class_names: For weights that bring no names of their own; a blank name is never shown as a label.

    Raises:
        ManifestError: There is no such conversion.
        ValueError: The file is not what the conversion takes.
    """
    step, _, architecture = convert.partition(":")
    if step == "state-dict" and architecture in ARCHITECTURES:
        return classifier(read_state_dict(weights), ARCHITECTURES[architecture], class_names)
    if convert in _CONVERSIONS:
        try:
            model = onnx.load(str(weights))
        except Exception as error:  # a file that is no ONNX raises protobuf's own errors
            raise ManifestError(f"{weights.stem}: the weights are no ONNX file") from error
        if class_names:
            _name_classes(model, class_names)
        return _CONVERSIONS[convert](model)
    raise ManifestError(f"there is no conversion {convert!r}")


def _with_dynamic_shape(model: onnx.ModelProto) -> onnx.ModelProto:
    return with_spelt_out_softmax(with_dynamic_shape(model))


_CONVERSIONS: Final[Mapping[str, Callable[[onnx.ModelProto], onnx.ModelProto]]] = {
    "none": lambda model: model,
    "dynamic-shape": _with_dynamic_shape,
    "dynamic-batch": with_dynamic_batch,
}


def _name_classes(model: onnx.ModelProto, class_names: list[str]) -> None:
    """Give the classes names for people instead of those that the file brings."""
    others = {entry.key: entry.value for entry in model.metadata_props if entry.key != "names"}
    onnx.helper.set_model_props(model, {**others, "names": str(dict(enumerate(class_names)))})
