"""ThumbHash: a picture's colours and rough shapes in about 25 bytes, shown until its thumbnail has come."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

LONGEST_SIDE_PX: Final = 100

_Channel = NDArray[np.float64]


def thumbhash(pixels: NDArray[np.uint8]) -> bytes:
    """Return the ThumbHash of an opaque picture.

    Args:
        pixels: (height, width, 3), sRGB, no side longer than 100.

    Returns:
        At most 25 bytes: averages, scales and the low frequencies of luminance and of two colour differences.

    Raises:
        ValueError: A side longer than 100, or another shape.

    Source: Evan Wallace, "ThumbHash: a very compact representation of a placeholder for an image", 2023.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or max(pixels.shape) > LONGEST_SIDE_PX:  # noqa: PLR2004
        raise ValueError(f"(height, width, 3) with sides up to {LONGEST_SIDE_PX} is wanted, not {pixels.shape}")
    height, width = pixels.shape[:2]
    red, green, blue = np.moveaxis(pixels / 255.0, 2, 0)
    across = max(1, _rounded(7 * width / max(width, height)))
    down = max(1, _rounded(7 * height / max(width, height)))
    l_dc, l_ac, l_scale = _frequencies((red + green + blue) / 3, max(3, across), max(3, down))
    p_dc, p_ac, p_scale = _frequencies((red + green) / 2 - blue, 3, 3)
    q_dc, q_ac, q_scale = _frequencies(red - green, 3, 3)
    is_landscape = width > height
    head = (
        _rounded(63 * l_dc)
        | _rounded(31.5 + 31.5 * p_dc) << 6
        | _rounded(31.5 + 31.5 * q_dc) << 12
        | _rounded(31 * l_scale) << 18
    )
    tail = (
        (down if is_landscape else across)
        | _rounded(63 * p_scale) << 3
        | _rounded(63 * q_scale) << 9
        | int(is_landscape) << 15
    )
    nibbles = [_rounded(15 * value) for value in (*l_ac, *p_ac, *q_ac)]
    nibbles += [0] * (len(nibbles) % 2)
    packed = bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))
    return head.to_bytes(3, "little") + tail.to_bytes(2, "little") + packed


def _frequencies(channel: _Channel, across: int, down: int) -> tuple[float, list[float], float]:
    """Return a channel's average, its low frequencies scaled to 0-1, and their scale.

    Of the (down, across) frequencies those under the diagonal are kept, row by row, without the average.
    """
    height, width = channel.shape
    spectrum = _cosines(down, height) @ channel @ _cosines(across, width).T / channel.size  # (down, across)
    kept = [
        float(spectrum[y, x]) for y in range(down) for x in range(across) if (x or y) and x * down < across * (down - y)
    ]
    scale = max(map(abs, kept), default=0.0)
    return float(spectrum[0, 0]), [0.5 + 0.5 / scale * value for value in kept] if scale else kept, scale


def _cosines(count: int, length: int) -> _Channel:
    """Return the first `count` basis functions of the DCT-II over `length` samples: (count, length)."""
    return np.cos(np.pi / length * np.arange(count)[:, None] * (np.arange(length) + 0.5))


def _rounded(value: float) -> int:
    return int(np.floor(value + 0.5))
