"""What is made of the reports of pip-audit and npm: a hole is a hole, and silence is not health."""

from tools.audit import of_node, of_python
from tools.install import ROOT

PYTHON = ROOT / "requirements" / "dev.txt"
NODE = ROOT / "frontend" / "package-lock.json"


def test_a_hole_in_a_python_package_is_told_with_the_version_that_mends_it() -> None:
    hole = {"id": "PYSEC-2026-1", "fix_versions": ["1.1"], "aliases": [], "description": "…"}
    found = of_python(PYTHON, {"dependencies": [{"name": "one", "version": "1.0", "vulns": [hole]}], "fixes": []})

    assert found.holes == ["one 1.0: PYSEC-2026-1, mended in 1.1"]
    assert str(found).startswith("requirements/dev.txt: 1 packages, 1 known holes")


def test_packages_that_nobody_could_be_asked_about_are_not_called_sound() -> None:
    skipped = {"name": "one", "skip_reason": "Dependency not found on PyPI and could not be audited: one (1.0)"}
    found = of_python(PYTHON, {"dependencies": [skipped, {"name": "two", "version": "2", "vulns": []}], "fixes": []})

    assert "NOT AUDITED, 1 of 2 packages" in str(found)


def test_a_grave_hole_in_a_node_package_is_told_and_a_slight_one_is_not() -> None:
    report = {
        "metadata": {"dependencies": {"total": 7}},
        "vulnerabilities": {
            "bad": {"severity": "critical", "range": "<2"},
            "meh": {"severity": "low", "range": "<9"},
        },
    }

    assert of_node(NODE, report).holes == ["bad: critical, versions <2"]
    assert of_node(NODE, report).packages == 7


def test_a_registry_without_advisories_is_named_as_such() -> None:
    found = of_node(NODE, {"message": "405 Method Not Allowed", "method": "POST"})

    assert "NOT AUDITED, the registry answers no such question (405 Method Not Allowed)" in str(found)
