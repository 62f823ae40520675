"""The table of authors: the ids of each one's newest posts in one small item, and whether these are pulled.

An author's timeline is written once for each post, however many followers there are, and read by all of them: by those
who pull it into their feeds, and by whoever comes back after a long time.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.models import Model

from functions.feed.store import KEPT_FOR
from heliograph import batches, clock, ids, tables

# At 37 bytes each, an item is read with half a unit.
NEWEST = 50
# Above NEWEST before the oldest are dropped, so that they are not dropped one by one.
SPARE = 10


class AuthorItem(Model):
    class Meta(tables.Meta):
        table_name = tables.name("feed-authors")

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    posts = UnicodeSetAttribute(null=True)
    is_large = BooleanAttribute(attr_name="isLarge", default=False)
    crossed_by = UnicodeAttribute(attr_name="crossedBy", null=True)
    expires_at = NumberAttribute(attr_name="expiresAt")


@dataclass(frozen=True)
class Timeline:
    """`posts`: ids, the newest first. `crossed_by`: the post with which the author became large."""

    author_id: str
    posts: tuple[str, ...] = ()
    is_large: bool = False
    crossed_by: str | None = None


def find(author_id: str) -> Timeline:
    """As last written; an empty one for who has none."""
    item = tables.find(AuthorItem, author_id, consistent=True)
    return _timeline(item) if item else Timeline(author_id)


def find_all(author_ids: Iterable[str]) -> dict[str, Timeline]:
    return {item.user_id: _timeline(item) for item in batches.get(AuthorItem, author_ids)}


def add(author_id: str, post_id: str) -> Timeline:
    """Note a post; the timeline with it. Adding it again changes nothing."""
    item = AuthorItem(author_id)
    expires_at = clock.epoch(clock.now() + KEPT_FOR)
    tables.update_or_read(item, [AuthorItem.posts.add({post_id}), AuthorItem.expires_at.set(expires_at)])
    timeline = _timeline(item)
    if len(timeline.posts) > NEWEST + SPARE:
        _discard(author_id, timeline.posts[NEWEST:])
    return timeline


def remove(author_id: str, post_id: str) -> None:
    """Forget a post. Forgetting it again changes nothing."""
    _discard(author_id, [post_id])


def cross(author_id: str, post_id: str) -> None:
    """Let the author be large from this post on; one who is already stays large from where they were."""
    tables.update_if(
        AuthorItem(author_id),
        [AuthorItem.is_large.set(True), AuthorItem.crossed_by.set(post_id)],
        AuthorItem.is_large != True,  # noqa: E712  (builds an expression)
    )


def cross_back(author_id: str) -> None:
    tables.update_if(
        AuthorItem(author_id),
        [AuthorItem.is_large.set(False), AuthorItem.crossed_by.remove()],
        AuthorItem.is_large == True,  # noqa: E712  (builds an expression)
    )


def drop(author_id: str) -> None:
    tables.delete(AuthorItem(author_id))


def _discard(author_id: str, post_ids: Iterable[str]) -> None:
    tables.update_if(AuthorItem(author_id), [AuthorItem.posts.delete({*post_ids})], AuthorItem.user_id.exists())


def _timeline(item: AuthorItem) -> Timeline:
    """Posts that no feed keeps any more are left out."""
    oldest = ids.prefix_at(clock.now() - KEPT_FOR)
    posts = sorted((post_id for post_id in item.posts or () if post_id > oldest), reverse=True)
    return Timeline(item.user_id, tuple(posts), bool(item.is_large), item.crossed_by)
