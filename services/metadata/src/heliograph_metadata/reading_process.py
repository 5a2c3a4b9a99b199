"""The process that reads photos: it meets hostile files so that the worker doesn't, and holds no keys to anything.

It reads a request from its standard input and answers on its standard output, again and again until the input ends:

    request  length (4 bytes) · JSON {size_bytes, sha256, max_pixels} · the file's bytes
    answer   length (4 bytes) · JSON {photo, thumbnail_bytes, preview_bytes} · both renditions
             length (4 bytes) · JSON {refused: {code, detail}}
"""

import fcntl
import gc
import hashlib
import json
import logging
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

from heliograph_metadata.domain.media import ChecksumMismatchError, Exif, PhotoContent, UnreadablePhotoError
from heliograph_metadata.exif import exif_of
from heliograph_metadata.imaging.renditions import picture_of

LENGTH: Final = struct.Struct(">I")

MEMORY_LIMIT_BYTES: Final = 1280 * 1024**2
"""Of addresses. The libraries take 140 MiB of them, a file up to 200, 100 megapixels with alpha another 400."""

_PIPE_BYTES: Final = 1024 * 1024

EXIF_SECONDS: Final = 2.0
"""exifread is pure Python: a block made for it can keep it busy for minutes; an honest one takes a millisecond."""

_NEXT_ALARM_SECONDS: Final = 0.1

T = TypeVar("T")


def content_of(content: bytes, *, sha256: str, max_pixels: int) -> PhotoContent:
    """Return all that one look at a file yields.

    Raises:
        UnreadablePhotoError: One of its kinds.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ChecksumMismatchError("Other bytes arrived than were announced: their SHA-256 differs.")
    picture = picture_of(content, max_pixels=max_pixels, while_large=_alone)
    return PhotoContent(
        content_type=picture.content_type,
        width_px=picture.width_px,
        height_px=picture.height_px,
        thumbnail=picture.thumbnail,
        preview=picture.preview,
        thumbhash=picture.thumbhash,
        look=picture.look,
        exif=in_time(lambda: exif_of(picture.exif), seconds=EXIF_SECONDS) or Exif(),
    )


def in_time(work: Callable[[], T], *, seconds: float) -> T | None:
    """Return what `work` returns; None where it takes longer, although it may swallow the first alarms."""
    is_working = True

    def give_up(*_: object) -> None:
        if is_working:
            raise TimeoutError

    signal.signal(signal.SIGALRM, give_up)
    gc.disable()  # what is raised while it runs is lost
    signal.setitimer(signal.ITIMER_REAL, seconds, _NEXT_ALARM_SECONDS)
    try:
        return work()
    except TimeoutError:
        return None
    finally:
        is_working = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        gc.enable()


@contextmanager
def _alone() -> Iterator[None]:
    """Let one of the machine's reading processes in at a time."""
    with Path(__file__).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    while head := requests.read(LENGTH.size):
        request = json.loads(requests.read(LENGTH.unpack(head)[0]))
        content = requests.read(request["size_bytes"])
        if len(content) < request["size_bytes"]:
            return  # the worker has gone
        header, renditions = _answer(content, request)
        encoded = json.dumps(header).encode()
        answers.write(LENGTH.pack(len(encoded)) + encoded + renditions)
        answers.flush()


def _answer(content: bytes, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        photo = content_of(content, sha256=request["sha256"], max_pixels=request["max_pixels"])
    except UnreadablePhotoError as error:
        return {"refused": {"code": error.code, "detail": str(error)}}, b""
    fields = asdict(photo)
    thumbnail, preview = fields.pop("thumbnail"), fields.pop("preview")
    taken_at = photo.exif.taken_at
    fields["exif"]["taken_at"] = taken_at.isoformat() if taken_at else None
    header = {"photo": fields, "thumbnail_bytes": len(thumbnail), "preview_bytes": len(preview)}
    return header, thumbnail + preview


def main() -> None:
    """Serve the worker that started this process; end when it does."""
    for quiet in (signal.SIGINT, signal.SIGTERM):
        signal.signal(quiet, signal.SIG_IGN)  # the worker stops by closing the pipe, when nothing is in hand
    os.nice(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable()
    with suppress(OSError, AttributeError):  # Linux only; it saves fifty wake-ups of both sides per photo
        fcntl.fcntl(0, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get among the answers
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
