"""Asks the advisory databases of PyPI and npm for known holes in what the lock files pin.

    python -m tools.audit [--strict]

Ends with 1 where there is one. A registry's mirror often has packages without their advisories: what could not be
asked is said, line by line, and is a failure with `--strict`.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.install import ROOT, TOOLS

_PIP_AUDIT = TOOLS / "scan" / "bin" / "pip-audit"
_GRAVE = ("high", "critical")


@dataclass
class Findings:
    """What one lock file's audit came to."""

    lock: Path
    holes: list[str] = field(default_factory=list)
    unknown: str = ""
    """Why it could not be asked about; empty where it was."""
    packages: int = 0

    def __str__(self) -> str:
        name = self.lock.relative_to(ROOT)
        if self.unknown:
            return f"{name}: NOT AUDITED, {self.unknown}"
        return f"{name}: {self.packages} packages, {len(self.holes)} known holes" + "".join(
            f"\n  {hole}" for hole in self.holes
        )


def of_python(lock: Path, report: dict[str, Any]) -> Findings:
    """Return what pip-audit's JSON says of a requirements file."""
    found = Findings(lock)
    skipped = [one for one in report["dependencies"] if "skip_reason" in one]
    found.packages = len(report["dependencies"]) - len(skipped)
    found.holes = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for one in report["dependencies"]
        for hole in one.get("vulns", ())
    ]
    if skipped:
        found.unknown = f"{len(skipped)} of {len(report['dependencies'])} packages, as {skipped[0]['skip_reason']}"
    return found


def of_node(lock: Path, report: dict[str, Any]) -> Findings:
    """Return what `npm audit --json` says of a package-lock.json."""
    found = Findings(lock)
    if "metadata" not in report:
        said = report.get("message") or report.get("error", {}).get("summary") or "npm said nothing of why"
        found.unknown = f"the registry answers no such question ({str(said).splitlines()[0]})"
        return found
    found.packages = report["metadata"]["dependencies"]["total"]
    found.holes = [
        f"{name}: {one['severity']}, versions {one['range']}"
        for name, one in report.get("vulnerabilities", {}).items()
        if one["severity"] in _GRAVE
    ]
    return found


def _json_of(command: list[str | Path], folder: Path) -> dict[str, Any]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        sys.exit(f"{' '.join(map(str, command))} gave no report:\n{done.stdout}{done.stderr}")
    return report


def audited() -> list[Findings]:
    """Return what is known of everything that the lock files pin."""
    python = [
        of_python(
            lock,
            _json_of([_PIP_AUDIT, "-r", lock, "--no-deps", "--disable-pip", "--format", "json"], ROOT),
        )
        for lock in sorted((ROOT / "requirements").glob("*.txt"))
    ]
    node = [
        of_node(ROOT / folder / "package-lock.json", _json_of(["npm", "audit", "--json"], ROOT / folder))
        for folder in ("frontend", "tools", "tests/e2e")
    ]
    return [*python, *node]


def main() -> int:
    """Print what is known, and what could not be asked."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--strict", action="store_true", help="fail where something could not be asked about")
    given = parser.parse_args()
    found = audited()
    for one in found:
        print(one, flush=True)
    return 1 if any(one.holes or (given.strict and one.unknown) for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
