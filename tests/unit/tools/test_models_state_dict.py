"""The state-dict reader: reads what torch wrote, runs nothing, trusts no number."""

import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tools.models.state_dict import StateDictError, read_state_dict

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C


class _Global:
    """Pickles as a reference to a name, as torch's classes and functions do."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class _Call:
    """Pickles as a call of a name with arguments."""

    def __init__(self, function: _Global, *arguments: object) -> None:
        self.function, self.arguments = function, arguments


class _Stored:
    """Pickles as a persistent id, as torch's storages do."""

    def __init__(self, *identifier: object) -> None:
        self.identifier = identifier


_PurePickler: Any = pickle._Pickler  # the C one cannot write names that do not exist here


class _TorchPickler(_PurePickler):  # type: ignore[misc]
    """Writes references to names that do not exist here."""

    def persistent_id(self, obj: object) -> object:
        return obj.identifier if isinstance(obj, _Stored) else None

    def save(self, obj: Any, save_persistent_id: bool = True) -> Any:  # noqa: FBT001, FBT002 - pickle's signature
        if isinstance(obj, _Global):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, _Call):
            self.save(obj.function)
            self.save(obj.arguments)
            self.write(pickle.REDUCE)
        else:
            super().save(obj, save_persistent_id)


FLOATS = _Global("torch", "FloatStorage")
REBUILD = _Global("torch._utils", "_rebuild_tensor_v2")


def a_tensor(key: str, elements: int, shape: tuple[int, ...], strides: tuple[int, ...], offset: int = 0) -> _Call:
    stored = _Stored("storage", FLOATS, key, "cpu", elements, None)
    return _Call(REBUILD, stored, offset, shape, strides, False, OrderedDict())  # noqa: FBT003 - requires_grad


def a_file(path: Path, tensors: object, storages: dict[str, list[float]], *, magic: int = MAGIC_NUMBER) -> Path:
    """Write a file as torch.save did before 1.6."""
    with path.open("wb") as file:
        for obj in (magic, 1001, {"little_endian": True}, tensors, list(storages)):
            _TorchPickler(file, protocol=2).dump(obj)
        for numbers in storages.values():
            file.write(struct.pack("<q", len(numbers)) + np.array(numbers, "<f4").tobytes())
    return path


def test_tensors_are_read_with_their_shapes_strides_and_offsets(tmp_path: Path) -> None:
    tensors = {
        "rows": a_tensor("1", 6, (2, 3), (3, 1)),
        "columns": a_tensor("1", 6, (3, 2), (1, 3)),
        "tail": a_tensor("1", 6, (2,), (1,), offset=4),
        "scalar": a_tensor("2", 1, (), ()),
    }
    file = a_file(tmp_path / "weights.pth", tensors, {"1": [0, 1, 2, 3, 4, 5], "2": [7]})

    read = read_state_dict(file)

    assert read["rows"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert read["columns"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert read["tail"].tolist() == [4, 5]
    assert (read["scalar"].shape, read["scalar"].item()) == ((), 7)


@pytest.mark.parametrize(
    "call",
    [
        _Call(_Global("os", "system"), "touch was-run"),
        _Call(_Global("builtins", "eval"), "open('was-run', 'w')"),
        _Call(_Global("torch._utils", "_rebuild_parameter"), 1),
        _Call(_Global("numpy", "load"), "was-run"),
    ],
)
def test_a_hostile_pickle_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: _Call) -> None:
    monkeypatch.chdir(tmp_path)
    file = a_file(tmp_path / "weights.pth", {"weight": call}, {})

    with pytest.raises(StateDictError, match="which no state dict needs"):
        read_state_dict(file)

    assert not (tmp_path / "was-run").exists()


def test_the_first_pickle_of_a_file_is_held_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "weights.pth"
    with file.open("wb") as opened:
        _TorchPickler(opened, protocol=2).dump(_Call(_Global("os", "system"), "touch was-run"))

    with pytest.raises(StateDictError):
        read_state_dict(file)

    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize(
    "tensor",
    [
        a_tensor("1", 4, (5,), (1,)),
        a_tensor("1", 4, (2,), (4,)),
        a_tensor("1", 4, (2,), (1,), offset=3),
        a_tensor("1", 4, (2,), (-1,)),
        a_tensor("1", 4, (2, 2), (1,)),
        a_tensor("1", 4, (2,), (1,), offset=-1),
        "no tensor",
    ],
)
def test_a_tensor_that_reaches_outside_its_storage_is_refused(tmp_path: Path, tensor: object) -> None:
    file = a_file(tmp_path / "weights.pth", {"weight": tensor}, {"1": [0, 1, 2, 3]})

    with pytest.raises(StateDictError, match="outside its storage"):
        read_state_dict(file)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a newer format", b"\x80\x02."])
def test_what_is_no_state_dict_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "weights.pth"
    file.write_bytes(content)

    with pytest.raises(StateDictError, match="no state dict"):
        read_state_dict(file)


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    file = a_file(tmp_path / "weights.pth", {"weight": a_tensor("1", 4, (4,), (1,))}, {"1": [0, 1, 2, 3]})
    file.write_bytes(file.read_bytes()[:-4])

    with pytest.raises(StateDictError, match="ends too early"):
        read_state_dict(file)
