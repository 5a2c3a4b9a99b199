"""AWS clients for one process: opened together, closed together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aioboto3
from aiobotocore.config import AioConfig

from heliograph.errors import UnavailableError

if TYPE_CHECKING:
    from aiobotocore.credentials import AioCredentials
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_s3 import S3Client
    from types_aiobotocore_sqs import SQSClient


@dataclass(frozen=True)
class AwsClients:
    """The three clients that a process shares among all its tasks, and what they sign with.

    Keys of a role change every few hours: ask `credentials` for frozen ones each time that something is signed.
    """

    s3: "S3Client"
    sqs: "SQSClient"
    dynamodb: "DynamoDBClient"
    credentials: "AioCredentials"

    @property
    def region(self) -> str:
        """The region that the clients are for."""
        return self.s3.meta.region_name


LONG_POLL_SECONDS = 20


@asynccontextmanager
async def aws_clients(*, max_pool_connections: int = 64) -> AsyncIterator[AwsClients]:
    """Open the clients; region, keys and endpoints come from the SDK's own environment variables.

    Retries are botocore's standard mode (3 attempts, exponential back-off with jitter). The read timeout
    leaves room for a long poll.
    """
    config = AioConfig(
        retries={"mode": "standard", "max_attempts": 4},
        connect_timeout=5,
        read_timeout=LONG_POLL_SECONDS + 15,
        max_pool_connections=max_pool_connections,
        parameter_validation=False,  # our adapters are typed; the check costs as much as the request
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        # Hashing bodies once more for the signature is of no use beside x-amz-checksum-sha256 or TLS.
        s3={"addressing_style": "path", "payload_signing_enabled": False},
    )
    session = aioboto3.Session()
    credentials = await session.get_credentials()  # type: ignore[misc] # it is a coroutine; the stubs err
    if credentials is None:
        raise UnavailableError("There are no AWS credentials in this process's environment.")
    async with AsyncExitStack() as stack:
        yield AwsClients(
            s3=await stack.enter_async_context(session.client("s3", config=config)),
            sqs=await stack.enter_async_context(session.client("sqs", config=config)),
            dynamodb=await stack.enter_async_context(session.client("dynamodb", config=config)),
            credentials=credentials,
        )
