"""Compares a counter with its set, and corrects it. In normal life nothing is ever found: both change together.

Traffic may go on. A change moves the counter and its set alike, so a drift stays what it is, and is measured exactly
whenever nothing moves while the set is being counted.
"""

from collections.abc import Callable
from dataclasses import dataclass

from heliograph import config, counters, tables
from heliograph.counters import Counter, CounterShard

Size = Callable[[], int | None]
ATTEMPTS = 3


class Busy(Exception):
    """The counter moved each time its set was being counted; ask again when it is calmer."""


@dataclass(frozen=True)
class Finding:
    """`drift`: by how much the counter is above its set. Two equal findings: nothing has moved between them."""

    counter: Counter
    drift: int
    operations: int
    corrections: int


def examine(counter: Counter, size: Size) -> Finding | None:
    """How far the counter is from the size of its set; None where there is no such set any more. Raises Busy."""
    before = counters.shards(counter)
    for _ in range(ATTEMPTS):
        expected = size()
        after = counters.shards(counter)
        added, removed = counters.counted(after)
        if counters.counted(before) == (added, removed):
            if expected is None:
                return None
            return Finding(counter, added - removed - expected, added + removed, _corrections(after))
        before = after
    raise Busy


def correct(finding: Finding) -> bool:
    """Add the drift to this region's own shard; False if another correction came in between (examine it anew)."""
    change = CounterShard.removed.add(finding.drift) if finding.drift > 0 else CounterShard.added.add(-finding.drift)
    as_examined = CounterShard.corrections == finding.corrections
    if finding.corrections == 0:
        as_examined |= CounterShard.corrections.does_not_exist()
    own = CounterShard(finding.counter.key, _region())
    return tables.update_if(own, [change, CounterShard.corrections.add(1)], as_examined)


def _corrections(shards: list[CounterShard]) -> int:
    return sum(int(shard.corrections or 0) for shard in shards if shard.shard == _region())


def _region() -> str:
    return config.read(config.Deployment).aws_region
