"""What the inference worker reads from its environment, each name prefixed with `HELIOGRAPH_`."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field

from heliograph.settings import SharedSettings


class InferenceSettings(SharedSettings):
    """Settings of the inference worker."""

    models_directory: Path = Path("models")
    """Holds manifest.toml and the networks that `make models` made from it."""

    inference_provider: Literal["auto", "cuda", "cpu"] = "auto"
    """Where networks run; auto: CUDA where ONNX Runtime finds it, else the CPU."""

    inference_threads: int = Field(default=0, ge=0)
    """Photos looked at side by side, one thread each; 0: one a core."""

    inference_batch_size: int = Field(default=8, ge=1, le=256)
    """The most photos taken from the queue at once, and on CUDA the most in one run of a network."""

    inference_batch_wait_seconds: int = Field(default=0, ge=0, le=20)
    """How long to wait for a batch to fill once the first photo is there; 0: go on with what is there."""

    inference_batches_in_hand: int = Field(default=2, ge=1, le=8)
    """So that the next batch is fetched while one is looked at."""

    inference_visibility_timeout_seconds: int = Field(default=30, ge=3)
    """As the queue's own in infra/storage.yaml."""

    label_threshold: float | None = Field(default=None, ge=0, le=1)
    """Shown are labels at least this sure; unset: each model's own `label_threshold` in the manifest."""

    @property
    def threads(self) -> int:
        """How many threads look at photos."""
        return self.inference_threads or len(os.sched_getaffinity(0))
