"""Runs an operator's command against the demo that is running, with the keys of its stand-in's root user.

    python -m tools.operate --data .heliograph --port 8080 reindex
    python -m tools.operate --data .heliograph --port 8080 verify-index
    python -m tools.operate --data .heliograph --port 8080 accounts open ada@example.com --name Ada
    python -m tools.operate --data .heliograph --port 8080 accounts appoint ada@example.com
    python -m tools.operate --data .heliograph --port 8080 reclassify --query "label:dog"

Which networks there are, `reclassify` is told from models/manifest.toml.

On AWS there is no need of it: `python -m heliograph_metadata.admin` with the operator's own keys does the same.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

from tools.demo import Demo
from tools.models.manifest import read_manifest
from tools.standin import answers

MANIFEST: Final = Path(__file__).resolve().parent.parent / "models" / "manifest.toml"


def main() -> int:
    """Run the command; its exit status is ours."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--data", type=lambda given: Path(given).expanduser().resolve(), required=True)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    demo = Demo(host="127.0.0.1", port=given.port, data=given.data)
    if not (given.data / "standin" / "root.json").exists() or not answers(demo.standin.endpoint.dynamodb_url):
        print(f"heliograph: no demo runs on port {given.port} with the data in {given.data}; start it with make demo")
        return 2
    program = "heliograph_auth.admin" if given.command[:1] == ["accounts"] else "heliograph_metadata.admin"
    command = [sys.executable, "-m", program, *given.command]
    if given.command[:1] == ["reclassify"]:
        command += ["--models", *(network.key for network in read_manifest(MANIFEST))]
    return subprocess.run(command, env=demo.environment(demo.operator), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
