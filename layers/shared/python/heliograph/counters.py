"""Counters that never drift: PN-counters (Shapiro et al. 2011), sharded, changed in the transaction of what they count.

A counter has one shard in each region, whose `added` and `removed` only ever grow, and only in their own region, so
last-writer-wins replication cannot lose a count. value = sum(added) - sum(removed).

    like + counter shard, one transaction -> stream -> CounterChanged -> `settle` writes the value onto the entity

Heat: a process that finds a shard held by another transaction, or throttled, counts for a while in 2, 4, ... 64 hot
shards of the hour. Nobody has to be told, because a reading sums up whatever shards there are. When an hour is long
past, `counters_folding` takes its shards into the region's own one. See docs/decisions/0019.
"""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Literal

from cachetools import TTLCache
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from heliograph import clock, config, tables

Kind = Literal["user", "post", "comment", "story", "hashtag"]
# 2 ** 6 hot shards of an hour at most.
LEVELS = 6
HEAT_SECONDS = 300.0


class ByPeriod(GlobalSecondaryIndex["CounterShard"]):
    """The hot shards alone: others have no period."""

    class Meta:
        index_name = "byPeriod"
        projection = KeysOnlyProjection()

    period = UnicodeAttribute(hash_key=True)
    entity = UnicodeAttribute(range_key=True)


class CounterShard(Model):
    """`shard`: `<region>` of the region's own one, `<period>#<number>` of a hot one. A period is `<region>#<hour>`.

    `folded` of a region's own shard: its hot shards up to this period are contained in it.
    """

    class Meta(tables.Meta):  # pyright: ignore[reportIncompatibleVariableOverride]  (PynamoDB's idiom)
        table_name = tables.name("counters")

    entity = UnicodeAttribute(hash_key=True)
    shard = UnicodeAttribute(range_key=True)
    added = NumberAttribute(default=0)
    removed = NumberAttribute(default=0)
    period = UnicodeAttribute(null=True)
    folded = UnicodeAttribute(null=True)
    corrections = NumberAttribute(default=0)

    by_period = ByPeriod()

    @property
    def sums(self) -> tuple[int, int]:
        """Everything ever added and removed here."""
        return int(self.added or 0), int(self.removed or 0)

    def give_way(self) -> None:
        """Somebody else was writing this shard: this process takes others for a while."""
        with _held_lock:
            _held[self.entity, self.shard] = True


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
    """Count one more, as part of `transaction`. In a hot counter the actor picks the shard, so a crowd spreads out.

    A counter that has reached its `limit` raises Full, one that reaches it before the commit ConditionFailed there.
    This is exact, because such a counter has one shard; regions that have not heard of each other may together
    exceed it.
    """
    if limit is None:
        _count(transaction, _shard(counter, actor), CounterShard.added.add(1))
    else:
        own = CounterShard(counter.key, _region())
        _count(transaction, own, CounterShard.added.add(1), _below(limit, counter, own))


def remove(transaction: TransactWrite, counter: Counter, *, actor: str) -> None:
    """Count one less, as part of `transaction`."""
    _count(transaction, _shard(counter, actor), CounterShard.removed.add(1))


def total(counter: Counter) -> Total:
    """The counter's true value, read consistently from all its shards."""
    return total_of(shards(counter))


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
        for shard in shards(counter):
            batch.delete(shard)


def shards(counter: Counter) -> list[CounterShard]:
    """All shards that exist, of every region, read consistently."""
    return list(CounterShard.query(counter.key, consistent_read=True))


def counted(found: Iterable[CounterShard]) -> tuple[int, int]:
    """Everything ever added to and removed from a counter with these shards, each counted once. Pure.

    A hot shard that a region's own one contains already does not count, however long its deletion takes to arrive.
    """
    found = list(found)
    folded = {shard.shard: shard.folded for shard in found if shard.folded}
    standing = [shard.sums for shard in found if not (shard.period and shard.period <= folded.get(_home(shard), ""))]
    return sum(added for added, _ in standing), sum(removed for _, removed in standing)


def total_of(found: Iterable[CounterShard]) -> Total:
    """The total of a counter with these shards. Pure.

    A removal can arrive from its region before the addition does from another: until then there are none, not -1.
    """
    added, removed = counted(found)
    return Total(max(0, added - removed), added + removed)


def magnitude(count: float) -> int:
    """How many times a count can be halved: what is ordered by popularity needs to know no more of it."""
    return int(count).bit_length()


def period(moment: datetime) -> str:
    """The hour of hot shards that are written at this moment, in this region. Its order is the order of time."""
    return f"{_region()}#{clock.iso(moment)[:13]}"


_held: TTLCache[tuple[str, str], bool] = TTLCache(10_000, HEAT_SECONDS, timer=lambda: clock.now().timestamp())
_held_lock = Lock()


def _count(transaction: TransactWrite, shard: CounterShard, change: Action, condition: Condition | None = None) -> None:
    actions = [change, CounterShard.period.set(shard.period)] if shard.period else [change]
    transaction.update(shard, actions, condition=condition)


def _below(limit: int, counter: Counter, own: CounterShard) -> Condition:
    """What `own` must not have grown to. It need not be as read: removals only make more room."""
    found = shards(counter)
    free = limit - total_of(found).value
    if free <= 0:
        raise Full
    added = sum(shard.sums[0] for shard in found if shard.shard == own.shard)
    return CounterShard.added.does_not_exist() | (CounterShard.added < added + free)


def _shard(counter: Counter, actor: str) -> CounterShard:
    """The region's own shard; while that is held, a hot one; while that is held too, one of twice as many."""
    own = CounterShard(counter.key, _region())
    if not _is_held(own):
        return own
    now, spread = period(clock.now()), zlib.crc32(actor.encode())
    hot = [CounterShard(counter.key, f"{now}#{spread % 2**level:02}", period=now) for level in range(1, LEVELS + 1)]
    return next((shard for shard in hot if not _is_held(shard)), hot[-1])


def _is_held(shard: CounterShard) -> bool:
    with _held_lock:
        return (shard.entity, shard.shard) in _held


def _home(shard: CounterShard) -> str:
    return shard.shard.partition("#")[0]


def _region() -> str:
    return config.read(config.Deployment).aws_region
