"""Tiny networks with the inputs, outputs and metadata of Ultralytics' exports; what they see is fixed."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper


@dataclass(frozen=True)
class AnExport:
    """One export; `output` is what it gives for each picture: (4 + classes, anchors) or (classes,)."""

    output: npt.NDArray[np.float32]
    names: Sequence[str]
    side_px: int = 64
    batch: int | str = "batch"
    task: str = ""
    more_outputs: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)

    def model(self) -> onnx.ModelProto:
        """Return the graph: the pictures' means times nothing, plus what is seen."""
        flat = self.output.reshape(-1)
        constants: dict[str, npt.NDArray[Any]] = {
            "nothing": np.zeros((3, flat.size), np.float32),
            "seen": flat,
            "shape": np.array([0 if isinstance(self.batch, str) else self.batch, *self.output.shape], np.int64),
        }
        nodes = [
            helper.make_node("GlobalAveragePool", ["images"], ["means"]),
            helper.make_node("Flatten", ["means"], ["flat"]),
            helper.make_node("Gemm", ["flat", "nothing", "seen"], ["row"]),
            helper.make_node("Reshape", ["row", "shape"], ["output0"]),
        ]
        outputs = [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [self.batch, *self.output.shape])]
        for number in range(1, self.more_outputs + 1):
            nodes.append(helper.make_node("Identity", ["means"], [f"output{number}"]))
            outputs.append(
                helper.make_tensor_value_info(f"output{number}", TensorProto.FLOAT, [self.batch, 3, None, None])
            )
        shape = [self.batch, 3, self.side_px, self.side_px]
        graph = helper.make_graph(
            nodes,
            "export",
            [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
            outputs,
            [numpy_helper.from_array(value, name) for name, value in constants.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        metadata = {"names": str(dict(enumerate(self.names))), **({"task": self.task} if self.task else {})}
        helper.set_model_props(model, metadata | dict(self.metadata))
        return model

    def entry(self, folder: Path, name: str, *, version: int = 1, task: str = "detection", **fields: Any) -> str:
        """Write the export into `folder` and return its entry of a manifest, its source being that file."""
        path = folder / f"{name}-{version}.weights"
        content = self.model().SerializeToString()
        path.write_bytes(content)
        said = {
            "name": name,
            "version": version,
            "task": task,
            "licence": "Apache-2.0",
            "source": f"file:{path.name}",
            "source_size_bytes": len(content),
            "source_sha256": hashlib.sha256(content).hexdigest(),
        } | fields
        fit = "letterbox" if task == "detection" else "crop"
        lines = [f"{key} = {value!r}" for key, value in said.items() if value is not None]
        return "\n".join(["[[models]]", *lines, "[models.input]", f"side_px = {self.side_px}", f"fit = {fit!r}", ""])


def boxes_of(classes: int, *seen: tuple[int, float]) -> npt.NDArray[np.float32]:
    """Return a detector's output with one box in the middle for each (class, score)."""
    output = np.zeros((4 + classes, max(8, len(seen))), np.float32)
    for anchor, (number, score) in enumerate(seen):
        output[:4, anchor] = (32, 32, 20, 20)
        output[4 + number, anchor] = score
    return output
