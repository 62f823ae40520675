"""Finding people, posts, hashtags and places: the reading side."""

import re
from dataclasses import dataclass
from typing import Any

from functions.accounts.service import Profile
from functions.discovery import circles, labels, queries, search, store, unindexed
from functions.discovery.mappings import Kind
from functions.discovery.queries import NOBODY, Asked, Circle
from functions.discovery.search import Hit
from functions.graph import service as graph
from functions.posts import service as posts
from functions.posts.service import HydratedPost
from heliograph import clock, counters, plaintext, tables
from heliograph.errors import NotFound, Unavailable
from heliograph.tables import Slice

__all__ = [
    "HashtagCount",
    "Kind",
    "Place",
    "Suggestions",
    "found_hashtags",
    "found_ids",
    "found_places",
    "hashtag",
    "recent",
    "suggest",
    "top",
    "very_hashtag",
]

# How far a search can be paged: nobody reads on, and deep pages cost the index more with every step.
MAX_RESULTS = 1000
SUGGESTIONS = 8
SUGGESTED: tuple[Kind, ...] = ("users", "hashtags", "places")
MEANT_BY: dict[str, tuple[Kind, ...]] = {"@": ("users",), "#": ("hashtags",)}
TOP_WINDOW = 50
TAG = re.compile(r"[^#@]{1,100}")


@dataclass(frozen=True)
class HashtagCount:
    """A hashtag and how many posts carry it, as the index knows it: seconds old."""

    hashtag: str
    post_count: int


@dataclass(frozen=True)
class Place:
    """A place that posts name, and how many; degrees."""

    place_id: str
    name: str
    lat: float
    lon: float
    post_count: int


@dataclass(frozen=True)
class Suggestions:
    """`degraded`: found without the index."""

    users: list[Profile]
    hashtags: list[HashtagCount]
    places: list[Place]
    degraded: bool = False


def found_ids(kind: Kind, text: str, position: Any, count: int, circle: Circle = NOBODY) -> Slice[str]:
    """Ids of the users, posts, hashtags or places that fit what somebody typed, best first.

    The position is a rank, and the time as which the first page was made. Raises Unavailable when the index is down.
    """
    hits = _found(kind, text, position, count, circle)
    return Slice([hit.id for hit in hits.items], hits.next)


def found_hashtags(text: str, position: Any, count: int) -> Slice[HashtagCount]:
    """Hashtags that fit, best first. Raises Unavailable when the index is down."""
    hits = _found("hashtags", text, position, count)
    return Slice(list(map(_hashtag_count, hits.items)), hits.next)


def found_places(text: str, position: Any, count: int) -> Slice[Place]:
    """Places that fit, best first. Raises Unavailable when the index is down."""
    hits = _found("places", text, position, count)
    return Slice(list(map(_place, hits.items)), hits.next)


def very_hashtag(text: str) -> list[HashtagCount]:
    """The hashtag that was typed, if any post carries it; for which no index is needed."""
    tag = queries.tag(text)
    count = counters.total(labels.counter(tag)).value if tag else 0
    return [HashtagCount(tag, count)] if count else []


def suggest(viewer_id: str, text: str) -> Suggestions:
    """What the typed beginning may become: users after @, hashtags after #, else these and places."""
    kinds = MEANT_BY.get(text[0], SUGGESTED)
    try:
        return _suggested(viewer_id, kinds, text)
    except Unavailable:
        user_ids = unindexed.users(text, None, SUGGESTIONS).items if "users" in kinds else []
        tags = very_hashtag(text) if "hashtags" in kinds else []
        return Suggestions(_people(viewer_id, user_ids), tags, [], degraded=True)


def hashtag(text: str) -> HashtagCount:
    """A hashtag with the true number of its posts. Raises NotFound for what cannot be a hashtag."""
    tag = _tag(text)
    return HashtagCount(tag, counters.total(labels.counter(tag)).value)


def recent(text: str, position: Any, count: int) -> Slice[str]:
    """Ids of the posts with a hashtag, newest first. Raises NotFound for what cannot be a hashtag."""
    return tables.cut(store.newest(_tag(text), position, count + 1), count, position=str)


def top(viewer_id: str, text: str, limit: int) -> list[HydratedPost]:
    """The most liked of the newest posts with a hashtag. Raises NotFound for what cannot be a hashtag."""
    newest = store.newest(_tag(text), None, TOP_WINDOW)
    visible = posts.visible(posts.hydrate(viewer_id, newest))
    return sorted(visible, key=lambda item: item.post.like_count, reverse=True)[:limit]


def _suggested(viewer_id: str, kinds: tuple[Kind, ...], text: str) -> Suggestions:
    asked = Asked(text, clock.now(), circles.of(viewer_id))
    searches: list[tuple[Kind, queries.Query]] = [
        (kind, {**queries.BEGINNINGS[kind](asked), "size": SUGGESTIONS}) for kind in kinds
    ]
    hits = dict(zip(kinds, search.run(*searches), strict=True))
    return Suggestions(
        users=_people(viewer_id, [hit.id for hit in hits.get("users", [])]),
        hashtags=list(map(_hashtag_count, hits.get("hashtags", []))),
        places=list(map(_place, hits.get("places", []))),
    )


def _people(viewer_id: str, user_ids: list[str]) -> list[Profile]:
    return [person.profile for person in graph.visible_people(graph.hydrate_people(viewer_id, user_ids))]


def _found(kind: Kind, text: str, position: Any, count: int, circle: Circle = NOBODY) -> Slice[Hit]:
    start, at = position or (0, clock.iso(clock.now()))
    body = {**queries.BY_KIND[kind](Asked(text, clock.parse(at), circle)), "from": start, "size": count}
    [hits] = search.run((kind, body))
    end = start + count
    return Slice(hits, [end, at] if len(hits) == count and end + count <= MAX_RESULTS else None)


def _hashtag_count(hit: Hit) -> HashtagCount:
    return HashtagCount(hit.id, hit.source["postCount"])


def _place(hit: Hit) -> Place:
    point = hit.source["point"]
    return Place(hit.id, hit.source["name"], point["lat"], point["lon"], hit.source["postCount"])


def _tag(text: str) -> str:
    tag = queries.hashtag(text)
    if not TAG.fullmatch(tag) or plaintext.has_unseen(tag):
        raise NotFound
    return tag
