"""Counters of regions that replicate by last writer wins, late, in any order, twice, and without memory of deletions.

A simulation: the rules of reading and folding are the product's own, what DynamoDB would do to items is done to a
dictionary. The same on DynamoDB Local, through the product's own writes: tests/stores/test_counters_regions.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from heliograph import clock, counters, counters_folding
from heliograph.counters import CounterShard, Total
from tests.proof import repetitions

REGIONS = ("eu-west-1", "us-east-1")
START = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
places = st.sampled_from([0, 1])


@dataclass(frozen=True)
class Shard:
    """The item of one shard, as it is at one time."""

    name: str
    added: int = 0
    removed: int = 0
    period: str | None = None
    folded: str | None = None

    def as_item(self) -> CounterShard:
        return CounterShard(
            "c", self.name, added=self.added, removed=self.removed, period=self.period, folded=self.folded
        )


@dataclass(frozen=True)
class Message:
    """That a shard was written (or, None, deleted) in one region, on its way to the other."""

    to: int
    name: str
    shard: Shard | None
    stamp: int


@dataclass
class Region:
    shards: dict[str, Shard] = field(default_factory=dict[str, Shard])
    stamps: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def items(self) -> list[CounterShard]:
        return [shard.as_item() for shard in self.shards.values()]

    @property
    def total(self) -> Total:
        return counters.total_of(self.items)


class Regions(RuleBasedStateMachine):
    """One counter in two regions. `true`: what has been added and removed in all, wherever."""

    messages = Bundle("messages")

    def __init__(self) -> None:
        super().__init__()
        self.regions = Region(), Region()
        self.true = [0, 0]
        self.now = START
        self.sent: list[Message] = []

    def _write(self, place: int, name: str, change: Callable[[Shard], Shard | None]) -> Message:
        region = self.regions[place]
        shard = change(region.shards.get(name, Shard(name)))
        if shard is None:
            region.shards.pop(name, None)
        else:
            region.shards[name] = shard
        message = Message(1 - place, name, shard, stamp=len(self.sent))
        region.stamps[name] = message.stamp
        self.sent.append(message)
        return message

    @rule(target=messages, place=places, hot=st.one_of(st.none(), st.integers(0, 3)), more=st.booleans())
    def count(self, place: int, hot: int | None, *, more: bool) -> Message:
        """Add or remove one in the own shard, or in a hot one: which is chosen does not matter."""
        period = None if hot is None else f"{REGIONS[place]}#{clock.iso(self.now)[:13]}"
        name = REGIONS[place] if hot is None else f"{period}#{hot:02}"
        self.true[0 if more else 1] += 1

        def change(shard: Shard) -> Shard:
            return replace(shard, added=shard.added + more, removed=shard.removed + (not more), period=period)

        return self._write(place, name, change)

    @rule(hours=st.sampled_from([0.3, 1, 2]))
    def wait(self, hours: float) -> None:
        self.now += timedelta(hours=hours)

    @rule(target=messages, place=places)
    def fold(self, place: int) -> object:
        """A run of the schedule, in one region."""
        past = self.now - counters_folding.GRACE - counters_folding.HOUR
        period = f"{REGIONS[place]}#{clock.iso(past)[:13]}"
        plan = counters_folding.planned(self.regions[place].items, REGIONS[place], period)
        deleted = [self._write(place, shard.shard, lambda _: None) for shard in plan.contained]
        if not plan.due:
            return multiple(*deleted)
        added, removed = plan.sums

        def take_in(own: Shard) -> Shard:
            return replace(own, added=own.added + added, removed=own.removed + removed, folded=period)

        return multiple(*deleted, self._write(place, REGIONS[place], take_in))

    @rule(message=consumes(messages))
    def arrive(self, message: Message) -> None:
        """Any message, and so not the oldest first."""
        self._arrive(message)

    @rule(message=messages)
    def arrive_and_come_again(self, message: Message) -> None:
        self._arrive(message)

    def _arrive(self, message: Message) -> None:
        region = self.regions[message.to]
        if message.stamp <= region.stamps.get(message.name, -1):
            return
        if message.shard is None:
            # That there was something is forgotten with it, so what comes later may bring it back.
            region.shards.pop(message.name, None)
            region.stamps.pop(message.name, None)
        else:
            region.shards[message.name] = message.shard
            region.stamps[message.name] = message.stamp

    @invariant()
    def nothing_is_counted_twice(self) -> None:
        for region in self.regions:
            added, removed = counters.counted(region.items)
            assert added <= self.true[0]
            assert removed <= self.true[1]
            assert region.total.value >= 0
            # So, of all readings, only the true one has as many operations, and is the last that is written down.
            if region.total.operations == sum(self.true):
                assert [added, removed] == self.true

    def teardown(self) -> None:
        """When all has arrived, and some of it once more, both regions know all."""
        for message in [*self.sent[::-1], *self.sent[::2]]:
            self._arrive(message)
        # What was deleted long ago may have come back, and still does not count.
        for region in self.regions:
            assert list(counters.counted(region.items)) == self.true


RegionsTest = Regions.TestCase
# With 30 histories, too short a time of grace is not found.
RegionsTest.settings = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=repetitions(quick=60, full=1_000),
    stateful_step_count=40,
)


def test_removals_before_additions_count_as_zero() -> None:
    assert counters.total_of([CounterShard("c", "us-east-1", removed=2)]) == Total(0, 2)


@pytest.mark.parametrize(
    ("folded", "expected"), [(None, 7), ("us-east-1#2026-11-22T09", 7), ("us-east-1#2026-11-22T10", 5)]
)
def test_a_hot_shard_counts_until_the_own_one_contains_it(folded: str | None, expected: int) -> None:
    own = CounterShard("c", "us-east-1", added=5, folded=folded)
    hot = CounterShard("c", "us-east-1#2026-11-22T10#01", added=2, period="us-east-1#2026-11-22T10")
    assert counters.total_of([hot, own]).value == expected


def test_one_regions_folding_does_not_hide_anothers_shards() -> None:
    own = CounterShard("c", "us-east-1", added=5, folded="us-east-1#2026-11-22T10")
    other = CounterShard("c", "eu-west-1#2026-11-22T10#01", added=2, period="eu-west-1#2026-11-22T10")
    assert counters.total_of([own, other]).value == 7
