"""Counters that never drift: PN-counters (Shapiro et al. 2011), sharded, changed in the transaction of what they count.

Each (entity, region, shard) owns one item whose `added` and `removed` only ever grow, and only in their own region,
so last-writer-wins replication cannot lose a count. value = sum(added) - sum(removed).

    like + counter shard, one transaction -> stream -> CounterChanged -> `settle` writes the value onto the entity
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from heliograph import config, tables

Kind = Literal["user", "post", "comment", "story", "hashtag"]
SHARDS = 4


class CounterShard(Model):
    class Meta(tables.Meta):  # pyright: ignore[reportIncompatibleVariableOverride]  (PynamoDB's idiom)
        table_name = tables.name("counters")

    entity = UnicodeAttribute(hash_key=True)
    shard = UnicodeAttribute(range_key=True)
    added = NumberAttribute(default=0)
    removed = NumberAttribute(default=0)


@dataclass(frozen=True)
class Counter:
    """One count of one entity: Counter("post", post_id, "likes")."""

    kind: Kind
    id: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.kind}#{self.name}#{self.id}"

    @classmethod
    def of_key(cls, key: str) -> "Counter":
        kind, name, entity_id = key.split("#", 2)
        return cls(kind, entity_id, name)  # type: ignore[arg-type]  # written by `key` alone


@dataclass(frozen=True)
class Total:
    """`operations` = everything ever added and removed: it only grows, so it orders two readings of one counter."""

    value: int
    operations: int


class Full(Exception):
    """The counter has reached its limit."""


def add(transaction: TransactWrite, counter: Counter, *, actor: str, limit: int | None = None) -> None:
    """Count one more, as part of `transaction`. The actor picks the shard, so a crowd spreads out.

    A counter that has reached its `limit` raises Full, one that reaches it before the commit ConditionFailed there.
    This is exact while all additions have one actor; regions that have not heard of each other may together exceed it.
    """
    shard = _shard(counter, actor)
    condition = None if limit is None else _below(limit, counter, shard)
    transaction.update(shard, actions=[CounterShard.added.add(1)], condition=condition)


def remove(transaction: TransactWrite, counter: Counter, *, actor: str) -> None:
    """Count one less, as part of `transaction`."""
    transaction.update(_shard(counter, actor), actions=[CounterShard.removed.add(1)])


def total(counter: Counter) -> Total:
    """The counter's true value, read consistently from all its shards."""
    return _total(_shards(counter))


def settle(counter: Counter, write: Callable[[Total], None]) -> None:
    """Write the counter's total onto its entity until what was written is what is true.

    `write` must refuse (silently) a total whose `operations` are not above those already written. Shards are not read
    as one snapshot, so two settlers can hold incomparable totals; reading again after the write closes that gap.
    """
    known = total(counter)
    while True:
        write(known)
        again = total(counter)
        if again == known:
            return
        known = again


def forget(counter: Counter) -> None:
    """Drop the counter of an entity that is gone. Idempotent."""
    with CounterShard.batch_write() as batch:
        for shard in _shards(counter):
            batch.delete(shard)


def _shards(counter: Counter) -> list[CounterShard]:
    return list(CounterShard.query(counter.key, consistent_read=True))


def _total(shards: list[CounterShard]) -> Total:
    added = sum(int(shard.added or 0) for shard in shards)
    removed = sum(int(shard.removed or 0) for shard in shards)
    return Total(added - removed, added + removed)


def _below(limit: int, counter: Counter, own: CounterShard) -> Condition:
    """What `own` must not have grown to. It need not be as read: removals only make more room."""
    shards = _shards(counter)
    free = limit - _total(shards).value
    if free <= 0:
        raise Full
    added = sum(int(shard.added or 0) for shard in shards if shard.shard == own.shard)
    return CounterShard.added.does_not_exist() | (CounterShard.added < added + free)


def _shard(counter: Counter, actor: str) -> CounterShard:
    region = config.read(config.Deployment).aws_region
    return CounterShard(counter.key, f"{region}#{zlib.crc32(actor.encode()) % SHARDS}")
