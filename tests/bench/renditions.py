"""CPU seconds that one 12-megapixel JPEG takes to become a preview and a thumbnail, by library.

    python -m tests.bench.renditions [--photos 8] [--rounds 3]
    python -m pip install pyvips[binary] opencv-python-headless     for the rows that need them

Every way makes the same: a JPEG of 1440 px at quality 80, 4:2:0, and a WebP of 320 px at quality 75. All run in one
thread each; the rows are measured in turn, round by round, so that a busy machine is unjust to all alike.
"""

import argparse
import hashlib
import importlib
import io
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

os.environ["VIPS_CONCURRENCY"] = "1"  # noqa: TID251 - libvips reads it when it is imported
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # noqa: TID251

import numpy as np
import simplejpeg
from PIL import Image

from heliograph_metadata.exif import exif_of
from heliograph_metadata.imaging.renditions import picture_of
from heliograph_metadata.reading_process import content_of
from tests.bench.meter import machine
from tests.bench.pictures import photos

PREVIEW, THUMBNAIL = (1440, 1080), (427, 320)
_PREVIEW_QUALITY, _THUMBNAIL_QUALITY, _WEBP_METHOD = 80, 75, 2

Resampling = Image.Resampling
Made = tuple[bytes, bytes]
Way = Callable[[bytes], Made]


def _optional(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _rest_by_pillow(preview: Image.Image, how: Resampling) -> Made:
    thumbnail = preview.resize(THUMBNAIL, how, reducing_gap=1.5)
    return (
        _saved(preview, "JPEG", quality=_PREVIEW_QUALITY, subsampling="4:2:0"),
        _saved(thumbnail, "WEBP", quality=_THUMBNAIL_QUALITY, method=_WEBP_METHOD),
    )


def _by_pillow(how: Resampling, gap: float | None) -> Way:
    def way(content: bytes) -> Made:
        image = Image.open(io.BytesIO(content))
        image.draft("RGB", PREVIEW)
        return _rest_by_pillow(image.resize(PREVIEW, how, reducing_gap=gap), how)

    return way


def _scaled_by_decoder(content: bytes) -> Any:
    return simplejpeg.decode_jpeg(
        content, "RGB", fastdct=True, fastupsample=True, min_width=PREVIEW[0], min_height=PREVIEW[1]
    )


def _by_simplejpeg_and_pillow(how: Resampling) -> Way:
    def way(content: bytes) -> Made:
        return _rest_by_pillow(Image.fromarray(_scaled_by_decoder(content)).resize(PREVIEW, how), how)

    return way


def _by_simplejpeg_and_opencv(cv2: Any) -> Way:
    def way(content: bytes) -> Made:
        preview = cv2.resize(_scaled_by_decoder(content), PREVIEW, interpolation=cv2.INTER_CUBIC)
        thumbnail = Image.fromarray(cv2.resize(preview, THUMBNAIL, interpolation=cv2.INTER_AREA))
        return (
            simplejpeg.encode_jpeg(preview, quality=_PREVIEW_QUALITY, colorsubsampling="420"),
            _saved(thumbnail, "WEBP", quality=_THUMBNAIL_QUALITY, method=_WEBP_METHOD),
        )

    return way


def _by_opencv(cv2: Any) -> Way:
    def way(content: bytes) -> Made:
        half = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_REDUCED_COLOR_2)
        preview = cv2.resize(half, PREVIEW, interpolation=cv2.INTER_AREA)
        thumbnail = cv2.resize(preview, THUMBNAIL, interpolation=cv2.INTER_AREA)
        return (
            cv2.imencode(".jpg", preview, [cv2.IMWRITE_JPEG_QUALITY, _PREVIEW_QUALITY])[1].tobytes(),
            cv2.imencode(".webp", thumbnail, [cv2.IMWRITE_WEBP_QUALITY, _THUMBNAIL_QUALITY])[1].tobytes(),
        )

    return way


def _by_libvips(pyvips: Any) -> Way:
    def way(content: bytes) -> Made:
        preview = pyvips.Image.thumbnail_buffer(
            content, PREVIEW[0], height=PREVIEW[1], size="down", fail_on="truncated"
        ).copy_memory()
        thumbnail = preview.thumbnail_image(THUMBNAIL[0], height=THUMBNAIL[1], size="down")
        return (
            preview.jpegsave_buffer(Q=_PREVIEW_QUALITY, subsample_mode="on", keep=0),
            thumbnail.webpsave_buffer(Q=_THUMBNAIL_QUALITY, effort=_WEBP_METHOD, keep=0),
        )

    return way


def _by_simplejpeg_and_libvips(pyvips: Any) -> Way:
    def way(content: bytes) -> Made:
        decoded = pyvips.Image.new_from_array(_scaled_by_decoder(content))
        preview = decoded.resize(PREVIEW[0] / decoded.width, kernel="cubic").copy_memory()
        thumbnail = preview.resize(THUMBNAIL[0] / PREVIEW[0], kernel="linear")
        return (
            preview.jpegsave_buffer(Q=_PREVIEW_QUALITY, subsample_mode="on", keep=0),
            thumbnail.webpsave_buffer(Q=_THUMBNAIL_QUALITY, effort=_WEBP_METHOD, keep=0),
        )

    return way


def _as_heliograph(content: bytes) -> Made:
    picture = picture_of(content, max_pixels=100_000_000)
    return picture.preview, picture.thumbnail


def _with_hash_and_exif(content: bytes) -> Made:
    photo = content_of(content, sha256=hashlib.sha256(content).hexdigest(), max_pixels=100_000_000)
    return photo.preview, photo.thumbnail


def _exif_alone(content: bytes) -> Made:
    exif_of(Image.open(io.BytesIO(content)).info["exif"].removeprefix(b"Exif\0\0"))
    return b"", b""


def ways() -> dict[str, Way]:
    """Return every way that this environment has the libraries for."""
    found: dict[str, Way] = {
        "Pillow: draft, Lanczos": _by_pillow(Resampling.LANCZOS, None),
        "Pillow: draft, bicubic, reducing_gap 2": _by_pillow(Resampling.BICUBIC, 2.0),
        "Pillow: draft, Hamming": _by_pillow(Resampling.HAMMING, None),
        "simplejpeg + Pillow, bicubic": _by_simplejpeg_and_pillow(Resampling.BICUBIC),
        "simplejpeg + Pillow, Hamming": _by_simplejpeg_and_pillow(Resampling.HAMMING),
    }
    if pyvips := _optional("pyvips"):
        pyvips.cache_set_max(0)
        found["pyvips: thumbnail"] = _by_libvips(pyvips)
        found["simplejpeg + pyvips, cubic"] = _by_simplejpeg_and_libvips(pyvips)
    if cv2 := _optional("cv2"):
        cv2.setNumThreads(1)
        found["OpenCV: reduced decode, area"] = _by_opencv(cv2)
        found["simplejpeg + OpenCV, cubic"] = _by_simplejpeg_and_opencv(cv2)
    return found | {
        "Heliograph: renditions and thumbhash": _as_heliograph,
        "Heliograph: with SHA-256 (twice here) and EXIF": _with_hash_and_exif,
        "  of it SHA-256, once": lambda content: (hashlib.sha256(content).digest(), b""),
        "  of it the decoder, scaled": lambda content: (_scaled_by_decoder(content).tobytes()[:0], b""),
        "  of it EXIF": _exif_alone,
    }


def measured(contents: Sequence[bytes], rounds: int) -> list[tuple[str, float, int, int]]:
    """Return for each way its CPU seconds per photo, and the mean sizes of what it makes in bytes."""
    spent = dict.fromkeys(ways(), 0.0)
    sizes: dict[str, list[Made]] = {name: [] for name in spent}
    for round_number in range(rounds + 1):
        for name, way in ways().items():
            before = _cpu_seconds()
            made = [way(content) for content in contents]
            if round_number:  # the first warms up
                spent[name] += _cpu_seconds() - before
            sizes[name] = made
    count = rounds * len(contents)
    return [
        (
            name,
            seconds / count,
            sum(len(preview) for preview, _ in sizes[name]) // len(contents),
            sum(len(thumbnail) for _, thumbnail in sizes[name]) // len(contents),
        )
        for name, seconds in spent.items()
    ]


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)  # of all its threads
    return usage.ru_utime + usage.ru_stime


_IMPORTS: Final = (
    "PIL.Image, numpy",
    "PIL.Image, numpy, simplejpeg",
    "PIL.Image, numpy, pyvips",
    "PIL.Image, numpy, cv2",
)


def memory_of(imports: str) -> str:
    """Return the resident memory of a Python that has imported these, in MB; or that it can't."""
    code = (
        f"import {imports}\n"
        "print([line for line in open('/proc/self/status') if line.startswith('VmRSS')][0].split()[1])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return f"{int(result.stdout) / 1000:.0f} MB" if result.returncode == 0 else "not installed"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="CPU seconds per photo, by library.")
    parser.add_argument("--photos", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    paths: list[Path] = photos(arguments.photos)
    contents = [path.read_bytes() for path in paths]
    started = time.perf_counter()
    rows = measured(contents, arguments.rounds)
    mean = sum(map(len, contents)) / len(contents)
    print(f"{machine()}\n{len(contents)} photos of 12 megapixels, {mean / 1e6:.1f} MB each; {arguments.rounds} rounds")
    print(f"\n{'':46} CPU-ms   preview  thumbnail")
    for name, seconds, preview, thumbnail in rows:
        made = f"{preview / 1000:6.0f} kB {thumbnail / 1000:7.1f} kB" if thumbnail else ""
        print(f"{name:46} {seconds * 1000:6.1f} {made}")
    print("\nResident after import:")
    for imports in _IMPORTS:
        print(f"  {imports:38} {memory_of(imports)}")
    print(f"\n{time.perf_counter() - started:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
