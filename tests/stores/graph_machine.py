"""What is stored of the graph, read at one stroke, and the ways in which a request can go wrong."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import permutations, product
from typing import Any, Literal

from botocore.exceptions import ClientError, ReadTimeoutError
from pynamodb.models import Model

from functions.accounts.store import UserItem
from functions.graph.store import BlockItem, EdgeItem
from heliograph import aws, config
from heliograph.counters import CounterShard
from tests import capacity
from tests.capacity import WRITES, Answer, Params
from tests.stores.graph_model import FOLLOWEES_LIMIT, Fact, Facts

Fault = Literal["unsent", "lost", "late", "resent"]

FOLLOWER_SHARDS = 8
# What a list tells of those who stand in it.
LISTS = {"in": "yes", "request": "requested", "marked": "marked"}
COUNTS = ("following", "followers")


# --- What is stored -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stored:
    """All that the tables hold of these people. `listed`: facts told by lists; `counts`: (name, person) to value.

    A list of ties that neither follow nor ask tells ("marked", a, b).
    """

    facts: Facts
    listed: Facts
    counts: dict[tuple[str, str], int]

    def check(self, people: Sequence[str]) -> None:
        """Ties, lists and counters tell one story; nobody follows across a block, too many, or themselves."""
        ties = {(a, b): {kind for kind, *pair in self.facts if pair == [a, b]} for a in people for b in people}
        listed: set[Fact] = {("blocking", *pair) for pair, kinds in ties.items() if "blocking" in kinds}
        for pair, kinds in ties.items():
            a, b = pair
            across = "blocking" in kinds | ties[b, a]
            assert not (across and kinds - {"blocking"})
            assert not {"yes", "requested"} <= kinds
            assert "yes" in kinds or "notified" not in kinds
            if a == b:
                assert kinds <= {"private"}
            elif kinds:
                [kind] = kinds & {"yes", "requested"} or {"marked"}
                listed.add((kind, a, b))
        assert self.listed == listed
        for person in people:
            following = sum("yes" in kinds for (a, _), kinds in ties.items() if a == person)
            followers = sum("yes" in kinds for (_, b), kinds in ties.items() if b == person)
            assert following <= FOLLOWEES_LIMIT
            assert (self.counts["following", person], self.counts["followers", person]) == (following, followers)


def stored(people: Sequence[str]) -> Stored:
    """What the tables hold, in one consistent read of every item that there may be."""
    keys: dict[type[Model], list[dict[str, str]]] = {
        UserItem: [{"userId": person} for person in people],
        EdgeItem: [{"edge": f"out#{person}", "userId": person} for person in people],
        BlockItem: [],
        CounterShard: [
            {"entity": f"user#{name}#{person}", "shard": config.read(config.Deployment).aws_region}
            for name, person in product(COUNTS, people)
        ],
    }
    for a, b in permutations(people, 2):
        shard = zlib.crc32(a.encode()) % FOLLOWER_SHARDS
        keys[EdgeItem].append({"edge": f"out#{a}", "userId": b})
        keys[EdgeItem] += [
            {"edge": edge, "userId": a} for edge in (f"in#{b}#{shard}", f"request#{b}", f"marked#{b}#{shard}")
        ]
        keys[BlockItem].append({"blockerId": a, "blockedId": b})
    return _told_by(_read(keys))


def _read(keys: dict[type[Model], list[dict[str, str]]]) -> dict[type[Model], list[Any]]:
    """The items by their models, through one request."""
    wanted = {
        model.Meta.table_name: {
            "Keys": [{name: {"S": value} for name, value in key.items()} for key in of_model],
            "ConsistentRead": True,
        }
        for model, of_model in keys.items()
    }
    answer = aws.client("dynamodb").batch_get_item(RequestItems=wanted)
    assert not answer["UnprocessedKeys"]
    return {model: [model.from_raw_data(item) for item in answer["Responses"][model.Meta.table_name]] for model in keys}


def _told_by(items: dict[type[Model], list[Any]]) -> Stored:
    facts: set[Fact] = {("private", user.user_id, user.user_id) for user in items[UserItem] if user.is_private}
    listed: set[Fact] = {("blocking", item.blocker_id, item.blocked_id) for item in items[BlockItem]}
    for item in items[EdgeItem]:
        kind = item.edge.partition("#")[0]
        if kind == "out":
            facts |= _facts_of(item)
        else:
            assert item.following == {"marked": "no"}.get(LISTS[kind], LISTS[kind])
            listed.add((LISTS[kind], item.follower_id, item.followee_id))
    counts: dict[tuple[str, str], int] = {(name, user.user_id): 0 for name, user in product(COUNTS, items[UserItem])}
    for shard in items[CounterShard]:
        _, name, person = shard.entity.split("#")
        counts[name, person] += int(shard.added or 0) - int(shard.removed or 0)
    return Stored(frozenset(facts), frozenset(listed), counts)


def _facts_of(item: EdgeItem) -> set[Fact]:
    """The facts of a tie; one without any should not be there."""
    assert (item.follower_id, item.followee_id) == (item.edge.removeprefix("out#"), item.user_id)
    assert (item.created_at is None) == (item.following == "no")
    told = {
        "posts": item.muting_posts,
        "stories": item.muting_stories,
        "close": item.close_friend,
        "notified": item.post_notifications,
        "blocking": item.blocking,
    }
    kinds = {kind for kind, holds in told.items() if holds} | {item.following} - {"no"}
    assert kinds
    return {(kind, item.follower_id, item.followee_id) for kind in kinds}


# --- What can go wrong ----------------------------------------------------------------------------------------------


class Died(Exception):
    """The process ended before it sent the request."""


@dataclass
class Wire:
    """What happened to the writes of one call. `delayed`: a request that is still under way."""

    writes: int = 0
    broken: bool = False
    delayed: list[Callable[[], Any]] = field(default_factory=list)

    def arrive(self) -> None:
        """The delayed request reaches the engine, which may refuse it; nobody waits for the answer."""
        for send in self.delayed:
            with suppress(ClientError):
                send()


@contextmanager
def faulty(fault: Fault, write: int) -> Iterator[Wire]:
    """Spoil the call's write of this number, counted from 0.

    unsent: the process dies before it. lost: it is done, the answer is lost. late: it is done only when told to.
    resent: the SDK sends it twice and knows only the second answer.
    """
    wire = Wire()

    def around(_client: Any, operation: str, params: Params, proceed: Callable[[Params], Answer]) -> Answer:
        if wire.broken and fault == "unsent":
            raise Died
        # How fast one may follow is another machine's business.
        if operation not in WRITES or params.get("TableName") == config.named("limits"):
            return proceed(params)
        wire.writes += 1
        if wire.writes != write + 1:
            return proceed(params)
        if fault == "resent":
            with suppress(ClientError):
                proceed(params)
            return proceed(params)
        wire.broken = True
        if fault == "unsent":
            raise Died
        if fault == "late":
            wire.delayed.append(partial(proceed, params))
        else:
            proceed(params)
        raise ReadTimeoutError(endpoint_url="http://127.0.0.1")

    with capacity.intercepted(around):
        yield wire
