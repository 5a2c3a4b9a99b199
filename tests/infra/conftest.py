"""One deployment for all tests of infra/, and the table of what has been done with each resource type."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.cloud import MACHINE_IMAGE, AllOfAws, all_of_aws, deployable
from tools.deploy.__main__ import Target, deploy
from tools.deploy.stacks import STACKS, Stack
from tools.nginx import MapTiles
from tools.template import read_document

SETTINGS = (
    f"MachineImage={MACHINE_IMAGE}",
    "CloudFrontPrefixList=pl-3b927c52",
    "AlarmAddress=operator@example.org",
    # Of cdn-key.yaml, of which the stand-in's CloudFormation knows nothing
    "CdnKeyPairId=K2JCJMDEHXQW5F",
    "CdnKeyGroupId=2fcbbf9c-8c9a-4f0d-9d1e-1d1f0f0f0f0f",
)
_done: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))


def record(done: str, kind: str, logical_id: str) -> None:
    """Remember for the table that something was done with a resource: `linted`, `deployed` or `compared`."""
    _done[done][kind].add(logical_id)


class Deployment:
    """Heliograph in the stand-in: where it is, and what it consists of."""

    def __init__(self, cloud: AllOfAws, stacks: list[Stack]) -> None:
        self.cloud = cloud
        self.target: Target = cloud.target()
        self.stacks = stacks

    def deploy(self, release: str, *more: str, dry_run: bool = False) -> None:
        """Do what `make deploy` does, with more settings, but for the images: test_images.py is about those."""
        deploy(
            self.target,
            release,
            MapTiles(),
            (*SETTINGS, *more),
            dry_run=dry_run,
            stacks=self.stacks,
            push=lambda *_: [],
        )


@pytest.fixture(scope="session")
def empty_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """An account in which nothing has been deployed yet."""
    folder = tmp_path_factory.mktemp("aws")
    with all_of_aws(folder) as cloud:
        yield Deployment(cloud, deployable(folder))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of resource types."""
    if "deployed" not in _done:
        return
    kinds: Counter[str] = Counter()
    for path in sorted({stack.path for stack in STACKS}):
        kinds.update(about["Type"] for about in read_document(Path(path))["Resources"].values())
    write = terminalreporter.write_line
    write("")
    write(f"{'resource type':<46}{'there are':>10}{'linted':>8}{'deployed':>10}{'compared':>10}")
    for kind, count in sorted(kinds.items()):
        cells = [len(_done[done][kind]) for done in ("linted", "deployed", "compared")]
        write(f"{kind:<46}{count:>10}{cells[0]:>8}{cells[1]:>10}{cells[2]:>10}")
