"""AWS clients for one process: opened together, closed together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aioboto3
from aiobotocore.config import AioConfig

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_s3 import S3Client
    from types_aiobotocore_sqs import SQSClient


@dataclass(frozen=True)
class AwsClients:
    """The three clients that a process shares among all its tasks."""

    s3: "S3Client"
    sqs: "SQSClient"
    dynamodb: "DynamoDBClient"


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
        s3={"addressing_style": "path"},
    )
    session = aioboto3.Session()
    async with AsyncExitStack() as stack:
        yield AwsClients(
            s3=await stack.enter_async_context(session.client("s3", config=config)),
            sqs=await stack.enter_async_context(session.client("sqs", config=config)),
            dynamodb=await stack.enter_async_context(session.client("dynamodb", config=config)),
        )
