"""The home feed as it is read: candidates, ranked, and what the viewer may see of them."""

from typing import Any

from functions.feed import candidates, windows
from functions.feed.hybrid import Feed
from functions.feed.model import Order
from functions.feed.windows import Reads
from functions.posts import service as posts
from functions.posts.service import HydratedPost
from heliograph import live, tables
from heliograph.reading import Skeleton
from heliograph.tables import Slice

__all__ = ["Order", "post_ids", "visible"]


def post_ids(user_id: str, order: Order) -> Skeleton[str]:
    """The posts of a feed. Who reads it, and whom they pull, is looked up once for all that make up a page."""
    feed = live.read(Feed)
    reads: Reads | None = None

    def page(position: Any, count: int) -> Slice[str]:
        nonlocal reads
        reads = reads or candidates.reads(user_id, pull=feed.pull, visit=position is None)
        # A feed that was begun in one order goes on in it.
        latest = isinstance(position, str) if position else order == "latest" or not feed.ranked
        return _latest(reads, position, count) if latest else windows.page(reads, position, count)

    return page


def _latest(reads: Reads, position: str | None, count: int) -> Slice[str]:
    entries = reads.newest(position, count + 1)
    return tables.cut([entry.post_id for entry in entries], count, position=str)


def visible(viewer_id: str, hydrated: list[HydratedPost]) -> list[HydratedPost]:
    """What belongs into a home feed: visible posts of the viewer, and of those followed whose posts are not muted."""
    return [item for item in posts.visible(hydrated) if _belongs(viewer_id, item)]


def _belongs(viewer_id: str, item: HydratedPost) -> bool:
    author_id = item.author.user_id
    relationship = item.viewer.towards(author_id)
    return author_id == viewer_id or (relationship.following == "yes" and not relationship.muting_posts)
