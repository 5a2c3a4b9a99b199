"""ONNX Runtime at the edge: a session for each network, on CUDA where there is one, else on the CPU."""

import ast
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnxruntime

from heliograph_inference.domain import NetworkError
from heliograph_inference.exports import Export

_CUDA = "CUDAExecutionProvider"
_CPU = "CPUExecutionProvider"
_CUDA_OPTIONS = {"cudnn_conv_algo_search": "HEURISTIC", "arena_extend_strategy": "kSameAsRequested"}
"""Exhaustive search and doubling arenas would cost seconds and memory for each new batch size."""


class OnnxNetwork:
    """One network, loaded; `run` may be called from several threads at once.

    On the CPU each run uses the calling thread alone, for several runs side by side cost half of one run spread
    over all cores; waiting threads sleep instead of spinning.
    """

    def __init__(self, path: Path, *, provider: Literal["auto", "cuda", "cpu"]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.enable_mem_pattern = False  # a plan for each picture's shape: 30 MB that gain nothing measurable
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=_providers(provider))
        except Exception as error:  # ONNX Runtime's own errors have no common type
            raise NetworkError(f"{path} cannot be loaded (`make models` makes it): {error}") from error
        self._input = self._session.get_inputs()[0].name
        shape = tuple(self._session.get_inputs()[0].shape)
        self.takes_any_size = not any(isinstance(size, int) for size in shape[2:])
        outputs = self._session.get_outputs()
        self._output = outputs[0].name
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.class_names = class_names(metadata, path)
        self.export = Export(metadata.get("task", ""), len(self.class_names), shape, len(outputs))

    @property
    def provider(self) -> str:
        """`CUDA` or `CPU`."""
        return str(self._session.get_providers()[0]).removesuffix("ExecutionProvider")

    @property
    def gains_from_batches(self) -> bool:
        """Whether one run on many pictures is faster than many runs on one; on the CPU it is not."""
        return self.provider != "CPU"

    def run(self, batch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the first output for a batch (N, 3, height, width).

        Raises:
            NetworkError: The run failed.
        """
        try:
            (output,) = self._session.run([self._output], {self._input: batch})
        except Exception as error:
            raise NetworkError(f"a run failed: {error}") from error
        return np.asarray(output, np.float32)


def _providers(provider: Literal["auto", "cuda", "cpu"]) -> list[Any]:
    if provider == "cuda" or (provider == "auto" and _CUDA in onnxruntime.get_available_providers()):
        return [(_CUDA, _CUDA_OPTIONS), _CPU]
    return [_CPU]


def class_names(metadata: dict[str, str], path: Path) -> tuple[str, ...]:
    """Return the names that Ultralytics' exports carry in their metadata, as a dict or list in Python's notation.

    Raises:
        NetworkError: The file carries none.
    """
    try:
        names = ast.literal_eval(metadata["names"])
        return tuple(str(names[i]) for i in range(len(names)))
    except (KeyError, ValueError, SyntaxError, TypeError) as error:
        raise NetworkError(f"{path} does not name its classes in its metadata") from error
