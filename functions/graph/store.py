"""Tables follows and blocks: every model and every query of them.

Table follows holds three kinds of items, told apart by the prefix of `edge`:

    out#<a>            / b   a's tie to b: follow state, mute, close friend, block (one item answers "what is b to a")
    in#<b>#<shard>     / a   a follows b, in b's list of followers, sharded by follower
    request#<b>        / a   a asked to follow b

A change of a pair rewrites ties, lists, blocks and counters in one transaction, on the condition that neither tie has
changed since it was read. Every write gives a tie a new `token`, so a tie that was deleted and made again is noticed.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from functions.graph.ties import Pair, Tie
from heliograph import clock, counters, ids, tables, transactions
from heliograph.counters import Counter
from heliograph.tables import Slice, TimeAttribute

FOLLOWER_SHARDS = 8


class EdgeItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("follows")

    edge = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(range_key=True, attr_name="userId")
    follower_id = UnicodeAttribute(attr_name="followerId")
    followee_id = UnicodeAttribute(attr_name="followeeId")
    created_at = TimeAttribute(attr_name="createdAt", null=True)
    following = UnicodeAttribute(default="no")
    muting = BooleanAttribute(default=False)
    close_friend = BooleanAttribute(attr_name="closeFriend", default=False)
    blocking = BooleanAttribute(default=False)
    token = UnicodeAttribute(null=True)


class BlockItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("blocks")

    blocker_id = UnicodeAttribute(hash_key=True, attr_name="blockerId")
    blocked_id = UnicodeAttribute(range_key=True, attr_name="blockedId")
    created_at = TimeAttribute(attr_name="createdAt")


@dataclass(frozen=True)
class Known:
    """A pair as read, with what a later write is conditioned on (None: there is no item)."""

    pair: Pair
    my_token: str | None
    their_token: str | None


def read_pair(me: str, other: str) -> Known:
    """Both ties, read consistently."""
    keys = [(_out(me), other), (_out(other), me)]
    found = {(item.edge, item.user_id): item for item in tables.batch_get(EdgeItem, keys, consistent=True)}
    mine, theirs = found.get(keys[0]), found.get(keys[1])
    return Known(Pair(_tie(mine), _tie(theirs)), mine and mine.token, theirs and theirs.token)


def pairs(me: str, others: Iterable[str]) -> dict[str, Pair]:
    """The pairs of one account with many, in one batched, eventually consistent read."""
    wanted = [other for other in dict.fromkeys(others) if other != me]
    keys = chain.from_iterable([(_out(me), other), (_out(other), me)] for other in wanted)
    found = {(item.edge, item.user_id): item for item in tables.batch_get(EdgeItem, keys)}
    return {other: Pair(_tie(found.get((_out(me), other))), _tie(found.get((_out(other), me)))) for other in wanted}


def write_pair(me: str, other: str, known: Known, after: Pair) -> None:
    """Turn a pair as read into `after`, all or nothing. Raises ConditionFailed when it is no longer as read."""

    def build(transaction: TransactWrite) -> None:
        _write_tie(transaction, (me, other), known.pair.mine, after.mine, known.my_token)
        _write_tie(transaction, (other, me), known.pair.theirs, after.theirs, known.their_token)

    transactions.commit(build)


def followers(user_id: str, shard: int, after: str | None, limit: int) -> Slice[str]:
    """Ids of followers in one shard of the list, in key order."""
    return _edges(f"in#{user_id}#{shard}", after, limit)


def requesters(user_id: str, after: str | None, limit: int) -> Slice[str]:
    return _edges(f"request#{user_id}", after, limit)


def followees(user_id: str, after: str | None, limit: int) -> Slice[str]:
    return _edges(_out(user_id), after, limit, EdgeItem.following == "yes")


def muted(user_id: str, after: str | None, limit: int) -> Slice[str]:
    return _edges(_out(user_id), after, limit, EdgeItem.muting == True)  # noqa: E712  (builds an expression)


def close_friends(user_id: str, after: str | None, limit: int) -> Slice[str]:
    return _edges(_out(user_id), after, limit, EdgeItem.close_friend == True)  # noqa: E712  (builds an expression)


def blocked(user_id: str, after: str | None, limit: int) -> Slice[str]:
    condition = None if after is None else BlockItem.blocked_id > after
    return tables.cut((item.blocked_id for item in BlockItem.query(user_id, condition)), limit, str)


def _edges(edge: str, after: str | None, limit: int, kept: Condition | None = None) -> Slice[str]:
    condition = None if after is None else EdgeItem.user_id > after
    items = EdgeItem.query(edge, condition, filter_condition=kept, page_size=limit + 1)
    return tables.cut((item.user_id for item in items), limit, str)


def _write_tie(
    transaction: TransactWrite, between: tuple[str, str], before: Tie, after: Tie, token: str | None
) -> None:
    a, b = between
    unchanged = EdgeItem.token == token if token else EdgeItem.edge.does_not_exist()
    if before == after:
        transaction.condition_check(EdgeItem, _out(a), b, condition=unchanged)
        return
    item = _edge(_out(a), b, a, b, after)
    if after == Tie():
        transaction.delete(item, condition=unchanged)
    else:
        transaction.save(item, condition=unchanged)
    listed = Tie(after.following, after.since)
    _list(transaction, _edge(_in(b, a), a, a, b, listed), was=before.following == "yes", is_=after.following == "yes")
    _list(
        transaction,
        _edge(f"request#{b}", a, a, b, listed),
        was=before.following == "requested",
        is_=after.following == "requested",
    )
    _list(transaction, BlockItem(a, b, created_at=clock.now()), was=before.blocking, is_=after.blocking)
    if (before.following == "yes") != (after.following == "yes"):
        count = counters.add if after.following == "yes" else counters.remove
        count(transaction, Counter("user", a, "following"), actor=b)
        count(transaction, Counter("user", b, "followers"), actor=a)


def _list(transaction: TransactWrite, item: Model, *, was: bool, is_: bool) -> None:
    if is_ and not was:
        transaction.save(item)
    elif was and not is_:
        transaction.delete(item)


def _edge(edge: str, user_id: str, follower_id: str, followee_id: str, tie: Tie) -> EdgeItem:
    return EdgeItem(
        edge,
        user_id,
        follower_id=follower_id,
        followee_id=followee_id,
        created_at=tie.since,
        following=tie.following,
        muting=tie.muting,
        close_friend=tie.close_friend,
        blocking=tie.blocking,
        token=ids.new_id(),
    )


def _tie(item: EdgeItem | None) -> Tie:
    if item is None:
        return Tie()
    return Tie(item.following, item.created_at, item.muting, item.close_friend, item.blocking)  # type: ignore[arg-type]  # written by `_edge` alone


def _out(user_id: str) -> str:
    return f"out#{user_id}"


def _in(followee_id: str, follower_id: str) -> str:
    return f"in#{followee_id}#{zlib.crc32(follower_id.encode()) % FOLLOWER_SHARDS}"
