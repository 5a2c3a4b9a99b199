"""Memory on a device for runs of one batch size, bound once, so that a run allocates nothing."""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from heliograph_inference.providers import InputShape, ProviderName, Runtime

Floats = npt.NDArray[np.float32]


class BoundRun:
    """Input and output of one run at a time; pictures are gathered where they can be copied from fastest.

    It is kept for as long as the process, for page-locked memory must not be let go.
    """

    def __init__(
        self, session: Any, runtime: Runtime, provider: ProviderName, *, shape: InputShape, output: str, pictures: int
    ) -> None:
        device = runtime.device(provider)
        self._session = session
        self._input = onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape.of(pictures), np.float32, device, 0)
        self._binding = session.io_binding()
        self._binding.bind_ortvalue_input(shape.name, self._input)
        self._binding.bind_output(output, device, 0)
        self._gathered = np.zeros(shape.of(pictures), np.float32)
        runtime.page_lock(self._gathered.ctypes.data, self._gathered.nbytes)

    def run(self, batch: Floats) -> Floats:
        """Return the output for a batch of no more pictures than there is room for; the rest is what was there."""
        count = len(batch)
        self._gathered[:count] = batch
        self._input.update_inplace(self._gathered)
        self._session.run_with_iobinding(self._binding)
        return np.asarray(self._binding.copy_outputs_to_cpu()[0][:count], np.float32)
