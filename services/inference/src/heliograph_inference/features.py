"""What a classifier sees on a picture, in 64 bytes: pictures that look alike to it have features that point one way.

A classifier's logits are a linear map of the features before its last layer, so they tell as much about likeness, and
need no second output that a network's file would have to be changed for. They are centred (so that it is the same
whether the file ends in a softmax), mapped to fewer dimensions by random signs (which keeps angles: Johnson and
Lindenstrauss, 1984; signs: Achlioptas, "Database-friendly random projections", 2003), and rounded to a byte each.
"""

import base64
import hashlib
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from heliograph_inference.domain import Features

DIMENSIONS: Final = 64
SCHEME: Final = 1
"""To be raised with every change here: features of different schemes can't be compared."""

_LEAST_PROBABILITY: Final = 1e-7
_SEED: Final = b"heliograph features 1"
_LARGEST: Final = 127


def features_of(row: npt.NDArray[np.float64], *, model: str) -> Features | None:
    """Return the features of one picture; None where a network says the same of all classes.

    Args:
        row: A probability for each class, (classes).
        model: The network, as `name@version`.
    """
    logits = np.log(np.maximum(row, _LEAST_PROBABILITY))
    small = (logits - logits.mean()) @ _signs(len(row))  # (64,)
    largest = float(np.abs(small).max(initial=0.0))
    if largest < 1e-9:  # noqa: PLR2004 - rounding's own
        return None
    rounded = np.rint(small * (_LARGEST / largest)).astype(np.int8)
    return Features(f"{model}/{SCHEME}", base64.b64encode(rounded.tobytes()).decode())


@lru_cache(maxsize=8)
def _signs(classes: int) -> npt.NDArray[np.float64]:
    """Return (classes, 64) times -1 or 1, the same on every machine and with every version of numpy."""
    bits = np.frombuffer(hashlib.shake_256(_SEED).digest(classes * DIMENSIONS // 8), np.uint8)
    return np.unpackbits(bits).reshape(classes, DIMENSIONS).astype(np.float64) * 2 - 1
