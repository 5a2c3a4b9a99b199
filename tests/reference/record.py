"""Records what Ultralytics' own predictor says of the test photos: `python -m tests.reference.record`.

It needs `ultralytics==8.4.190` and CPU `torch==2.13.0` (hundreds of MB) in an environment of its own, together with
this checkout on the path; nothing else in the project does. It writes yolov8n@1.json beside this file.
"""

import hashlib
import json
import tempfile
from pathlib import Path

import torch

# The torchvision that fits this torch lacks its compiled operators; Ultralytics has the same suppression in torch.
library = torch.library.Library("torchvision", "DEF")
library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import torchvision  # noqa: E402
import ultralytics  # noqa: E402
from ultralytics import YOLO  # noqa: E402
from ultralytics.utils.nms import TorchNMS  # noqa: E402

from tests.reference.made import made_picture  # noqa: E402
from tests.reference.photos import MADE, PHOTOS  # noqa: E402
from tools.test_photos import photo_path  # noqa: E402

library.impl("nms", TorchNMS.nms, "CPU")
torchvision.ops.nms = TorchNMS.nms

NETWORK = "yolov8n@1"


def recorded(path: Path, model: YOLO, *, snug: bool) -> dict[str, object]:
    """Return the canvas (width, height) and each box: class, confidence, x1, y1, x2, y2 in pixels of the photo."""
    if model.predictor is not None:
        model.predictor = None
    shapes: list[tuple[int, ...]] = []

    def seen(predictor: object) -> None:
        backend = predictor.model  # type: ignore[attr-defined]
        backend.dynamic = snug
        if hasattr(backend, "backend"):
            backend.backend.dynamic = snug
        before = predictor.preprocess  # type: ignore[attr-defined]

        def preprocess(images: object) -> torch.Tensor:
            tensor: torch.Tensor = before(images)
            shapes.append(tuple(tensor.shape))
            return tensor

        predictor.preprocess = preprocess  # type: ignore[attr-defined]

    model.callbacks["on_predict_start"] = [seen]
    (result,) = model.predict(str(path), imgsz=640, rect=snug, verbose=False)
    _, _, height, width = shapes[-1]
    boxes = [
        [result.names[int(c)], round(s, 5), *(round(edge, 3) for edge in box)]
        for c, s, box in zip(
            result.boxes.cls.tolist(), result.boxes.conf.tolist(), result.boxes.xyxy.tolist(), strict=True
        )
    ]
    return {"canvas_px": [width, height], "boxes": boxes}


def main() -> None:
    """Write the recording."""
    weights = Path("models") / f"{NETWORK}.onnx"
    model = YOLO(str(weights), task="detect")
    photos: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in (*PHOTOS, *MADE):
            path = made_picture(name, Path(folder)) if name in MADE else photo_path(name)
            photos[name] = {
                "square": recorded(path, model, snug=False),
                "snug": recorded(path, model, snug=True),
            } | ({} if name in MADE else {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
    document = {
        "reference": f"ultralytics {ultralytics.__version__}, torch {torch.__version__}",
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "photos": photos,
    }
    Path(__file__).with_name(f"{NETWORK}.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
