"""What was recorded of the reference, and what is needed to compare with it."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from heliograph_inference.imaging import Pixels, decoded
from heliograph_inference.onnx import OnnxNetwork
from tests.reference.made import made_picture
from tests.reference.photos import CLASSIFIER, MADE, OTHER_CLASSIFIERS
from tools.test_photos import photo_path

CONFIDENCE_TOLERANCE = 0.01

MODELS = Path("models")
BATCH = 8


class InBatches(OnnxNetwork):
    """The real network, used as on a GPU: several pictures at once, all of one size."""

    gains_from_batches = True


def recording(name: str) -> dict[str, Any]:
    """Return what tests/reference/record.py wrote of a network."""
    document: dict[str, Any] = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return document


def recording_of_file(path: Path) -> dict[str, Any]:
    """Return what was recorded of a classifier's very bytes.

    Raises:
        ValueError: Nothing was.
    """
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    for name in (CLASSIFIER, *OTHER_CLASSIFIERS):
        if (document := recording(name))["weights_sha256"] == sha256:
            return document
    raise ValueError(f"{path} has SHA-256 {sha256}, and of such a classifier nothing is recorded")


def pictures(document: dict[str, Any]) -> Iterator[tuple[str, Pixels]]:
    """Yield each recorded photo's name and pixels, from the bytes of its file on."""
    with tempfile.TemporaryDirectory() as folder:
        for name in document["photos"]:
            path = made_picture(name, Path(folder)) if name in MADE else photo_path(name)
            yield name, decoded(path.read_bytes())
