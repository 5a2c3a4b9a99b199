"""Classification in numpy: from one row of a network's output to the few labels worth showing."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from heliograph_inference.domain import Label

_SUM_TOLERANCE = 1e-2


def probabilities(output: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return what sums to 1: the output itself where the network ends in a softmax, else the softmax of its logits.

    Args:
        output: One image's row, (classes).
    """
    row = output.astype(np.float64)
    if row.min(initial=0.0) >= 0 and abs(row.sum() - 1) < _SUM_TOLERANCE:
        return row
    exponentials = np.exp(row - row.max(initial=-np.inf))
    return np.asarray(exponentials / exponentials.sum(), np.float64)


class ClassNames:
    """The names of a classifier's classes: those with the same name count as one, those without one are hidden."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.distinct = tuple(dict.fromkeys(names))
        position = {name: i for i, name in enumerate(self.distinct)}
        self._place_of_class = np.array([position[name] for name in names], np.intp)

    def summed(self, row: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return one probability a distinct name, the sum over its classes."""
        return np.bincount(self._place_of_class, weights=row, minlength=len(self.distinct)).astype(np.float64)


def labels_of_classes(
    output: npt.NDArray[np.float32],
    names: ClassNames,
    *,
    model: str,
    threshold: float,
    most: int,
    calibrated: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]] | None = None,
) -> list[Label]:
    """Return the surest classes that reach `threshold`, at most `most`, as labels without boxes.

    Args:
        output: One image's row, (classes).
        names: The network's class names.
        model: Its name and version.
        threshold: Below it, calibrated, a class is not shown.
        most: How many labels at most.
        calibrated: Makes calibrated probabilities (classes) of the network's; None: they are taken as they are.
    """
    row = probabilities(output)
    raw = names.summed(row)
    summed = raw if calibrated is None else names.summed(calibrated(row))
    surest = np.argsort(-summed, kind="stable")
    shown = [i for i in surest if names.distinct[i] and summed[i] >= threshold][:most]
    return [
        Label(
            name=names.distinct[i],
            confidence=min(1.0, float(summed[i])),
            model=model,
            raw_confidence=None if summed[i] == raw[i] else min(1.0, float(raw[i])),
        )
        for i in shown
    ]


def readable(name: str) -> str:
    """Return a class name as people write it: Ultralytics' exports have `Egyptian_cat` and `crane_(bird)`."""
    return name.replace("_", " ").strip().lower()
