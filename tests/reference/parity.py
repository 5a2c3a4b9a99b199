"""Prints how far the inference service is from the recorded reference: `python -m tests.reference.parity`.

With `--classifier FILE` that YOLOv8 classification export is compared instead, if its very bytes were recorded.
"""

import argparse
from pathlib import Path
from typing import Any

from tests.reference.classified import classified
from tests.reference.detected import BOX_TOLERANCE_PX, compared
from tests.reference.photos import CLASSIFIER
from tests.reference.recordings import CONFIDENCE_TOLERANCE, MODELS, recording, recording_of_file


def main() -> None:
    """Print the tables in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.reference.parity")
    parser.add_argument("--classifier", type=Path, metavar="FILE", help="a classifier that was recorded")
    file: Path | None = parser.parse_args().classifier
    if file is not None:
        try:
            document = recording_of_file(file)
        except (OSError, ValueError) as error:
            parser.error(str(error))
        _print_classes(file, document)
        return
    _print_boxes()
    print()
    _print_classes(MODELS / f"{CLASSIFIER}.onnx", recording(CLASSIFIER))


def _print_boxes() -> None:
    print(
        "| photo | canvas | boxes | confidence, most | edge, most, px | within |\n| --- | --- | --- | --- | --- | --- |"
    )
    outside = 0
    for canvas in ("snug", "square"):
        for parity in compared(canvas):
            outside += not parity.holds
            size = "×".join(map(str, parity.canvas_px))
            print(
                f"| {parity.photo} | {canvas} {size} | {len(parity.expected_classes)} |"
                f" {parity.confidence_difference:.5f} | {parity.box_difference_px:.3f} |"
                f" {'yes' if parity.holds else 'NO'} |"
            )
    print(f"\n{outside} outside the tolerance ({CONFIDENCE_TOLERANCE}, {BOX_TOLERANCE_PX} px).")


def _print_classes(file: Path, document: dict[str, Any]) -> None:
    print("| photo | run | surest class | confidence, most of five | within |\n| --- | --- | --- | --- | --- |")
    outside = 0
    for in_batches in (False, True):
        for parity in classified(file, document, in_batches=in_batches):
            outside += not parity.holds
            _, _, surest = parity.expected_classes[0].partition(" ")
            print(
                f"| {parity.photo} | {'in eights' if in_batches else 'alone'} | {surest} |"
                f" {parity.confidence_difference:.5f} | {'yes' if parity.holds else 'NO'} |"
            )
    print(f"\n{outside} outside the tolerance ({CONFIDENCE_TOLERANCE}, the same five classes in the same order).")


if __name__ == "__main__":
    main()
