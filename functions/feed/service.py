"""The home feed: pushed on write, ranked on read."""

from functools import partial
from typing import Any

from functions.feed import fanout, queue, store, windows
from functions.feed.model import Action, Order, Page
from functions.graph import service as graph
from functions.posts import service as posts
from functions.posts.service import HydratedPost
from heliograph import tables
from heliograph.tables import Slice

__all__ = ["Order", "Page", "fan_out", "fan_out_page", "post_ids", "visible"]


def fan_out(post_id: str, author_id: str, action: Action) -> None:
    """Start to push or forget a post: in its author's own feed at once, in the followers' feeds page by page."""
    if _write(action, post_id, [author_id]):
        shards = graph.FOLLOWER_SHARDS
        queue.send(fanout.first_pages(action, post_id=post_id, author_id=author_id, shards=shards))


def fan_out_page(page: Page) -> None:
    """Push or forget a post for one page of followers, and pass on to the next page."""
    followers = graph.follower_page(page.author_id, page.shard, page.after, fanout.PAGE_SIZE)
    if followers.items and _write(page.action, page.post_id, followers.items) and followers.next:
        queue.send([fanout.next_page(page, followers.next)])


def _write(action: Action, post_id: str, owners: list[str]) -> bool:
    """Whether there is reason to go on: a push ends where its post is gone.

    A post may be deleted while it is being pushed, and its deletion may overtake the push. So a push looks again after
    writing: a deletion it does not see by then starts its own pages later than these writes.
    """
    if action == "push":
        post = posts.published(post_id)
        if post is None:
            return False
        store.put(fanout.entries(post, owners))
        if posts.published(post_id):
            return True
    store.remove(post_id, owners)
    return action == "forget"


def post_ids(user_id: str, order: Order, position: Any, count: int) -> Slice[str]:
    """The next posts of a feed, after `position`; None is its top."""
    if order == "latest":
        entries = store.newest(user_id, position, count + 1)
        return tables.cut([entry.post_id for entry in entries], count, position=str)
    reads = windows.Reads(partial(store.newest, user_id), partial(store.between, user_id))
    return windows.page(reads, position, count)


def visible(viewer_id: str, hydrated: list[HydratedPost]) -> list[HydratedPost]:
    """What belongs into a home feed: visible posts of the viewer and of those the viewer follows and has not muted."""
    return [item for item in posts.visible(hydrated) if _belongs(viewer_id, item)]


def _belongs(viewer_id: str, item: HydratedPost) -> bool:
    author_id = item.author.user_id
    relationship = item.viewer.towards(author_id)
    return author_id == viewer_id or (relationship.following == "yes" and not relationship.muting)
