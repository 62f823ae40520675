"""The load factor: from what CloudWatch says to the document that all read."""

from typing import Any

import pytest

from heliograph import aws, live
from heliograph.load import Load, Signals, adapted
from heliograph.load_schedule import adapt

CALM = Signals(oldest_seconds=5, requests=10_000, failures=10)


@pytest.mark.parametrize(
    ("factor", "signals", "following"),
    [
        # all is well
        (1.0, Signals(), 1.0),
        (1.0, CALM, 1.0),
        # it falls at once, as far as it must
        (1.0, Signals(oldest_seconds=330), 0.6),
        (1.0, Signals(oldest_seconds=600), 0.1),
        (1.0, Signals(oldest_seconds=86_400), 0.1),
        (1.0, Signals(requests=1000, failures=105), 0.6),
        (1.0, Signals(requests=1000, failures=1000), 0.1),
        (1.0, Signals(oldest_seconds=330, requests=1000, failures=1000), 0.1),
        # between well and badly it stays
        (1.0, Signals(oldest_seconds=70), 1.0),
        (0.3, Signals(oldest_seconds=330), 0.3),
        (0.3, Signals(oldest_seconds=61), 0.3),
        # it recovers by a step each minute, and only when all is well
        (0.1, CALM, 0.2),
        (0.9, CALM, 1.0),
        # a few failures of a few requests say nothing
        (1.0, Signals(requests=49, failures=49), 1.0),
        (1.0, Signals(requests=50, failures=50), 0.1),
    ],
)
def test_the_factor_falls_fast_and_recovers_slowly(factor: float, signals: Signals, following: float) -> None:
    assert adapted(Load(factor=factor), signals) == Load(factor=following)


def test_load_factor_recovers_in_nine_minutes() -> None:
    load, minutes = Load(factor=0.1), 0
    while load.factor < 1:
        load, minutes = adapted(load, CALM), minutes + 1
    assert minutes == 9


def test_pinned_load_factor_stays() -> None:
    pinned = Load(factor=0.4, pinned=True)
    assert adapted(pinned, CALM) == adapted(pinned, Signals(oldest_seconds=600)) == pinned


class CloudWatch:
    """Answers each query with what was measured, newest first; most things are not measured."""

    def __init__(self, measured: dict[str, list[float]]) -> None:
        self._measured = measured

    def get_metric_data(self, *, MetricDataQueries: list[dict[str, Any]], **_: Any) -> dict[str, Any]:  # noqa: N803
        results = []
        for query in MetricDataQueries:
            metric = query["MetricStat"]["Metric"]
            ((dimension),) = metric["Dimensions"]
            values = self._measured.get(f"{metric['MetricName']} of {dimension['Value']}", [])
            results.append({"Id": query["Id"], "Values": values})
        return {"MetricDataResults": results}


@pytest.mark.parametrize(
    ("measured", "factor"),
    [
        ({}, None),
        ({"ApproximateAgeOfOldestMessage of test-feed": [600.0, 5.0]}, 0.1),
        # what has been drained since is well
        ({"ApproximateAgeOfOldestMessage of test-feed": [0.0, 600.0]}, None),
        ({"Count of test": [400.0, 600.0], "5XXError of test": [5.0, 100.0]}, 0.6),
    ],
)
def test_every_minute_the_factor_is_adapted(
    monkeypatch: pytest.MonkeyPatch, context: Any, measured: dict[str, list[float]], factor: float | None
) -> None:
    # given
    monkeypatch.setenv("WATCHED_QUEUES", "test-posts,test-feed")
    monkeypatch.setenv("API_NAME", "test")
    monkeypatch.setattr(aws, "client", lambda service: {"cloudwatch": CloudWatch(measured)}[service])
    written: list[Any] = []
    monkeypatch.setattr(live, "put", written.append)
    # when
    adapt({}, context)
    # then nothing is written that is so already
    assert written == ([] if factor is None else [Load(factor=factor)])
