"""What nginx speaks by TLS, as sslyze finds it out: nothing old, nothing weak, none of the known holes."""

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.access.world import World
from tools.install import TOOLS

SSLYZE = TOOLS / "scan" / "bin" / "sslyze"
_OWN = "certificate_path_validation"
"""The only thing of Mozilla's guideline that a certificate without an authority can't have."""


@pytest.fixture(scope="module")
def report(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """All that a scanner finds out about the server, and what it says of Mozilla's guideline."""
    file: Path = tmp_path_factory.mktemp("tls") / "scan.json"
    target = f"localhost:{httpx.URL(world.system.url).port}"
    scans = ["--mozilla_config", "intermediate", "--early_data", "--robot"]
    said = subprocess.run(
        [SSLYZE, *scans, "--json_out", file, target], capture_output=True, text=True, check=False, timeout=120
    )
    [result] = json.loads(file.read_text())["server_scan_results"]
    assert result["scan_status"] == "COMPLETED", said.stdout + said.stderr
    return {name: scan["result"] for name, scan in result["scan_result"].items()}, said.stdout


def accepted(scan: dict[str, Any], version: str) -> list[str]:
    return [suite["cipher_suite"]["name"] for suite in scan[f"{version}_cipher_suites"]["accepted_cipher_suites"]]


def test_only_tls_1_2_and_1_3_are_spoken_with_keys_that_nobody_can_use_later(
    report: tuple[dict[str, Any], str],
) -> None:
    scan, _ = report

    assert [accepted(scan, old) for old in ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1")] == [[], [], [], []]
    assert accepted(scan, "tls_1_3")
    for name in accepted(scan, "tls_1_2"):
        assert name.startswith("TLS_ECDHE_"), name
        assert "_GCM_" in name or "_CHACHA20_POLY1305_" in name, name
    assert accepted(scan, "tls_1_2")


def test_none_of_the_known_holes_is_open(report: tuple[dict[str, Any], str]) -> None:
    scan, _ = report

    assert scan["heartbleed"]["is_vulnerable_to_heartbleed"] is False
    assert scan["openssl_ccs_injection"]["is_vulnerable_to_ccs_injection"] is False
    assert scan["robot"]["robot_result"] == "NOT_VULNERABLE_RSA_NOT_SUPPORTED"
    assert scan["tls_compression"]["supports_compression"] is False
    assert scan["tls_1_3_early_data"]["supports_early_data"] is False
    assert scan["tls_fallback_scsv"]["supports_fallback_scsv"] is True
    assert scan["session_renegotiation"]["supports_secure_renegotiation"] is True
    assert scan["session_renegotiation"]["is_vulnerable_to_client_renegotiation_dos"] is False


def test_it_is_as_mozilla_advises_but_for_who_has_signed_it(report: tuple[dict[str, Any], str]) -> None:
    _, said = report
    _, _, compliance = said.partition("COMPLIANCE AGAINST TLS CONFIGURATION")

    complaints = [line.strip(" *") for line in compliance.splitlines() if line.lstrip().startswith("* ")]

    assert [complaint.split(":")[0] for complaint in complaints] == [_OWN], compliance
