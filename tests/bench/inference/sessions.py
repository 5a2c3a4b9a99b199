"""Session options on the CPU, one against the other, round by round; and the memory that each takes."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime

from heliograph_inference.detection import letterbox_geometry
from heliograph_inference.onnx import session_options
from tests.bench.inference.measuring import Meter, Spent, medians, peak_bytes

_CANVASES = ((480, 640), (640, 480), (448, 640), (384, 640), (640, 640), (640, 384))
_STRIDE_PX = 32
_LEVELS = onnxruntime.GraphOptimizationLevel

Change = Callable[[Any], None]


class Variant(NamedTuple):
    """One way to set a session up."""

    change: Change
    runs_at_once: int
    sessions: int = 1


def _nothing(options: Any) -> None:
    del options


def _set(name: str, value: object) -> Change:
    return lambda options: setattr(options, name, value)


def _threads(count: int, *, spinning: bool) -> Change:
    def change(options: Any) -> None:
        options.intra_op_num_threads = count
        options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spinning)))

    return change


def variants() -> dict[str, Variant]:
    """Return what is compared; the first is what the worker does."""
    cores = len(os.sched_getaffinity(0))
    return {
        f"1 thread, {cores} runs side by side": Variant(_nothing, cores),
        f"  in {cores} sessions": Variant(_nothing, cores, sessions=cores),
        f"{cores} threads, 1 run": Variant(_threads(cores, spinning=False), 1),
        f"{cores} threads that spin, 1 run": Variant(_threads(cores, spinning=True), 1),
        f"{cores} threads, {cores} runs": Variant(_threads(cores, spinning=False), cores),
        "memory pattern on": Variant(_set("enable_mem_pattern", value=True), cores),
        "arena off": Variant(_set("enable_cpu_mem_arena", value=False), cores),
        "operators in parallel": Variant(_set("execution_mode", onnxruntime.ExecutionMode.ORT_PARALLEL), cores),
        "graph: nothing optimised": Variant(_set("graph_optimization_level", _LEVELS.ORT_DISABLE_ALL), cores),
        "graph: basic": Variant(_set("graph_optimization_level", _LEVELS.ORT_ENABLE_BASIC), cores),
        "graph: extended": Variant(_set("graph_optimization_level", _LEVELS.ORT_ENABLE_EXTENDED), cores),
    }


class Loaded:
    """A variant's sessions with threads to run them."""

    def __init__(self, path: Path, variant: Variant) -> None:
        options = session_options()
        variant.change(options)
        self._sessions = [
            onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
            for _ in range(variant.sessions)
        ]
        self._name = self._sessions[0].get_inputs()[0].name
        self._pool = ThreadPoolExecutor(variant.runs_at_once)

    def spent(self, pictures: Sequence[npt.NDArray[np.float32]]) -> Spent:
        """Return what the pictures take, each in a run of its own."""
        meter = Meter()
        list(self._pool.map(self._run, range(len(pictures)), pictures))
        return meter.spent(len(pictures))

    def _run(self, number: int, picture: npt.NDArray[np.float32]) -> None:
        self._sessions[number % len(self._sessions)].run(None, {self._name: picture})


def pictures(count: int, canvases: Sequence[tuple[int, int]] = _CANVASES) -> list[npt.NDArray[np.float32]]:
    """Return tensors of the shapes that photos have, (1, 3, height, width)."""
    chance = np.random.default_rng(1)
    distinct = [chance.random((1, 3, *canvas), np.float32) for canvas in canvases]
    return [distinct[number % len(distinct)] for number in range(count)]


def peak_of(path: Path, name: str, count: int) -> int:
    """Return the most memory that a process has had which did nothing but run this variant on all shapes in turn."""
    shapes = [letterbox_geometry(1440, short_px, 640, stride_px=_STRIDE_PX) for short_px in range(60, 1441, 60)]
    canvases = [(shape.canvas_height_px, shape.canvas_width_px) for shape in shapes]
    Loaded(path, variants()[name]).spent(pictures(count, canvases))
    return peak_bytes()


def compare(path: Path, *, rounds: int, images: int, say: Callable[[str], None]) -> None:
    """Print the table."""
    onnxruntime.set_default_logger_severity(3)  # it warns of each option that is set anew
    named = variants()
    loaded = {name: Loaded(path, variant) for name, variant in named.items()}
    ready = pictures(images)
    spent: dict[str, list[Spent]] = {name: [] for name in named}
    for name in named:
        loaded[name].spent(ready[: len(_CANVASES)])  # warm
    for _ in range(rounds):
        for name in named:
            spent[name].append(loaded[name].spent(ready))
    say(f"{'session options':34} images/s  CPU-ms an image  wall  CPU  peak memory")
    first_rate, first_cpu = medians(next(iter(spent.values())))
    for name, found in spent.items():
        rate, cpu = medians(found)
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
            memory = alone.submit(peak_of, path, name, 4 * images).result()
        say(f"{name:34} {rate:8.1f} {cpu:16.1f} {rate / first_rate:5.2f} {cpu / first_cpu:4.2f} {memory / 1e6:9.0f} MB")
