"""Conversions to ONNX give the same numbers as the networks they were made from."""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from tools.models.channel_softmax import with_spelt_out_softmax
from tools.models.classifier_graph import Architecture, ConvolutionNames, classifier
from tools.models.dynamic_shape import FixedShapeError, with_dynamic_shape
from tools.models.state_dict import StateDictError, Tensors

Array = npt.NDArray[np.float64]
NAMES = ("stem", "widen", "filter", "narrow", "head")


def an_architecture(*, same_padding: bool) -> Architecture:
    stem, widen, filtering, narrow, head = (ConvolutionNames(name, f"{name}_norm") for name in NAMES)
    return Architecture(
        stem=stem,
        blocks=((widen, filtering, narrow),),
        strides=(1,),
        head=head,
        linear="linear",
        epsilon=1e-3,
        same_padding=same_padding,
        side_px=9,
    )


def some_weights() -> Tensors:
    """Return weights of a stem (3 to 4), one inverted residual (4 to 8 to 4), a head (6) and 5 classes."""
    random = np.random.default_rng(7)
    shapes = {
        "stem": (4, 3, 3, 3),
        "widen": (8, 4, 1, 1),
        "filter": (8, 1, 5, 5),
        "narrow": (4, 8, 1, 1),
        "head": (6, 4, 1, 1),
    }
    tensors: dict[str, npt.NDArray[Any]] = {}
    for name, shape in shapes.items():
        tensors[f"{name}.weight"] = random.normal(0, 0.5, shape).astype(np.float32)
        for part, low, high in (("weight", 0.5, 2), ("bias", -1, 1), ("running_mean", -1, 1), ("running_var", 0.1, 2)):
            tensors[f"{name}_norm.{part}"] = random.uniform(low, high, shape[0]).astype(np.float32)
    tensors["linear.weight"] = random.normal(0, 1, (5, 6)).astype(np.float32)
    tensors["linear.bias"] = random.normal(0, 1, 5).astype(np.float32)
    return tensors


class Reference:
    """The same network, written down independently: loops, BatchNorm by its definition, padding by hand."""

    def __init__(self, tensors: Tensors, *, same_padding: bool) -> None:
        self._tensors = tensors
        self._same_padding = same_padding

    def convolution(self, x: Array, name: str, stride: int = 1) -> Array:
        weight = self._tensors[f"{name}.weight"].astype(np.float64)
        out_channels, in_channels, kernel, _ = weight.shape
        size = x.shape[1]
        out_size = -(-size // stride)
        total = max((out_size - 1) * stride + kernel - size, 0)
        before = total // 2 if self._same_padding else kernel // 2
        after = total - before if self._same_padding else kernel // 2
        padded = np.pad(x, ((0, 0), (before, after), (before, after)))
        out_size = (padded.shape[1] - kernel) // stride + 1
        y = np.zeros((out_channels, out_size, out_size))
        for o in range(out_channels):
            channels = padded[o : o + 1] if in_channels == 1 else padded
            for i in range(out_size):
                for j in range(out_size):
                    window = channels[:, i * stride : i * stride + kernel, j * stride : j * stride + kernel]
                    y[o, i, j] = (window * weight[o]).sum()
        norm = {
            part: self._tensors[f"{name}_norm.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
        }
        for o in range(out_channels):
            deviation = (norm["running_var"][o] + 1e-3) ** 0.5
            y[o] = (y[o] - norm["running_mean"][o]) / deviation * norm["weight"][o] + norm["bias"][o]
        return y

    def probabilities(self, image: Array) -> Array:
        x = self.convolution(image, "stem", stride=2).clip(0, 6)
        y = self.convolution(x, "widen").clip(0, 6)
        y = self.convolution(y, "filter").clip(0, 6)
        x = x + self.convolution(y, "narrow")
        pooled = self.convolution(x, "head").clip(0, 6).mean(axis=(1, 2))
        logits = self._tensors["linear.weight"] @ pooled + self._tensors["linear.bias"]
        exponentials = np.exp(logits - logits.max())
        return np.asarray(exponentials / exponentials.sum(), np.float64)


@pytest.mark.parametrize("same_padding", [True, False])
def test_a_converted_classifier_computes_what_the_definition_says(*, same_padding: bool) -> None:
    tensors = some_weights()
    model = classifier(tensors, an_architecture(same_padding=same_padding), list("abcde"))
    images = np.random.default_rng(8).normal(0, 1, (2, 3, 9, 9)).astype(np.float32)

    (output,) = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"images": images})

    reference = Reference(tensors, same_padding=same_padding)
    assert np.asarray(output) == pytest.approx(np.stack([reference.probabilities(image) for image in images]), abs=1e-5)


def test_a_converted_classifier_carries_its_class_names() -> None:
    model = classifier(some_weights(), an_architecture(same_padding=True), ["a", "b", "c", "d", ""])

    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert metadata["names"] == "{0: 'a', 1: 'b', 2: 'c', 3: 'd', 4: ''}"


def test_weights_of_another_network_are_refused() -> None:
    tensors = some_weights()
    del tensors["filter.weight"]

    with pytest.raises(StateDictError, match=r"no filter\.weight"):
        classifier(tensors, an_architecture(same_padding=True), list("abcde"))


def test_another_number_of_names_than_classes_is_refused() -> None:
    with pytest.raises(StateDictError, match="5 classes, but 2 names"):
        classifier(some_weights(), an_architecture(same_padding=True), ["a", "b"])


def a_fixed_detector(side_px: int = 64) -> onnx.ModelProto:
    """Return the tail of a YOLOv8 export: three maps flattened, joined, shifted by anchors, scaled by strides."""
    random = np.random.default_rng(9)
    nodes: list[onnx.NodeProto] = []
    initializers: list[onnx.TensorProto] = []

    def constant(name: str, value: npt.NDArray[Any]) -> str:
        initializers.append(numpy_helper.from_array(value, name))
        return name

    points, strides, rows = [], [], []
    for stride in (8, 16, 32):
        cells = side_px // stride
        weight = constant(f"weight_{stride}", random.normal(0, 1, (2, 3, stride, stride)).astype(np.float32))
        nodes.append(
            helper.make_node(
                "Conv", ["images", weight], [f"map_{stride}"], kernel_shape=[stride] * 2, strides=[stride] * 2
            )
        )
        shape = constant(f"shape_{stride}", np.array([1, 2, -1], np.int64))
        nodes.append(helper.make_node("Reshape", [f"map_{stride}", shape], [f"row_{stride}"]))
        rows.append(f"row_{stride}")
        centres = np.arange(cells, dtype=np.float32) + 0.5
        points.append(np.stack([np.tile(centres, cells), np.repeat(centres, cells)]))
        strides.append(np.full(cells * cells, stride, np.float32))
    anchors = constant("points", np.concatenate(points, axis=1)[None])
    scales = constant("strides", np.concatenate(strides)[None])
    count = side_px**2 // 64 * 21 // 16
    nodes += [
        helper.make_node("Concat", rows, ["rows"], axis=2),
        helper.make_node("Add", ["rows", anchors], ["shifted"]),
        helper.make_node("Mul", ["shifted", scales], ["output0"]),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, side_px, side_px])
    output = helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 2, count])
    graph = helper.make_graph(nodes, "detector", [images], [output], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def outputs(model: onnx.ModelProto, images: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    (output,) = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"images": images})
    return np.asarray(output, np.float32)


def test_a_freed_detector_gives_bit_for_bit_what_the_fixed_one_gave_for_any_batch() -> None:
    fixed = a_fixed_detector()
    images = np.random.default_rng(10).random((3, 3, 64, 64), dtype=np.float32)

    freed = outputs(with_dynamic_shape(fixed), images)

    assert all(np.array_equal(freed[i], outputs(fixed, images[i : i + 1])[0]) for i in range(3))


def test_a_freed_detector_takes_smaller_pictures_and_places_their_cells_where_they_are() -> None:
    fixed = a_fixed_detector()
    images = np.random.default_rng(11).random((1, 3, 64, 64), dtype=np.float32)

    cropped = outputs(with_dynamic_shape(fixed), images[:, :, :32, :])[0]

    whole = outputs(fixed, images)[0]
    finest, middle, coarsest = np.split(whole, [64, 80], axis=1)
    upper_half = [finest[:, : 4 * 8], middle[:, : 2 * 4], coarsest[:, : 1 * 2]]
    assert cropped == pytest.approx(np.concatenate(upper_half, axis=1), rel=1e-5)


def test_reshapes_that_share_the_constant_of_their_shape_are_freed_together() -> None:
    fixed = a_fixed_detector()
    shared = next(tensor.name for tensor in fixed.graph.initializer if tensor.name == "shape_8")
    for node in fixed.graph.node:
        if node.op_type == "Reshape":
            node.input[1] = shared
    images = np.random.default_rng(13).random((2, 3, 64, 64), dtype=np.float32)

    freed = outputs(with_dynamic_shape(fixed), images)

    assert all(np.array_equal(freed[i], outputs(fixed, images[i : i + 1])[0]) for i in range(2))


def test_what_is_no_detector_of_one_fixed_picture_is_refused() -> None:
    model = a_fixed_detector()
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 4

    with pytest.raises(FixedShapeError, match="instead of one square picture"):
        with_dynamic_shape(model)


def test_anchors_that_are_not_yolov8s_are_refused() -> None:
    model = a_fixed_detector()
    points = next(tensor for tensor in model.graph.initializer if tensor.name == "points")
    points.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(points) * 2, "points"))

    with pytest.raises(FixedShapeError, match="not where YOLOv8 has them"):
        with_dynamic_shape(model)


@pytest.mark.parametrize("opset", [17, 18])
@pytest.mark.parametrize("axis", [1, 3])
def test_a_spelt_out_softmax_computes_the_same_also_for_large_numbers(axis: int, opset: int) -> None:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 16, 4, "anchors"])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 16, 4, "anchors"])
    graph = helper.make_graph([helper.make_node("Softmax", ["x"], ["y"], axis=axis)], "softmax", [value], [result])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    x = np.random.default_rng(12).normal(0, 200, (2, 16, 4, 30)).astype(np.float32)

    outputs = [
        onnxruntime.InferenceSession(one.SerializeToString()).run(None, {"x": x})[0]
        for one in (model, with_spelt_out_softmax(model))
    ]

    assert outputs[1] == pytest.approx(outputs[0], abs=1e-6)
