"""The hashtags table: which posts carry a hashtag, spread over shards so that a popular tag is no hot partition."""

import heapq
import zlib
from collections.abc import Callable
from contextlib import suppress
from itertools import islice

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from functions.posts.service import Post
from heliograph import counters, tables, transactions
from heliograph.counters import Counter
from heliograph.tables import TimeAttribute
from heliograph.transactions import ConditionFailed

SHARDS = 4


class TaggedPost(Model):
    class Meta(tables.Meta):
        table_name = tables.name("hashtags")

    tag = UnicodeAttribute(hash_key=True)
    post_id = UnicodeAttribute(range_key=True, attr_name="postId")
    hashtag = UnicodeAttribute()
    created_at = TimeAttribute(attr_name="createdAt")


def add(hashtag: str, post: Post) -> None:
    """Record that a post carries a hashtag, and count it; together, and once."""
    item = TaggedPost(_tag(hashtag, post.post_id), post.post_id, hashtag=hashtag, created_at=post.created_at)

    def build(transaction: TransactWrite) -> None:
        transaction.save(item, condition=TaggedPost.post_id.does_not_exist())
        counters.add(transaction, counter(hashtag), actor=post.post_id)

    _once(build)


def remove(hashtag: str, post_id: str) -> None:
    """Take `add` back; together, and once."""
    item = TaggedPost(_tag(hashtag, post_id), post_id)

    def build(transaction: TransactWrite) -> None:
        transaction.delete(item, condition=TaggedPost.post_id.exists())
        counters.remove(transaction, counter(hashtag), actor=post_id)

    _once(build)


def newest(hashtag: str, before: str | None, limit: int) -> list[str]:
    """The ids of the newest `limit` posts with a hashtag that are older than the post `before`, newest first."""
    older = TaggedPost.post_id < before if before else None
    shards = [
        (item.post_id for item in TaggedPost.query(f"{hashtag}#{shard}", older, scan_index_forward=False, limit=limit))
        for shard in range(SHARDS)
    ]
    return list(islice(heapq.merge(*shards, reverse=True), limit))


def counter(hashtag: str) -> Counter:
    return Counter("hashtag", hashtag, "posts")


def _tag(hashtag: str, post_id: str) -> str:
    return f"{hashtag}#{zlib.crc32(post_id.encode()) % SHARDS}"


def _once(build: Callable[[TransactWrite], None]) -> None:
    """Commit, unless it was done before."""
    with suppress(ConditionFailed):
        transactions.commit(build)
