"""Make a YOLOv8 detector that was exported for one picture of one size take any batch of any size.

An export has its size in three places: in the shapes that its Reshapes aim at, in the anchor points (the centre of
each cell of three grids) and in the strides beside them. The shapes get a copied batch and an inferred length; the
points and strides are cut to each picture's own grids. Then a 4:3 photo need not be padded to a square, which
saves a fifth of the work; Ultralytics does the same with its native format (`rect=True`).
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

_FINEST_STRIDE_PX = 8
"""YOLOv8's first grid has a cell every 8 pixels, each further one half as many."""

_LEAST_RESHAPE_RANK = 3


class FixedShapeError(ValueError):
    """The network is not built like a YOLOv8 detection export."""


def with_dynamic_shape(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy whose input is (batch, 3, height, width), height and width up to the size of the export.

    Raises:
        FixedShapeError: It is no YOLOv8 detection export with fixed shapes.
    """
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    graph = changed.graph
    if len(graph.input) != 1 or len(graph.output) != 1:
        raise FixedShapeError("a detector has one input and one output")
    side_px = _fixed_side_px(graph.input[0])
    constants = dict(_constants(graph))
    _free_reshapes(graph, constants)
    _free_anchors(graph, constants, _feature_maps(graph), side_px)
    _name_dimensions(graph.input[0], {0: "batch", 2: "height", 3: "width"})
    _name_dimensions(graph.output[0], {0: "batch", 2: "anchors"})
    del graph.value_info[:]  # inferred for the fixed shape
    onnx.checker.check_model(changed, full_check=True)
    return changed


def with_dynamic_batch(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy that takes any number of pictures of the export's own size.

    Raises:
        FixedShapeError: It was exported for several pictures at a time.
    """
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    graph = changed.graph
    constants = dict(_constants(graph))
    freed: set[str] = set()
    for node in graph.node:
        if node.op_type == "Reshape" and node.input[1] not in freed and node.input[1] in constants:
            shape = np.array(numpy_helper.to_array(constants[node.input[1]]))
            if shape.size and shape[0] == 1:
                shape[0] = 0
                constants[node.input[1]].CopyFrom(numpy_helper.from_array(shape, constants[node.input[1]].name))
                freed.add(node.input[1])
    for value in (*graph.input, *graph.output):
        if value.type.tensor_type.shape.dim[0].dim_value > 1:
            raise FixedShapeError("the file was exported for several pictures at a time; export it for one")
        _name_dimensions(value, {0: "batch"})
    del graph.value_info[:]
    onnx.checker.check_model(changed, full_check=True)
    return changed


def _constants(graph: onnx.GraphProto) -> Iterator[tuple[str, onnx.TensorProto]]:
    for initializer in graph.initializer:
        yield initializer.name, initializer
    for node in graph.node:
        if node.op_type == "Constant":
            for attribute in node.attribute:
                if attribute.name == "value":
                    yield node.output[0], attribute.t


def _fixed_side_px(images: onnx.ValueInfoProto) -> int:
    dimensions = [dimension.dim_value for dimension in images.type.tensor_type.shape.dim]
    match dimensions:
        case [1, 3, int(height), int(width)] if height == width and height > 0:
            return int(height)
    hint = '; it takes any number already: say `convert = "none"`' if dimensions and dimensions[0] == 0 else ""
    raise FixedShapeError(f"the input is {dimensions} instead of one square picture{hint}")


def _free_reshapes(graph: onnx.GraphProto, constants: dict[str, onnx.TensorProto]) -> None:
    """Let each Reshape copy its batch and infer its length; several may share the constant of their shape."""
    freed: set[str] = set()
    for node in graph.node:
        if node.op_type != "Reshape" or node.input[1] in freed:
            continue
        tensor = constants.get(node.input[1])
        if tensor is None:
            raise FixedShapeError(f"the shape of {node.name} is computed")
        shape = np.array(numpy_helper.to_array(tensor))
        if shape.size < _LEAST_RESHAPE_RANK or shape[0] != 1:
            raise FixedShapeError(f"{node.name} has the shape {shape.tolist()}")
        shape[0], shape[-1] = 0, -1
        tensor.CopyFrom(numpy_helper.from_array(shape, tensor.name))
        freed.add(node.input[1])


def _feature_maps(graph: onnx.GraphProto) -> list[str]:
    """Return the maps that are flattened and joined along the anchors, finest first."""
    flattened = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Reshape"}
    for node in graph.node:
        if node.op_type == "Concat" and all(name in flattened for name in node.input):
            return [flattened[name] for name in node.input]
    raise FixedShapeError("no feature maps are joined along the anchors")


def _free_anchors(
    graph: onnx.GraphProto, constants: dict[str, onnx.TensorProto], feature_maps: list[str], side_px: int
) -> None:
    """Replace the constants of anchor points (1, 2, anchors) and strides (1, anchors) by cuts from full grids."""
    grids = [(name, side_px // (_FINEST_STRIDE_PX << i)) for i, name in enumerate(feature_maps)]
    points = np.concatenate([_grid(cells, side_px)[:, :2].reshape(1, 2, -1) for _, cells in grids], axis=2)
    strides = np.concatenate([_grid(cells, side_px)[:, 2].reshape(1, -1) for _, cells in grids], axis=1)
    renamed = {
        name: replacement
        for name, tensor in constants.items()
        for expected, replacement in ((points, "anchor_points"), (strides, "anchor_strides"))
        if tuple(tensor.dims) == expected.shape and np.array_equal(numpy_helper.to_array(tensor), expected)
    }
    if set(renamed.values()) != {"anchor_points", "anchor_strides"}:
        raise FixedShapeError("the anchor points and strides are not where YOLOv8 has them")
    first_use = min(i for i, node in enumerate(graph.node) if set(node.input) & set(renamed))
    for node in graph.node:
        for i, name in enumerate(node.input):
            node.input[i] = renamed.get(name, name)
    for offset, node in enumerate(list(_cut_grids(graph, grids, side_px))):
        graph.node.insert(first_use + offset, node)
    for tensor in [tensor for tensor in graph.initializer if tensor.name in renamed]:
        graph.initializer.remove(tensor)
    for node in [node for node in graph.node if node.op_type == "Constant" and node.output[0] in renamed]:
        graph.node.remove(node)


def _grid(cells: int, side_px: int) -> npt.NDArray[np.float32]:
    """Return (1, 3, cells, cells): x and y of each cell's centre, in cells, and the stride in pixels."""
    rows, columns = np.mgrid[0:cells, 0:cells].astype(np.float32) + np.float32(0.5)
    return np.stack([columns, rows, np.full_like(rows, side_px / cells)])[None]


def _cut_grids(graph: onnx.GraphProto, grids: list[tuple[str, int]], side_px: int) -> Iterator[onnx.NodeProto]:
    for name, value in (("corner", [0, 0]), ("height_and_width", [2, 3]), ("row", [1, 3, -1]), ("parts", [2, 1])):
        graph.initializer.append(numpy_helper.from_array(np.array(value, np.int64), f"anchor_{name}"))
    rows = []
    for i, (feature_map, cells) in enumerate(grids):
        graph.initializer.append(numpy_helper.from_array(_grid(cells, side_px), f"anchor_grid_{i}"))
        size, cut, row = f"anchor_size_{i}", f"anchor_cut_{i}", f"anchor_row_{i}"
        yield helper.make_node("Shape", [feature_map], [size], size, start=2)
        yield helper.make_node(
            "Slice", [f"anchor_grid_{i}", "anchor_corner", size, "anchor_height_and_width"], [cut], cut
        )
        yield helper.make_node("Reshape", [cut, "anchor_row"], [row], row)
        rows.append(row)
    yield helper.make_node("Concat", rows, ["anchor_rows"], "anchor_rows", axis=2)
    outputs = ["anchor_points", "anchor_strides"]
    yield helper.make_node("Split", ["anchor_rows", "anchor_parts"], outputs, "anchor_split", axis=1)


def _name_dimensions(value: onnx.ValueInfoProto, names: dict[int, str]) -> None:
    for i, name in names.items():
        value.type.tensor_type.shape.dim[i].dim_param = name
