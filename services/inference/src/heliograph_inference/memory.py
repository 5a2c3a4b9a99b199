"""How the worker's memory stays flat: pictures take turns in the same buffers, what else is large goes back at once."""

import ctypes
import sys
import weakref
from collections import deque
from math import prod
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8

_LARGE_BYTES: Final = 1 << 20
"""Pixels and tensors are larger, nearly everything else is smaller."""
_HEAPS: Final = 2


def give_back_large_buffers() -> bool:
    """Have the C library take large buffers from the system one by one; whether it could be told to.

    Pictures of all sizes leave holes in its heaps, of which each thread has one of its own by default, and they grow
    for thousands of photos. To be called before threads are started. Does nothing without glibc.

    Source: mallopt(3). That a threshold was set also keeps it from rising by itself.
    """
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # musl has none, and has one heap
        return False
    wanted = {_M_ARENA_MAX: _HEAPS, _M_MMAP_THRESHOLD: _LARGE_BYTES, _M_TRIM_THRESHOLD: _LARGE_BYTES}
    taken = [mallopt(ctypes.c_int(option), ctypes.c_int(value)) for option, value in wanted.items()]
    return all(taken)


class RecycledArrays:
    """Arrays in memory that is used again as soon as nobody holds them.

    Memory that comes from the system anew costs a page fault every four kilobytes, which takes as long as half of what
    is then done with a picture. Buffers have one of few sizes and are as many as were in use at once, so it stays flat.
    May be used by several threads.
    """

    _SIZES_BYTES: Final = (1 << 20, 5 << 20)
    """A scaled picture; its tensor, or a 4:3 preview of 1440 px. What is larger is not recycled."""

    def __init__(self) -> None:
        self._free: dict[int, deque[npt.NDArray[np.uint8]]] = {size: deque() for size in self._SIZES_BYTES}

    def empty(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return an array of anything, like `numpy.empty`.

        A part of it, or another view, holds the memory only for as long as the array itself is held.
        """
        count = prod(shape) * np.dtype(dtype).itemsize
        size = next((size for size in self._SIZES_BYTES if count <= size), None)
        if size is None:
            return np.empty(shape, dtype)
        free = self._free[size]
        try:
            buffer = free.pop()  # the one used last, which the caches may still know
        except IndexError:
            buffer = np.empty(size, np.uint8)
        array = buffer[:count].view(dtype).reshape(shape)
        weakref.finalize(array, free.append, buffer)
        return array
