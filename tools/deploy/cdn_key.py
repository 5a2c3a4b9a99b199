"""The key by which the metadata service signs addresses at CloudFront: made once, kept in the bucket of secrets.

ECS reads the object as a file of settings when a task starts; CloudFront gets the public key, by infra/cdn-key.yaml.
"""

from base64 import b64decode, b64encode
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from tools.deploy.cloudformation import DeploymentError

FILE: Final = "metadata.env"
"""Its name in the bucket; infra/services.yaml has it too."""
_SETTING: Final = "HELIOGRAPH_CDN_PRIVATE_KEY="


def kept(s3: Any, bucket: str) -> str | None:
    """Return the public key of the pair that is kept in the bucket of secrets, in PEM; None where there is none.

    Args:
        s3: A botocore client of S3.
        bucket: The bucket's name.

    Raises:
        DeploymentError: What is kept there is no such key.
    """
    try:
        body: bytes = s3.get_object(Bucket=bucket, Key=FILE)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    try:
        key = load_der_private_key(
            b64decode(body.decode().strip().removeprefix(_SETTING), validate=True), password=None
        )
    except (ValueError, TypeError) as error:
        raise DeploymentError(f"s3://{bucket}/{FILE} holds no key: delete it, and another one is made") from error
    return _public(key.public_key())


def kept_or_made(s3: Any, bucket: str) -> str:
    """Return the public key in PEM, of a pair that is made where there is none.

    Raises:
        DeploymentError: What is kept there is no such key.
    """
    if there := kept(s3, bucket):
        return there
    key = ec.generate_private_key(ec.SECP256R1())
    secret = b64encode(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()
    s3.put_object(Bucket=bucket, Key=FILE, Body=f"{_SETTING}{secret}\n".encode(), ContentType="text/plain")
    return _public(key.public_key())


def _public(key: PublicKeyTypes) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
