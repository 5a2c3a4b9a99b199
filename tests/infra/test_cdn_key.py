"""The keys of addresses of renditions are made once, and the service takes what a task is told of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from pydantic import SecretStr

from heliograph_metadata.domain.within_preview import Thumbnails
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


def settings(s3: Any) -> dict[str, str]:
    """Return what a task is told, as ECS reads a file of settings."""
    lines = s3.get_object(Bucket="secrets", Key=FILE)["Body"].read().decode().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_a_pair_is_made_once_and_the_service_signs_by_it(s3: Any) -> None:
    before = kept(s3, "secrets")
    first, second = kept_or_made(s3, "secrets"), kept_or_made(s3, "secrets")

    assert before is None
    assert first == second == kept(s3, "secrets")
    assert serialization.load_pem_public_key(first.encode())
    told = settings(s3)
    assert list(told) == ["HELIOGRAPH_CDN_PRIVATE_KEY", "HELIOGRAPH_THUMBNAIL_SIGNING_KEY"]
    cdn, thumbnails = map(SecretStr, told.values())
    said = MetadataSettings(
        cdn_url="https://a.example",
        cdn_key_pair_id="K1",
        cdn_private_key=cdn,
        thumbnails=Thumbnails.WITHIN_PREVIEWS,
        thumbnail_signing_key=thumbnails,
    )
    assert said.cdn() is not None
    assert said.thumbnail_signer() is not None


def test_the_key_for_thumbnails_comes_to_one_for_cloudfront_that_was_there_alone(s3: Any) -> None:
    public = kept_or_made(s3, "secrets")
    first, second = settings(s3).items()
    s3.put_object(Bucket="secrets", Key=FILE, Body=f"{'='.join(first)}\n".encode())

    assert kept(s3, "secrets") == kept_or_made(s3, "secrets") == public
    assert next(iter(settings(s3).items())) == first
    assert settings(s3)[second[0]] not in ("", second[1])


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
