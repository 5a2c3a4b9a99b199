"""The inference benchmark still runs: its figures are read by people, so nobody else would notice."""

import re

import pytest

from tests.bench.inference.__main__ import main

ROW = re.compile(r"^ +4  \((?P<way>[abc])\) [a-z ]+ (?P<rate>\d+\.\d) ", re.MULTILINE)


def test_the_networks_the_stages_and_the_service_are_set_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--batches", "4", "--images", "40", "--rounds", "1"]) == 0

    rates = {row["way"]: float(row["rate"]) for row in ROW.finditer(capsys.readouterr().out)}
    assert rates.keys() == {"a", "b", "c"}
    assert all(rate > 0 for rate in rates.values())


def test_the_growth_of_memory_is_told_for_pictures_of_all_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--drift", "30", "--early", "10"]) == 0

    assert re.search(r"peak after 10: \d+\.\d MB, after 30: \d+\.\d MB, [+-]\d", capsys.readouterr().out)
