"""What the inference worker reads from its environment, each name prefixed with `HELIOGRAPH_`."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field

from heliograph.settings import SharedSettings
from heliograph_inference.providers import Execution


class InferenceSettings(SharedSettings):
    """Settings of the inference worker."""

    models_directory: Path = Path("models")
    """Holds manifest.toml and the networks that `make models` made from it."""

    inference_provider: Literal["auto", "tensorrt", "cuda", "cpu"] = "auto"
    """Where networks run; auto: the first of TensorRT, CUDA and the CPU that comes up."""

    inference_half_precision: bool = False
    """TensorRT calculates in 16 bits: faster, and a little less exact."""

    inference_engine_directory: Path | None = None
    """Where TensorRT keeps the engines that it builds; unset: it builds them at each start, which takes minutes."""

    inference_threads: int = Field(default=0, ge=0)
    """Photos prepared side by side, and on the CPU looked at side by side, one thread each; 0: one a core."""

    inference_batch_size: int = Field(default=32, ge=1, le=32)
    """The most photos in one run of a network, where batches gain; on the CPU each photo is run by itself."""

    inference_photos_in_hand: int = Field(default=0, ge=0, le=1000)
    """The most photos of a lane that are received and not yet answered; 0: as many as keep every stage busy."""

    inference_results_wait_seconds: float = Field(default=0.25, ge=0, le=5)
    """How long a result may wait for others to be sent with, where others are in hand."""

    inference_backlog_gathers_seconds: float = Field(default=2.0, ge=0, le=10)
    """The same of a backlog, and how long a poll for it waits after one that did not come back full: nobody waits
    for its photos."""

    inference_instance_metadata_url: str = ""
    """Where a spot instance is told that it will be stopped, on EC2 http://169.254.169.254; empty: nobody asks."""

    inference_visibility_timeout_seconds: int = Field(default=30, ge=3)
    """As the queue's own in infra/storage.yaml."""

    label_threshold: float | None = Field(default=None, ge=0, le=1)
    """Shown are labels at least this sure; unset: each model's own `label_threshold` in the manifest."""

    @property
    def execution(self) -> Execution:
        """Where and how networks run."""
        return Execution(
            provider=self.inference_provider,
            half_precision=self.inference_half_precision,
            engine_directory=self.inference_engine_directory,
            batch_size=self.inference_batch_size,
        )

    @property
    def threads(self) -> int:
        """How many threads look at photos."""
        return self.inference_threads or len(os.sched_getaffinity(0))
