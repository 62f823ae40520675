"""Stream of the counters table -> CounterChanged events."""

from collections.abc import Iterator

from heliograph.counters import Counter, CounterShard
from heliograph.events import CounterChanged
from heliograph.outbox import Change, publisher


def _moved(change: Change[CounterShard]) -> Iterator[CounterChanged]:
    if change.new is not None:
        counter = Counter.of_key(change.new.entity)
        yield CounterChanged(kind=counter.kind, id=counter.id, name=counter.name)


publish = publisher(CounterShard, _moved)
