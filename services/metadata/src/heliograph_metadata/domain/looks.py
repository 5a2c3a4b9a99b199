"""What a picture looks like, in a few bytes: copies of it differ little there, other pictures much.

The fingerprint holds the signs of 255 frequencies of the picture's brightness, the lowest first, as 64 hexadecimal
digits. So fingerprints that begin alike lie beside each other in a sorted list, and the beginning is what a copy
keeps best.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SIDE_PX: Final = 64
"""A picture is looked at in a square of so many pixels, whatever its proportions."""

FINGERPRINT_BITS: Final = 256
_FREQUENCIES: Final = 16

MOST_PREFIX_BITS: Final = 16
_DOUBTFUL_BITS: Final = 6

_LEAST_AMPLITUDE: Final = 0.02
"""Of a frequency, in levels of grey: below it the sign is the encoder's."""

_DETAIL_AMPLITUDE: Final = 1.0

_LEAST_FREQUENCIES: Final = 96
"""So many of them at least have to be there, or there is nothing to tell pictures apart by."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture looks like."""

    fingerprint: str
    """64 hexadecimal digits."""
    doubtful: tuple[int, ...]
    """Of the first bits of the fingerprint those that a copy most easily has otherwise, the most doubtful first."""
    sharpness: float
    """How much neighbouring pixels of the preview differ, in levels of grey; comparable between takes of one scene."""
    detail: int = FINGERPRINT_BITS
    """How many of the frequencies have more than a level of grey: most of a photo's, few of a page's of text."""


def _by_frequency() -> list[tuple[int, int]]:
    places = [(down, across) for down in range(_FREQUENCIES) for across in range(_FREQUENCIES) if down or across]
    return sorted(places, key=lambda place: (sum(place), place[0]))


_ORDER: Final = tuple(np.array(_by_frequency()).T)
_COSINES: Final = np.cos(np.pi / SIDE_PX * np.arange(_FREQUENCIES)[:, None] * (np.arange(SIDE_PX) + 0.5))  # (16, 64)


def look_of(brightness: NDArray[np.uint8], *, sharpness: float) -> Look | None:
    """Return what a picture looks like; None where there is nothing on it to compare, as on a black one.

    Args:
        brightness: (64, 64), the whole picture squeezed into a square.
        sharpness: As `sharpness_of` returns it.

    Raises:
        ValueError: Another shape.

    Source: the DCT hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010
    (the `phash` of PyPI's ImageHash), here with 16 × 16 frequencies of 64 × 64 pixels, and compared with 0 instead of
    their median, so that each bit stands for itself.
    """
    if brightness.shape != (SIDE_PX, SIDE_PX):
        raise ValueError(f"{SIDE_PX} × {SIDE_PX} pixels are wanted, not {brightness.shape}")
    spectrum = _COSINES @ brightness.astype(np.float64) @ _COSINES.T * (2 / SIDE_PX) ** 2  # (16, 16) levels of grey
    frequencies = spectrum[_ORDER]  # (255,)
    if np.count_nonzero(np.abs(frequencies) > _LEAST_AMPLITUDE) < _LEAST_FREQUENCIES:
        return None
    fingerprint = np.packbits(np.append(frequencies > 0, False)).tobytes().hex()
    doubtful = np.argsort(np.abs(frequencies[:MOST_PREFIX_BITS]), kind="stable")[:_DOUBTFUL_BITS]
    detail = int(np.count_nonzero(np.abs(frequencies) > _DETAIL_AMPLITUDE))
    return Look(fingerprint, tuple(int(bit) for bit in doubtful), round(sharpness, 2), detail)


def sharpness_of(brightness: NDArray[np.uint8]) -> float:
    """Return how much neighbouring pixels differ where they do most, in a twentieth of all, in levels of grey.

    Args:
        brightness: (rows, width); some rows of the picture stand for all.
    """
    steps = np.abs(np.diff(brightness.astype(np.int16), axis=1)).ravel()
    if not steps.size:
        return 0.0
    counts = np.bincount(steps, minlength=256)[::-1]  # of the largest steps first
    wanted = max(1, steps.size // 20)
    taken = np.diff(np.minimum(np.cumsum(counts), wanted), prepend=0)
    return float((taken * np.arange(len(counts) - 1, -1, -1)).sum() / wanted)


def distance(one: str, other: str) -> int:
    """Return in how many of 255 bits two fingerprints differ; two pictures at random about 128."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


@dataclass(frozen=True, slots=True)
class FingerprintRange:
    """Fingerprints that begin alike: `first` and all before `end`."""

    first: str
    end: str


def ranges_around(look: Look, *, prefix_bits: int, doubtful_bits: int) -> Sequence[FingerprintRange]:
    """Return where the copies of a picture lie in a list that is sorted by fingerprint.

    A copy has mostly the same first bits, or has one of the most doubtful ones otherwise.

    Args:
        look: What the picture looks like.
        prefix_bits: Of how many bits the beginning is taken, 0 to 16; 0 is the whole list.
        doubtful_bits: How many of them may be otherwise; ranges are at most 2 to the power of it.

    Returns:
        Ranges in order, those that touch made one.
    """
    prefix = int(look.fingerprint[: MOST_PREFIX_BITS // 4], 16) >> (MOST_PREFIX_BITS - prefix_bits)
    prefixes = {prefix}
    for bit in [bit for bit in look.doubtful if bit < prefix_bits][:doubtful_bits]:
        prefixes |= {one ^ (1 << (prefix_bits - 1 - bit)) for one in prefixes}
    found: list[list[int]] = []
    for one in sorted(prefixes):
        if found and found[-1][1] == one:
            found[-1][1] = one + 1
        else:
            found.append([one, one + 1])
    return [FingerprintRange(_begins(first, prefix_bits), _begins(end, prefix_bits)) for first, end in found]


def _begins(prefix: int, bits: int) -> str:
    """Return the shortest text at or before every fingerprint that begins so; one after all, past the last prefix."""
    value = prefix << (MOST_PREFIX_BITS - bits)
    return "g" if value >> MOST_PREFIX_BITS else f"{value:0{MOST_PREFIX_BITS // 4}x}"
