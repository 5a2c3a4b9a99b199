"""Make a labelled set where there is none: what a larger network sees on photos, as COCO annotations with its scores.

python -m tools.calibrate.teacher --models FOLDER --teacher yolov8m@1 --images PHOTOS --out SET

Such a truth is none: the larger network makes mistakes, too, and often the same. Its score goes along as `score`, so
that what it is unsure of counts in part; with `--sure-from 0.5` what it gives less is left out and the rest is true.
Each photo is looked at whole and in four crops.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from tools.calibrate.looking import Uncalibrated, opened

_CROP = 0.6
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def views(image: Image.Image) -> Iterator[Image.Image]:
    """Return a photo and its four corners, each three fifths wide and high."""
    yield image
    width, height = image.size
    for left in (0.0, 1 - _CROP):
        for top in (0.0, 1 - _CROP):
            right, bottom = left + _CROP, top + _CROP
            yield image.crop((int(left * width), int(top * height), int(right * width), int(bottom * height)))


def main(arguments: list[str] | None = None) -> int:
    """Write the set."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.calibrate.teacher",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name in ("--models", "--images", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--teacher", required=True)
    parser.add_argument("--sure-from", type=float, help="boxes from this score on are the truth, others are none")
    given = parser.parse_args(arguments)
    network = Uncalibrated(given.models, given.teacher)
    given.out.mkdir(parents=True, exist_ok=True)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for path in sorted(path for path in given.images.iterdir() if path.suffix.lower() in _SUFFIXES):
        for view in views(opened(path)):
            number = len(images)
            width, height = view.size
            view.save(given.out / f"{number:06}.jpg", quality=92)
            images.append(
                {"id": number, "file_name": f"{number:06}.jpg", "width": width, "height": height, "group": path.name}
            )
            annotations += [
                {
                    "id": len(annotations) + i,
                    "image_id": number,
                    "category_id": network.names.index(name),
                    "bbox": [x1 * width, y1 * height, (x2 - x1) * width, (y2 - y1) * height],
                    "score": score if given.sure_from is None else 1.0,
                }
                for i, (name, score, (x1, y1, x2, y2)) in enumerate(
                    box for box in network.boxes(view) if box[1] >= (given.sure_from or 0)
                )
            ]
    how = "counted by its own scores" if given.sure_from is None else f"from {given.sure_from} on"
    said = {
        "info": {"description": f"a pseudo-truth: what {given.teacher} sees, {how}"},
        "categories": [{"id": i, "name": name} for i, name in enumerate(network.names)],
        "images": images,
        "annotations": annotations,
    }
    (given.out / "annotations.json").write_text(json.dumps(said))
    print(f"{len(annotations)} things on {len(images)} views in {given.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
