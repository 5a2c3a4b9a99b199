"""What the stack tells the services is what their settings ask for, and nothing that they don't know."""

from collections.abc import Mapping

import pytest
from pydantic_core import PydanticUndefined

from heliograph.settings import SharedSettings
from heliograph_auth.settings import AuthSettings
from heliograph_inference.settings import InferenceSettings
from heliograph_metadata.settings import MetadataSettings
from heliograph_upload.settings import UploadSettings
from tests.infra.environment import told, told_to_all

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
    "auth": {"stack_name", "jwks_url", "presign_with_aws_host", "auth_keyring_file", "proxies_in_front"}
    | {"public_url", "mail", "mail_sender", "email_verification"},
    "upload": {"stack_name", "jwks_url", "presign_with_aws_host", "originals_storage_class"},
    "metadata": {"stack_name", "jwks_url", "presign_with_aws_host", "proxies_in_front", "thumbnails"},
    "metadata-worker": {"stack_name", "thumbnails"},
    "inference": {"stack_name", "models_directory", "inference_instance_metadata_url"},
}


def test_there_is_every_process_of_the_demo() -> None:
    assert set(told_to_all()) == set(_SETTINGS)


@pytest.mark.parametrize("process", _SETTINGS)
def test_a_process_is_told_nothing_that_it_does_not_know(process: str) -> None:
    names = {name for name in told(process) if name.startswith(_PREFIX)}
    known = {f"{_PREFIX}{name.upper()}" for name in _SETTINGS[process].model_fields}
    assert names - known == set()


@pytest.mark.parametrize("process", _SETTINGS)
def test_a_process_is_told_every_setting_without_a_default_and_those_of_one_machine(process: str) -> None:
    needed = {
        name for name, about in _SETTINGS[process].model_fields.items() if about.get_default() is PydanticUndefined
    } | _OF_ONE_MACHINE[process]
    assert {f"{_PREFIX}{name.upper()}" for name in needed} - set(told(process)) == set()


@pytest.mark.parametrize("process", _SETTINGS)
def test_a_process_takes_what_it_is_told(process: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in told(process).items():
        monkeypatch.setenv(name, value)
    settings = _SETTINGS[process]()
    assert settings.model_fields_set == {
        name.removeprefix(_PREFIX).lower() for name in told(process) if name.startswith(_PREFIX)
    }


def test_workers_are_started_as_workers() -> None:
    apps = {process: environment.get("APP", "main") for process, environment in told_to_all().items()}
    assert apps == {
        "auth": "main",
        "upload": "main",
        "metadata": "main",
        "metadata-worker": "worker",
        "inference": "worker",
    }
