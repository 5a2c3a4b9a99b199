"""(c) the worker as a process of its own, from a full queue to its results sent, against the stand-in for AWS."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from heliograph.aws import AwsClients
from heliograph.messages import PHOTO_PREPARED, Lane, PhotoPrepared, queue_in
from heliograph.photos import OwnerId, PhotoId, preview_key
from heliograph.settings import SharedSettings
from heliograph.sqs import SqsQueue
from tests.bench.inference.measuring import Spent, cpu_seconds_of, peak_bytes
from tests.bench.meter import cpu_seconds
from tests.bench.system import free_port
from tests.standin import fresh_stack_name, running_standin
from tools.storage import apply_storage

_OWNER = OwnerId("bench")
_START_SECONDS = 120.0
_POLL_SECONDS = 0.1
_ANSWERED = 'heliograph_inference_photos_total{outcome="classified"}'


@dataclass(frozen=True)
class _Mark:
    seconds: float
    answered: int
    cpu_seconds: float
    beside_seconds: float


class Served:
    """A running worker with a queue that can be filled."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, queue: SqsQueue, keys: Sequence[str]) -> None:
        self._process = process
        self._url = url
        self._queue = queue
        self._keys = keys
        self._sent = 0

    async def from_a_full_queue(self, images: int) -> Spent:
        """Return what so many photos take from the moment when a tenth of them is answered to the last answer.

        The worker is halted while its queue is filled, so that it finds it full.
        """
        before = await asyncio.to_thread(self._answered)
        self._process.send_signal(signal.SIGSTOP)
        try:
            for start in range(0, images, 100):
                await self._queue.send([self._message() for _ in range(min(100, images - start))])
        finally:
            self._process.send_signal(signal.SIGCONT)
        first = await self._mark_at(before + max(1, images // 10))
        last = await self._mark_at(before + images)
        if first.answered == last.answered:
            raise RuntimeError(f"{images} photos are too few: all were answered between two looks")
        return Spent(
            last.answered - first.answered,
            last.seconds - first.seconds,
            last.cpu_seconds - first.cpu_seconds,
            last.beside_seconds - first.beside_seconds,
        )

    @property
    def peak_bytes(self) -> int:
        """The most memory that the worker has had."""
        return peak_bytes(self._process.pid)

    def _message(self) -> str:
        self._sent += 1
        return PhotoPrepared(
            correlation_id=f"bench-{self._sent}",
            photo_id=PhotoId(f"photo-{self._sent}"),
            owner_id=_OWNER,
            preview_key=self._keys[self._sent % len(self._keys)],
            width_px=1440,
            height_px=1080,
        ).model_dump_json()

    async def _mark_at(self, answered: int) -> _Mark:
        until = time.perf_counter() + 600
        while (so_far := await asyncio.to_thread(self._answered)) < answered:
            if self._process.poll() is not None or time.perf_counter() > until:
                raise RuntimeError(f"the worker has answered {so_far} of {answered} photos; see its log")
            await asyncio.sleep(_POLL_SECONDS)
        beside = cpu_seconds(os.getpid()).get("MiniStack", 0.0)
        return _Mark(time.perf_counter(), so_far, cpu_seconds_of(self._process.pid), beside)

    def _answered(self) -> int:
        with urllib.request.urlopen(f"{self._url}/metrics", timeout=30) as response:  # noqa: S310 - our own
            lines: list[str] = response.read().decode().splitlines()
        return next((int(float(line.split()[-1])) for line in lines if line.startswith(_ANSWERED)), 0)


@contextmanager
def a_stack(folder: Path) -> Iterator[str]:
    """Start the stand-in, with a bucket and queues; yield the stack's name."""
    with running_standin(folder) as standin:
        name = fresh_stack_name()
        apply_storage(standin.endpoint, stack_name=name)
        yield name


async def kept(clients: AwsClients, stack: str, previews: Sequence[bytes]) -> list[str]:
    """Put previews where the worker reads them, and return their keys."""
    keys = [preview_key(_OWNER, PhotoId(f"preview-{number}")) for number in range(len(previews))]
    for key, preview in zip(keys, previews, strict=True):
        await clients.s3.put_object(Bucket=SharedSettings(stack_name=stack).bucket_name, Key=key, Body=preview)
    return keys


@asynccontextmanager
async def a_worker(
    clients: AwsClients, stack: str, keys: Sequence[str], *, models: Path, batch_size: int, log: Path
) -> AsyncIterator[Served]:
    """Start the worker as `make demo` does, wait until it is ready, and stop it in the end."""
    port = free_port()
    process = await asyncio.to_thread(_started, port, stack, models, batch_size, log)
    try:
        url = f"http://127.0.0.1:{port}"
        await asyncio.to_thread(_wait_until_ready, process, url, log)
        # The backlog's threads would yield to whatever else runs on this machine, and to (a) and (b) of another run.
        queue = SharedSettings(stack_name=stack).queue_name(queue_in(PHOTO_PREPARED, Lane.INTERACTIVE))
        yield Served(process, url, SqsQueue(clients.sqs, queue), keys)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 60)


def _started(port: int, stack: str, models: Path, batch_size: int, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "uvicorn", "--factory", "heliograph_inference.worker:create_app"]
    environment = os.environ | {  # noqa: TID251 - passed on to the worker
        "OPENBLAS_NUM_THREADS": "1",
        "HELIOGRAPH_STACK_NAME": stack,
        "HELIOGRAPH_MODELS_DIRECTORY": str(models),
        "HELIOGRAPH_INFERENCE_BATCH_SIZE": str(batch_size),
    }
    with log.open("ab") as output:
        return subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port), "--no-access-log"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):  # noqa: S310 - our own
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the worker did not start: {log.read_text()[-2000:]}") from None
            time.sleep(0.2)
