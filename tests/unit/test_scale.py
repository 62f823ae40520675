"""docs/scale.md says what its script computes, and the script computes what it says."""

import math
from dataclasses import replace

import pytest

from benchmarks import scale
from benchmarks.costs import Units
from benchmarks.scale import Assumptions, Load

IDLE = Assumptions(
    active=86_400, pages=0, posts=0, likes=0, comments=0, follows=0, story_views=0, other_requests=0
)  # one active user a second, who does nothing


def test_the_document_holds_the_figures_of_the_script() -> None:
    document = scale.DOCUMENT.read_text()
    assert scale.report(Assumptions(), Units()) in document, "run: python -m benchmarks.scale --write"


@pytest.mark.parametrize(
    ("doing", "field", "expected"),
    [
        ({"pages": 3}, "reads", 3 * 40),
        ({"pages": 3}, "requests", 3),
        ({"likes": 2, "like_writes": 7}, "writes", 14),
        ({"likes": 2, "comments": 1, "story_views": 4}, "interactions", 7),
        ({"posts": 1, "mean_followers": 100}, "pushes", 60),
        ({"posts": 1, "mean_followers": 100}, "writes", 30 + 60),
        ({"posts": 1, "mean_followers": 1001}, "messages", 6 * 2 + 2),
        ({"likes": 1, "like_events": 2}, "events", 2),
        ({"other_requests": 5}, "lambdas", 5 * 0.08),
    ],
)
def test_load_follows_from_what_people_do(doing: dict[str, float], field: str, expected: float) -> None:
    units = Units(post_writes=30, post_events=6, queues_per_event=2, active=0.6, page_reads=40, api_seconds=0.08)
    load = Load.of(replace(IDLE, **doing), units)
    assert getattr(load, field) == pytest.approx(expected)


def test_double_population_doubles_load_and_at_most_doubles_cost() -> None:
    once, twice = Assumptions(), Assumptions(active=500e6)
    loads = [Load.of(assumed, Units()) for assumed in (once, twice)]
    bills = [scale.monthly(assumed, Units(), load) for assumed, load in zip((once, twice), loads, strict=True)]
    assert loads[1].writes == pytest.approx(2 * loads[0].writes)
    for service, dollars in bills[0].items():
        assert dollars < bills[1][service] <= 2 * dollars * (1 + 1e-9)


def test_a_table_needs_partitions_for_its_writes_or_for_its_size() -> None:
    assumed, units = Assumptions(), Units()
    for writes, stored, number in scale.partitions(assumed, units, Load.of(assumed, units)).values():
        assert number == max(math.ceil(writes / 1000), math.ceil(stored / 10))


def test_the_tightest_limit_comes_first() -> None:
    assumed, units = Assumptions(), Units()
    found = scale.limits(assumed, units, Load.of(assumed, units))
    assert [needed / quota for _, needed, quota in found] == sorted(
        (needed / quota for _, needed, quota in found), reverse=True
    )
    assert found[0][0].startswith("API Gateway")


def test_shards_are_what_makes_a_post_that_is_liked_by_many_bearable() -> None:
    rates = scale.hot_post(milliseconds=20, shards=8, units_per_like=4)
    assert [*rates.values()] == [50, 250, 400]
