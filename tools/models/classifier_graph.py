"""Build a classifier's ONNX graph from its state dict: EfficientNet-lite0 and MobileNetV2.

Both are a stem, a row of inverted residuals (widen by 1x1, filter each channel, narrow by 1x1, add the input
where the shapes agree) and a head, with ReLU6 throughout. Each BatchNorm is folded into the convolution before it.

Sources: "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (arXiv 1801.04381), table 2; EfficientNet-lite's
block table in tensorflow/tpu. Channel counts and kernel sizes are read from the weights themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from tools.models.state_dict import StateDictError, Tensors

OPSET = 17
IR_VERSION = 8
"""Read by every ONNX Runtime since 1.12."""


@dataclass(frozen=True)
class ConvolutionNames:
    """Where one convolution and its BatchNorm stand in the state dict."""

    convolution: str
    batch_norm: str


@dataclass(frozen=True)
class Architecture:
    """What the weights alone do not tell."""

    stem: ConvolutionNames
    blocks: tuple[tuple[ConvolutionNames, ...], ...]
    """Per block: widening (absent in the first), filtering, narrowing."""
    strides: tuple[int, ...]
    head: ConvolutionNames
    linear: str
    epsilon: float
    same_padding: bool
    """TensorFlow's SAME padding, whose odd pixel goes right and bottom, instead of PyTorch's symmetric one."""
    side_px: int = 224


def _strides(stages: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Return each block's stride from (blocks, stride of the first) per stage."""
    return tuple(stride if i == 0 else 1 for blocks, stride in stages for i in range(blocks))


def _efficientnet_lite0() -> Architecture:
    strides = _strides([(1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1)])

    def block(i: int) -> tuple[ConvolutionNames, ...]:
        parts = [("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")]
        return tuple(ConvolutionNames(f"_blocks.{i}.{conv}", f"_blocks.{i}.{norm}") for conv, norm in parts[i == 0 :])

    return Architecture(
        stem=ConvolutionNames("_conv_stem", "_bn0"),
        blocks=tuple(block(i) for i in range(len(strides))),
        strides=strides,
        head=ConvolutionNames("_conv_head", "_bn1"),
        linear="_fc",
        epsilon=1e-3,
        same_padding=True,
    )


def _mobilenet_v2() -> Architecture:
    strides = _strides([(1, 1), (2, 2), (3, 2), (4, 2), (3, 1), (3, 2), (1, 1)])

    def block(i: int) -> tuple[ConvolutionNames, ...]:
        prefix = f"features.{i + 1}.conv"
        activated = range(1 if i == 0 else 2)
        last = len(activated)
        return (
            *(ConvolutionNames(f"{prefix}.{k}.0", f"{prefix}.{k}.1") for k in activated),
            ConvolutionNames(f"{prefix}.{last}", f"{prefix}.{last + 1}"),
        )

    return Architecture(
        stem=ConvolutionNames("features.0.0", "features.0.1"),
        blocks=tuple(block(i) for i in range(len(strides))),
        strides=strides,
        head=ConvolutionNames("features.18.0", "features.18.1"),
        linear="classifier.1",
        epsilon=1e-5,
        same_padding=False,
    )


ARCHITECTURES = {"efficientnet-lite0": _efficientnet_lite0(), "mobilenet-v2": _mobilenet_v2()}


def folded(
    weight: npt.NDArray[Any],
    *,
    gamma: npt.NDArray[Any],
    beta: npt.NDArray[Any],
    mean: npt.NDArray[Any],
    variance: npt.NDArray[Any],
    epsilon: float,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return weight (out, in, k, k) and bias (out) of the convolution that does its BatchNorm's work too."""
    scale = gamma.astype(np.float64) / np.sqrt(variance.astype(np.float64) + epsilon)
    return (
        (weight * scale[:, None, None, None]).astype(np.float32),
        (beta - mean * scale).astype(np.float32),
    )


class _GraphBuilder:
    """Adds nodes one after another; each method returns the name of what its node puts out."""

    def __init__(self, tensors: Tensors, architecture: Architecture) -> None:
        self._tensors = tensors
        self._architecture = architecture
        self._names: Iterator[int] = iter(range(1_000_000))
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.add_constant("zero", np.array(0, np.float32))
        self.add_constant("six", np.array(6, np.float32))

    def add_constant(self, name: str, value: npt.NDArray[Any]) -> str:
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def tensor(self, name: str) -> npt.NDArray[Any]:
        try:
            return self._tensors[name]
        except KeyError:
            raise StateDictError(f"the state dict has no {name}: it is another network's") from None

    def node(self, operator: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        output = output or f"{operator.lower()}_{next(self._names)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def convolution(self, x: str, names: ConvolutionNames, *, stride: int = 1, activated: bool = True) -> str:
        weight, bias = folded(
            self.tensor(f"{names.convolution}.weight"),
            gamma=self.tensor(f"{names.batch_norm}.weight"),
            beta=self.tensor(f"{names.batch_norm}.bias"),
            mean=self.tensor(f"{names.batch_norm}.running_mean"),
            variance=self.tensor(f"{names.batch_norm}.running_var"),
            epsilon=self._architecture.epsilon,
        )
        _, inputs_per_group, kernel, _ = weight.shape
        depthwise = inputs_per_group == 1
        padding = {"auto_pad": "SAME_UPPER"} if self._architecture.same_padding else {"pads": [kernel // 2] * 4}
        y = self.node(
            "Conv",
            [
                x,
                self.add_constant(f"{names.convolution}.weight", weight),
                self.add_constant(f"{names.convolution}.bias", bias),
            ],
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            group=weight.shape[0] if depthwise else 1,
            **padding,
        )
        return self.node("Clip", [y, "zero", "six"]) if activated else y

    def inverted_residual(self, x: str, block: tuple[ConvolutionNames, ...], stride: int) -> str:
        *widening, filtering, narrowing = block
        y = x
        for names in widening:
            y = self.convolution(y, names)
        y = self.convolution(y, filtering, stride=stride)
        y = self.convolution(y, narrowing, activated=False)
        first = self.tensor(f"{block[0].convolution}.weight")
        channels_in = first.shape[1] if widening else first.shape[0]
        channels_out = self.tensor(f"{narrowing.convolution}.weight").shape[0]
        return self.node("Add", [x, y]) if stride == 1 and channels_in == channels_out else y


def classifier(tensors: Tensors, architecture: Architecture, class_names: Sequence[str]) -> onnx.ModelProto:
    """Return the network images (batch, 3, side, side) -> output0 (batch, classes), softmax included.

    The metadata is laid out as in Ultralytics' classification exports, so that either fits the same slot.

    Raises:
        StateDictError: The weights are another network's, or there are not as many names as classes.
    """
    graph = _GraphBuilder(tensors, architecture)
    x = graph.convolution("images", architecture.stem, stride=2)
    for block, stride in zip(architecture.blocks, architecture.strides, strict=True):
        x = graph.inverted_residual(x, block, stride)
    x = graph.convolution(x, architecture.head)
    x = graph.node("Flatten", [graph.node("GlobalAveragePool", [x])])
    weight = graph.tensor(f"{architecture.linear}.weight")
    if len(weight) != len(class_names):
        raise StateDictError(f"{len(weight)} classes, but {len(class_names)} names")
    parameters = [
        graph.add_constant(f"{architecture.linear}.{part}", graph.tensor(f"{architecture.linear}.{part}"))
        for part in ("weight", "bias")
    ]
    logits = graph.node("Gemm", [x, *parameters], transB=1)
    graph.node("Softmax", [logits], "output0", axis=1)

    side_px = architecture.side_px
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, side_px, side_px])
    output = helper.make_tensor_value_info("output0", TensorProto.FLOAT, ["batch", len(class_names)])
    model = helper.make_model(
        helper.make_graph(graph.nodes, "classifier", [images], [output], graph.initializers),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="heliograph",
    )
    helper.set_model_props(
        model,
        {"task": "classify", "imgsz": str([side_px, side_px]), "names": str(dict(enumerate(class_names)))},
    )
    onnx.checker.check_model(model, full_check=True)
    return model
