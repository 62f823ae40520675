"""The home feed as it is read: candidates, ranked, and what the viewer may see of them."""

from functools import partial
from typing import Any

from functions.feed import candidates, encounters, features, weights, windows
from functions.feed.features import Tally
from functions.feed.hybrid import Feed
from functions.feed.model import Entry, Order
from functions.feed.weights import Ranking
from functions.feed.windows import Reads
from functions.posts import service as posts
from functions.posts.service import HydratedPost
from heliograph import clock, ids, limits, live, outbox, tables
from heliograph.events import PostsViewed, View
from heliograph.limits import Limit
from heliograph.observability import count as counted
from heliograph.reading import Skeleton
from heliograph.tables import Slice

__all__ = ["Order", "post_ids", "report_views", "visible"]

# A client reports a screen or two at a time; nobody scrolls faster for long.
VIEWS = Limit("feed-views", burst=60, per_second=0.5)


def post_ids(user_id: str, order: Order) -> Skeleton[str]:
    """The posts of a feed. Who reads it, and whom they pull, is looked up once for all that make up a page."""
    feed = live.read(Feed)
    reads: Reads | None = None

    def page(position: Any, count: int) -> Slice[str]:
        nonlocal reads
        reads = reads or candidates.reads(user_id, pull=feed.pull, visit=position is None)
        # A feed that was begun in one order goes on in it.
        latest = isinstance(position, str) if position else order == "latest" or not feed.ranked
        return (
            _latest(reads, position, count)
            if latest
            else windows.page(reads, partial(ranked, user_id), position, count)
        )

    return page


def ranked(user_id: str, entries: list[Entry]) -> list[str]:
    """The ids of these entries, best first, by the weights of the viewer's variant."""
    variant, chosen = weights.chosen(live.read(Ranking), user_id)
    counted(f"FeedRanked-{variant}")
    return features.ordered(entries, encounters.find(user_id), _tallies, clock.now(), chosen)


def report_views(user_id: str, views: list[View]) -> None:
    """Let it be known what somebody has looked at. Raises Exhausted, Unavailable."""
    limits.spend(VIEWS, user_id)
    outbox.publish(PostsViewed(user_id=user_id, views=views), event_id=ids.new_id())


def _latest(reads: Reads, position: str | None, count: int) -> Slice[str]:
    entries = reads.newest(position, count + 1)
    return tables.cut([entry.post_id for entry in entries], count, position=str)


def visible(viewer_id: str, hydrated: list[HydratedPost]) -> list[HydratedPost]:
    """What belongs into a home feed: visible posts of the viewer, and of those followed whose posts are not muted."""
    return [item for item in posts.visible(hydrated) if _belongs(viewer_id, item)]


def _tallies(post_ids: list[str]) -> dict[str, Tally]:
    return {
        post_id: Tally(post.media_type, post.like_count, post.comment_count)
        for post_id, post in posts.known(post_ids).items()
    }


def _belongs(viewer_id: str, item: HydratedPost) -> bool:
    author_id = item.author.user_id
    relationship = item.viewer.towards(author_id)
    return author_id == viewer_id or (relationship.following == "yes" and not relationship.muting_posts)
