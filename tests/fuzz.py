"""Calls the whole API with what its OpenAPI document allows and with what it forbids, with and without a token.

    python -m tests.fuzz --calls 10000

Any answer that is an error of the server's own, or whose status, media type or body the document does not name, is a
failure. schemathesis makes the requests, from an environment of its own (`tools.install scan`).
"""

import argparse
import json
import secrets
import ssl
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.bench.system import ROOT, System, free_port
from tests.client import PASSWORD
from tools.install import TOOLS

SCHEMATHESIS = TOOLS / "scan" / "bin" / "schemathesis"
DOCUMENT = ROOT / "frontend" / "public" / "openapi.json"
TOKEN_SECONDS = "3600"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
ENDLESS = "/events$"
"""A stream that goes on for ever: called without a token only."""
ENDING = "/sessions|/me/deletion"
"""Calls that may end the session, or the account, they are made with."""
_FEWEST_EXAMPLES = 4


@dataclass
class Outcome:
    """What came back."""

    statuses: Counter[int] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How many requests were answered."""
        return self.statuses.total()

    @property
    def server_errors(self) -> int:
        """How many answers were the server's own failure."""
        return sum(count for status, count in self.statuses.items() if status >= 500)

    def add(self, other: "Outcome") -> None:
        """Take in what another run has found."""
        self.statuses += other.statuses
        self.operations |= other.operations
        self.failures += other.failures

    def __str__(self) -> str:
        told = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return (
            f"{self.calls} calls of {len(self.operations)} operations, {self.server_errors} server errors, "
            f"{len(self.failures)} answers that the document does not describe ({told})"
        )


def fuzzed(
    system: System, *, token: str | None, examples: int, phases: str, seed: int, only: str = "", without: str = ""
) -> Outcome:
    """Call each operation and return what came back.

    Args:
        system: A running system.
        token: Whose access token every request bears; None for none.
        examples: About how many requests of each kind an operation gets in the phase `fuzzing`.
        phases: Of schemathesis: `examples,coverage,fuzzing`.
        seed: The same seed makes the same requests.
        only: A regular expression of the paths that are called; all where it is empty.
        without: One of those that are not.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.ndjson"
        command: list[str | Path] = [
            SCHEMATHESIS,
            "run",
            DOCUMENT,
            "--url",
            system.url,
            "--checks",
            CHECKS,
            "--phases",
            phases,
        ]
        command += ["--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure", "--no-shrink"]
        command += ["--report", "ndjson", "--report-ndjson-path", report, "--no-color", "--warnings", "off"]
        command += ["--generation-database", "none", "--request-timeout", "60"]
        command += ["--tls-verify", str(system.certificate)] if system.certificate else []
        command += ["--header", f"Authorization: Bearer {token}"] if token else []
        command += ["--include-path-regex", only] if only else []
        command += ["--exclude-path-regex", without] if without else []
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert report.exists(), done.stdout + done.stderr
        outcome = _read(report)
    assert outcome.calls, done.stdout + done.stderr
    return outcome


def _read(report: Path) -> Outcome:
    outcome = Outcome()
    with report.open(encoding="utf-8") as lines:
        for line in lines:
            event: dict[str, Any] = json.loads(line)
            if "ScenarioFinished" in event:
                _take(outcome, event["ScenarioFinished"]["recorder"])
            if "NonFatalError" in event:
                outcome.failures.append(json.dumps(event["NonFatalError"])[:1000])
    return outcome


def _take(outcome: Outcome, recorder: dict[str, Any]) -> None:
    interactions = recorder.get("interactions") or {}
    for case_id, interaction in interactions.items():
        answered = interaction.get("response")
        if answered is None:
            outcome.failures.append(f"{recorder['label']}: no answer to {_request(interaction)}")
            continue
        outcome.statuses[answered["status_code"]] += 1
        outcome.operations.add(recorder["label"])
        for check in (recorder.get("checks") or {}).get(case_id, ()):
            if check["status"] != "success":
                failure = check["failure_info"]["failure"]
                outcome.failures.append(
                    f"{recorder['label']}: {check['name']}: {failure['message']}\n  {_request(interaction)}"
                )


def _request(interaction: dict[str, Any]) -> str:
    request = interaction["request"]
    return f"{request['method']} {request['uri']}"[:500]


def a_token(http: httpx.Client) -> str:
    """Return an access token of a new account."""
    account = {"email": f"{secrets.token_hex(8)}@example.org", "password": PASSWORD, "name": "Ada"}
    assert http.post("/api/v1/accounts", json=account).is_success
    form = {"grant_type": "password", "username": account["email"], "password": PASSWORD}
    return str(http.post("/api/v1/tokens", data=form).json()["access_token"])


def with_and_without_a_token(system: System, *, calls: int, phases: str = "examples,coverage,fuzzing") -> Outcome:
    """Call the whole API in turns as an account and as nobody, until that many calls have been answered."""
    verify = ssl.create_default_context(cafile=str(system.certificate)) if system.certificate else True
    whole, seed, examples = Outcome(), 1, _FEWEST_EXAMPLES
    with httpx.Client(base_url=system.url, timeout=60, trust_env=False, verify=verify) as http:
        while whole.calls < calls:
            token = a_token(http)
            runs: tuple[dict[str, Any], ...] = (
                {"token": token, "without": f"{ENDLESS}|{ENDING}"},
                {"token": a_token(http), "only": ENDING},
                {"token": None},
            )
            for run in runs:
                found = fuzzed(system, examples=examples, phases=phases, seed=seed, **run)
                whole.add(found)
                print(f"seed {seed}, {'with' if run['token'] else 'without'} a token: {found}", flush=True)
            assert http.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).is_success, "it lost its token"
            seed, phases, examples = seed + 1, "fuzzing", examples * 2
    return whole


def main() -> int:
    """Start a system and call it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        environment.setenv("HELIOGRAPH_ACCESS_TOKEN_SECONDS", TOKEN_SECONDS)
        with System(free_port(), Path(folder) / "data", tls=True) as system:
            outcome = with_and_without_a_token(system, calls=given.calls)
    for failure in outcome.failures[:50]:
        print(failure)
    print(outcome)
    return 1 if outcome.failures or outcome.server_errors else 0


if __name__ == "__main__":
    sys.exit(main())
