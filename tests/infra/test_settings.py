"""What the stack tells the services is what their settings ask for, and nothing that they don't know."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

from heliograph.settings import SharedSettings
from heliograph_auth.settings import AuthSettings
from heliograph_inference.settings import InferenceSettings
from heliograph_metadata.settings import MetadataSettings
from heliograph_upload.settings import UploadSettings
from tools.deploy.stacks import INFRA
from tools.template import read_document

_SETTINGS: Mapping[str, type[SharedSettings]] = {
    "auth": AuthSettings,
    "upload": UploadSettings,
    "metadata": MetadataSettings,
    "metadata-worker": MetadataSettings,
    "inference": InferenceSettings,
}
_PREFIX = "HELIOGRAPH_"
# What a setting's default says is for one machine alone, so that the stack has to say it.
_OF_ONE_MACHINE = {
    "auth": {"stack_name", "jwks_url", "presign_with_aws_host", "auth_signing_key_file"},
    "upload": {"stack_name", "jwks_url", "presign_with_aws_host", "originals_storage_class"},
    "metadata": {"stack_name", "jwks_url", "presign_with_aws_host"},
    "metadata-worker": {"stack_name"},
    "inference": {"stack_name", "models_directory", "inference_instance_metadata_url"},
}


def _told() -> dict[str, dict[str, str]]:
    """Return each process's environment by its name, intrinsic functions as text."""
    told = {}
    for about in read_document(INFRA / "services.yaml")["Resources"].values():
        if about["Type"] == "AWS::ECS::TaskDefinition":
            (container,) = about["Properties"]["ContainerDefinitions"]
            told[container["Name"]] = {one["Name"]: _text(one["Value"]) for one in container["Environment"]}
    machine = read_document(INFRA / "inference.yaml")["Resources"]["LaunchTemplate"]["Properties"]
    script = machine["LaunchTemplateData"]["UserData"]["Fn::Base64"]["Fn::Sub"]
    told["inference"] = dict(re.findall(r"--env ([A-Z_]+)=(\S+)", script))
    return told


def told(process: str) -> dict[str, str]:
    """Return what the stack tells a process: the names and values of its environment."""
    return _told()[process]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else next(iter(value.values()))


def test_there_is_every_process_of_the_demo() -> None:
    assert set(_told()) == set(_SETTINGS)


@pytest.mark.parametrize("process", _SETTINGS)
def test_a_process_is_told_nothing_that_it_does_not_know(process: str) -> None:
    names = {name for name in _told()[process] if name.startswith(_PREFIX)}
    known = {f"{_PREFIX}{name.upper()}" for name in _SETTINGS[process].model_fields}
    assert names - known == set()


@pytest.mark.parametrize("process", _SETTINGS)
def test_a_process_is_told_every_setting_without_a_default_and_those_of_one_machine(process: str) -> None:
    needed = {
        name for name, about in _SETTINGS[process].model_fields.items() if about.get_default() is PydanticUndefined
    } | _OF_ONE_MACHINE[process]
    assert {f"{_PREFIX}{name.upper()}" for name in needed} - set(_told()[process]) == set()


@pytest.mark.parametrize("process", _SETTINGS)
def test_a_process_takes_what_it_is_told(process: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _told()[process].items():
        monkeypatch.setenv(name, value)
    settings = _SETTINGS[process]()
    assert settings.model_fields_set == {
        name.removeprefix(_PREFIX).lower() for name in _told()[process] if name.startswith(_PREFIX)
    }


def test_workers_are_started_as_workers() -> None:
    apps = {process: told.get("APP", "main") for process, told in _told().items()}
    assert apps == {
        "auth": "main",
        "upload": "main",
        "metadata": "main",
        "metadata-worker": "worker",
        "inference": "worker",
    }
