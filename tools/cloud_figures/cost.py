"""What a million photos, a month of them, and a thousand people cost, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.cloud_figures import prices
from tools.cloud_figures.measured import PerPhoto
from tools.deploy.stacks import STORAGE

MILLION = 1_000_000
_BUSY = 0.7
"""The share of paid time in which tasks and machines do something; the rest is starting and going to sleep."""
_THUMBNAIL_KB = 20
_LEAST = 5
"""Units that infra/storage.yaml buys at least of what hardly any photo is written to or read by."""
_DISK_GB = 12
"""Of an inference machine, as infra/inference.yaml has it."""


@dataclass(frozen=True)
class Line:
    """One line of a bill."""

    what: str
    how_much: str
    dollars: float


def processed(
    photo: PerPhoto, *, provisioned: bool = False, worker_on_spot: bool = False, within_previews: bool = False
) -> list[Line]:
    """Return what processing a million photos costs, the largest first.

    Args:
        photo: What one takes.
        provisioned: Units of the two tables that photos are written to bought by the hour and used to 70 %, instead of
            by the request; reads of the other tables stay so.
        worker_on_spot: All tasks of the metadata worker on Fargate Spot, instead of none.
        within_previews: A thumbnail lies within its preview, instead of being an object.
    """
    requests = photo.requests
    puts = photo.puts_within_previews if within_previews else requests["S3 PUT"]
    gets = requests["S3 GET"] + requests.get("S3 HEAD", 0.0)
    sqs = sum(times for name, times in requests.items() if name.startswith("SQS "))
    write = _by_the_hour(prices.PROVISIONED_WRITE_UNIT_HOUR) if provisioned else prices.WRITE_UNIT
    read = _by_the_hour(prices.PROVISIONED_READ_UNIT_HOUR) if provisioned else prices.READ_UNIT
    how = "by the hour, used to 70 %" if provisioned else "by the request"
    worker_hour = prices.FARGATE_ARM_CPU_HOUR + 2 * prices.FARGATE_ARM_GB_HOUR
    if worker_on_spot:
        worker_hour *= prices.FARGATE_SPOT_SHARE
    machine_hour = prices.MACHINE_HOUR * prices.SPOT_SHARE
    machine_hours = photo.inference_seconds * MILLION / 3600 / 2 / _BUSY
    lines = [
        Line("DynamoDB: writes", f"{photo.write_units:.1f} units, {how}", photo.write_units * MILLION * write),
        Line("DynamoDB: reads", f"{photo.read_units:.1f} units, {how}", photo.read_units * MILLION * read),
        Line(
            "DynamoDB: reads of other tables",
            f"{photo.other_read_units:.1f} units, by the request",
            photo.other_read_units * MILLION * prices.READ_UNIT,
        ),
        Line("S3: the originals' PUTs", "1 request", MILLION * prices.S3_PUT),
        Line("S3: the renditions' PUTs", f"{puts:.2f} requests", puts * MILLION * prices.S3_PUT),
        Line("S3: reads", f"{gets:.2f} requests", gets * MILLION * prices.S3_GET),
        Line("SQS", f"{sqs:.2f} requests", sqs * MILLION * prices.SQS_REQUEST),
        Line("SQS: its endpoint", f"{sqs:.2f} requests of 1.5 kB", sqs * 1.5e-6 * MILLION * prices.ENDPOINT_GB),
        Line(
            f"the metadata worker (Fargate{' Spot' if worker_on_spot else ''}, arm64)",
            f"{photo.worker_seconds:.3f} s of a core",
            photo.worker_seconds * MILLION / 3600 / _BUSY * worker_hour,
        ),
        Line(
            "inference (c7g.large, Spot)",
            f"{photo.inference_seconds:.3f} s of one of two cores",
            machine_hours * machine_hour,
        ),
        Line(
            "inference: disks",
            f"{_DISK_GB} GB a machine",
            machine_hours / prices.HOURS_A_MONTH * _DISK_GB * prices.DISK_GB_MONTH,
        ),
        Line("CloudWatch: logs", f"{photo.log_kb:.1f} kB", photo.log_kb * 1e-6 * MILLION * prices.LOG_GB),
    ]
    return sorted(lines, key=lambda line: -line.dollars)


def _by_the_hour(price: float) -> float:
    """Return what a unit costs of those bought by the hour."""
    return price / 3600 / _BUSY


def units_for(dollars: float) -> float:
    """Return how many write units a photo a million photos can take for so much, bought by the hour."""
    return dollars / MILLION / _by_the_hour(prices.PROVISIONED_WRITE_UNIT_HOUR)


def used_share_that_pays() -> float:
    """Return the share of bought write units that has to be used for them to cost no more than by the request."""
    return prices.PROVISIONED_WRITE_UNIT_HOUR / 3600 / prices.WRITE_UNIT


def least_bought_a_day() -> float:
    """Return what tables bought by the hour cost a day at the least, by the defaults of infra/storage.yaml.

    Writes for `terms`, `photos` and its three indexes, and reads of all of these.
    """
    least = {name: float(value or 0) for name, value in STORAGE.parameters.items() if name.startswith("Least")}
    writes = least["LeastTermsWrites"] + 2 * least["LeastPhotosWrites"] + least["LeastByOwnerWrites"] + _LEAST
    reads = 2 * least["LeastReads"] + 3 * _LEAST
    return 24 * (writes * prices.PROVISIONED_WRITE_UNIT_HOUR + reads * prices.PROVISIONED_READ_UNIT_HOUR)


def stored(photo: PerPhoto) -> list[Line]:
    """Return what a million photos cost a month while nobody looks at them."""
    originals, renditions = photo.original_mb * 1e3, photo.renditions_kb * 1e-6 * MILLION
    items_gb = 4.5  # docs/benchmarks/library.md, by the model
    return [
        Line("S3: originals, opened within a month", f"{originals:,.0f} GB", originals * prices.S3_GB_MONTH),
        Line("S3: watching who opens them", "Intelligent-Tiering", MILLION * prices.TIERING_OBJECT_MONTH),
        Line("S3: renditions", f"{renditions:,.0f} GB", renditions * prices.S3_GB_MONTH),
        Line("DynamoDB: items and indexes", f"{items_gb} GB", items_gb * prices.DYNAMODB_GB_MONTH),
        Line("DynamoDB: point-in-time recovery", f"{items_gb} GB", items_gb * prices.DYNAMODB_RECOVERY_GB_MONTH),
    ]


def stored_for_long(photo: PerPhoto) -> float:
    """Return what the originals among them cost a month once nobody has opened them for ninety days."""
    return photo.original_mb * 1e3 * prices.S3_ARCHIVE_GB_MONTH


def at_rest() -> list[Line]:
    """Return what it costs a month while nothing happens at all."""
    cores, memory_gb = 0.25 + 0.25 + 0.5 + 1.0, 0.5 + 0.5 + 1.0 + 2.0
    tasks = (cores * prices.FARGATE_ARM_CPU_HOUR + memory_gb * prices.FARGATE_ARM_GB_HOUR) * prices.HOURS_A_MONTH
    balancer = (prices.LOAD_BALANCER_HOUR + prices.LOAD_BALANCER_UNIT_HOUR / 4) * prices.HOURS_A_MONTH
    return [
        Line("four tasks on Fargate", f"{cores} cores, {memory_gb} GB", tasks),
        Line("six interface endpoints", "in one zone", 6 * prices.ENDPOINT_ZONE_HOUR * prices.HOURS_A_MONTH),
        Line("the load balancer", "a quarter of a unit", balancer),
        Line("Container Insights", "some 60 metrics, by estimate", 60 * prices.CUSTOM_METRIC_MONTH),
        Line(
            "alarms, dashboard", "some 75 metrics in 13 alarms", 75 * prices.ALARM_METRIC_MONTH + prices.DASHBOARD_MONTH
        ),
        Line(
            "long polls of idle queues",
            "six, three a minute each",
            6 * 3 * 60 * prices.HOURS_A_MONTH * prices.SQS_REQUEST,
        ),
        Line("key, hosted zone", "", prices.KEY_MONTH + prices.HOSTED_ZONE_MONTH),
        Line("inference machines", "none", 0.0),
    ]


def thousand_people(photo: PerPhoto, *, within_previews: bool = False) -> list[Line]:
    """Return what a thousand people cost a month who look at their photos every day.

    Args:
        photo: What a thumbnail takes.
        within_previews: The metadata service hands thumbnails out, and a preview comes with its thumbnail behind it.

    Assumed, not measured: each opens 20 pages of a list a day and sees 300 thumbnails and 30 previews that neither
    their browser nor CloudFront has kept. What CloudFront fetches from S3 is not paid for by the GB; what a page reads
    is measured (docs/benchmarks/library.md).
    """
    days = 30 * 1000
    pages, thumbnails, previews = 20 * days, 300 * days, 30 * days
    asked = pages + thumbnails + previews
    thumbnails_gb, preview_kb = thumbnails * _THUMBNAIL_KB * 1e-6, 260 + within_previews * _THUMBNAIL_KB
    page_gb, pictures_gb = pages * 40e-6, thumbnails_gb + previews * preview_kb * 1e-6
    handed_out = [
        Line(
            "the load balancer: thumbnails",
            f"{thumbnails_gb:,.0f} GB, a unit each",
            thumbnails_gb * prices.LOAD_BALANCER_UNIT_HOUR,
        ),
        Line(
            "metadata's tasks: thumbnails",
            f"{1000 * photo.thumbnail_seconds:.1f} ms of a core each",
            thumbnails
            * photo.thumbnail_seconds
            / 3600
            / _BUSY
            * (prices.FARGATE_ARM_CPU_HOUR + 2 * prices.FARGATE_ARM_GB_HOUR),
        ),
    ]
    return [
        Line("pictures through CloudFront", f"{pictures_gb:,.0f} GB", pictures_gb * prices.CLOUDFRONT_OUT_GB),
        Line("pages through CloudFront", f"{page_gb:,.0f} GB", page_gb * prices.CLOUDFRONT_OUT_GB),
        Line("CloudFront: requests", f"{asked:,}", asked * prices.CLOUDFRONT_REQUEST),
        Line("S3: reads", f"{thumbnails + previews:,}", (thumbnails + previews) * prices.S3_GET),
        Line("DynamoDB: reads", "2.5 units a page", pages * 2.5 * prices.READ_UNIT),
        *(handed_out if within_previews else []),
    ]


def total(lines: Sequence[Line]) -> float:
    """Return the sum."""
    return sum(line.dollars for line in lines)


def table(lines: Sequence[Line], heading: str) -> str:
    """Return the lines and their sum as a table in Markdown."""
    rows = [f"| {line.what} | {line.how_much} | {line.dollars:,.2f} |" for line in lines]
    return "\n".join(
        [f"| {heading} | | $ |", "| --- | --- | ---: |", *rows, f"| **all** | | **{total(lines):,.2f}** |"]
    )
