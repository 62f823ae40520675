"""The hashtags table: which posts carry a label (a hashtag or a place), in shards as its popularity asks for.

`hashtag` is the label, `tag` the shard: see `labels` and `sharding`. A row of a private account's post says so: it is
listed, as its followers may see the post, but not counted.
"""

import heapq
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from functions.discovery import labels, sharding
from functions.discovery.sharding import Epochs
from functions.posts.service import Post
from heliograph import batches, clock, counters, ids, tables, transactions
from heliograph.hot import HotCache
from heliograph.tables import TimeAttribute

# One in so many new rows looks whether its label has become popular.
LOOKED_AT = 50
EPOCHS = "epochs"


class TaggedPost(Model):
    class Meta(tables.Meta):
        table_name = tables.name("hashtags")

    tag = UnicodeAttribute(hash_key=True)
    post_id = UnicodeAttribute(range_key=True, attr_name="postId")
    hashtag = UnicodeAttribute()
    created_at = TimeAttribute(attr_name="createdAt")
    is_private = BooleanAttribute(attr_name="isPrivate", default=False)


class Growth(Model):
    """How a label has grown. `post_id`: always EPOCHS."""

    class Meta(tables.Meta):
        table_name = tables.name("hashtags")

    tag = UnicodeAttribute(hash_key=True)
    post_id = UnicodeAttribute(range_key=True, attr_name="postId")
    epochs = UnicodeSetAttribute(null=True)


@dataclass(frozen=True)
class Row:
    post_id: str
    is_private: bool


def add(label: str, post: Post, *, is_private: bool) -> None:
    """Record that a post carries a label, and whether its author is private. Once, and together with the count."""
    partition = _partition(label, post.post_id)
    item = TaggedPost(partition, post.post_id, hashtag=label, created_at=post.created_at, is_private=is_private)

    def insert(transaction: TransactWrite) -> None:
        transaction.save(item, condition=TaggedPost.post_id.does_not_exist())
        if not is_private:
            counters.add(transaction, labels.counter(label), actor=post.post_id)

    def move(transaction: TransactWrite) -> None:
        as_read = TaggedPost.is_private == (not is_private)
        transaction.update(item, [TaggedPost.is_private.set(is_private)], condition=as_read)
        count = counters.remove if is_private else counters.add
        count(transaction, labels.counter(label), actor=post.post_id)

    def attempt() -> bool:
        known = tables.find(TaggedPost, partition, post.post_id, consistent=True)
        if known is None:
            transactions.commit(insert)
        elif known.is_private != is_private:
            transactions.commit(move)
        return known is None

    is_new = transactions.while_unchanged(attempt)
    if is_new and zlib.crc32(post.post_id.encode()) % LOOKED_AT == 0:
        grow(label)


def remove(label: str, post_id: str) -> None:
    """Take `add` back. Once, and together with the count."""
    partition = _partition(label, post_id)

    def attempt() -> None:
        known = tables.find(TaggedPost, partition, post_id, consistent=True)
        if known is None:
            return

        def build(transaction: TransactWrite) -> None:
            transaction.delete(known, condition=TaggedPost.is_private == known.is_private)
            if not known.is_private:
                counters.remove(transaction, labels.counter(label), actor=post_id)

        transactions.commit(build)

    transactions.while_unchanged(attempt)


def grow(label: str) -> None:
    """Give a label the shards that its popularity asks for, from a moment on that every process will know of."""
    item = tables.find(Growth, _growth(label), EPOCHS, consistent=True) or Growth(_growth(label), EPOCHS)
    posts = counters.total(labels.counter(label)).value
    if following := sharding.growth(_epochs(item), posts, clock.now()):
        # Whoever came first has decided.
        as_read = Growth.epochs == item.epochs if item.epochs else Growth.epochs.does_not_exist()
        tables.update_if(item, [Growth.epochs.add({sharding.text(following)})], as_read)


def newest(label: str, before: str | None, limit: int) -> list[str]:
    """The ids of the newest `limit` posts with a label that are older than the post `before`, newest first.

    Posts of private accounts are among them: whoever shows them asks `posts.visible`. For a place: `labels`.
    """
    return [row.post_id for row in rows(label, before, limit)]


def rows(label: str, before: str | None, limit: int) -> list[Row]:
    """The same, with what `newest` leaves out. Reads the shards of one epoch, and of older ones if it has too few."""
    found: list[Row] = []
    for epoch in reversed(_known(label)):
        if len(found) < limit and (before is None or before > epoch.since):
            found += _newest_of(epoch.partitions(label), before, limit - len(found))
    return found


def shards_now(label: str) -> int:
    """In how many shards new posts with a label are written: the measure of its popularity."""
    return sharding.epoch_of(ids.prefix_at(clock.now()), _known(label)).shards


def forget_epochs() -> None:
    """As a process that has just started: nothing is believed."""
    _believed.clear()


def _newest_of(partitions: list[str], before: str | None, limit: int) -> list[Row]:
    older = TaggedPost.post_id < before if before else None
    # Of many shards each holds a few of the newest; more is read of those that turn out to hold more.
    page = limit if len(partitions) == 1 else 2 * limit // len(partitions) + 4

    def read(partition: str) -> Iterator[TaggedPost]:
        found = TaggedPost.query(partition, older, scan_index_forward=False, limit=limit, page_size=page)
        return chain(list(islice(found, 1)), found)

    shards = batches.at_once(read, partitions)
    merged = heapq.merge(*shards, key=lambda item: item.post_id, reverse=True)
    return [Row(item.post_id, item.is_private) for item in islice(merged, limit)]


def _partition(label: str, post_id: str) -> str:
    return sharding.epoch_of(post_id, _known(label)).partition(label, post_id)


def _known(label: str) -> Epochs:
    return _believed.get([label]).get(label, (sharding.FIRST,))


def _read_epochs(wanted: list[str]) -> dict[str, Epochs]:
    found = tables.batch_get(Growth, [(_growth(label), EPOCHS) for label in wanted], consistent=True)
    return {item.tag.removesuffix(_growth("")): _epochs(item) for item in found}


def _epochs(item: Growth) -> Epochs:
    return sharding.epochs(item.epochs or ())


def _growth(label: str) -> str:
    return f"{label}#growth"


_believed = HotCache[Epochs](_read_epochs, seconds=sharding.BELIEVED_SECONDS, size=20_000)
