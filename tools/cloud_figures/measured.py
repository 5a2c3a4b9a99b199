"""What was measured, read from where it is written down, so that the cost of a photo is never of other figures."""

import re
from dataclasses import dataclass
from pathlib import Path

_DOCS = Path(__file__).resolve().parents[2] / "docs"
_OTHER_TABLES = ("questions", "access", "jobs", "exports", "departures")
"""Which are read while photos come, and paid for by the request."""


class NotMeasuredError(RuntimeError):
    """A document has no such figure any more."""


@dataclass(frozen=True)
class PerPhoto:
    """What one photo takes on its way, from docs/."""

    write_units: float
    """In an import: all tables, indexes included."""
    read_units: float
    """Likewise, of the tables `photos` and `terms`."""
    other_read_units: float
    """Of all others."""
    saved_together: float
    """How many photos an import saves at a time in the mean."""
    write_units_alone: float
    """When photos come one by one."""
    worker_seconds: float
    """Of a core, in the metadata worker."""
    inference_seconds: float
    """Of a core, in the inference worker, all networks."""
    requests: dict[str, float]
    """Of the services, by what they are called in docs/benchmarks/cloud.md."""
    puts_within_previews: float
    """Of renditions to S3, where thumbnails lie within previews."""
    thumbnail_seconds: float
    """Of a core, in the metadata service, for each thumbnail that it hands out from within a preview."""
    original_mb: float
    renditions_kb: float
    log_kb: float


def measured() -> PerPhoto:
    """Return what docs/ says.

    Raises:
        NotMeasuredError: A figure is no longer where it was.
    """
    save = (_DOCS / "adr" / "0006-what-a-save-costs.md").read_text(encoding="utf-8")
    cloud = (_DOCS / "benchmarks" / "cloud.md").read_text(encoding="utf-8")
    reads = _figure(r"DynamoDB, units to read +([\d.]+)", cloud)
    others = sum(float(units) for _, units in re.findall(rf"\n +\w+ ({'|'.join(_OTHER_TABLES)}) +([\d.]+)", cloud))
    return PerPhoto(
        write_units=_figure(r"DynamoDB, units to write +([\d.]+)", cloud),
        read_units=reads - others,
        other_read_units=others,
        saved_together=_figure(r"saves at a time +([\d.]+)", cloud),
        write_units_alone=_figure(r"\| 1 \|.*\| ([\d.]+) \| \$\d+ \|", save),
        worker_seconds=_figure(r"metadata worker +([\d.]+)", cloud),
        inference_seconds=_figure(r"\n +inference +([\d.]+)", cloud),
        requests={name: float(times) for name, times in re.findall(r"\n +((?:S3|SQS) \w+) +([\d.]+)", cloud)},
        puts_within_previews=_figure(r"S3 PUT, thumbnails within previews \|[^|]*\| ([\d.]+) \|", cloud),
        thumbnail_seconds=_figure(r"within the preview +([\d.]+)", cloud) / 1000,
        original_mb=_figure(r"photos of ([\d.]+) MB", cloud),
        renditions_kb=_figure(r"renditions +([\d.]+) kB", cloud),
        log_kb=_figure(r"logs +([\d.]+) kB", cloud),
    )


def _figure(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise NotMeasuredError(f"no figure is like {pattern!r}")
    return float(found[1])
