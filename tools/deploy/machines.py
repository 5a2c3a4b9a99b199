"""The kinds of inference machines: what their images are built for and which machine image they start from.

infra/inference.yaml has their instance types and how the worker is started on them.
"""

from dataclasses import dataclass
from typing import Final

_AMAZON_LINUX: Final = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
_WITH_DRIVERS: Final = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"
"""Amazon Linux with NVIDIA's driver, and Docker that hands devices on."""


@dataclass(frozen=True)
class Machine:
    """One kind of machine."""

    platform: str
    """As Docker calls it."""
    image_parameter: str
    """Where SSM says which machine image is the newest."""
    requirements: str = "inference"
    """Which of requirements/ the worker is installed by."""


_WITH_GPU: Final = Machine("linux/amd64", _WITH_DRIVERS, "inference-gpu")
MACHINES: Final = {
    "cpu": Machine("linux/arm64", f"{_AMAZON_LINUX}arm64"),
    "cpu-x86": Machine("linux/amd64", f"{_AMAZON_LINUX}x86_64"),
    "g4dn": _WITH_GPU,
    "g5": _WITH_GPU,
    "g6": _WITH_GPU,
}
"""By what the parameter `Machines` calls them."""
DEFAULT_MACHINES: Final = "cpu"
