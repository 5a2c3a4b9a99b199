"""The keys by which the metadata service signs addresses of renditions: made once, kept in the bucket of secrets.

One is for what CloudFront hands out by itself, which gets the public key by infra/cdn-key.yaml; the other is for
thumbnails within previews, which the service hands out. ECS reads the object as a file of settings when a task starts.
"""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
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
_CDN: Final = "HELIOGRAPH_CDN_PRIVATE_KEY"
_THUMBNAILS: Final = "HELIOGRAPH_THUMBNAIL_SIGNING_KEY"
_THUMBNAILS_BYTES: Final = 32


def kept(s3: Any, bucket: str) -> str | None:
    """Return the public key of the pair that is kept in the bucket of secrets, in PEM; None where there is none.

    Args:
        s3: A botocore client of S3.
        bucket: The bucket's name.

    Raises:
        DeploymentError: What is kept there is no such key.
    """
    settings = _read(s3, bucket)
    return _public_of(settings, bucket) if settings else None


def kept_or_made(s3: Any, bucket: str) -> str:
    """Return the public key in PEM, of a pair that is made where there is none, as is the key for thumbnails.

    Raises:
        DeploymentError: What is kept there is no such key.
    """
    there = _read(s3, bucket)
    settings = dict(there)
    if not there:
        key = ec.generate_private_key(ec.SECP256R1())
        settings[_CDN] = b64encode(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()
    public = _public_of(settings, bucket)
    settings.setdefault(_THUMBNAILS, secrets.token_urlsafe(_THUMBNAILS_BYTES))
    if settings != there:
        body = "".join(f"{name}={value}\n" for name, value in settings.items())
        s3.put_object(Bucket=bucket, Key=FILE, Body=body.encode(), ContentType="text/plain")
    return public


def _read(s3: Any, bucket: str) -> dict[str, str]:
    """Return the settings in the file by their names; none where there is no file."""
    try:
        body: bytes = s3.get_object(Bucket=bucket, Key=FILE)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return {}
    lines = body.decode(errors="replace").split("\n")
    return {name: value for name, _, value in (line.strip().partition("=") for line in lines) if name}


def _public_of(settings: Mapping[str, str], bucket: str) -> str:
    try:
        key = load_der_private_key(b64decode(settings.get(_CDN, ""), validate=True), password=None)
    except (ValueError, TypeError) as error:
        raise DeploymentError(f"s3://{bucket}/{FILE} holds no key: delete it, and another one is made") from error
    return _public(key.public_key())


def _public(key: PublicKeyTypes) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
