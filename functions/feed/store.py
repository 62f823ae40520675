"""The feeds table: userId (hash), postId (range; UUIDv7, so newest first is key order)."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from functions.feed.model import Entry
from heliograph import batches, clock, tables
from heliograph.tables import TimeAttribute

KEPT_FOR = timedelta(days=30)
KEPT = 800


class FeedItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("feeds")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    post_id = UnicodeAttribute(range_key=True, attr_name="postId")
    creator_id = UnicodeAttribute(attr_name="creatorId")
    created_at = TimeAttribute(attr_name="createdAt")
    score = NumberAttribute()
    expires_at = NumberAttribute(attr_name="expiresAt")


def put(entries: Iterable[Entry]) -> None:
    """Write entries, many at once. Writing one again changes nothing."""
    batches.put(_item(entry) for entry in entries)


def remove(post_id: str, owners: Iterable[str]) -> None:
    """Take a post out of these feeds, many at once. Taking it out again changes nothing."""
    batches.delete(FeedItem, (_key(owner, post_id) for owner in owners))


def clear(user_id: str, limit: int) -> list[str]:
    """Delete up to `limit` entries of a feed; the ids of the posts they were for."""
    post_ids = [item.post_id for item in FeedItem.query(user_id, limit=limit, consistent_read=True)]
    batches.delete(FeedItem, (_key(user_id, post_id) for post_id in post_ids))
    return post_ids


def forget_creator(user_id: str, creator_id: str) -> None:
    """Take all posts of one author out of a feed."""
    found = FeedItem.query(user_id, filter_condition=FeedItem.creator_id == creator_id, consistent_read=True)
    batches.delete(FeedItem, [_key(user_id, item.post_id) for item in found])


def trim(user_id: str) -> int:
    """Delete what a feed holds beyond its newest KEPT entries; their number."""
    newest_first = FeedItem.query(user_id, scan_index_forward=False)
    beyond = [item.post_id for item in islice(newest_first, KEPT, None)]
    batches.delete(FeedItem, (_key(user_id, post_id) for post_id in beyond))
    return len(beyond)


def newest(user_id: str, before: str | None, limit: int) -> list[Entry]:
    """The newest `limit` entries older than the post `before`, newest first."""
    older = FeedItem.post_id < before if before else None
    return list(_read(FeedItem.query(user_id, older, scan_index_forward=False, limit=limit)))


def between(user_id: str, newest: str, oldest: str | None) -> list[Entry]:
    """All entries from the post `newest` to `oldest` (None: the end), both included, newest first."""
    stretch = FeedItem.post_id.between(oldest, newest) if oldest else FeedItem.post_id <= newest
    return list(_read(FeedItem.query(user_id, stretch, scan_index_forward=False)))


def _read(items: Iterable[FeedItem]) -> Iterator[Entry]:
    for item in items:
        yield Entry(item.user_id, item.post_id, item.creator_id, item.created_at, float(item.score))


def _key(user_id: str, post_id: str) -> dict[str, str]:
    return {"userId": user_id, "postId": post_id}


def _item(entry: Entry) -> FeedItem:
    return FeedItem(
        entry.user_id,
        entry.post_id,
        creator_id=entry.creator_id,
        created_at=entry.created_at,
        score=entry.score,
        expires_at=clock.epoch(entry.created_at + KEPT_FOR),
    )
