"""A `Network` that answers every picture with the same output and remembers what it was fed."""

import numpy as np
import numpy.typing as npt


class FixedNetwork:
    """Runs nothing."""

    provider = "nowhere"

    def __init__(
        self,
        output: npt.NDArray[np.float32],
        class_names: tuple[str, ...],
        *,
        gains_from_batches: bool = False,
        takes_any_size: bool = True,
    ) -> None:
        self.output = output
        self.class_names = class_names
        self.gains_from_batches = gains_from_batches
        self.takes_any_size = takes_any_size
        self.shapes: list[tuple[int, ...]] = []

    def run(self, batch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        self.shapes.append(batch.shape)
        return np.stack([self.output] * len(batch))
