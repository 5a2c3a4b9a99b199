"""Pictures take turns in the same buffers; other large ones go back to the system as soon as they are freed."""

import subprocess
import sys

import numpy as np
import pytest

from heliograph_inference.memory import RecycledArrays, give_back_large_buffers

_FREED = """
import ctypes
from pathlib import Path
from heliograph_inference.memory import give_back_large_buffers

if {asked}:
    give_back_large_buffers()
c = ctypes.CDLL(None)
c.malloc.restype = ctypes.c_void_p
c.malloc.argtypes = [ctypes.c_size_t]
c.free.argtypes = [ctypes.c_void_p]

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

c.free(c.malloc(30 << 20))  # glibc learns from this that such buffers are better kept
before = resident_mb()
large = [c.malloc(8 << 20) for _ in range(5)]
for address in large:
    ctypes.memset(address, 1, 8 << 20)
for address in large:
    c.free(address)
print(resident_mb() - before)
"""


def kept_mb(*, asked: bool) -> float:
    """Return what a process still holds of 42 MB that it has freed."""
    script = _FREED.format(asked=asked)
    return float(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout)


def test_what_is_freed_goes_back_to_the_system_where_the_c_library_can_be_told() -> None:
    if sys.platform == "linux":
        assert kept_mb(asked=False) > 20
        assert kept_mb(asked=True) < 5
    else:
        assert not give_back_large_buffers()


def address_of(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> int:
    return int(array.__array_interface__["data"][0])


@pytest.mark.parametrize(
    ("shape", "dtype"), [((1080, 1440, 3), np.uint8), ((3, 480, 640), np.float32), ((7,), np.int16)]
)
def test_an_array_has_the_shape_and_type_that_was_asked_for(shape: tuple[int, ...], dtype: type[np.generic]) -> None:
    array = RecycledArrays().empty(shape, dtype)

    assert (array.shape, array.dtype) == (shape, np.dtype(dtype))
    assert array.flags.c_contiguous
    assert array.flags.writeable


def test_memory_is_used_again_once_nobody_holds_it_and_not_before() -> None:
    arrays = RecycledArrays()
    held = arrays.empty((480, 640, 3), np.uint8)
    first = address_of(held)

    assert address_of(arrays.empty((480, 640, 3), np.uint8)) != first
    del held

    assert address_of(arrays.empty((3, 100, 100), np.float32)) == first


def test_what_is_larger_than_any_preview_is_memory_of_its_own() -> None:
    arrays = RecycledArrays()
    held = arrays.empty((3, 1280, 1280), np.float32)

    assert held.base is None
