"""Tables follows and blocks: every model and every query of them.

Table follows holds five kinds of items, told apart by the prefix of `edge`:

    out#<a>            / b   a's tie to b: follow state, mute, close friend, block (one item answers "what is b to a")
    in#<b>#<shard>     / a   a follows b, in b's list of followers, sharded by follower
    request#<b>        / a   a asked to follow b
    marked#<b>#<shard> / a   a neither follows nor asked, and mutes, blocks or trusts b
    hidden#<a>         / b   a followed b, and has ceased to, or mutes b's posts: for whatever of b a's feed still holds

So every tie of a to b stands in exactly one of b's lists, and all who have to do with an account can be found from it.
A change of a pair rewrites ties, lists, blocks and counters in one transaction, on the condition that neither tie has
changed since it was read. Every write gives a tie a new `token`, so a tie that was deleted and made again is noticed.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, islice
from typing import Any, Literal

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from functions.graph.ties import Pair, Tie
from heliograph import batches, clock, counters, ids, tables, transactions
from heliograph.counters import Counter
from heliograph.tables import Slice, TimeAttribute

Build = Callable[[TransactWrite], None]

FOLLOWER_SHARDS = 8
FOLLOWEES_LIMIT = 7_500
# Longer than any feed holds anything.
HIDDEN_FOR = timedelta(days=90)


class EdgeItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("follows")

    edge = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(range_key=True, attr_name="userId")
    follower_id = UnicodeAttribute(attr_name="followerId")
    followee_id = UnicodeAttribute(attr_name="followeeId")
    created_at = TimeAttribute(attr_name="createdAt", null=True)
    following = UnicodeAttribute(default="no")
    muting_posts = BooleanAttribute(attr_name="mutingPosts", default=False)
    muting_stories = BooleanAttribute(attr_name="mutingStories", default=False)
    close_friend = BooleanAttribute(attr_name="closeFriend", default=False)
    post_notifications = BooleanAttribute(attr_name="postNotifications", default=False)
    blocking = BooleanAttribute(default=False)
    token = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(attr_name="expiresAt", null=True)


class BlocksByBlocked(GlobalSecondaryIndex["BlockItem"]):
    class Meta:
        index_name = "byBlocked"
        projection = KeysOnlyProjection()

    blocked_id = UnicodeAttribute(hash_key=True, attr_name="blockedId")
    blocker_id = UnicodeAttribute(range_key=True, attr_name="blockerId")


class BlockItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("blocks")

    blocker_id = UnicodeAttribute(hash_key=True, attr_name="blockerId")
    blocked_id = UnicodeAttribute(range_key=True, attr_name="blockedId")
    created_at = TimeAttribute(attr_name="createdAt")

    by_blocked = BlocksByBlocked()


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


def pairs(me: str, others: Iterable[str], *, consistent: bool = False) -> dict[str, Pair]:
    """The pairs of one account with many, in one batched read."""
    wanted = [other for other in dict.fromkeys(others) if other != me]
    keys = chain.from_iterable([(_out(me), other), (_out(other), me)] for other in wanted)
    found = {(item.edge, item.user_id): item for item in tables.batch_get(EdgeItem, keys, consistent=consistent)}
    return {other: Pair(_tie(found.get((_out(me), other))), _tie(found.get((_out(other), me)))) for other in wanted}


def write_pair(me: str, other: str, known: Known, after: Pair, also: Build | None = None) -> None:
    """Turn a pair as read into `after`, all or nothing. `also` adds to the transaction what else must hold.

    Raises ConditionFailed when it is no longer as read, and counters.Full when somebody would follow too many.
    """

    def build(transaction: TransactWrite) -> None:
        _write_tie(transaction, (me, other), known.pair.mine, after.mine, known.my_token)
        _write_tie(transaction, (other, me), known.pair.theirs, after.theirs, known.their_token)
        if also:
            also(transaction)

    transactions.commit(build)


def followers(user_id: str, shard: int, after: str | None, limit: int) -> Slice[str]:
    """Ids of followers in one shard of the list, in key order."""
    return _edges(_sharded(f"in#{user_id}")[shard], after, limit)


def all_followers(user_id: str, position: Any, limit: int) -> Slice[str]:
    """Ids of followers over all shards, one shard after the other."""
    return _chained(_sharded(f"in#{user_id}"), position, limit)


def tied(user_id: str, position: Any, limit: int) -> Slice[str]:
    """Ids of all accounts with a tie to or from this one, read consistently; who has both comes twice."""
    lists = [_out(user_id), _requests(user_id), *_sharded(f"in#{user_id}"), *_sharded(f"marked#{user_id}")]
    return _chained(lists, position, limit, consistent=True)


def requesters(user_id: str, after: str | None, limit: int, *, consistent: bool = False) -> Slice[str]:
    return _edges(_requests(user_id), after, limit, consistent=consistent)


def asked(user_id: str, after: str | None, limit: int) -> Slice[str]:
    return _edges(_out(user_id), after, limit, EdgeItem.following == "requested")


def followees(user_id: str, after: str | None, limit: int) -> Slice[str]:
    return _edges(_out(user_id), after, limit, EdgeItem.following == "yes")


def muted(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """Ids of the accounts whose posts or stories somebody mutes."""
    muting = (EdgeItem.muting_posts == True) | (EdgeItem.muting_stories == True)  # noqa: E712  (builds an expression)
    return _edges(_out(user_id), after, limit, muting)


def close_friends(user_id: str, after: str | None, limit: int) -> Slice[str]:
    return _edges(_out(user_id), after, limit, EdgeItem.close_friend == True)  # noqa: E712  (builds an expression)


def notifying(user_id: str, after: str | None, limit: int) -> Slice[str]:
    """Ids of the accounts of whose posts somebody wants to be told."""
    return _edges(_out(user_id), after, limit, EdgeItem.post_notifications == True)  # noqa: E712  (builds an expression)


def blocked(user_id: str, after: str | None, limit: int) -> Slice[str]:
    condition = None if after is None else BlockItem.blocked_id > after
    return tables.cut((item.blocked_id for item in BlockItem.query(user_id, condition)), limit, str)


def blocks_with(user_id: str, most: int) -> set[str]:
    """Ids of accounts whom somebody blocks, or who block them: `most` of them where there are more."""
    made = (item.blocked_id for item in BlockItem.query(user_id, limit=most))
    met = (item.blocker_id for item in BlockItem.by_blocked.query(user_id, limit=most))
    return set(islice(chain(made, met), most))


def hidden(user_id: str, most: int) -> set[str] | None:
    """Whose posts no longer belong into somebody's feed, though they did; None where that are more than `most`."""
    found = {item.user_id for item in islice(EdgeItem.query(_hidden(user_id), limit=most + 1), most + 1)}
    return found if len(found) <= most else None


def unhide(user_id: str, others: Iterable[str] | None = None) -> None:
    """Forget that posts of others, or of all others, were hidden from somebody's feed."""
    if others is None:
        others = [item.user_id for item in EdgeItem.query(_hidden(user_id), consistent_read=True)]
    batches.delete(EdgeItem, ({"edge": _hidden(user_id), "userId": other} for other in others))


def _edges(
    edge: str, after: str | None, limit: int, kept: Condition | None = None, *, consistent: bool = False
) -> Slice[str]:
    condition = None if after is None else EdgeItem.user_id > after
    items = EdgeItem.query(edge, condition, filter_condition=kept, page_size=limit + 1, consistent_read=consistent)
    return tables.cut((item.user_id for item in items), limit, str)


def _chained(edges: Sequence[str], position: Any, limit: int, *, consistent: bool = False) -> Slice[str]:
    """One list after the other; the position is [number of the list, last id]."""
    number, after = position or (0, None)
    found: list[str] = []
    while number < len(edges) and len(found) < limit:
        page = _edges(edges[number], after, limit - len(found), consistent=consistent)
        found += page.items
        if page.next is not None:
            return Slice(found, [number, page.next])
        number, after = number + 1, None
    return Slice(found, [number, None] if number < len(edges) else None)


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
    _list(transaction, a, b, before, after)
    _hide(transaction, a, b, before, after)
    _count(transaction, a, b, before, after)
    if before.blocking != after.blocking:
        block = BlockItem(a, b, created_at=clock.now())
        transaction.save(block) if after.blocking else transaction.delete(block)


def _list(transaction: TransactWrite, a: str, b: str, before: Tie, after: Tie) -> None:
    """Move a's tie from one of b's lists to another."""
    was, is_ = _list_of(a, b, before), _list_of(a, b, after)
    if was == is_:
        return
    if was:
        transaction.delete(EdgeItem(was, a))
    if is_:
        transaction.save(_edge(is_, a, a, b, Tie(after.following, after.since)))


def _hide(transaction: TransactWrite, a: str, b: str, before: Tie, after: Tie) -> None:
    """Note that b's posts are no longer to be seen in a's feed, or are to be seen again."""
    place = _place(after)
    if place == _place(before):
        return
    item = EdgeItem(_hidden(a), b, follower_id=a, followee_id=b)
    if place == "gone":
        item.expires_at = clock.epoch(clock.now() + HIDDEN_FOR)
    transaction.delete(item) if place == "feed" else transaction.save(item)


def _place(tie: Tie) -> Literal["feed", "muted", "gone"]:
    """Where the posts of the other are for who has this tie."""
    if tie.following != "yes":
        return "gone"
    return "muted" if tie.muting_posts else "feed"


def _count(transaction: TransactWrite, a: str, b: str, before: Tie, after: Tie) -> None:
    """Count for both whom a follows. a's own followees have one shard, so that their limit is exact."""
    did, does = before.following == "yes", after.following == "yes"
    following, followers = Counter("user", a, "following"), Counter("user", b, "followers")
    if does and not did:
        counters.add(transaction, following, actor=a, limit=FOLLOWEES_LIMIT)
        counters.add(transaction, followers, actor=a)
    if did and not does:
        counters.remove(transaction, following, actor=a)
        counters.remove(transaction, followers, actor=a)


def _list_of(a: str, b: str, tie: Tie) -> str | None:
    """The one list of b in which a tie of a stands, if there is a tie."""
    if tie == Tie():
        return None
    if tie.following == "requested":
        return _requests(b)
    name = f"in#{b}" if tie.following == "yes" else f"marked#{b}"
    return _sharded(name)[zlib.crc32(a.encode()) % FOLLOWER_SHARDS]


def _edge(edge: str, user_id: str, follower_id: str, followee_id: str, tie: Tie) -> EdgeItem:
    return EdgeItem(
        edge,
        user_id,
        follower_id=follower_id,
        followee_id=followee_id,
        created_at=tie.since,
        following=tie.following,
        muting_posts=tie.muting_posts,
        muting_stories=tie.muting_stories,
        close_friend=tie.close_friend,
        post_notifications=tie.post_notifications,
        blocking=tie.blocking,
        token=ids.new_id(),
    )


def _tie(item: EdgeItem | None) -> Tie:
    if item is None:
        return Tie()
    return Tie(
        following=item.following,  # type: ignore[arg-type]  # written by `_edge` alone
        since=item.created_at,
        muting_posts=item.muting_posts,
        muting_stories=item.muting_stories,
        close_friend=item.close_friend,
        post_notifications=item.post_notifications,
        blocking=item.blocking,
    )


def _out(user_id: str) -> str:
    return f"out#{user_id}"


def _hidden(user_id: str) -> str:
    return f"hidden#{user_id}"


def _requests(user_id: str) -> str:
    return f"request#{user_id}"


def _sharded(edge: str) -> list[str]:
    """The partitions of a list that is sharded by whose ties it holds."""
    return [f"{edge}#{shard}" for shard in range(FOLLOWER_SHARDS)]
