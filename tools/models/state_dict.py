"""Read a PyTorch state dict without torch, and without letting the file's pickles run anything.

The format is torch.save's of before 1.6, in which published weights of that time still come:
five pickles after one another (magic number, protocol version, system facts, the object, the storages' keys),
then each storage as its number of elements and its raw little-endian numbers.
"""

import pickle
import struct
from collections import OrderedDict
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_PROTOCOL_VERSION = 1001
_MOST_ELEMENTS = 1 << 28
"""No tensor of the networks read here comes near; a broken file must not ask for all memory."""

Tensors = dict[str, npt.NDArray[Any]]


class StateDictError(ValueError):
    """The file is no state dict of this format, or names something that only running code could rebuild."""


# The three are tuples on purpose: a pickle can set attributes on an object, but not on a tuple.


class _StorageType(NamedTuple):
    """Stands in for torch.FloatStorage and its like: the kind of number that a storage holds."""

    dtype: str


class _Storage(NamedTuple):
    """A run of numbers, named by its key; the numbers themselves come after the pickles."""

    key: str
    dtype: str
    elements: int


class _View(NamedTuple):
    """A tensor as a view on a storage, with offset and strides counted in elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuilt_tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_training: object
) -> _View:
    return _View(storage, offset, shape, strides)


_ALLOWED: Mapping[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuilt_tensor,
    ("torch", "FloatStorage"): _StorageType("<f4"),
    ("torch", "LongStorage"): _StorageType("<i8"),
}


class _RestrictedUnpickler(pickle.Unpickler):
    """Knows the names that a state dict needs and no other; nothing is ever imported."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        try:
            return _ALLOWED[module_name, global_name]
        except KeyError:
            raise StateDictError(f"the file names {module_name}.{global_name}, which no state dict needs") from None

    def persistent_load(self, pid: Any) -> _Storage:
        match pid:
            case ("storage", _StorageType(dtype), str(key), str(), int(elements), None):
                if 0 <= elements <= _MOST_ELEMENTS:
                    return _Storage(key, dtype, elements)
        raise StateDictError("the file names a storage in a way that this reader does not know")


def read_state_dict(path: Path) -> Tensors:
    """Return the tensors of a state dict by name.

    Raises:
        StateDictError: It is no such file, or its pickles name anything but tensors.
    """
    try:
        with path.open("rb") as file:
            _check_header(_unpickled(file), _unpickled(file))
            _unpickled(file)  # sizes of C types on the machine that wrote it
            views: dict[str, _View] = {name: _checked(view) for name, view in _unpickled(file).items()}
            storages = {view.storage.key: view.storage for view in views.values()}
            numbers = {key: _numbers(file, storages[key]) for key in _unpickled(file)}
            return {name: _array(view, numbers[view.storage.key]) for name, view in views.items()}
    except StateDictError:
        raise
    except Exception as error:  # a broken pickle raises whatever it likes
        raise StateDictError(f"the file is no state dict: {error!r}") from error


def _check_header(magic_number: object, protocol_version: object) -> None:
    if (magic_number, protocol_version) != (_MAGIC_NUMBER, _PROTOCOL_VERSION):
        raise StateDictError("the file is no state dict of torch.save's format before 1.6")


def _unpickled(file: IO[bytes]) -> Any:
    return _RestrictedUnpickler(file).load()


def _checked(view: object) -> _View:
    """Return a view that lies inside its storage; strides that lead outside would read foreign memory."""
    match view:
        case _View(_Storage(_, _, elements), int(offset), tuple(shape), tuple(strides)) if (
            len(shape) == len(strides) and offset >= 0 and all(isinstance(n, int) and n >= 0 for n in shape + strides)
        ):
            last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
            if isinstance(view, _View) and (prod(shape) == 0 or last < elements):
                return view
    raise StateDictError("the file holds something else than tensors, or a tensor outside its storage")


def _numbers(file: IO[bytes], storage: _Storage) -> npt.NDArray[Any]:
    """Return the next storage of the file, which tells its length once more."""
    (elements,) = struct.unpack("<q", file.read(8))
    if elements != storage.elements:
        raise StateDictError(f"storage {storage.key} has {elements} elements instead of {storage.elements}")
    numbers = np.frombuffer(file.read(elements * np.dtype(storage.dtype).itemsize), storage.dtype)
    if numbers.size != elements:
        raise StateDictError("the file ends too early")
    return numbers


def _array(view: _View, numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    byte_strides = tuple(stride * numbers.itemsize for stride in view.strides)
    strided = np.lib.stride_tricks.as_strided(numbers[view.offset :], view.shape, byte_strides, writeable=False)
    return np.ascontiguousarray(strided).reshape(view.shape)
