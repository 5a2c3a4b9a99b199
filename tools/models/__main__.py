"""Fetches, verifies and converts what models/manifest.toml lists.

python -m tools.models            make what is missing; what is there and right is left alone
python -m tools.models --check    only say whether all is there and right
"""

import argparse
import fcntl
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx

from tools.models.convert import CONVERTER_VERSION, converted
from tools.models.export_check import check_export
from tools.models.fetch import FetchError, Say, differences, fetch_weights
from tools.models.manifest import FileFacts, ManifestError, ModelSource, read_manifest

MANIFEST = Path(__file__).resolve().parents[2] / "models" / "manifest.toml"


def defect(model: ModelSource, folder: Path) -> str:
    """Return what is wrong with a model's file in `folder`; empty where it is ready to run.

    Beside each file lies a record of what it was made from and what it hashes to.
    """
    try:
        record = json.loads((folder / f"{model.key}.json").read_text())
        made_from, file = record["made_from"], FileFacts(**record["file"])
    except FileNotFoundError:
        return "is not there"
    except (ValueError, KeyError, TypeError):
        return "has no readable record of what it was made from"
    if made_from != _recipe(model, folder):
        return "was made from something else than the manifest now says"
    return differences(folder / f"{model.key}.onnx", file)


def make(model: ModelSource, folder: Path, say: Say) -> None:
    """Fetch, verify and convert one model into `folder`.

    Raises:
        FetchError, ManifestError, ValueError: It cannot be had or is not what the manifest says.
    """
    downloads = folder / ".downloads"
    weights = fetch_weights(model, downloads, say)
    names = (folder / model.class_names).read_text(encoding="utf-8").splitlines() if model.class_names else []
    target = folder / f"{model.key}.onnx"
    part = downloads / target.name
    try:
        network = converted(weights, model.convert, names)
        check_export(network, task=model.task, side_px=model.side_px)
    except ValueError as error:
        raise ManifestError(f"{model.key}: {error}") from error
    onnx.save(network, str(part))
    content = part.read_bytes()
    record = {
        "made_from": _recipe(model, folder),
        "file": {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()},
        "licence": model.licence,
    }
    part.replace(target)
    (folder / f"{model.key}.json").write_text(json.dumps(record, indent=2) + "\n")
    weights.unlink()
    say(f"{model.key}: ready, {len(content) / 1e6:.1f} MB")


def _recipe(model: ModelSource, folder: Path) -> dict[str, object]:
    names = (folder / model.class_names).read_bytes() if model.class_names else b""
    return {
        "weights_sha256": model.weights.sha256,
        "convert": model.convert,
        "converter_version": CONVERTER_VERSION,
        "class_names_sha256": hashlib.sha256(names).hexdigest(),
    }


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let a second run wait for the first instead of fetching the same."""
    (folder / ".downloads").mkdir(parents=True, exist_ok=True)
    with (folder / ".downloads" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str] | None = None) -> int:
    """Make or check every model of the manifest; 0 where all are ready."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.models", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="fetch nothing, only verify")
    parser.add_argument(
        "--manifest", type=Path, default=MANIFEST, help="what to make; the networks come to lie beside it"
    )
    given = parser.parse_args(arguments)
    folder: Path = given.manifest.parent
    try:
        models = read_manifest(given.manifest)
        if given.check:
            defects = [f"{model.key} {wrong}" for model in models if (wrong := defect(model, folder))]
            print("\n".join(defects) or f"{len(models)} models are there and right")
            return 1 if defects else 0
        with _alone(folder):
            for model in models:
                if wrong := defect(model, folder):
                    print(f"{model.key} {wrong}; its weights are under {model.licence} ({model.licence_note})")
                    make(model, folder, lambda line: print(line, flush=True))
    except (FetchError, ManifestError, ValueError, OSError) as error:
        print(f"models: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
