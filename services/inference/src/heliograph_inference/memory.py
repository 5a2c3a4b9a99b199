"""How the worker's memory stays flat: large buffers go back to the system as soon as they are freed."""

import ctypes
import sys
from typing import Final

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
