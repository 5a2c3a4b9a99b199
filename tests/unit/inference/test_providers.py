"""Where networks run by what was asked for and what comes up, and what a device is given then."""

import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from heliograph_inference.domain import NetworkError, OutOfMemoryError
from heliograph_inference.onnx import OnnxNetwork
from heliograph_inference.providers import Execution, InputShape, fitting, providers_for
from tests.fakes.machine_with_a_device import CPU, CUDA, TENSORRT, MachineWithADevice
from tests.onnx_exports import AnExport, boxes_of

SHAPE = InputShape("images", 64, 64)
CATS = AnExport(boxes_of(2, (0, 0.9)), ("cat", "dog"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "cats@1.onnx"
    file.write_bytes(CATS.model().SerializeToString())
    return file


def loaded(path: Path, machine: MachineWithADevice, execution: Execution | None = None) -> OnnxNetwork:
    return OnnxNetwork(path, execution or Execution(), side_px=64, runtime=machine)


def pictures(count: int) -> npt.NDArray[np.float32]:
    return np.full((count, 3, 64, 64), 0.5, np.float32)


@pytest.mark.parametrize(
    ("comes_up", "where"), [((TENSORRT, CUDA), "TensorRT"), ((CUDA,), "CUDA"), ((), "CPU"), ((TENSORRT,), "TensorRT")]
)
def test_unasked_a_network_runs_on_the_fastest_provider_that_comes_up(
    path: Path, comes_up: tuple[str, ...], where: str
) -> None:
    network = loaded(path, MachineWithADevice(*comes_up))

    assert network.provider == where
    assert network.gains_from_batches == (where != "CPU")


def test_the_log_says_why_a_faster_provider_is_not_used(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    machine = MachineWithADevice(built_with=(CUDA, CPU), fails={CUDA: "no CUDA-capable device is detected"})

    loaded(path, machine)

    said = [(record.__dict__["provider"], record.__dict__["why"]) for record in caplog.records]
    assert said == [
        ("TensorRT", "this ONNX Runtime was built without it"),
        ("CUDA", "no CUDA-capable device is detected"),
    ]


@pytest.mark.parametrize(("provider", "name"), [("tensorrt", "TensorRT"), ("cuda", "CUDA")])
def test_a_provider_that_was_asked_for_and_does_not_come_up_is_an_error(path: Path, provider: str, name: str) -> None:
    asked = Execution(provider=provider)  # type: ignore[arg-type]

    with pytest.raises(NetworkError, match=f"cannot be loaded on {name}, which was asked for: its libraries"):
        loaded(path, MachineWithADevice(), asked)
    with pytest.raises(NetworkError, match="this ONNX Runtime was built without it"):
        loaded(path, MachineWithADevice(TENSORRT, CUDA, built_with=(CPU,)), asked)


def test_the_real_onnx_runtime_is_asked_the_same_way(path: Path) -> None:
    with pytest.raises(NetworkError, match="built without it"):
        OnnxNetwork(path, Execution("tensorrt"), side_px=64)
    assert OnnxNetwork(path, Execution("auto"), side_px=64).provider == "CPU"


def test_the_cpu_is_used_where_it_is_asked_for(path: Path) -> None:
    machine = MachineWithADevice(TENSORRT, CUDA)

    assert loaded(path, machine, Execution("cpu")).provider == "CPU"
    assert machine.asked == [[(CPU, {})]]


def test_cuda_is_given_its_options_and_the_cpu_behind_it(path: Path) -> None:
    assert providers_for("cuda", path, Execution(), SHAPE) == [
        (CUDA, {"cudnn_conv_algo_search": "HEURISTIC", "arena_extend_strategy": "kSameAsRequested"}),
        (CPU, {}),
    ]


def test_tensorrt_is_told_the_shapes_the_precision_and_where_its_engines_are_kept(path: Path, tmp_path: Path) -> None:
    execution = Execution("tensorrt", half_precision=True, engine_directory=tmp_path / "engines", batch_size=12)

    (name, options), *behind = providers_for("tensorrt", path, execution, SHAPE)

    (folder,) = (tmp_path / "engines").iterdir()
    assert name == TENSORRT
    assert [name for name, _ in behind] == [CUDA, CPU]
    assert options == {
        "trt_fp16_enable": "1",
        "trt_profile_min_shapes": "images:1x3x64x64",
        "trt_profile_opt_shapes": "images:16x3x64x64",
        "trt_profile_max_shapes": "images:16x3x64x64",
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": str(folder),
        "trt_timing_cache_enable": "1",
        "trt_timing_cache_path": str(folder),
    }


def test_other_weights_under_the_same_name_have_engines_of_their_own(path: Path, tmp_path: Path) -> None:
    execution = Execution("tensorrt", engine_directory=tmp_path / "engines")
    providers_for("tensorrt", path, execution, SHAPE)
    path.write_bytes(AnExport(boxes_of(2, (1, 0.5)), ("cat", "dog")).model().SerializeToString())
    providers_for("tensorrt", path, execution, SHAPE)

    assert len(list((tmp_path / "engines").iterdir())) == 2


def test_engines_that_cannot_be_kept_are_an_error_that_names_the_place(path: Path, tmp_path: Path) -> None:
    (tmp_path / "engines").write_text("in the way")
    machine = MachineWithADevice(TENSORRT, CUDA)

    with pytest.raises(NetworkError, match=r"engines cannot be kept in .*engines/cats@1-"):
        loaded(path, machine, Execution(engine_directory=tmp_path / "engines"))


def test_half_precision_is_said_and_is_nobodys_but_tensorrts(path: Path) -> None:
    half = Execution(half_precision=True)

    assert loaded(path, MachineWithADevice(TENSORRT, CUDA), half).provider == "TensorRT in half precision"
    assert loaded(path, MachineWithADevice(CUDA), half).provider == "CUDA"
    with pytest.raises(NetworkError, match="half precision is TensorRT's alone, not CUDA's"):
        loaded(path, MachineWithADevice(CUDA), Execution("cuda", half_precision=True))


def test_a_device_sees_fixed_batch_sizes_only_and_the_answer_is_cut(path: Path) -> None:
    machine = MachineWithADevice(CUDA)
    network = loaded(path, machine)

    answers = [len(network.run(pictures(count))) for count in (1, 2, 3, 5, 9, 17, 32)]

    assert answers == [1, 2, 3, 5, 9, 17, 32]
    assert machine.pictures == [1, 2, 4, 8, 16, 32, 32]
    with pytest.raises(ValueError, match="33 pictures in one run; the most are 32"):
        network.run(pictures(33))


def test_what_is_seen_on_a_picture_does_not_depend_on_what_fills_the_batch(path: Path) -> None:
    on_device, on_cpu = loaded(path, MachineWithADevice(CUDA)), loaded(path, MachineWithADevice())
    on_device.run(pictures(4))

    assert np.array_equal(on_device.run(pictures(3)), on_cpu.run(pictures(3)))


def test_once_warm_a_device_takes_no_more_memory(path: Path) -> None:
    machine = MachineWithADevice(CUDA)
    network = loaded(path, machine, Execution(batch_size=8))

    network.warm_up()
    taken = machine.locked_bytes
    for count in (8, 1, 5, 3, 2, 7):
        network.run(pictures(count))

    assert set(machine.pictures) == {1, 2, 4, 8}
    assert taken == machine.locked_bytes == 2 * (1 + 2 + 4 + 8) * 3 * 64 * 64 * 4


def test_a_batch_that_the_memory_does_not_hold_is_told_from_other_failures_and_a_smaller_one_still_runs(
    path: Path,
) -> None:
    network = loaded(path, MachineWithADevice(CUDA, most_pictures=4))

    with pytest.raises(OutOfMemoryError):
        network.run(pictures(8))
    with pytest.raises(NetworkError, match="a run failed") as other:
        network.run(np.zeros((2, 3, 32, 32), np.float32))

    assert not isinstance(other.value, OutOfMemoryError)
    assert len(network.run(pictures(4))) == 4


@pytest.mark.parametrize(("count", "size"), [(1, 1), (2, 2), (3, 4), (8, 8), (12, 16)])
def test_the_smallest_batch_size_that_holds_them_is_taken(count: int, size: int) -> None:
    assert fitting(count, Execution(batch_size=12).sizes) == size
