"""People to follow: who they are, and why. See `acquainting`.

What is read does not grow with the number of people one follows or is followed by: FRIENDS of those whom one follows,
FOLLOWEES of each of them, FOLLOWERS of one's own, and of the index the best few.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from functions.discovery import acquainting, acquainting_queries, dismissals, interests, remainder, search, tastes
from functions.discovery.acquainting import Fame, Friend, Signals
from functions.discovery.acquainting_queries import Query
from functions.discovery.mappings import Kind
from functions.discovery.remainder import Ordered, Remainder
from functions.discovery.search import Hit
from functions.feed import service as feed
from functions.graph import service as graph
from functions.graph.service import Person
from heliograph import batches, clock
from heliograph.errors import Invalid, NotFound, Unavailable

FRIENDS, FOLLOWEES, FOLLOWERS = 8, 50, 60
# More, because some of them are not followed any more, or show their lists to nobody.
ASKED = 12
# Of whom one follows so many are left out from the start; the others are when they are read.
KNOWN = 200
TOPICS = 8


@dataclass(frozen=True)
class Suggestion:
    """Somebody to follow. `signals`: what speaks for them, as far as the viewer may know it."""

    person: Person
    signals: Signals


@dataclass(frozen=True)
class _Gathered:
    signals: Mapping[str, Signals]
    degraded: bool


class People:
    """A page of suggestions for somebody while it is put together."""

    def __init__(self, viewer_id: str) -> None:
        self._viewer_id = viewer_id
        self.list = Remainder(self._ordered)

    def hydrate(self, user_ids: list[str]) -> list[Suggestion]:
        people = graph.hydrate_people(self._viewer_id, user_ids)
        gathered = self._gathered.signals
        return [Suggestion(one, gathered.get(one.profile.user_id, Signals())) for one in people]

    def _ordered(self) -> Ordered:
        # Twice as many, so that a list is not empty for who has dismissed much.
        ranked = acquainting.ordered(self._gathered.signals)[: 2 * remainder.MOST]
        dismissed = dismissals.among(self._viewer_id, ranked)
        chosen = [one for one in ranked if one not in dismissed][: remainder.MOST]
        return Ordered(chosen, self._gathered.degraded)

    @cached_property
    def _gathered(self) -> _Gathered:
        """What speaks for whom. Read anew for each page, so that each tells only what the viewer may know now."""
        me, now = self._viewer_id, clock.now()
        known = graph.followees(me, None, KNOWN).items
        without = {me, *known, *graph.blocks_with(me)}
        followed_by = _followed_by(_friends(me, known, now)).items()
        followers = graph.followers_seen_by(me, me)(None, FOLLOWERS).items
        try:
            authors, famous = _indexed(me, without, now)
            degraded = False
        except Unavailable:
            authors, famous, degraded = {}, {}, True
        found = acquainting.together(followed_by, followers, authors, famous)
        return _Gathered({one: signals for one, signals in found.items() if one not in without}, degraded)


def suggested(suggestions: list[Suggestion]) -> list[Suggestion]:
    """Whom the viewer may be told to follow, and why: who is to be seen, and has nothing to do with them yet. Pure."""
    told = [_told(item) for item in suggestions if _is_new(item.person)]
    return [item for item in told if item.signals != Signals()]


def dismiss(me: str, other: str) -> None:
    """Do not suggest somebody any more. Raises NotFound, Invalid (myself)."""
    if me == other:
        raise Invalid.field("userId", "this is your own account")
    if not graph.visible_people(graph.hydrate_people(me, [other])):
        raise NotFound
    dismissals.put(me, other)


def welcome(me: str, other: str) -> None:
    """Take a dismissal back."""
    dismissals.delete(me, other)


def _is_new(person: Person) -> bool:
    relationship = person.viewer.towards(person.profile.user_id)
    return (
        bool(graph.visible_people([person]))
        and person.profile.user_id != person.viewer.user_id
        and relationship.following == "no"
        and not relationship.muting
    )


def _told(item: Suggestion) -> Suggestion:
    """The suggestion as far as the viewer may know why, and as it is true by now.

    Nothing is told of the posts of who shows them to others alone, and nobody is well known for having none.
    """
    profile, signals = item.person.profile, item.signals
    if not graph.may_view(item.person.viewer, profile, "followers"):
        signals = replace(signals, topics={})
    if not profile.post_count:
        signals = replace(signals, fame=None)
    return Suggestion(item.person, signals)


def _friends(me: str, known: list[str], now: datetime) -> list[Friend]:
    """The dearest of those whom somebody follows, and whose lists they may see."""
    met = feed.acquaintance(me, now)
    dear = interests.dearest(met.affinities, met.prior, ASKED)
    people = graph.hydrate_people(me, list(dict.fromkeys([*dear, *known]))[:ASKED])
    return [
        Friend(person.profile.user_id, person.profile.username, person.profile.following_count)
        for person in people
        if _is_friend(person) and graph.may_view(person.viewer, person.profile, "followers")
    ][:FRIENDS]


def _is_friend(person: Person) -> bool:
    relationship = person.viewer.towards(person.profile.user_id)
    return relationship.following == "yes" and not relationship.muting


def _followed_by(friends: list[Friend]) -> dict[Friend, list[str]]:
    """Whom each of them follows, as far as it is read."""
    lists = batches.at_once(lambda friend: graph.followees(friend.user_id, None, FOLLOWEES).items, friends)
    return dict(zip(friends, lists, strict=True))


def _indexed(me: str, without: set[str], now: datetime) -> tuple[Mapping[str, Mapping[str, float]], Mapping[str, Fame]]:
    """Authors by what they write of that somebody likes, and who is well known. Raises Unavailable."""
    topics = interests.dearest(interests.topics(tastes.find(me), now), interests.Memory().prior, TOPICS)
    searches: list[tuple[Kind, Query]] = [("users", acquainting_queries.famous(without))]
    if topics:
        searches.append(("posts", acquainting_queries.writing_of(topics, without, now)))
    famous, *written = search.run(*searches)
    authors = {hit.source["authorId"]: _shared(hit, topics) for hits in written for hit in hits}
    return authors, {hit.id: Fame(hit.source["followerCount"], hit.source["isVerified"]) for hit in famous}


def _shared(hit: Hit, topics: Mapping[str, float]) -> dict[str, float]:
    return {hashtag: affinity for hashtag, affinity in topics.items() if hashtag in hit.source["hashtags"]}
