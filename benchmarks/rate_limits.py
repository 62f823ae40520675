"""What the rate limiter costs for each request: writes, write units, money and time, on AWS's own DynamoDB engine.

    python -m benchmarks.rate_limits [--rounds 300]

Simulated users of the account limit, by a clock of their own; each request that goes to DynamoDB is counted, and its
units are metered from the sizes of the items. Money: $0.625 for a million write units on demand, the list price of
us-east-1 in 2026. Time: of `limits.spend` by the real clock, on this machine, with DynamoDB Local beside it.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from unittest import mock

os.environ |= {
    "NAMESPACE": "benchmark",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "POWERTOOLS_SERVICE_NAME": "benchmark",
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
}
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "layers" / "shared" / "python"))

from heliograph import clock, ids, limits
from heliograph.admission import ACCOUNT
from heliograph.limits import ALLOWANCE_MS, Exhausted, Memory
from tests import capacity, database
from tests.stores import engine

DOLLARS_PER_MILLION_UNITS = 0.625
SECOND = 1000


@dataclass(frozen=True)
class Scenario:
    """One user. `pause_ms` between requests, which go to `instances` in turn; `forgetful` ones are new each time."""

    name: str
    requests: int
    pause_ms: int
    instances: int = 1
    forgetful: bool = False


SCENARIOS = (
    Scenario("cold instance, user at rest", 200, 60 * SECOND, forgetful=True),
    Scenario("cold instance, user active", 200, SECOND // 2, forgetful=True),
    Scenario("warm, 2 requests a second", 600, SECOND // 2),
    Scenario("warm, the same over 4 instances", 600, SECOND // 2, instances=4),
    Scenario("warm, one request in 30 seconds", 200, 30 * SECOND),
    Scenario("abuse, 100 requests a second", 12_000, 10),
    Scenario("abuse, the same over 4 instances", 12_000, 10, instances=4),
)


@dataclass(frozen=True)
class Cost:
    """Of one request of a scenario, on average; `most_writes`: of any."""

    passed: float
    writes: float
    units: float
    most_writes: int

    @property
    def dollars_per_million(self) -> float:
        return self.units * DOLLARS_PER_MILLION_UNITS


@dataclass(frozen=True)
class Target:
    """The last lines: what must be reached."""

    name: str
    value: float
    unit: str
    most: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as directory, database.running(Path(directory)) as endpoint:
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint
        engine.create_tables()
        costs = {scenario.name: _cost(scenario) for scenario in SCENARIOS}
        held, written = _milliseconds(rounds)
    _print(costs, held, written)
    targets = (
        Target("rate_limit_most_writes", max(cost.most_writes for cost in costs.values()), "writes/request", 1),
        Target("rate_limit_warm_units", costs["warm, 2 requests a second"].units, "units/request", 0.2),
        Target("rate_limit_abuse_units", costs["abuse, 100 requests a second"].units, "units/request", 0.1),
        Target("rate_limit_held_ms", held, "ms", 0.1),
    )
    for target in targets:
        print(f"{target.name} {target.value:.3g} {target.unit} {target.most:g}")
    return 0 if all(target.value <= target.most for target in targets) else 1


def _cost(scenario: Scenario) -> Cost:
    subject, memories = ids.new_id(), [Memory() for _ in range(scenario.instances)]
    passed, most_writes = 0, 0
    # The metric of refusals would be written to standard output.
    with capacity.metered() as meter, _clock() as advance, mock.patch.object(limits, "count"):
        for number in range(scenario.requests):
            memory = Memory() if scenario.forgetful else memories[number % scenario.instances]
            before = len(meter.requests)
            passed += _passes(subject, memory)
            most_writes = max(most_writes, len(meter.requests) - before)
            advance(scenario.pause_ms)
    total = scenario.requests
    return Cost(passed / total, len(meter.requests) / total, meter.write_units / total, most_writes)


def _passes(subject: str, memory: Memory) -> bool:
    try:
        limits.spend(ACCOUNT, subject, memory=memory)
    except Exhausted:
        return False
    return True


@contextmanager
def _clock() -> Iterator[Callable[[int], None]]:
    """A clock that stands still; yields what moves it on by milliseconds."""
    now = [datetime.now(UTC).replace(microsecond=0)]

    def advance(milliseconds: int) -> None:
        now[0] += timedelta(milliseconds=milliseconds)

    with mock.patch.object(clock, "now", side_effect=lambda: now[0]):
        yield advance


def _milliseconds(rounds: int) -> tuple[float, float]:
    """Medians: of a request whose token is held, and of one that writes."""
    memory, subjects = Memory(), count()
    written = [_timed(f"user-{next(subjects)}", memory) for _ in range(rounds)]
    held = [_timed(f"user-{number % rounds}", memory) for number in range(rounds)]
    return statistics.median(held), statistics.median(written)


def _timed(subject: str, memory: Memory) -> float:
    began = time.perf_counter()
    limits.spend(ACCOUNT, subject, memory=memory)
    return (time.perf_counter() - began) * 1000


def _print(costs: dict[str, Cost], held: float, written: float) -> None:
    print("| account limit | passed | writes/request | most | units/request | $/million requests |")
    print("|---|---|---|---|---|---|")
    for name, cost in costs.items():
        figures = f"{cost.writes:.3f} | {cost.most_writes} | {cost.units:.3f} | {cost.dollars_per_million:.3f}"
        print(f"| {name} | {cost.passed:.1%} | {figures} |")
    print(f"{ACCOUNT.burst} at once, {ACCOUNT.per_second:g} a second; {ACCOUNT.batch} for {ALLOWANCE_MS // 1000} s")
    print(f"added: {held:.3f} ms from memory, {written:.2f} ms with a write (medians)")


if __name__ == "__main__":
    sys.exit(main())
