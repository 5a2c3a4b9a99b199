"""ONNX Runtime at the edge: a session for each network, where `providers` says."""

import ast
import contextlib
import ctypes
import io
import logging
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from heliograph_inference.buffers import BoundRun
from heliograph_inference.domain import NetworkError, OutOfMemoryError
from heliograph_inference.exports import Export
from heliograph_inference.providers import (
    CPU,
    PEOPLE_SAY,
    Execution,
    InputShape,
    Provider,
    ProviderName,
    Runtime,
    fitting,
    placed,
)

_logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]

_RUNS_AT_ONCE = 2
"""On a device: while one batch is run, the next is copied there and the last one's output back."""

_OUT_OF_MEMORY = (
    "out of memory",
    "outofmemory",
    "failed to allocate memory",
    "alloc_failed",
    "bad_alloc",
    "bad allocation",
)
"""As CUDA, ONNX Runtime's arenas and C++ say it."""


class OnnxRuntime:
    """The `Runtime` that there is."""

    def available(self) -> Sequence[str]:
        """See `Runtime.available`."""
        return list(onnxruntime.get_available_providers())

    def session(self, path: Path, providers: Sequence[Provider]) -> Any:
        """See `Runtime.session`; CUDA's libraries may come from NVIDIA's Python packages."""
        if len(providers) > 1:
            with contextlib.redirect_stdout(io.StringIO()) as said:
                onnxruntime.preload_dlls()
            if said.getvalue():
                _logger.info("libraries were not found", extra={"said": said.getvalue().strip()})
        return onnxruntime.InferenceSession(
            str(path), session_options(), providers=list(providers), enable_fallback=False
        )

    def device(self, provider: ProviderName) -> str:
        """See `Runtime.device`."""
        return "cpu" if provider == "cpu" else "cuda"

    def page_lock(self, address: int, size_bytes: int) -> bool:
        """See `Runtime.page_lock`; by the CUDA runtime that the session has loaded."""
        try:
            cuda = ctypes.CDLL(f"libcudart.so.{onnxruntime.cuda_version.partition('.')[0]}")
        except OSError:
            return False
        portable = 1
        return bool(cuda.cudaHostRegister(ctypes.c_void_p(address), ctypes.c_size_t(size_bytes), portable) == 0)


def session_options() -> onnxruntime.SessionOptions:
    """Return options by which each run uses the calling thread alone; docs/benchmarks/inference.md compares them."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.enable_mem_pattern = False  # a plan for each picture's shape: 30 MB that gain nothing measurable
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


class OnnxNetwork:
    """One network, loaded; `run` may be called from several threads at once.

    On the CPU each run uses the calling thread alone, for several runs side by side cost half of one run spread over
    all cores. On a device, runs are of fixed batch sizes in memory that is allocated once.
    """

    def __init__(self, path: Path, execution: Execution, *, side_px: int, runtime: Runtime | None = None) -> None:
        """Load it.

        Args:
            path: The network's file.
            execution: Where and how it is to run.
            side_px: Of the square pictures that a device is fed, where the file leaves their size free.
            runtime: ONNX Runtime; a fake in tests.

        Raises:
            NetworkError: It cannot be loaded there.
        """
        self._runtime = runtime or OnnxRuntime()
        try:
            on_cpu = self._runtime.session(path, [CPU])
        except Exception as error:  # ONNX Runtime's own errors have no common type
            raise NetworkError(f"{path} cannot be loaded (`make models` makes it): {error}") from error
        (given, *_), outputs = on_cpu.get_inputs(), on_cpu.get_outputs()
        shape, sides = tuple(given.shape), tuple(given.shape[2:])
        metadata = on_cpu.get_modelmeta().custom_metadata_map
        self.takes_any_size = not any(isinstance(size, int) for size in sides)
        self.class_names = class_names(metadata, path)
        self.export = Export(metadata.get("task", ""), len(self.class_names), shape, len(outputs))
        fixed = [side for side in sides if isinstance(side, int)] or [side_px]
        self._shape = InputShape(given.name, height_px=fixed[0], width_px=fixed[-1])
        self._output = outputs[0].name
        self._session, self._provider = placed(path, execution, self._runtime, self._shape, on_cpu=on_cpu)
        self._execution = execution
        self._turns = BoundedSemaphore(_RUNS_AT_ONCE)
        self._idle: dict[int, deque[BoundRun]] = {size: deque() for size in execution.sizes}

    @property
    def provider(self) -> str:
        """Where it runs, as people say it."""
        half = self._provider == "tensorrt" and self._execution.half_precision
        return PEOPLE_SAY[self._provider] + (" in half precision" if half else "")

    @property
    def gains_from_batches(self) -> bool:
        """Whether one run on many pictures is faster than many runs on one; on the CPU it is not."""
        return self._provider != "cpu"

    def warm_up(self) -> None:
        """On a device, run each batch size once: memory is taken and plans are made before the first photo.

        Raises:
            NetworkError: A run failed.
        """
        if self.gains_from_batches:
            for size, idle in self._idle.items():
                idle.extend(self._bound(size) for _ in range(_RUNS_AT_ONCE))
                for bound in idle:
                    with _told():
                        bound.run(np.zeros(self._shape.of(size), np.float32))

    def run(self, batch: Floats) -> Floats:
        """Return the first output for a batch (N, 3, height, width); on a device, N is no more than a batch's size.

        Raises:
            OutOfMemoryError: Fewer pictures may do.
            NetworkError: The run failed.
        """
        if not self.gains_from_batches:
            with _told():
                (output,) = self._session.run([self._output], {self._shape.name: batch})
            return np.asarray(output, np.float32)
        size = fitting(len(batch), self._execution.sizes)
        with self._turns:
            bound = self._taken(size)
            try:
                with _told():
                    return bound.run(batch)
            finally:
                self._idle[size].append(bound)

    def _taken(self, size: int) -> BoundRun:
        try:
            return self._idle[size].pop()
        except IndexError:
            return self._bound(size)

    def _bound(self, size: int) -> BoundRun:
        with _told():
            return BoundRun(
                self._session, self._runtime, self._provider, shape=self._shape, output=self._output, pictures=size
            )


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # ONNX Runtime's own errors have no common type
        short = any(words in str(error).lower() for words in _OUT_OF_MEMORY) or isinstance(error, MemoryError)
        raise (OutOfMemoryError if short else NetworkError)(f"a run failed: {error}") from error


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
