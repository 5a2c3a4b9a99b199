"""The key for addresses at CloudFront is made once, and the service takes what a task is told of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from pydantic import SecretStr

from heliograph_metadata.settings import MetadataSettings
from tests.infra.cloud import all_of_aws
from tests.infra.environment import told_to_all
from tools.deploy.cdn_key import FILE, kept, kept_or_made
from tools.deploy.cloudformation import DeploymentError
from tools.deploy.stacks import INFRA
from tools.template import read_document


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A store with an empty bucket of secrets."""
    with all_of_aws(tmp_path_factory.mktemp("secrets")) as cloud:
        client = cloud.target().client("s3")
        client.create_bucket(Bucket="secrets")
        yield client


def test_a_pair_is_made_once_and_the_service_signs_by_it(s3: Any) -> None:
    before = kept(s3, "secrets")
    first, second = kept_or_made(s3, "secrets"), kept_or_made(s3, "secrets")

    assert before is None
    assert first == second == kept(s3, "secrets")
    assert serialization.load_pem_public_key(first.encode())
    name, _, value = s3.get_object(Bucket="secrets", Key=FILE)["Body"].read().decode().strip().partition("=")
    assert name == "HELIOGRAPH_CDN_PRIVATE_KEY"
    said = MetadataSettings(cdn_url="https://a.example", cdn_key_pair_id="K1", cdn_private_key=SecretStr(value))
    assert said.cdn() is not None


def test_what_is_no_key_is_said_to_be_none_and_left_alone(s3: Any) -> None:
    s3.put_object(Bucket="secrets", Key=FILE, Body=b"HELIOGRAPH_CDN_PRIVATE_KEY=nothing")
    with pytest.raises(DeploymentError, match="holds no key"):
        kept_or_made(s3, "secrets")
    assert s3.get_object(Bucket="secrets", Key=FILE)["Body"].read() == b"HELIOGRAPH_CDN_PRIVATE_KEY=nothing"


def test_metadata_alone_is_told_of_it_and_only_when_a_task_starts() -> None:
    assert [name for name, told in told_to_all().items() if "HELIOGRAPH_CDN_URL" in told] == ["metadata"]
    resources = read_document(INFRA / "services.yaml")["Resources"]
    (container,) = resources["MetadataTask"]["Properties"]["ContainerDefinitions"]
    (file,) = container["EnvironmentFiles"]
    assert file["Value"]["Fn::Sub"].endswith(f"${{SecretsBucketName}}/{FILE}")
    readers = [
        name
        for name, about in resources.items()
        if about["Type"] == "AWS::IAM::Role" and FILE in str(about["Properties"].get("Policies"))
    ]
    assert readers == ["MetadataExecutionRole"]
    assert "secrets" not in (INFRA / "access.yaml").read_text()
