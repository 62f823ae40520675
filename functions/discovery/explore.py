"""Explore: posts of strangers that somebody may like, in an order that is made for a first page and kept for an hour.

The pages after the first read that order, so nothing is repeated or left out whatever happens meanwhile. Where it has
expired, the list ends: what was shown is not known any more, and whoever asks anew gets a new order, without what they
say they have seen.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from functions.discovery import explore_sessions, exploring, sources
from functions.discovery.explore_queries import Place
from functions.discovery.explore_sessions import Session
from functions.discovery.explore_weights import Explore as ExploreDocument
from functions.posts import service as posts
from functions.posts.service import HydratedPost
from functions.posts.views import PostView, present
from heliograph import clock, ids, live
from heliograph.reading import Pipeline
from heliograph.tables import Slice

# Ten pages.
ORDERED = 200


class Explore:
    """A page of explore while it is put together. A position is None or {"session", "from"}: see above."""

    def __init__(self, user_id: str, place: Place | None = None) -> None:
        self._user_id = user_id
        self._place = place
        self._session: Session | None = None

    @property
    def degraded(self) -> bool:
        """Whether the order was made without the index."""
        return bool(self._session and self._session.degraded)

    def pages(self) -> Pipeline[str, HydratedPost, PostView]:
        return Pipeline(self.post_ids, partial(posts.hydrate, self._user_id), self.strange, present)

    def post_ids(self, position: Any, count: int) -> Slice[str]:
        """The next posts. The order is made, or read, once for all that make up a page."""
        if self._session is None:
            self._session = self._read(position["session"]) if position else self._begun(count)
        if self._session is None:
            return Slice([], None)
        start = position["from"] if position else 0
        shown = self._session.posts[start : start + count]
        more = start + count < len(self._session.posts)
        return Slice(list(shown), {"session": self._session.session_id, "from": start + count} if more else None)

    def strange(self, hydrated: list[HydratedPost]) -> list[HydratedPost]:
        """What may be seen, of others whom the viewer neither follows nor mutes."""
        return [item for item in posts.visible(hydrated) if self._is_strange(item)]

    def _is_strange(self, item: HydratedPost) -> bool:
        author_id = item.author.user_id
        relationship = item.viewer.towards(author_id)
        return author_id != self._user_id and relationship.following != "yes" and not relationship.muting_posts

    def _read(self, session_id: str) -> Session | None:
        return explore_sessions.find(self._user_id, session_id, clock.now())

    def _begun(self, count: int) -> Session:
        now, session_id = clock.now(), ids.new_id()
        weights = live.read(ExploreDocument).weights
        viewer = sources.known(self._user_id, self._place, now, weights)
        found, degraded = sources.candidates(viewer, self._place, now)
        order = exploring.order(found, viewer.person, now, weights, seed=session_id, count=ORDERED)
        session = Session(session_id, _ids(order), degraded)
        if len(order) > count:
            explore_sessions.begin(self._user_id, session)
        return session


def _ids(order: Sequence[exploring.Candidate]) -> list[str]:
    return [candidate.post_id for candidate in order]
