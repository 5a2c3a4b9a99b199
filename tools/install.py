"""Installs into the checkout whatever is missing: Python packages, the stand-in for AWS, the web app, the models.

    python3 -m tools.install services|dev|standin|infra|scan|web-packages|web|browser|models …

Runs on the machine's own Python, before there is any environment, so it needs the standard library only. Each step
leaves a stamp of what it was made from; a step whose stamp is right is skipped without a look at the network.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from tools.lifeline import dies_with_parent, follow_make

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
PYTHON = ROOT / ".venv" / "bin" / "python"
_STANDIN = TOOLS / "standin"
_INFRA = TOOLS / "infra"
_SCANNERS = TOOLS / "scan"
_PACKAGES = ("shared", "services/auth", "services/upload", "services/metadata", "services/inference")
_NOT_SOURCES = {"node_modules", "dist", ".svelte-kit", "coverage"}
_OLDEST_PYTHON = (3, 11)
_OLDEST_NODE = 20


class InstallError(RuntimeError):
    """A step can't be done on this machine; the text says what the person can do."""


def say(text: str) -> None:
    """Tell the person what goes on."""
    print(f"heliograph: {text}", flush=True)


def digest_of(paths: list[Path], *extra: str) -> str:
    """Return a hash over the contents of files and of all files in folders, and over `extra`."""
    digest = hashlib.sha256()
    for word in extra:
        digest.update(word.encode() + b"\0")
    for path in paths:
        files = [path] if path.is_file() else sorted(_sources(path))
        for file in files:
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources(folder: Path) -> list[Path]:
    found = []
    for directory, names, files in os.walk(folder):
        names[:] = [name for name in names if name not in _NOT_SOURCES]
        found += [Path(directory) / name for name in files]
    return found


class Stamp:
    """Remembers what a step was made from."""

    def __init__(self, name: str, digest: str, *, made: Path) -> None:
        self._file = TOOLS / "stamps" / name
        self._digest = digest
        self._made = made

    def is_right(self) -> bool:
        """Whether the step was done with just this input, and what it made is still there."""
        return self._made.exists() and self._file.exists() and self._file.read_text(encoding="ascii") == self._digest

    def write(self) -> None:
        """Say that the step is done."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(self._digest, encoding="ascii")


def run(arguments: list[str], *, folder: Path = ROOT, failed: str) -> None:
    """Run a command whose output the person sees; raise `InstallError` with `failed` where it doesn't succeed."""
    done = subprocess.run(
        arguments,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        check=False,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )
    if done.returncode != 0:
        raise InstallError(f"{failed} (the command was: {' '.join(arguments)})")


def _succeeds(arguments: list[str]) -> bool:
    try:
        return subprocess.run(arguments, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def uv() -> str:
    """Return a uv command: the one fetched earlier, the one on PATH, or else fetch the pinned one with pip."""
    own = TOOLS / "uv" / "bin" / "uv"
    if own.exists():
        return str(own)
    if found := shutil.which("uv"):
        return found
    say("fetching uv, which installs the rest")
    wanted = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "-r", "requirements/uv.txt"]
    pip = [sys.executable, "-m", "pip"]
    if not _succeeds([*pip, "--version"]):
        bootstrap = TOOLS / "bootstrap"
        if not _succeeds([sys.executable, "-m", "venv", "--clear", str(bootstrap)]):
            raise InstallError(
                "this Python has neither pip nor venv; install one (Debian, Ubuntu: python3-venv), or uv, and try again"
            )
        pip = [str(bootstrap / "bin" / "python"), "-m", "pip"]
    os.environ.setdefault("PIP_ROOT_USER_ACTION", "ignore")  # noqa: TID251 - it goes into the checkout, not the system
    run([*pip, "install", "--target", str(TOOLS / "uv"), *wanted], failed="uv could not be fetched")
    return str(own)


def _environment(folder: Path) -> None:
    python = folder / "bin" / "python"
    if not _succeeds([str(python), "-c", "pass"]):
        run(
            [uv(), "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
            failed=f"no Python environment could be made in {folder}",
        )


def install_python(requirements: str) -> None:
    """Install hashed requirements (`demo` or `dev`) and this checkout's own packages into .venv."""
    wanted = ROOT / "requirements" / f"{requirements}.txt"
    projects = [ROOT / package / "pyproject.toml" for package in _PACKAGES]
    stamp = Stamp(f"python-{requirements}", digest_of([wanted, *projects], str(ROOT), sys.version), made=PYTHON)
    if stamp.is_right():
        return
    say("installing Python packages")
    _environment(ROOT / ".venv")
    install = [uv(), "pip", "install", "--python", str(PYTHON)]
    run([*install, "--require-hashes", "-r", str(wanted)], failed="the Python packages could not be installed")
    editable = [word for package in _PACKAGES for word in ("-e", str(ROOT / package))]
    run(
        [*install, "--quiet", "--no-deps", "--no-build-isolation", *editable],
        failed="Heliograph's own packages could not be installed",
    )
    stamp.write()


def install_standin() -> None:
    """Install MiniStack into an environment of its own, and dynoxide where there is a binary of it."""
    wanted = ROOT / "requirements" / "standin.txt"
    stamp = Stamp("standin", digest_of([wanted], str(ROOT), sys.version), made=_STANDIN / "bin" / "python")
    if not stamp.is_right():
        say("installing the stand-in for AWS")
        _environment(_STANDIN)
        install = [uv(), "pip", "install", "--quiet", "--python", str(_STANDIN / "bin" / "python")]
        run([*install, "--require-hashes", "-r", str(wanted)], failed="the stand-in for AWS could not be installed")
        stamp.write()
    install_npm("tools", "the stand-in's database")


def install_infra() -> None:
    """Install the linters of infra/ into an environment of their own."""
    wanted = ROOT / "requirements" / "infra.txt"
    stamp = Stamp("infra", digest_of([wanted], str(ROOT), sys.version), made=_INFRA / "bin" / "checkov")
    if stamp.is_right():
        return
    say("installing the linters of infra/")
    _environment(_INFRA)
    install = [uv(), "pip", "install", "--quiet", "--python", str(_INFRA / "bin" / "python")]
    run([*install, "--require-hashes", "-r", str(wanted)], failed="the linters of infra/ could not be installed")
    stamp.write()


def install_scanners() -> None:
    """Install what looks for holes, schemathesis, sslyze and pip-audit, into an environment of their own."""
    wanted = ROOT / "requirements" / "scan.txt"
    stamp = Stamp("scan", digest_of([wanted], str(ROOT), sys.version), made=_SCANNERS / "bin" / "python")
    if stamp.is_right():
        return
    say("installing the scanners")
    _environment(_SCANNERS)
    install = [uv(), "pip", "install", "--quiet", "--python", str(_SCANNERS / "bin" / "python")]
    run([*install, "--require-hashes", "-r", str(wanted)], failed="the scanners could not be installed")
    stamp.write()


def _npm() -> str:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise InstallError(f"Node {_OLDEST_NODE} or newer with npm is needed, and there is none on PATH")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < _OLDEST_NODE:
        raise InstallError(f"Node {_OLDEST_NODE} or newer is needed; the one on PATH is {version}")
    return npm


def install_npm(folder: str, what: str) -> None:
    """Install what a folder's package-lock.json pins."""
    where = ROOT / folder
    machine = f"{sys.platform} {platform.machine()}"
    lock = [where / "package.json", where / "package-lock.json"]
    stamp = Stamp(f"npm-{folder.replace('/', '-')}", digest_of(lock, machine), made=where / "node_modules")
    if stamp.is_right():
        return
    say(f"installing {what}")
    run(
        [_npm(), "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        folder=where,
        failed=f"{what} could not be installed",
    )
    (where / "node_modules").mkdir(exist_ok=True)  # npm makes none where nothing in the lock is for this machine
    stamp.write()


def build_web() -> None:
    """Build the web app into frontend/dist where its sources have changed."""
    install_npm("frontend", "what the web app is built with")
    frontend = ROOT / "frontend"
    stamp = Stamp("web", digest_of([frontend]), made=frontend / "dist" / "index.html")
    if stamp.is_right():
        return
    say("building the web app")
    run(
        [_npm(), "run", "--silent", "build", "--", "--logLevel", "warn"],
        folder=frontend,
        failed="the web app could not be built",
    )
    stamp.write()


def fetch_models() -> None:
    """Fetch and verify the weights that models/manifest.toml names."""
    run([str(PYTHON), "-m", "tools.models"], failed="the models could not be fetched")


_TARGETS: dict[str, Callable[[], None]] = {
    "services": lambda: install_python("demo"),
    "dev": lambda: install_python("dev"),
    "standin": install_standin,
    "infra": install_infra,
    "scan": install_scanners,
    "web-packages": lambda: install_npm("frontend", "what the web app is built with"),
    "web": build_web,
    "browser": lambda: install_npm("tests/e2e", "the browser for the tests"),
    "models": fetch_models,
}


def _newer_python() -> str | None:
    names = [f"python3.{minor}" for minor in range(14, _OLDEST_PYTHON[1] - 1, -1)]
    return next((found for name in names if (found := shutil.which(name))), None)


def _take_turns(lock: IO[str]) -> None:
    """Wait until no other start in this checkout installs."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another start in this checkout, which is installing")
        fcntl.flock(lock, fcntl.LOCK_EX)


def main() -> int:
    """Install what the named targets need."""
    targets = sys.argv[1:]
    if unknown := [target for target in targets if target not in _TARGETS]:
        say(f"there is nothing called {', '.join(unknown)} to install; there is {', '.join(_TARGETS)}")
        return 2
    if sys.version_info < _OLDEST_PYTHON:
        newer = _newer_python()
        if newer is None:
            say(f"Python 3.11 or newer is needed; {sys.executable} is {platform.python_version()}")
            return 1
        os.execv(newer, [newer, "-m", "tools.install", *targets])  # noqa: S606 - found on PATH, no shell wanted
    TOOLS.mkdir(exist_ok=True)
    follow_make()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a step under way is stopped as by Ctrl-C
    started = time.monotonic()
    with (TOOLS / "install.lock").open("w") as lock:
        try:
            _take_turns(lock)
            for target in targets:
                _TARGETS[target]()
        except InstallError as error:
            say(str(error))
            return 1
        except KeyboardInterrupt:
            say("stopped; the next start goes on from here")
            return 130
    if (seconds := time.monotonic() - started) > 5:  # noqa: PLR2004 - only worth a line where something was done
        say(f"installed in {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
