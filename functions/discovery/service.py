"""Finding people, posts and hashtags: the reading side."""

import re
from dataclasses import dataclass
from typing import Any

from functions.accounts.service import Profile
from functions.discovery import labels, queries, search, store
from functions.discovery.mappings import Kind
from functions.discovery.search import Hit
from functions.graph import service as graph
from functions.posts import service as posts
from functions.posts.service import HydratedPost
from heliograph import counters, plaintext, tables
from heliograph.errors import NotFound
from heliograph.tables import Slice

__all__ = ["HashtagCount", "Kind", "Suggestions", "found_hashtags", "found_ids", "hashtag", "recent", "suggest", "top"]

# How far a search can be paged: nobody reads on, and deep pages cost the index more with every step.
MAX_RESULTS = 1000
SUGGESTIONS = 8
TOP_WINDOW = 50
TAG = re.compile(r"[^#@]{1,100}")


@dataclass(frozen=True)
class HashtagCount:
    """A hashtag and how many posts carry it, as the index knows it: seconds old."""

    hashtag: str
    post_count: int


@dataclass(frozen=True)
class Suggestions:
    users: list[Profile]
    hashtags: list[HashtagCount]


def found_ids(kind: Kind, text: str, position: Any, count: int) -> Slice[str]:
    """Ids of the users, posts or hashtags that fit what somebody typed, best first; the position is a rank.

    Raises Unavailable when the index is down.
    """
    hits = _found(kind, text, position, count)
    return Slice([hit.id for hit in hits.items], hits.next)


def found_hashtags(text: str, position: Any, count: int) -> Slice[HashtagCount]:
    """Hashtags that fit, best first. Raises Unavailable when the index is down."""
    hits = _found("hashtags", text, position, count)
    return Slice(list(map(_hashtag_count, hits.items)), hits.next)


def suggest(viewer_id: str, text: str) -> Suggestions:
    """What the typed beginning may become: users after @, hashtags after #, else both. Raises Unavailable."""
    searches: list[tuple[Kind, queries.Query]] = []
    if not text.startswith("#"):
        searches.append(("users", queries.users_beginning(text, SUGGESTIONS)))
    if not text.startswith("@"):
        searches.append(("hashtags", queries.hashtags_beginning(text, SUGGESTIONS)))
    answers = search.run(*searches)
    hits = {kind: found for (kind, _), found in zip(searches, answers, strict=True)}
    people = graph.hydrate_people(viewer_id, [hit.id for hit in hits.get("users", [])])
    return Suggestions(
        users=[person.profile for person in graph.visible_people(people)],
        hashtags=list(map(_hashtag_count, hits.get("hashtags", []))),
    )


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


def _found(kind: Kind, text: str, position: Any, count: int) -> Slice[Hit]:
    start = position or 0
    body = {**queries.BY_KIND[kind](text), "from": start, "size": count}
    [hits] = search.run((kind, body))
    end = start + count
    return Slice(hits, end if len(hits) == count and end + count <= MAX_RESULTS else None)


def _hashtag_count(hit: Hit) -> HashtagCount:
    return HashtagCount(hit.id, hit.source["postCount"])


def _tag(text: str) -> str:
    tag = queries.hashtag(text)
    if not TAG.fullmatch(tag) or plaintext.has_unseen(tag):
        raise NotFound
    return tag
