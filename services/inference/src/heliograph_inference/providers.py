"""Where a network runs: TensorRT, CUDA or the CPU, by what was asked for and what comes up."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from heliograph_inference.domain import BATCH_SIZES, NetworkError

_logger = logging.getLogger(__name__)

ProviderName = Literal["tensorrt", "cuda", "cpu"]
Provider = tuple[str, dict[str, str]]
"""ONNX Runtime's name for it, and its options."""

_PROVIDERS: dict[ProviderName, str] = {
    "tensorrt": "TensorrtExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""The fastest first."""

CPU: Provider = (_PROVIDERS["cpu"], {})

PEOPLE_SAY: dict[ProviderName, str] = {"tensorrt": "TensorRT", "cuda": "CUDA", "cpu": "CPU"}

_CUDA_OPTIONS = {"cudnn_conv_algo_search": "HEURISTIC", "arena_extend_strategy": "kSameAsRequested"}
"""Exhaustive search and doubling arenas would cost seconds and memory for each new batch size."""


@dataclass(frozen=True)
class Execution:
    """What an operator says of where and how networks run."""

    provider: Literal["auto", "tensorrt", "cuda", "cpu"] = "auto"
    half_precision: bool = False
    """TensorRT alone can be told to calculate in 16 bits."""
    engine_directory: Path | None = None
    """Where TensorRT keeps what it has built, minutes of work; None: built anew at each start."""
    batch_size: int = BATCH_SIZES[-1]
    """The most pictures in one run."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """The numbers of pictures that a device sees."""
        most = fitting(self.batch_size, BATCH_SIZES)
        return tuple(size for size in BATCH_SIZES if size <= most)


@dataclass(frozen=True)
class InputShape:
    """What a network is fed on a device, the number of pictures aside."""

    name: str
    height_px: int
    width_px: int

    def of(self, pictures: int) -> tuple[int, int, int, int]:
        """Return the whole shape."""
        return pictures, 3, self.height_px, self.width_px


class Runtime(Protocol):
    """What is asked of ONNX Runtime and of the machine; `OnnxRuntime` or a fake."""

    def available(self) -> Sequence[str]:
        """Return the providers that this ONNX Runtime was built with."""

    def session(self, path: Path, providers: Sequence[Provider]) -> Any:
        """Return a session; a provider whose libraries are not there is left out of it without an error."""

    def device(self, provider: ProviderName) -> str:
        """Return what ONNX Runtime calls the memory of this provider."""

    def page_lock(self, address: int, size_bytes: int) -> bool:
        """Keep the memory where it is, which doubles the speed of copies to a device; False where it cannot be."""


def fitting(pictures: int, sizes: Sequence[int]) -> int:
    """Return the smallest of these batch sizes, smallest first, that holds so many.

    Raises:
        ValueError: None does.
    """
    for size in sizes:
        if size >= pictures:
            return size
    raise ValueError(f"{pictures} pictures in one run; the most are {sizes[-1]}")


def placed(
    path: Path, execution: Execution, runtime: Runtime, shape: InputShape, *, on_cpu: Any
) -> tuple[Any, ProviderName]:
    """Return a session and where it runs: the provider that was asked for; for `auto`, the first that comes up.

    Args:
        path: The network's file.
        execution: What was asked for.
        runtime: Makes sessions.
        shape: What the network is fed.
        on_cpu: Its session on the CPU, which there is in any case.

    Raises:
        NetworkError: The provider that was asked for does not come up.
    """
    asked = execution.provider != "auto"
    for provider in (execution.provider,) if execution.provider != "auto" else tuple(_PROVIDERS):
        if asked and execution.half_precision and provider != "tensorrt":
            raise NetworkError(f"half precision is TensorRT's alone, not {PEOPLE_SAY[provider]}'s")
        if provider == "cpu":
            break
        session, why = _tried(path, provider, execution, runtime, shape)
        if session is not None:
            return session, provider
        if asked:
            raise NetworkError(f"{path} cannot be loaded on {PEOPLE_SAY[provider]}, which was asked for: {why}")
        _logger.info(
            "a provider is not used", extra={"provider": PEOPLE_SAY[provider], "network": path.stem, "why": why}
        )
    return on_cpu, "cpu"


def _tried(
    path: Path, provider: ProviderName, execution: Execution, runtime: Runtime, shape: InputShape
) -> tuple[Any, str]:
    """Return a session whose first provider is this one; or None, and why."""
    name = _PROVIDERS[provider]
    if name not in runtime.available():
        return None, "this ONNX Runtime was built without it"
    providers = providers_for(provider, path, execution, shape)
    try:
        session = runtime.session(path, providers)
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's own errors have no common type
        return None, str(error)
    if session.get_providers()[0] != name:
        return None, "its libraries or a device are not there; ONNX Runtime says on stderr which"
    return session, ""


def providers_for(provider: ProviderName, path: Path, execution: Execution, shape: InputShape) -> list[Provider]:
    """Return the provider with its options, and those that take what it cannot run.

    Raises:
        NetworkError: TensorRT's engines cannot be kept where they are to be.
    """
    cuda = (_PROVIDERS["cuda"], _CUDA_OPTIONS)
    if provider == "tensorrt":
        return [(_PROVIDERS["tensorrt"], _tensorrt_options(path, execution, shape)), cuda, CPU]
    return [cuda, CPU] if provider == "cuda" else [CPU]


def _tensorrt_options(path: Path, execution: Execution, shape: InputShape) -> dict[str, str]:
    """Return one profile for all batch sizes, best at the largest, and where engines and timings are kept."""
    least, most = (
        f"{shape.name}:{'x'.join(str(size) for size in shape.of(pictures))}" for pictures in (1, execution.sizes[-1])
    )
    options = {
        "trt_fp16_enable": str(int(execution.half_precision)),
        "trt_profile_min_shapes": least,
        "trt_profile_opt_shapes": most,
        "trt_profile_max_shapes": most,
    }
    if execution.engine_directory is None:
        return options
    directory = str(_engine_directory(execution.engine_directory, path))
    return options | {
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": directory,
        "trt_timing_cache_enable": "1",
        "trt_timing_cache_path": directory,
    }


def _engine_directory(directory: Path, path: Path) -> Path:
    """Return this file's own: ONNX Runtime tells engines apart by the graph's names, not by its weights."""
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    own = directory / f"{path.stem}-{content[:16]}"
    try:
        own.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NetworkError(f"TensorRT's engines cannot be kept in {own}: {error.strerror}") from error
    return own
