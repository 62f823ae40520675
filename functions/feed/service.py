"""The home feed as it is read: pushed entries, ranked, and what the viewer may see of them."""

from functools import partial
from typing import Any

from functions.feed import store, windows
from functions.feed.model import Order
from functions.posts import service as posts
from functions.posts.service import HydratedPost
from heliograph import tables
from heliograph.tables import Slice

__all__ = ["Order", "post_ids", "visible"]


def post_ids(user_id: str, order: Order, position: Any, count: int) -> Slice[str]:
    """The next posts of a feed, after `position`; None is its top."""
    if order == "latest":
        entries = store.newest(user_id, position, count + 1)
        return tables.cut([entry.post_id for entry in entries], count, position=str)
    reads = windows.Reads(partial(store.newest, user_id), partial(store.between, user_id))
    return windows.page(reads, position, count)


def visible(viewer_id: str, hydrated: list[HydratedPost]) -> list[HydratedPost]:
    """What belongs into a home feed: visible posts of the viewer, and of those followed whose posts are not muted."""
    return [item for item in posts.visible(hydrated) if _belongs(viewer_id, item)]


def _belongs(viewer_id: str, item: HydratedPost) -> bool:
    author_id = item.author.user_id
    relationship = item.viewer.towards(author_id)
    return author_id == viewer_id or (relationship.following == "yes" and not relationship.muting_posts)
