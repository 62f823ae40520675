"""The home feed as it is read: candidates, ranked, and what the viewer may see of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from functions.feed import affinity, candidates, encounters, features, weights, windows
from functions.feed.affinity import Encounters
from functions.feed.attention import Attention, paid
from functions.feed.features import Known, Tally
from functions.feed.hybrid import Feed
from functions.feed.model import Entry, Order
from functions.feed.weights import Ranking
from functions.feed.windows import Reads
from functions.posts import service as posts
from functions.posts.service import HydratedPost, Post
from heliograph import clock, ids, limits, live, outbox, tables
from heliograph.events import PostsViewed, ProfilesVisited, View
from heliograph.limits import Limit
from heliograph.observability import count as counted
from heliograph.tables import Slice

__all__ = ["Acquaintance", "Attention", "Home", "Order", "acquaintance", "newest_of", "paid", "report_views"]

# A client reports a screen or two at a time; nobody scrolls faster for long.
VIEWS = Limit("feed-views", burst=60, per_second=0.5)


class Home:
    """A page of somebody's home feed while it is put together: what ranking has read is not read again to be shown."""

    def __init__(self, user_id: str, order: Order) -> None:
        self._user_id = user_id
        self._order = order
        self._feed = live.read(Feed)
        self._reads: Reads | None = None
        self._known: dict[str, Post] = {}

    def post_ids(self, position: Any, count: int) -> Slice[str]:
        """The next posts. Who reads them, and whom they pull, is looked up once for all that make up a page.

        A position is None (the top) or {"turn", "place"}: see `candidates`, and for the place `windows` and `_latest`.
        """
        turn, place = (position["turn"], position["place"]) if position else (candidates.turn(clock.now()), None)
        reads = self._reads = self._reads or candidates.reads(
            self._user_id, turn, pull=self._feed.pull, visit=position is None
        )
        page = self._page(reads, place, count)
        return Slice(page.items, page.next and {"turn": turn, "place": page.next})

    def _page(self, reads: Reads, place: Any, count: int) -> Slice[str]:
        # A feed that was begun in one order goes on in it.
        if isinstance(place, str) if place else self._order == "latest" or not self._feed.ranked:
            return _latest(reads, place, count)
        return windows.page(reads, partial(self._ranked, reads.favourites), place, count)

    def hydrate(self, post_ids: list[str]) -> list[HydratedPost]:
        return posts.hydrate_feed(self._user_id, post_ids, self._known)

    def visible(self, hydrated: list[HydratedPost]) -> list[HydratedPost]:
        """What belongs into a home feed: visible posts of the viewer, and of those followed and not muted."""
        return [item for item in posts.visible(hydrated) if _belongs(self._user_id, item)]

    def _ranked(self, favourites: frozenset[str], entries: list[Entry]) -> list[str]:
        """The ids of these entries, best first, by the weights of the viewer's variant."""
        variant, chosen = weights.chosen(live.read(Ranking), self._user_id)
        counted(f"FeedRanked-{variant}")
        known = Known(encounters.find(self._user_id), favourites)
        return features.ordered(entries, known, self._tallies, clock.now(), chosen)

    def _tallies(self, post_ids: list[str]) -> dict[str, Tally]:
        self._known |= posts.known(post_ids)
        return {
            post_id: Tally(post.media_type, post.like_count, post.comment_count)
            for post_id, post in self._known.items()
        }


@dataclass(frozen=True)
class Acquaintance:
    """What somebody has met so far. `affinities`: to each author met, 0 to 1; `prior`: to all others."""

    affinities: Mapping[str, float]
    prior: float
    encounters: Encounters

    def has_met(self, author_id: str, post_id: str) -> bool:
        return affinity.key(author_id, post_id) in self.encounters


def acquaintance(user_id: str, now: datetime) -> Acquaintance:
    """Whom and what somebody has met, for one and a half read units at most."""
    _, chosen = weights.chosen(live.read(Ranking), user_id)
    met = encounters.find(user_id)
    return Acquaintance(affinity.affinities(met, now, chosen), chosen.prior, met)


def newest_of(author_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The ids of each author's newest posts, the newest first; half a read unit each, where not read just before."""
    return {author_id: timeline.posts for author_id, timeline in candidates.seen.get(author_ids).items()}


def report_views(user_id: str, views: list[View], profile_ids: list[str]) -> None:
    """Let it be known which posts and profiles somebody has looked at. Raises Exhausted, Unavailable."""
    limits.spend(VIEWS, user_id)
    if views:
        outbox.publish(PostsViewed(user_id=user_id, views=views), event_id=ids.new_id())
    if profile_ids:
        visited = ProfilesVisited(user_id=user_id, profile_ids=profile_ids, visited_at=clock.now())
        outbox.publish(visited, event_id=ids.new_id())


def _latest(reads: Reads, before: str | None, count: int) -> Slice[str]:
    entries = reads.newest(before, count + 1)
    return tables.cut([entry.post_id for entry in entries], count, position=str)


def _belongs(viewer_id: str, item: HydratedPost) -> bool:
    author_id = item.author.user_id
    relationship = item.viewer.towards(author_id)
    return author_id == viewer_id or (relationship.following == "yes" and not relationship.muting_posts)
