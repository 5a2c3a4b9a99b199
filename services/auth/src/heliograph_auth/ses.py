"""Letters by Amazon SES. Source: SendEmail in the Amazon SES API v2 reference."""

from contextlib import AbstractAsyncContextManager
from email.headerregistry import Address
from typing import Any, Final, Protocol, cast

import aioboto3
from aiobotocore.config import AioConfig
from botocore.exceptions import BotoCoreError, ClientError

from heliograph.errors import UnavailableError
from heliograph_auth.domain.accounts import ascii_domain
from heliograph_auth.domain.letters import Letter

_CHARSET: Final = "UTF-8"


class SesClient(Protocol):
    """What is called of aiobotocore's client for SES."""

    async def send_email(self, **request: Any) -> dict[str, Any]:
        """Send one message."""


def ses_client() -> AbstractAsyncContextManager[SesClient]:
    """Open a client; region, keys and endpoint come from the SDK's own environment variables."""
    config = AioConfig(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=5, read_timeout=10)
    return cast("AbstractAsyncContextManager[SesClient]", aioboto3.Session().client("sesv2", config=config))


class SesMail:
    """A `Mail` by SES, from an address of an identity that SES has verified."""

    def __init__(self, client: SesClient, *, sender: str) -> None:
        self._client = client
        self._sender = sender

    async def send(self, letter: Letter) -> None:
        """See `Mail.send`."""
        try:
            await self._client.send_email(
                FromEmailAddress=str(Address("Heliograph", addr_spec=self._sender)),
                Destination={"ToAddresses": [_ascii_domain(letter.to)]},
                Content={
                    "Simple": {
                        "Subject": _said(letter.subject),
                        "Body": {"Text": _said(letter.text), "Html": _said(letter.html)},
                    }
                },
            )
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError(f"SES: {error}") from error

    async def check(self) -> str:
        """See `Mail.check`: that it would send is not tried, which would cost a letter."""
        return f"SES, as {self._sender}"


def _ascii_domain(address: str) -> str:
    """Return an address with its domain in Punycode, as SES wants it; before the @ it takes ASCII only."""
    mailbox, _, domain = address.rpartition("@")
    return f"{mailbox}@{ascii_domain(domain)}"


def _said(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": _CHARSET}
