"""Run by LocalStack each time it is ready: creates what infra/storage.yaml lists, and nothing else."""

import os
import sys

sys.path.insert(0, "/heliograph")  # where docker-compose.yml mounts infra/ and tools/

from tools.storage import Endpoint, apply_storage

HERE = "http://localhost:4566"

apply_storage(
    Endpoint(
        url=HERE,
        dynamodb_url=os.environ.get("HELIOGRAPH_DYNAMODB_URL", HERE),  # noqa: TID251 - set by Compose
        access_key_id="test",
        secret_access_key="test",  # noqa: S106 - LocalStack's own
    )
)
