"""Cost and scaling on paper: nothing is lost, limits hold, and the documents say what the code says."""

from itertools import pairwise
from pathlib import Path

import pytest

from tools.cloud_figures import prices
from tools.cloud_figures.__main__ import cost_page, drain_figures
from tools.cloud_figures.cost import (
    least_bought_a_day,
    processed,
    thousand_people,
    total,
    units_for,
    used_share_that_pays,
)
from tools.cloud_figures.measured import measured
from tools.cloud_figures.scaling import SCENARIOS, Scenario, play

_DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("taken_per_hour", [0.0, 0.5, 5.0])
def test_every_photo_that_came_is_done_or_waits(scenario: Scenario, taken_per_hour: float) -> None:
    run = play(scenario, taken_per_hour=taken_per_hour)
    assert run.done + run.waiting[-1] == pytest.approx(scenario.photos)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_machines_come_when_photos_do_and_all_go_at_the_end(scenario: Scenario) -> None:
    run = play(scenario)
    assert run.machines[0] == 0
    assert 1 <= max(run.machines) <= 20
    assert run.machines[-1] == 0
    assert run.drained_after is not None


def test_more_photos_bring_more_machines_and_one_photo_brings_one() -> None:
    def at_once(photos: float) -> Scenario:
        return Scenario("at-once", "", lambda minute, _waiting, _arrived: photos if minute == 0 else 0.0, 240, photos)

    most = [max(play(at_once(photos)).machines) for photos in (1, 10_000, 100_000, 1_000_000)]
    assert most[0] == 1
    assert all(fewer <= more for fewer, more in pairwise(most))
    assert most[-1] == 20


def test_with_nothing_to_do_there_is_no_machine() -> None:
    assert max(play(Scenario("quiet", "", lambda _minute, _waiting, _arrived: 0.0, 60, 0)).machines) == 0


def test_machines_that_are_taken_away_cost_time() -> None:
    reclassify = SCENARIOS[-1]
    left_alone, taken = play(reclassify).drained_after, play(reclassify, taken_per_hour=2.0).drained_after
    assert left_alone is not None
    assert taken is not None
    assert taken > left_alone


def test_writes_bought_by_the_hour_are_cheaper_than_by_the_request() -> None:
    photo = measured()
    assert total(processed(photo, provisioned=True)) < total(processed(photo))


def test_bought_units_that_are_used_as_far_as_they_pay_cost_what_requests_cost() -> None:
    used_in_an_hour = 3600 * used_share_that_pays()
    assert used_in_an_hour * prices.WRITE_UNIT == pytest.approx(prices.PROVISIONED_WRITE_UNIT_HOUR)


def test_the_operator_s_guide_says_what_is_bought_at_least() -> None:
    said = (_DOCS / "aws.md").read_text(encoding="utf-8")
    assert f"by the defaults ${least_bought_a_day():.2f} a day" in said
    assert f"more than {100 * used_share_that_pays():.0f} % of what is bought" in said


def test_on_spot_the_worker_alone_is_cheaper() -> None:
    photo = measured()
    on_demand, on_spot = processed(photo), processed(photo, worker_on_spot=True)
    cheaper = {line.what for line in on_spot} - {line.what for line in on_demand}
    assert cheaper == {"the metadata worker (Fargate Spot, arm64)"}
    assert total(on_demand) - total(on_spot) == pytest.approx(
        next(line.dollars for line in on_spot if line.what in cheaper)
    )


def test_thumbnails_within_previews_save_a_put_and_cost_those_who_look() -> None:
    photo = measured()
    apart, within = processed(photo), processed(photo, within_previews=True)
    assert total(apart) - total(within) == pytest.approx(1e6 * prices.S3_PUT)
    looked_at, handed_out = thousand_people(photo), thousand_people(photo, within_previews=True)
    more = {line.what: line.dollars for line in handed_out}
    for line in looked_at:
        more[line.what] -= line.dollars
    assert {what for what, dollars in more.items() if dollars > 0} == {
        "pictures through CloudFront",
        "the load balancer: thumbnails",
        "metadata's tasks: thumbnails",
    }


def test_units_for_what_writes_cost_are_the_units_that_were_written() -> None:
    photo = measured()
    [writes] = [line for line in processed(photo, provisioned=True) if "writes" in line.what]
    assert units_for(writes.dollars) == pytest.approx(photo.write_units)


def test_the_page_on_cost_is_what_make_cloud_figures_writes() -> None:
    assert (_DOCS / "cost.md").read_text(encoding="utf-8") == cost_page()


def test_the_table_and_the_plots_of_scaling_are_what_make_cloud_figures_writes() -> None:
    table, plots = drain_figures()
    assert table in (_DOCS / "scaling.md").read_text(encoding="utf-8")
    for name, plot in plots.items():
        assert (_DOCS / "images" / f"drain-{name}.svg").read_text(encoding="utf-8") == plot
