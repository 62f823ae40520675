"""Every hour: the hot shards of past hours are taken into the region's own ones, so that a cold counter is small again.

    an hour of heat | an hour of grace | a run takes the hot shards into the own one | the next run deletes them

Both steps are writes of one item, and only of the own region, because replication keeps items whole, but not
transactions. The own shard says how far it contains the hot ones (`folded`), so a reader counts each once, whichever of
the two writes reaches its region first, and also when a deleted shard comes back with a late replica.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from heliograph import clock, config, counters, startup, tables
from heliograph.counters import Counter, CounterShard
from heliograph.observability import count, logger, metrics

# Nothing runs longer than 15 minutes, so nobody writes to a shard whose hour ended so long ago.
GRACE = timedelta(hours=1)
# How far a run looks back for what former ones have left: each needs two runs, and some may have failed.
MEMORY = timedelta(hours=48)
HOUR = timedelta(hours=1)
# Of a run's time, for the counter at hand.
RESERVE_MS = 30_000


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], context: Any) -> None:
    """Fold what is cold, as far as the time allows; the next run goes on."""
    folded = 0
    for counter, period in cold(clock.now()):
        if context.get_remaining_time_in_millis() < RESERVE_MS:
            break
        fold(counter, period)
        folded += 1
    count("CountersFolded", folded)


def cold(now: datetime) -> Iterator[tuple[Counter, str]]:
    """The counters with hot shards that nobody writes to any more, with the period of those; the oldest first."""
    for hours in reversed(range(int(MEMORY / HOUR))):
        period = counters.period(now - GRACE - HOUR - hours * HOUR)
        entities = (shard.entity for shard in CounterShard.by_period.query(period))
        for entity, _ in groupby(entities):
            yield Counter.of_key(entity), period


def fold(counter: Counter, period: str) -> None:
    """Take this region's hot shards up to a past period into its own shard; delete those that it contains already.

    A run that breaks off, comes twice or late, or meets another does no harm: what it finds done it does not repeat.
    """
    region = config.read(config.Deployment).aws_region
    plan = planned(counters.shards(counter), region, period)
    if plan.due:
        _take_in(CounterShard(counter.key, region), plan, period)
    for shard in plan.contained:
        tables.delete(shard)


@dataclass(frozen=True)
class Plan:
    """What is to be done to a counter in one region. `folded`: how far its own shard contains the hot ones."""

    folded: str | None
    due: list[CounterShard]
    contained: list[CounterShard]

    @property
    def sums(self) -> tuple[int, int]:
        """What the own shard is to take in."""
        sums = [shard.sums for shard in self.due]
        return sum(added for added, _ in sums), sum(removed for _, removed in sums)


def planned(shards: Sequence[CounterShard], region: str, period: str) -> Plan:
    """How to fold the hot shards of a region up to a past period. Pure."""
    folded = next((shard.folded for shard in shards if shard.shard == region), None)
    hot = [(shard.period, shard) for shard in shards if shard.period and shard.shard.startswith(f"{region}#")]
    return Plan(
        folded,
        due=[shard for written, shard in hot if (folded or "") < written <= period],
        contained=[shard for written, shard in hot if written <= (folded or "")],
    )


def _take_in(own: CounterShard, plan: Plan, period: str) -> None:
    added, removed = plan.sums
    as_read = CounterShard.folded.does_not_exist() if plan.folded is None else CounterShard.folded == plan.folded
    changes = [CounterShard.added.add(added), CounterShard.removed.add(removed), CounterShard.folded.set(period)]
    tables.update_if(own, changes, as_read)


startup.done()
