"""The arithmetic of dollars, with round prices and units; and what must hold of the figures that are published."""

from dataclasses import replace

import pytest

from benchmarks import costs, prices
from benchmarks.costs import Units

NOTHING = Units(
    post_writes=0, post_reads=0, post_events=0, queues_per_event=0, consumer_seconds=0, consumer_gb=0,
    photo_seconds=0, photo_gb=0, photo_objects=0, photo_size=0, active=0, reads_per_follower=0, writes_per_active=0,
    fanout_seconds=0, fanout_gb=0, page_reads=0, reads_per_timeline=0, api_seconds=0, api_gb=0,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _round_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every unit of another kind costs another power of ten."""
    for power, name in enumerate(["WRITE_UNIT", "READ_UNIT", "EVENT", "OBJECT_PUT"]):
        monkeypatch.setattr(prices, name, 10.0**power)
    for power, name in enumerate(["GB_SECOND", "QUEUE_REQUEST", "API_REQUEST", "OBJECT_GB_MONTH"], start=4):
        monkeypatch.setattr(prices, name, ((1.0, 10.0**power), (2.0, 0.0)))
    monkeypatch.setattr(prices, "INVOCATION", 0.0)


def test_fan_out_is_paid_by_follower_and_by_page() -> None:
    units = replace(NOTHING, active=0.5, writes_per_active=1, reads_per_follower=0.25, followers_per_page=100)
    # 150 writes at 1 and 75 reads at 10, and for each of four begun pages three requests of the queue
    assert costs.fanout(301, replace(units, threshold=302)) == 150.5 + 752.5 + 4 * 3 * 1e5
    assert costs.fanout(301, replace(units, threshold=301)) == 0
    # and half a second with half a gigabyte for each page
    working = replace(units, fanout_seconds=0.5, fanout_gb=0.5)
    assert costs.fanout(301, working) - costs.fanout(301, units) == 4 * 0.25 * 1e4


def test_a_post_is_paid_once_and_by_fan_out() -> None:
    units = replace(NOTHING, post_writes=3, post_reads=2, post_events=4, queues_per_event=2, photo_objects=5)
    request = 1e6
    assert costs.post(0, units) == request + 3 + 20 + 400 + 8 * 3 * 1e5 + 5000
    assert costs.post(7, units) == costs.post(0, units) + costs.fanout(7, units)


def test_a_page_is_paid_by_what_it_reads() -> None:
    units = replace(NOTHING, page_reads=40, reads_per_timeline=0.5, api_seconds=0.5, api_gb=2)
    assert costs.page(0, units) == 1e6 + 1e4 + 400
    assert costs.page(10, units) - costs.page(0, units) == 50


@pytest.mark.parametrize(("number", "dollars"), [(0, 0), (5, 10), (10, 20), (12, 22), (30, 40)])
def test_a_tier_holds_for_what_is_above_the_one_before(number: float, dollars: float) -> None:
    assert prices.tiered(number, ((10, 2.0), (float("inf"), 1.0))) == dollars


def test_the_table_has_a_row_for_each_number_of_followers() -> None:
    rows = costs.table(Units()).splitlines()[2:]
    assert [int(row.split("|")[1].replace(",", "")) for row in rows] == [10**power for power in range(1, 8)]
