"""Fits a network's temperature to a labelled set, writes its calibration and draws its reliability.

python -m tools.calibrate --model yolov8n@1 --truth annotations.json --images FOLDER     COCO's detection format
python -m tools.calibrate --model net@1 --truth labels.csv --images FOLDER               columns `image` and `label`

A temperature that the set does not tell from 1 is not written: then what the network says is shown as it is, and the
file says why.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tools.calibrate.fitting import Fit, Interval, bins, fitted, temperature_of
from tools.calibrate.looking import Uncalibrated
from tools.calibrate.plot import reliability_svg
from tools.calibrate.samples import DetectorSamples, Samples
from tools.calibrate.truth import coco_photos, csv_photos

_MODELS = Path(__file__).resolve().parents[2] / "models"
_LEAST_OF_A_CLASS = 100


def calibration(key: str, source: str, samples: Samples, fit: Fit, *, per_class: bool) -> dict[str, Any]:
    """Return the calibration file: the temperature where it is worth using, else 1 and why."""
    reason = fit.why_not
    temperature = 1.0 if reason else round(fit.temperature, 3)
    of_class = _of_classes(samples, temperature) if per_class and not reason else {}
    outcome = f"left as it is: {reason}" if reason else f"temperature {temperature}"
    return {
        "model": key,
        "temperature": temperature,
        **({"temperature_of_class": of_class} if of_class else {}),
        "fitted_on": f"{fit.answers} answers on {fit.photos} photos; truth: {source}; {outcome}",
        "evaluation": _rounded(asdict(fit)),
    }


def _of_classes(samples: Samples, temperature: float) -> dict[str, float]:
    if not isinstance(samples, DetectorSamples):
        return {}
    names, counts = np.unique(samples.names, return_counts=True)
    return {
        str(name): round(temperature_of(samples.chosen(np.flatnonzero(samples.names == name)), prior=temperature), 3)
        for name, count in zip(names, counts, strict=True)
        if count >= _LEAST_OF_A_CLASS
    }


def _range(interval: Interval) -> str:
    return f"95 %: {interval.low:.3f} to {interval.high:.3f}"


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def main(arguments: list[str] | None = None) -> int:
    """Fit, write and say what was found; 1 where the set or the network cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.calibrate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", required=True, help="name@version of the manifest")
    parser.add_argument("--truth", type=Path, required=True, help="COCO's JSON, or a CSV with `image` and `label`")
    parser.add_argument("--images", type=Path, required=True, help="the folder that the truth's file names are in")
    parser.add_argument("--models", type=Path, default=_MODELS, help="the folder of manifest.toml")
    parser.add_argument("--plot", type=Path, help="where the reliability plot goes")
    parser.add_argument("--per-class", action="store_true", help="classes that are seen often get a temperature each")
    given = parser.parse_args(arguments)
    try:
        network = Uncalibrated(given.models, given.model)
        samples, source = _samples(network, given.truth, given.images)
        fit = fitted(samples)
    except (ValueError, OSError) as error:
        print(f"calibrate: {error}", file=sys.stderr)
        return 1
    said = calibration(given.model, source, samples, fit, per_class=given.per_class)
    path = given.models / "calibration" / f"{given.model}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(said, indent=2) + "\n")
    if given.plot:
        before = bins(samples.confidences(1), samples.right)
        after = None if fit.why_not else bins(samples.confidences(fit.temperature), samples.right)
        given.plot.write_text(reliability_svg(f"{given.model}: {fit.answers} answers", before, after))
    print(said["fitted_on"])
    print(f"temperature {fit.temperature:.2f} ({_range(fit.temperature_interval)})")
    print(f"calibration error {fit.error_before:.3f} ({_range(fit.error_before_interval)}) as the network says")
    print(f"calibration error {fit.error_after:.3f} ({_range(fit.error_after_interval)}) at that temperature")
    print(f"written: {path}")
    return 0


def _samples(network: Uncalibrated, truth: Path, images: Path) -> tuple[Samples, str]:
    if network.task == "detection":
        source, photos = coco_photos(truth, images)
        return network.detector_samples(photos), source
    labelled = csv_photos(truth, images)
    return network.classifier_samples(labelled), truth.name


if __name__ == "__main__":
    raise SystemExit(main())
