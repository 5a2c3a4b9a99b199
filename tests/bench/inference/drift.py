"""Whether memory grows with the number of pictures: previews of all sizes go through the worker's stages."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.bench.inference.limits import InProcess
from tests.bench.inference.material import mixed_previews
from tests.bench.inference.measuring import peak_bytes, resident_bytes

_DISTINCT = 400
_STEPS = 20


def drift(models: Path, *, images: int, early: int, say: Callable[[str], None]) -> float:
    """Return by how much of itself the peak of memory grows from `early` images to all of them."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as elsewhere:  # so that it leaves no memory here
        previews = elsewhere.submit(mixed_previews, min(_DISTINCT, images)).result()
    with InProcess(models, previews, batch_size=32, keep_ready=False) as worker:
        done = 0
        at_early = 0
        while done < images:
            step = min(max(1, images // _STEPS), images - done, early - done if done < early else images)
            spent = worker.without_aws(step)
            done += step
            peak = peak_bytes()
            if done == early:
                at_early = peak
            memory = f"peak {peak / 1e6:7.1f} MB, now {resident_bytes() / 1e6:7.1f} MB"
            say(f"{done:7} images  {spent.per_second:6.1f} images/s  {memory}")
    growth = peak_bytes() / at_early - 1
    say(f"\npeak after {early}: {at_early / 1e6:.1f} MB, after {images}: {peak_bytes() / 1e6:.1f} MB, {growth:+.2%}")
    return growth
