"""Writes docs/cost.md, the plots in docs/images and the table of docs/scaling.md from what was measured."""

import re
from pathlib import Path

from tools.cloud_figures import prices
from tools.cloud_figures.cost import (
    at_rest,
    least_bought_a_day,
    processed,
    stored,
    stored_for_long,
    table,
    thousand_people,
    total,
    units_for,
    used_share_that_pays,
)
from tools.cloud_figures.measured import measured
from tools.cloud_figures.plot import drain_svg
from tools.cloud_figures.scaling import SCENARIOS, START_MINUTES, Run, play

_DOCS = Path(__file__).resolve().parents[2] / "docs"
_TEMPLATE = Path(__file__).with_name("cost.template.md")
GOAL = 20.0
_TAKEN_PER_HOUR = 0.5


def cost_page() -> str:
    """Return docs/cost.md."""
    photo = measured()
    asked, bought = processed(photo), processed(photo, provisioned=True)
    on_spot = processed(photo, provisioned=True, worker_on_spot=True)
    within = processed(photo, provisioned=True, worker_on_spot=True, within_previews=True)
    looked_at, looked_at_within = thousand_people(photo), thousand_people(photo, within_previews=True)
    rest = total([line for line in within if "writes" not in line.what])
    return _TEMPLATE.read_text(encoding="utf-8").format(
        looked_through=prices.LOOKED_THROUGH,
        original_mb=photo.original_mb,
        write_units=photo.write_units,
        saved_together=photo.saved_together,
        sqs=sum(times for name, times in photo.requests.items() if name.startswith("SQS ")),
        write_units_alone=photo.write_units_alone,
        asked=table(asked, "tables billed by the request, as infra/storage.yaml has them"),
        bought=table(bought, "the same with write units bought by the hour"),
        on_spot=table(on_spot, "by the hour, and the metadata worker on Spot"),
        within=table(within, "by the hour, on Spot, and thumbnails within previews"),
        verdict_within=_verdict(total(within)),
        at_60=total(within) + sum(line.dollars for line in within if "used to" in line.how_much) * (0.7 / 0.6 - 1),
        saved_by_spot=total(bought) - total(on_spot),
        pays_at=100 * used_share_that_pays(),
        least_a_day=least_bought_a_day(),
        pays_from=round(least_bought_a_day() / photo.write_units / prices.WRITE_UNIT, -4),
        goal=GOAL,
        verdict=_verdict(total(asked)),
        verdict_on_spot=_verdict(total(on_spot)),
        alone=photo.write_units_alone * prices.WRITE_UNIT * 1e6,
        saved_by_one_object=total(on_spot) - total(within),
        more_for_people=total(looked_at_within) - total(looked_at),
        rest=rest,
        units_within_goal=units_for(GOAL - rest),
        nat=photo.original_mb * 1e3 * prices.NAT_GB,
        stored=table(stored(photo), "kept, and never looked at"),
        archived=stored_for_long(photo),
        at_rest=table(at_rest(), "one account or a thousand, while nothing happens"),
        people=table(looked_at, "beside what is at rest"),
        people_within=table(looked_at_within, "the same, with thumbnails within previews"),
    )


def _verdict(dollars: float) -> str:
    return "met" if dollars <= GOAL else "**not met**"


def drain_table(runs: list[tuple[str, str, Run]]) -> str:
    """Return what the plots show as a table in Markdown."""
    rows = [
        f"| {title} | {when} | {max(run.waiting):,.0f} | {max(run.machines)} | "
        f"{'not within the plot' if run.drained_after is None else f'{run.drained_after} min'} | "
        f"{run.oldest_minutes:.0f} min | {run.machine_minutes / 60:.1f} | {run.interruptions} |"
        for title, when, run in runs
    ]
    columns = (
        "",
        "Spot",
        "most waiting",
        "most machines",
        "nothing waits after",
        "longest wait",
        "machine-hours",
        "taken away",
    )
    head = f"| {' | '.join(columns)} |"
    return "\n".join([head, "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |", *rows])


def drain_figures() -> tuple[str, dict[str, str]]:
    """Return the table of docs/scaling.md, and its plots by the names of their scenarios."""
    runs, plots = [], {}
    for scenario in SCENARIOS:
        quiet, taken = play(scenario), play(scenario, taken_per_hour=_TAKEN_PER_HOUR)
        runs += [(scenario.title, "left alone", quiet), (scenario.title, "half taken away an hour", taken)]
        plots[scenario.name] = drain_svg(scenario, quiet, taken)
    return (
        f"A machine takes {START_MINUTES} minutes from being asked for to its first photo.\n\n{drain_table(runs)}\n",
        plots,
    )


def main() -> None:
    """Write everything."""
    said, plots = drain_figures()
    for name, plot in plots.items():
        (_DOCS / "images" / f"drain-{name}.svg").write_text(plot, encoding="utf-8")
    page = _DOCS / "scaling.md"
    between = re.compile(r"(<!-- drain -->\n).*?(<!-- /drain -->)", re.DOTALL)
    written = between.sub(lambda match: f"{match[1]}{said}{match[2]}", page.read_text(encoding="utf-8"))
    page.write_text(written, encoding="utf-8")
    (_DOCS / "cost.md").write_text(cost_page(), encoding="utf-8")
    print(f"a million photos: ${total(processed(measured())):.2f}; wrote docs/cost.md, docs/scaling.md and three plots")


if __name__ == "__main__":
    main()
