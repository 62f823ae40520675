"""The graph in plain Python, the same facts as they are stored, and the ways in which a request can go wrong."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any, Literal

from botocore.exceptions import ClientError, ReadTimeoutError

from functions.accounts import service as accounts
from functions.accounts import store as users
from functions.graph import service as graph
from functions.graph.store import BlockItem, EdgeItem
from heliograph import config, tables
from heliograph.counters import SHARDS, CounterShard
from heliograph.errors import DomainError
from tests import capacity
from tests.capacity import WRITES, Answer, Params

# ("yes", a, b): a follows b. Also "requested", "posts" and "stories" (muted), "close", "notified", "blocking";
# ("private", a, a): a's account is.
Fact = tuple[str, str, str]
Facts = frozenset[Fact]
Outcome = str | None
Fault = Literal["unsent", "lost", "late", "resent"]

FOLLOWER_SHARDS = 8


# --- What should happen ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """One use case, called by `me` about `other`. An account's privacy is its owner's alone: `other` is ignored."""

    name: str
    me: str
    other: str


CALLS: dict[str, Callable[[str, str], Any]] = {
    "follow": graph.follow,
    "unfollow": graph.unfollow,
    "accept": graph.accept,
    "decline": graph.decline,
    "remove_follower": graph.remove_follower,
    "block": graph.block,
    "unblock": graph.unblock,
    "mute": partial(graph.mute, posts=True, stories=True),
    "mute_stories": partial(graph.mute, posts=False, stories=True),
    "unmute": partial(graph.mute, posts=False, stories=False),
    "close_friend": partial(graph.close_friend, on=True),
    "no_close_friend": partial(graph.close_friend, on=False),
    "notify": partial(graph.post_notifications, on=True),
    "no_notify": partial(graph.post_notifications, on=False),
    "sever": graph.sever,
    "go_private": lambda me, _: accounts.edit(me, {"is_private": True}) and None,
    "go_public": lambda me, _: accounts.edit(me, {"is_private": False}) and None,
}
NOT_ACROSS_A_BLOCK = {
    "follow", "mute", "mute_stories", "unmute", "close_friend", "no_close_friend", "notify", "no_notify",
}  # fmt: skip
NOT_TO_MYSELF = NOT_ACROSS_A_BLOCK | {"block", "unblock"}


def outcome(call: Call) -> Outcome:
    """What the use case returns, or the name of the error with which it refuses."""
    try:
        return CALLS[call.name](call.me, call.other)
    except DomainError as error:
        return type(error).__name__


def predicted(facts: Facts, call: Call) -> tuple[Facts, Outcome]:
    """The facts after the call, and its outcome."""
    me, other = call.me, call.other
    if refusal := _refusal(facts, call):
        return facts, refusal
    if call.name == "follow":
        return _follow(facts, me, other)
    if call.name == "accept":
        return _accept(facts, me, other)
    between = {fact for fact in facts if me != other and {me, other} == {*fact[1:]}}
    gained, dropped = {
        "unfollow": ((), [("yes", me, other), ("requested", me, other), ("notified", me, other)]),
        "decline": ((), [("requested", other, me)]),
        "remove_follower": ((), [("yes", other, me), ("notified", other, me)]),
        "block": ([("blocking", me, other)], between - {("blocking", other, me)}),
        "unblock": ((), [("blocking", me, other)]),
        "sever": ((), between),
        "mute": ([("posts", me, other), ("stories", me, other)], ()),
        "mute_stories": ([("stories", me, other)], [("posts", me, other)]),
        "unmute": ((), [("posts", me, other), ("stories", me, other)]),
        "close_friend": ([("close", me, other)], ()),
        "no_close_friend": ((), [("close", me, other)]),
        "notify": ([("notified", me, other)], ()),
        "no_notify": ((), [("notified", me, other)]),
        "go_private": ([("private", me, me)], ()),
        "go_public": ((), [("private", me, me)]),
    }[call.name]
    return facts - {*dropped} | {*gained}, "none" if call.name == "unfollow" else None


def _refusal(facts: Facts, call: Call) -> Outcome:
    me, other = call.me, call.other
    if me == other and call.name in NOT_TO_MYSELF:
        return "Invalid"
    if call.name in NOT_ACROSS_A_BLOCK and ("blocking", other, me) in facts:
        return "NotFound"
    if call.name in NOT_ACROSS_A_BLOCK and ("blocking", me, other) in facts:
        return "Forbidden"
    if call.name == "notify" and ("yes", me, other) not in facts:
        return "Conflict"
    return None


def _follow(facts: Facts, me: str, other: str) -> tuple[Facts, Outcome]:
    asked, follows = ("requested", me, other), ("yes", me, other)
    if follows in facts:
        return facts, "following"
    if ("private", other, other) in facts:
        return facts | {asked}, "requested"
    return facts - {asked} | {follows}, "following"


def _accept(facts: Facts, me: str, requester: str) -> tuple[Facts, Outcome]:
    asked, follows = ("requested", requester, me), ("yes", requester, me)
    if asked in facts:
        return facts - {asked} | {follows}, None
    return facts, None if follows in facts else "NotFound"


# --- What is stored -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stored:
    """All that the tables hold of these people. `listed`: facts told by lists; `counts`: (name, person) to value."""

    facts: Facts
    listed: Facts
    counts: dict[tuple[str, str], int]

    def check(self, people: Sequence[str]) -> None:
        """Ties, lists and counters tell one story, and nobody follows across a block, or themselves."""
        assert self.listed == {fact for fact in self.facts if fact[0] in {"yes", "requested", "blocking"}}
        follows = [(a, b) for kind, a, b in self.facts if kind == "yes"]
        for person in people:
            assert self.counts["following", person] == sum(a == person for a, _ in follows)
            assert self.counts["followers", person] == sum(b == person for _, b in follows)
        for kind, a, b in self.facts:
            if kind in {"yes", "requested"}:
                assert a != b
                assert not self.facts & {("blocking", a, b), ("blocking", b, a)}
        assert not [fact for fact in follows if ("requested", *fact) in self.facts]


def stored(people: Sequence[str]) -> Stored:
    """What the tables hold, every item read consistently by its key."""
    pairs = list(product(people, people))
    lists = [(f"in#{b}#{zlib.crc32(a.encode()) % FOLLOWER_SHARDS}", a) for a, b in pairs]
    keys = [*((f"out#{a}", b) for a, b in pairs), *lists, *((f"request#{b}", a) for a, b in pairs)]
    facts: set[Fact] = {("private", user.user_id, user.user_id) for user in users.users(people) if user.is_private}
    listed: set[Fact] = {
        ("blocking", item.blocker_id, item.blocked_id) for item in tables.batch_get(BlockItem, pairs, consistent=True)
    }
    for item in tables.batch_get(EdgeItem, keys, consistent=True):
        if item.edge.startswith("out#"):
            facts |= _told_by(item)
        else:
            kind = "yes" if item.edge.startswith("in#") else "requested"
            assert item.following == kind
            listed.add((kind, item.follower_id, item.followee_id))
    return Stored(frozenset(facts), frozenset(listed), _counts(people))


def _told_by(item: EdgeItem) -> set[Fact]:
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


def _counts(people: Sequence[str]) -> dict[tuple[str, str], int]:
    region = config.read(config.Deployment).aws_region
    counts: dict[tuple[str, str], int] = dict.fromkeys(product(("following", "followers"), people), 0)
    keys = [(f"user#{name}#{person}", f"{region}#{shard}") for name, person in counts for shard in range(SHARDS)]
    for shard in tables.batch_get(CounterShard, keys, consistent=True):
        _, name, person = shard.entity.split("#")
        counts[name, person] += int(shard.added or 0) - int(shard.removed or 0)
    return counts


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
        if operation not in WRITES:
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
