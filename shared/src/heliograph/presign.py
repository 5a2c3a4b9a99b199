"""Presigned S3 URLs whose signing time can be rounded, so that a browser's cache meets the same URL again.

The signature is botocore's; only the clock and the host are ours. Signing with the client itself costs about
a millisecond each and always takes the present second.

Source: "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)", Amazon S3 API reference.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from fastapi import Depends, Request

_AMZ_DATE = "%Y%m%dT%H%M%SZ"
_SLOT: Final = "SLOT"
"""Stands in a key for what differs from object to object; no name of ours has capitals."""


@dataclass(frozen=True, slots=True)
class SignedFamily:
    """Presigned URLs of objects whose keys differ in one part: what they share, and a signature for each.

    A presigned URL has about 400 bytes, of which 64 are its own; and signing one of a family takes two hashes.
    """

    before: str
    after: str
    """The URL up to the part that differs, and from there up to the signature."""
    _canonical: tuple[str, str]
    _to_sign: str
    _key: bytes

    def signature(self, part: str) -> str:
        """Return the signature of the object with this part in its key: 64 hexadecimal digits.

        Args:
            part: Letters, digits, `-` and `_` only: it is not escaped.
        """
        canonical = f"{self._canonical[0]}{part}{self._canonical[1]}"
        to_sign = f"{self._to_sign}{hashlib.sha256(canonical.encode()).hexdigest()}"
        return hmac.digest(self._key, to_sign.encode(), "sha256").hex()

    def url(self, part: str) -> str:
        """Return the whole URL of one object, as `S3Presigner.get_url` makes it."""
        return f"{self.before}{part}{self.after}{self.signature(part)}"


class _SignedAt(S3SigV4QueryAuth):
    """Query-string signing at a given time instead of now."""

    def __init__(self, credentials: ReadOnlyCredentials, region: str, expires_seconds: int, at: datetime) -> None:
        super().__init__(credentials, "s3", region, expires=expires_seconds)
        self._at = at

    def add_auth(self, request: AWSRequest) -> None:
        """Sign `request` as botocore does, but for the time."""
        request.context["timestamp"] = self._at.strftime(_AMZ_DATE)
        self._modify_request_before_signing(request)  # type: ignore[attr-defined]
        to_sign = self.string_to_sign(request, self.canonical_request(request))
        signature = self.signature(to_sign, request)
        self._inject_signature_to_request(request, signature)  # type: ignore[attr-defined]

    def family(self, request: AWSRequest) -> SignedFamily:
        """Return what the URLs have in common whose path has something else in place of the slot."""
        request.context["timestamp"] = self._at.strftime(_AMZ_DATE)
        self._modify_request_before_signing(request)  # type: ignore[attr-defined]
        canonical = self.canonical_request(request)
        before, _, after = f"{request.url}&X-Amz-Signature=".partition(_SLOT)
        key = f"AWS4{self.credentials.secret_key}".encode()
        for part in self.credential_scope(request).split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return SignedFamily(
            before=before,
            after=after,
            _canonical=canonical.partition(_SLOT)[::2],
            _to_sign=self.string_to_sign(request, canonical)[:-64],
            _key=key,
        )


class S3Presigner:
    """Signs path-style URLs of one bucket for the address at which the caller reaches S3."""

    def __init__(self, credentials: ReadOnlyCredentials, *, region: str, bucket: str) -> None:
        self._credentials = credentials
        self._region = region
        self._bucket = bucket

    def put_url(self, base_url: str, key: str, *, headers: Mapping[str, str], expires_seconds: int) -> str:
        """Return a URL that takes one PUT carrying exactly `headers`, valid from now on.

        Args:
            base_url: Scheme and host at which the uploader reaches S3.
            key: The object's key.
            headers: Each is signed: leaving one out or changing it is refused.
            expires_seconds: How long the URL is good for.
        """
        return self._signed("PUT", base_url, key, {}, headers, datetime.now(UTC), expires_seconds)

    def get_url(
        self,
        base_url: str,
        key: str,
        *,
        stable_seconds: int,
        parameters: Mapping[str, str] | None = None,
        now: datetime | None = None,
    ) -> str:
        """Return a URL to read an object, the same for everyone who asks within `stable_seconds`.

        It is valid for at least `stable_seconds` and at most twice that. `parameters` override response
        headers (`response-content-disposition`, …).
        """
        now = now or datetime.now(UTC)
        at = datetime.fromtimestamp(now.timestamp() // stable_seconds * stable_seconds, UTC)
        return self._signed("GET", base_url, key, parameters or {}, {}, at, 2 * stable_seconds)

    def get_family(
        self, base_url: str, key_before: str, key_after: str, *, stable_seconds: int, now: datetime | None = None
    ) -> SignedFamily:
        """Return the URLs that `get_url` gives for keys of the form `key_before` + part + `key_after`."""
        now = now or datetime.now(UTC)
        at = datetime.fromtimestamp(now.timestamp() // stable_seconds * stable_seconds, UTC)
        url = f"{base_url.rstrip('/')}/{self._bucket}/{quote(key_before)}{_SLOT}{quote(key_after)}"
        signer = _SignedAt(self._credentials, self._region, 2 * stable_seconds, at)
        return signer.family(AWSRequest(method="GET", url=url))

    def _signed(
        self,
        method: str,
        base_url: str,
        key: str,
        parameters: Mapping[str, str],
        headers: Mapping[str, str],
        at: datetime,
        expires_seconds: int,
    ) -> str:
        query = f"?{urlencode(parameters, quote_via=quote)}" if parameters else ""
        url = f"{base_url.rstrip('/')}/{self._bucket}/{quote(key)}{query}"
        request = AWSRequest(method=method, url=url, headers=dict(headers))
        _SignedAt(self._credentials, self._region, expires_seconds, at).add_auth(request)
        return str(request.url)


def _s3_base_url(request: Request) -> str:
    configured: str = request.app.state.s3_base_url
    return configured or f"{request.url.scheme}://{request.url.netloc}"


S3BaseUrl = Annotated[str, Depends(_s3_base_url)]
"""Scheme and host at which a route's caller reaches S3: `app.state.s3_base_url`, else where the request came to."""
