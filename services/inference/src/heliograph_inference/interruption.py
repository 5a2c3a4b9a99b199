"""EC2's notice that a spot instance is about to be taken away, as the instance metadata service gives it."""

import asyncio
import logging

import httpx

_logger = logging.getLogger(__name__)

_POLL_SECONDS = 5.0
"""As AWS advises; the notice comes two minutes ahead."""

_TOKEN_SECONDS = 21_600
_TOKEN_PATH = "/latest/api/token"  # noqa: S105 - where a token is had
_NOTICE_PATH = "/latest/meta-data/spot/instance-action"


async def interruption_notice(metadata_url: str, *, poll_seconds: float = _POLL_SECONDS) -> str:
    """Wait until this instance is told that it will be stopped, and return what it is told.

    A metadata service that does not answer is asked again: it may be busy, and a worker without it works on.

    Args:
        metadata_url: Where the instance metadata service is; on EC2 http://169.254.169.254.
        poll_seconds: Between two questions.

    Source: "Spot Instance interruption notices" and "Use IMDSv2" in the Amazon EC2 user guide.
    """
    async with httpx.AsyncClient(base_url=metadata_url, timeout=2, trust_env=False) as metadata:
        token = ""
        unanswered = False
        while True:
            try:
                notice = await metadata.get(_NOTICE_PATH, headers={"X-aws-ec2-metadata-token": token})
                if notice.status_code == httpx.codes.UNAUTHORIZED:
                    token = await _fresh_token(metadata)
                    notice = await metadata.get(_NOTICE_PATH, headers={"X-aws-ec2-metadata-token": token})
                if notice.status_code == httpx.codes.OK:
                    return notice.text
                unanswered = False
            except Exception as error:  # noqa: BLE001 - a watchman who goes away without a word watches nothing
                if not unanswered:  # once, not every five seconds
                    _logger.warning("the instance metadata service does not answer", extra={"error": repr(error)})
                unanswered = True
            await asyncio.sleep(poll_seconds)


async def _fresh_token(metadata: httpx.AsyncClient) -> str:
    response = await metadata.put(_TOKEN_PATH, headers={"X-aws-ec2-metadata-token-ttl-seconds": str(_TOKEN_SECONDS)})
    return response.raise_for_status().text
