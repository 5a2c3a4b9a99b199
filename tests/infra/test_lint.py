"""The templates are clean by CloudFormation's linter and by a security linter."""

import subprocess
from pathlib import Path

import pytest

from tests.infra.conftest import record
from tools.deploy.stacks import INFRA
from tools.template import read_document

_LINTERS = INFRA.parent / ".tools" / "infra" / "bin"
TEMPLATES = sorted(INFRA.glob("*.yaml"))


def test_cloudformations_linter_finds_nothing() -> None:
    said = subprocess.run([_LINTERS / "cfn-lint", *TEMPLATES], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    for template in TEMPLATES:
        for logical_id, about in read_document(template)["Resources"].items():
            record("linted", about["Type"], f"{template.name} {logical_id}")


def test_the_security_linter_finds_nothing_but_what_its_settings_give_a_reason_for() -> None:
    said = subprocess.run(
        [_LINTERS / "checkov", "--directory", INFRA, "--config-file", INFRA / "checkov.conf"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_is_small_enough_to_be_sent_to_cloudformation_as_it_is(template: Path) -> None:
    assert template.stat().st_size <= 51_200
