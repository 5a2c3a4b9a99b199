"""Images a second and CPU time an image: the networks alone (a), the worker's stages (b), the whole service (c).

    python -m tests.bench.inference [--batches 1,8,32] [--images 120] [--rounds 3] [--networks yolov8n@1]
    python -m tests.bench.inference --sessions            session options, one against the other
    python -m tests.bench.inference --drift 20000         whether memory grows with the number of images

(a), (b) and (c) take turns, round by round, so that a busy machine is unjust to all alike; a ratio is the median of the
rounds' own.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # noqa: TID251 - numpy reads it when it is imported

from heliograph.aws import aws_clients
from heliograph_inference.manifest import read_manifest
from tests.bench.inference.drift import drift
from tests.bench.inference.limits import InProcess
from tests.bench.inference.material import MODELS, networks_in, previews
from tests.bench.inference.measuring import Spent, medians
from tests.bench.inference.served import a_stack, a_worker, kept
from tests.bench.inference.sessions import compare
from tests.bench.meter import machine

_DISTINCT = 28
_LEAST = 40
"""Photos of which a fast machine does not answer all between two looks at how many it has answered."""


def say(text: str) -> None:
    """Print at once, for the rounds take minutes."""
    print(text, flush=True)


async def _compared(stack: str, models: Path, log: Path, batches: Sequence[int], images: int, rounds: int) -> None:
    pictures = previews(_DISTINCT)
    say(f"{'batch':>5}  {'':26} images/s  CPU-ms an image  cores  images/s: (a)  CPU: (a)  stand-in  peak memory")
    async with aws_clients(max_pool_connections=16) as clients:
        keys = await kept(clients, stack, pictures)
        for batch_size in batches:
            with InProcess(models, pictures, batch_size=batch_size) as here:
                async with a_worker(clients, stack, keys, models=models, batch_size=batch_size, log=log) as worker:
                    turns: list[tuple[Spent, Spent, Spent]] = []
                    for turn in range(rounds + 1):
                        count = images if turn else max(_LEAST, images // 4)  # the first warms up
                        alone = await asyncio.to_thread(here.networks_alone, count)
                        staged = await asyncio.to_thread(here.without_aws, count)
                        turns.append((alone, staged, await worker.from_a_full_queue(count)))
                    _print(batch_size, turns[1:], worker.peak_bytes)


def _print(batch_size: int, turns: Sequence[tuple[Spent, Spent, Spent]], peak: int) -> None:
    for i, name in enumerate(("(a) networks alone", "(b) preview to labels", "(c) queue to results sent")):
        column = [turn[i] for turn in turns]
        rate, cpu = medians(column)
        cores = median(spent.cpu_seconds / spent.wall_seconds for spent in column)
        beside = median(1000 * spent.beside_seconds / spent.images for spent in column)
        of_rate = median(turn[i].per_second / turn[0].per_second for turn in turns)
        of_cpu = median(turn[0].cpu_ms / turn[i].cpu_ms for turn in turns)
        more = f"{beside:9.1f} {peak / 1e6:9.0f} MB" if beside else ""
        ratios = f"{of_rate:14.2f} {of_cpu:9.2f}"
        say(f"{batch_size:5}  {name:26} {rate:8.1f} {cpu:16.1f} {cores:6.2f} {ratios} {more}".rstrip())


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="How fast the inference worker is.")
    parser.add_argument("--networks", default="yolov8n@1", help="of the manifest, separated by commas; all: each of it")
    parser.add_argument("--batches", default="1,2,4,8,16,32")
    parser.add_argument("--images", type=int, default=120, help="in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sessions", action="store_true")
    parser.add_argument("--drift", type=int, default=0, metavar="IMAGES")
    parser.add_argument("--early", type=int, default=2000, help="when the drift's first peak is noted")
    given = parser.parse_args(arguments)
    keys = [spec.key for spec in read_manifest(MODELS)] if given.networks == "all" else given.networks.split(",")
    say(f"{machine()}, {datetime.now(tz=UTC):%d %B %Y}; {', '.join(keys)}\n")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "models").mkdir()
        models = networks_in(folder / "models", keys)
        if given.sessions:
            compare(models / f"{keys[0]}.onnx", rounds=given.rounds, images=given.images, say=say)
        elif given.drift:
            drift(models, images=given.drift, early=given.early, say=say)
        else:
            batches = [int(size) for size in given.batches.split(",")]
            with a_stack(folder / "standin") as stack:
                asyncio.run(_compared(stack, models, folder / "worker.log", batches, given.images, given.rounds))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
