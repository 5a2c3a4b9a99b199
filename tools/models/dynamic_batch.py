"""Make an ONNX network whose batch is fixed at 1 take any batch, without the framework that exported it."""

import numpy as np
import onnx
from onnx import numpy_helper


class FixedBatchError(ValueError):
    """The network's batch cannot be made free this way."""


def with_dynamic_batch(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy whose inputs and outputs have a named batch dimension.

    A Reshape whose shape begins with 1 would put the batch into the next dimension; 0 there means "as it comes".

    Raises:
        FixedBatchError: An input's batch is neither free nor 1, or a Reshape's shape is computed.
    """
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    graph = changed.graph
    for value in (*graph.input, *graph.output):
        batch = value.type.tensor_type.shape.dim[0]
        if not batch.dim_param and batch.dim_value != 1:
            raise FixedBatchError(f"{value.name} has a batch of {batch.dim_value}")
        batch.dim_param = "batch"
    initializers = {initializer.name: initializer for initializer in graph.initializer}
    constants = {
        node.output[0]: attribute.t
        for node in graph.node
        if node.op_type == "Constant"
        for attribute in node.attribute
        if attribute.name == "value"
    }
    for node in graph.node:
        if node.op_type != "Reshape":
            continue
        tensor = initializers.get(node.input[1]) or constants.get(node.input[1])
        if tensor is None:
            raise FixedBatchError(f"the shape of {node.name} is computed")
        shape = np.array(numpy_helper.to_array(tensor))
        if shape.size > 1 and shape[0] == 1:
            shape[0] = 0
            tensor.CopyFrom(numpy_helper.from_array(shape, tensor.name))
    del graph.value_info[:]  # inferred for a batch of 1
    onnx.checker.check_model(changed, full_check=True)
    return changed
