"""Fetches the photos that tests and the benchmark use out of pinned registry packages; none of them is ever committed.

    python -m tools.test_photos        fetch what is missing and say under which licences it comes

Tests ask for one by name: `photo_path("bus.jpg")`, `photo_path("pillow/exif_gps.jpg")`.
"""

import fcntl
import hashlib
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache, partial
from pathlib import Path, PurePosixPath

CACHE = Path(__file__).resolve().parent.parent / ".cache"
PACKAGES = CACHE / "packages"
PHOTOS = CACHE / "photos"

_SDIST = "sdist"
_WHEEL = "wheel"


@dataclass(frozen=True)
class Source:
    """A package that holds photos: how it is pinned, and which of its files are wanted under which names."""

    package: str
    version: str
    kind: str
    archive: str
    sha256: str
    licence: str
    files: Mapping[str, str] = field(default_factory=dict)
    """Path inside the archive → name here."""
    folder: str = ""
    patterns: tuple[str, ...] = ()
    """Files of `folder` that match one of these come under `<package>/<file name>`."""

    def name_of(self, member: str) -> str | None:
        """Return under which name an archive's file is kept, or None where it isn't wanted."""
        if member in self.files:
            return self.files[member]
        path = PurePosixPath(member)
        if self.folder and str(path.parent) == self.folder and any(fnmatch(path.name, p) for p in self.patterns):
            return f"{self.package}/{path.name}"
        return None


def _named_as_they_are(folder: str, *names: str) -> dict[str, str]:
    return {f"{folder}/{name}": name for name in names}


SOURCES = (
    Source(
        "ultralytics",
        "8.4.190",
        _WHEEL,
        "ultralytics-8.4.190-py3-none-any.whl",
        "bd309728efa168af64d39040136828edd2dbcb4aeceb4510bdff4f3ca0ea01b8",
        "AGPL-3.0",
        files=_named_as_they_are("ultralytics/assets", "bus.jpg", "zidane.jpg"),
    ),
    Source(
        "scikit-image",
        "0.26.0",
        _WHEEL,
        "scikit_image-0.26.0-cp312-cp312-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
        "7df650e79031634ac90b11e64a9eedaf5a5e06fcd09bcd03a34be01745744466",
        "public domain, CC0 and research use: see skimage/data",
        files=_named_as_they_are(
            "skimage/data",
            "astronaut.png",
            "chelsea.png",
            "coffee.png",
            "motorcycle_left.png",
            "rocket.jpg",
            "hubble_deep_field.jpg",
            "grass.png",
            "brick.png",
            "camera.png",
            "cell.png",
            "clock_motion.png",
            "coins.png",
            "color.png",
            "gravel.png",
            "horse.png",
            "ihc.png",
            "microaneurysms.png",
            "moon.png",
            "motorcycle_right.png",
            "page.png",
            "retina.jpg",
        ),
    ),
    Source(
        "scikit-learn",
        "1.9.1",
        _WHEEL,
        "scikit_learn-1.9.1-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        "e5d7b18a5b9dca241a74695f3275fa4c895a9dadc72b3d8df5fa9d1083c9b83e",
        "CC BY 2.0: china.jpg by danielbuechele, flower.jpg by Vultilion",
        files=_named_as_they_are("sklearn/datasets/images", "china.jpg", "flower.jpg"),
    ),
    Source(
        "pillow",
        "13.0.0",
        _SDIST,
        "pillow-13.0.0.tar.gz",
        "cdcd1ba258178f7356d74170c9a81ba4eab6a5d55748bc402a5a2a6fe6be3510",
        "MIT-CMU",
        folder="pillow-13.0.0/Tests/images",
        patterns=(
            "hopper.[bgjptw]*",
            "hopper_orientation_*",
            "hopper_bad_exif.jpg",
            "hopper_gray.jpg",
            "hopper_16bit*",
            "g4_orientation_*",
            "*exif*.jpg",
            "exif*.png",
            "*gps*",
            "iptc*.jpg",
            "ifd_tag_type.tiff",
            "flower.*",
            "fujifilm.mpo",
            "frozenpond.mpo",
            "sugarshack*",
            "ultrahdr.jpg",
            "xmp_test.jpg",
            "pil_sample_cmyk.jpg",
            "junk_jpeg_header.jpg",
            "decompression_bomb*",
            "broken*",
            "*truncated*",
            "dispose_bgnd.gif",
            "transparent.*",
            "rgb_trns_ycbc.jpg",
        ),
    ),
    Source(
        "face_recognition",
        "1.3.0",
        _SDIST,
        "face_recognition-1.3.0.tar.gz",
        "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
        "MIT; the portraits are works of the US government",
        files=_named_as_they_are(
            "face_recognition-1.3.0/tests/test_images",
            "biden.jpg",
            "obama.jpg",
            "obama2.jpg",
            "obama3.jpg",
            "obama_partial_face.jpg",
            "obama_partial_face2.jpg",
        ),
    ),
)


class PhotoUnavailableError(Exception):
    """A test photo cannot be had: the registry does not answer, or sent something else."""


def photo_path(name: str) -> Path:
    """Return where a test photo lies, fetching the packages first where they have not been.

    Raises:
        PhotoUnavailableError: No package has it, or the packages cannot be had.
    """
    _fetched_once()
    path = PHOTOS / name
    if not path.is_file():
        raise PhotoUnavailableError(f"no test photo is called {name!r}; `ls {PHOTOS}` shows those there are")
    return path


@cache
def _fetched_once() -> None:
    fetch()


def fetch() -> None:
    """Fetch and extract what is missing; returns at once where nothing is.

    Raises:
        PhotoUnavailableError: A package cannot be had or is not the pinned one.
    """
    with _alone():
        for source in SOURCES:
            stamp = PHOTOS / f".{source.package}"
            wanted = hashlib.sha256(repr(source).encode()).hexdigest()
            if stamp.is_file() and stamp.read_text() == wanted:
                continue
            _extract(source, _archive(source))
            stamp.write_text(wanted)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process fetch while others, such as pytest's workers, wait for it."""
    PACKAGES.mkdir(parents=True, exist_ok=True)
    PHOTOS.mkdir(parents=True, exist_ok=True)
    with (CACHE / "photos.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _archive(source: Source) -> Path:
    path = PACKAGES / source.archive
    if path.is_file() and _sha256(path) == source.sha256:
        return path
    print(f"fetching {source.package} {source.version} ({source.licence})", file=sys.stderr, flush=True)
    # A wheel is asked for by one fixed platform, so that its hash is the same whatever machine this is. An sdist's
    # build requirements come as wheels: `:all:` would build those, too.
    form = (
        ["--no-binary", source.package]
        if source.kind == _SDIST
        else ["--only-binary", ":all:", "--python-version", "3.12", "--platform", "manylinux_2_28_x86_64"]
    )
    requirement = f"{source.package}=={source.version}"
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    result = subprocess.run(
        [*command, *form, "--dest", str(PACKAGES), requirement], capture_output=True, text=True, check=False
    )
    if result.returncode != 0 or not path.is_file():
        raise PhotoUnavailableError(f"{requirement} could not be fetched:\n{result.stderr.strip()}")
    if (found := _sha256(path)) != source.sha256:
        path.unlink()
        raise PhotoUnavailableError(f"{source.archive} has SHA-256 {found}, not {source.sha256}; it was removed")
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _extract(source: Source, archive: Path) -> None:
    missing = set(source.files.values())
    for member, content in _members(archive):
        if (name := source.name_of(member)) is None:
            continue
        missing.discard(name)
        target = PHOTOS / name
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.part")
        part.write_bytes(content())
        part.replace(target)  # atomic: a file of this name is a whole one
    if missing:
        raise PhotoUnavailableError(f"{source.archive} holds no {', '.join(sorted(missing))}")


def _members(archive: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Each file of an archive and how to read it; to be read before the next one is asked for."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                yield name, partial(wheel.read, name)
        return
    with tarfile.open(archive) as sdist:
        for member in sdist:
            file = sdist.extractfile(member) if member.isfile() else None
            if file is not None:
                yield member.name, file.read


def main() -> int:
    """Fetch everything and say what there is."""
    try:
        fetch()
    except PhotoUnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    count = sum(1 for path in PHOTOS.rglob("*") if path.is_file() and not path.name.startswith("."))
    print(f"{count} test photos lie in {PHOTOS}; they stay their authors':")
    for source in SOURCES:
        print(f"  {source.package} {source.version}: {source.licence}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
