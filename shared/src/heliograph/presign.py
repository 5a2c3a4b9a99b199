"""Presigned S3 URLs whose signing time can be rounded, so that a browser's cache meets the same URL again.

The signature is botocore's; only the clock and the host are ours. Signing with the client itself costs about
a millisecond each and always takes the present second.

Source: "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)", Amazon S3 API reference.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote, urlencode

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from fastapi import Depends, Request

_AMZ_DATE = "%Y%m%dT%H%M%SZ"


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
