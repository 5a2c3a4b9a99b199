"""A machine with a GPU, as far as ONNX Runtime's surface tells: sessions run on the CPU and say what they are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from heliograph_inference.onnx import OnnxRuntime
from heliograph_inference.providers import Provider, ProviderName

TENSORRT, CUDA, CPU = "TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"


class MachineWithADevice:
    """A `Runtime` that remembers what it was asked for."""

    def __init__(
        self,
        *comes_up: str,
        built_with: Sequence[str] = (TENSORRT, CUDA, CPU),
        fails: Mapping[str, str] | None = None,
        most_pictures: int = 1000,
    ) -> None:
        """Set it up.

        Args:
            comes_up: The providers whose libraries are there; the CPU is in any case.
            built_with: Those that this ONNX Runtime knows.
            fails: What making a session says for its first provider.
            most_pictures: A run on more runs out of memory.
        """
        self._comes_up = {*comes_up, CPU}
        self._built_with = built_with
        self._fails = fails or {}
        self._most_pictures = most_pictures
        self._real = OnnxRuntime()
        self.asked: list[list[Provider]] = []
        self.pictures: list[int] = []
        """In each run, in the order of runs."""
        self.locked_bytes = 0

    def available(self) -> Sequence[str]:
        """See `Runtime`."""
        return self._built_with

    def session(self, path: Path, providers: Sequence[Provider]) -> Any:
        """See `Runtime`."""
        self.asked.append(list(providers))
        first = providers[0][0]
        if first in self._fails:
            raise RuntimeError(self._fails[first])
        there = [name for name, _ in providers if name in self._comes_up]
        return _Session(self._real.session(path, [(CPU, {})]), there, self)

    def device(self, provider: ProviderName) -> str:
        """See `Runtime`."""
        del provider
        return "cpu"

    def page_lock(self, address: int, size_bytes: int) -> bool:
        """See `Runtime`."""
        del address
        self.locked_bytes += size_bytes
        return True

    def ran(self, pictures: int) -> None:
        """Note a run."""
        self.pictures.append(pictures)
        if pictures > self._most_pictures:
            raise RuntimeError("CUDA failure 2: out of memory ; GPU=0")


class _Session:
    def __init__(self, session: Any, providers: Sequence[str], machine: MachineWithADevice) -> None:
        self._session = session
        self._providers = providers
        self._machine = machine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def get_providers(self) -> Sequence[str]:
        return self._providers

    def run_with_iobinding(self, binding: Any) -> None:
        self._session.run_with_iobinding(binding)
        self._machine.ran(binding.get_outputs()[0].shape()[0])
