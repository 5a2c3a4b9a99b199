"""Find the Chromium that the browser tests drive: the one named, the one on PATH, or npm's, which needs no root."""

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "e2e"
NAMES_ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

# Nothing that a browser does of its own accord may leave this machine, and no GPU is expected.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
    "--no-first-run",
)


@dataclass(frozen=True)
class Chromium:
    """An executable and what its environment needs beyond ours."""

    path: str
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def flags(self) -> list[str]:
        """Return the flags to start with; the sandbox is given up only where root could not have one."""
        return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def find_chromium() -> Chromium:
    """Return a Chromium that starts.

    Raises:
        RuntimeError: There is none, with what was tried and what to do.
    """
    named = os.environ.get("CHROMIUM")  # noqa: TID251 - the tests' own switch
    if named:
        if shutil.which(named) is None:
            raise RuntimeError(f"CHROMIUM={named} is no program that can be run.")
        return _that_starts(Chromium(named))
    for name in NAMES_ON_PATH:
        if found := shutil.which(name):
            return _that_starts(Chromium(found))
    return _that_starts(_of_npm())


def node_modules() -> Path:
    """Return tests/e2e/node_modules, installed from the lock file where that is not done yet."""
    folder = HERE / "node_modules"
    lock = HERE / "package-lock.json"
    installed = folder / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError("The browser tests take Chromium and axe-core from npm, and there is no npm on PATH.")
        _run([npm, "ci", "--no-audit", "--no-fund"], cwd=HERE)
        installed.touch()
    return folder


def _of_npm() -> Chromium:
    package = node_modules() / "@sparticuz" / "chromium"
    version = json.loads((package / "package.json").read_text())["version"]
    unpacked = CACHE / f"chromium-{version}"
    if not unpacked.exists():
        _unpack(package, unpacked)
    environment = {"FONTCONFIG_FILE": str(_fonts_configuration(unpacked))}
    chromium = unpacked / "chromium"
    if _lacks_libraries(chromium):
        environment["LD_LIBRARY_PATH"] = str(unpacked / "al2023" / "lib")
    return Chromium(str(chromium), environment)


def _unpack(package: Path, target: Path) -> None:
    """Unpack browser, fonts and libraries beside the target, then rename: a half-unpacked one is never used."""
    CACHE.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix="unpacking-", dir=CACHE))
    program = f"import c from {str(package / 'build' / 'esm' / 'index.js')!r}; await c.executablePath();"
    node = shutil.which("node")
    if node is None:
        raise RuntimeError("npm's Chromium is unpacked by node, and there is none on PATH.")
    # VERCEL makes the package unpack the shared libraries too, for machines without libnss3.
    _run([node, "--input-type=module", "-e", program], {"TMPDIR": str(temporary), "VERCEL": "1"})
    try:
        temporary.rename(target)
    except OSError:  # another worker was first
        shutil.rmtree(temporary)


def _fonts_configuration(unpacked: Path) -> Path:
    """Write which fonts there are: the machine's and the package's (whose own file names folders of AWS Lambda)."""
    folders = ("/usr/share/fonts", "/usr/local/share/fonts", unpacked / "fonts")
    listed = "".join(f"<dir>{folder}</dir>" for folder in folders)
    path = unpacked / "fonts.conf"
    path.write_text(
        f'<?xml version="1.0"?><fontconfig>{listed}<cachedir>{unpacked / "fonts-cache"}</cachedir></fontconfig>'
    )
    return path


def _lacks_libraries(chromium: Path) -> bool:
    ldd = shutil.which("ldd")
    if ldd is None:
        return True
    listed = subprocess.run([ldd, chromium], capture_output=True, text=True, check=False)
    return "not found" in listed.stdout


def _that_starts(chromium: Chromium) -> Chromium:
    try:
        _run([chromium.path, "--version", *chromium.flags, "--headless"], chromium.environment)
    except (OSError, RuntimeError) as error:
        raise RuntimeError(
            f"{chromium.path} does not start: {error}\nName another with CHROMIUM=, or install chromium."
        ) from error
    return chromium


def _run(command: list[str], environment: dict[str, str] | None = None, *, cwd: Path | None = None) -> None:
    finished = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(environment or {})},  # noqa: TID251 - handed on to the child
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if finished.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {finished.returncode}:\n{finished.stderr[-2000:]}")
