"""Likes in two regions, each with tables of its own, between which items travel late, in any order, and twice.

The last writer wins, item by item. That a shard was deleted is not even remembered, so it may come back. Everybody
likes in a region of their own.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pynamodb.models import Model

from functions.posts import conversation
from functions.posts import store as posts
from functions.posts.store import LikeItem
from heliograph import clock, config, counters, counters_folding, ids, transactions
from heliograph.counters import Counter, CounterShard
from heliograph.transactions import ConditionFailed
from infrastructure.tables import TABLES
from tests.proof import repetitions
from tests.stores import engine

START = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
REGIONS = {"eu-west-1": "europe", "us-east-1": "america"}
REPLICATED = (CounterShard, LikeItem)
STEPS = 100

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Message:
    """An item (None: deleted) of a table as it was written at a time, on its way to a region."""

    to: str
    key: Key
    item: dict[str, Any] | None
    stamp: int


class World:
    """Two regions and what travels between them."""

    def __init__(self, patch: pytest.MonkeyPatch, seed: int) -> None:
        self.patch, self.dice, self.now = patch, random.Random(seed), START
        self.counter = Counter("post", ids.new_id(), "likes")
        self.fans = {region: [f"{region}-{number}" for number in range(6)] for region in REGIONS}
        self.known: dict[str, dict[Key, dict[str, Any]]] = {region: {} for region in REGIONS}
        self.stamps: dict[tuple[str, Key], int] = {}
        self.clock = 0
        self.messages: list[Message] = []
        self.connections: dict[tuple[str, type[Model]], Any] = {}

    @contextmanager
    def inside(self, region: str) -> Iterator[None]:
        """This process runs in the region; what it has written sets out for the other."""
        with self.patch.context() as patch:
            patch.setenv("AWS_REGION", region)
            patch.setenv("NAMESPACE", REGIONS[region])
            config.forget()
            patch.setattr(clock, "now", lambda: self.now)
            for model in REPLICATED:
                patch.setattr(model.Meta, "table_name", config.named(model.Meta.table_name.partition("-")[2]))
                patch.setattr(model, "_connection", self.connections.get((region, model)))
            yield
            self._send(region)
            self.connections |= {(region, model): model._connection for model in REPLICATED}
        config.forget()

    def like(self, region: str) -> None:
        fan = self.dice.choice(self.fans[region])

        def build(transaction: Any) -> None:
            posts.put_like(transaction, LikeItem(self.counter.id, fan, author_id="author", created_at=self.now))
            counters.add(transaction, self.counter, actor=fan)

        with suppress(ConditionFailed):
            transactions.commit(build)

    def unlike(self, region: str) -> None:
        conversation.withdraw_like(self.dice.choice(self.fans[region]), self.counter.id)

    def heat(self, _region: str) -> None:
        for shard in counters.shards(self.counter)[:2]:
            shard.give_way()

    def fold(self, _region: str) -> None:
        past = self.now - counters_folding.GRACE - counters_folding.HOUR
        counters_folding.fold(self.counter, counters.period(past))

    def deliver(self, number: int, *, keep: bool = False) -> None:
        message = self.messages[number] if keep else self.messages.pop(number)
        place = message.to, message.key
        if message.stamp <= self.stamps.get(place, -1):
            return
        table, *_ = message.key
        name = f"{REGIONS[message.to]}-{table}"
        self.stamps[place] = message.stamp
        if message.item is None:
            if table == "counters":
                del self.stamps[place]
            self.known[message.to].pop(message.key, None)
            engine.client().delete_item(TableName=name, Key=_key(message.key))
        else:
            self.known[message.to][message.key] = message.item
            engine.client().put_item(TableName=name, Item=message.item)

    def _send(self, region: str) -> None:
        [other] = REGIONS.keys() - {region}
        now = dict(_items(REGIONS[region], self.counter))
        for key in now.keys() | self.known[region].keys():
            if now.get(key) != self.known[region].get(key):
                self.clock += 1
                self.stamps[region, key] = self.clock
                self.messages.append(Message(other, key, now.get(key), self.clock))
        self.known[region] = now


def _key(key: Key) -> dict[str, Any]:
    table, partition, sort = key
    [spec] = [spec for spec in TABLES if spec.name == table]
    return {spec.partition: {"S": partition}, str(spec.sort): {"S": sort}}


def _items(namespace: str, counter: Counter) -> Iterator[tuple[Key, dict[str, Any]]]:
    for spec in TABLES:
        if spec.name in ("counters", "likes"):
            answer = engine.client().query(
                TableName=f"{namespace}-{spec.name}",
                KeyConditionExpression="#k = :k",
                ExpressionAttributeNames={"#k": spec.partition},
                ExpressionAttributeValues={":k": {"S": counter.id if spec.name == "likes" else counter.key}},
                ConsistentRead=True,
            )
            for item in answer["Items"]:
                yield (spec.name, item[spec.partition]["S"], item[str(spec.sort)]["S"]), item


@pytest.fixture(autouse=True)
def meter() -> None:
    """Not metered: what it costs is known from other tests."""


@pytest.fixture(scope="module", autouse=True)
def _tables() -> None:
    for namespace in REGIONS.values():
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NAMESPACE", namespace)
            config.forget()
            engine.create_tables(spec for spec in TABLES if spec.name in ("counters", "likes"))
        config.forget()


@pytest.mark.parametrize("seed", range(repetitions(quick=2, full=20)))
def test_when_all_has_arrived_each_region_counts_its_likes(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    # given
    world = World(monkeypatch, seed)
    dice = world.dice
    folded = False
    # when people like and withdraw, counters grow and fold, and messages travel as they like
    for _ in range(STEPS):
        world.now += timedelta(minutes=dice.choice([0, 5, 50]))
        region = dice.choice([*REGIONS])
        with world.inside(region):
            dice.choice([world.like, world.like, world.unlike, world.heat, world.fold])(region)
            # then nobody ever reads less than nothing
            assert counters.total(world.counter).value >= 0
            folded = folded or any(shard.folded for shard in counters.shards(world.counter))
        while world.messages and dice.random() < 0.6:
            world.deliver(dice.randrange(len(world.messages)), keep=dice.random() < 0.3)
    # and at last all has arrived
    while world.messages:
        world.deliver(dice.randrange(len(world.messages)))
    # then
    totals = set()
    for region in REGIONS:
        with world.inside(region):
            total = counters.total(world.counter)
            likers = posts.likers(world.counter.id, None, 50).items
            assert total.value == len(likers)
            totals.add((total, *likers))
    assert len(totals) == 1
    # and the walk was worth it
    assert folded
