"""How like two posts are, and which of the posts that are like one make a good list. Pure.

    score = 1.0 picture + 1.0 topics + 0.4 words + 0.4 place + 0.2 liked + 0.1 new        each between 0 and 1

picture: see `pictures.nearness`.
topics: of the hashtags of the post in question those that both have, each weighing by its rarity.
words: of the longer words of its caption those that both have.
place: half for every PLACE_KM.
liked: log(1 + likes + 2 comments), 1 from a million on.
new: half for every NEW_DAYS.

What two posts have nothing in common of but being liked and new is not like.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, log1p, log2, radians, sin, sqrt
from typing import Any

from functions.discovery import pictures, words
from functions.posts.service import Location, Post
from heliograph import clock

PICTURE, TOPICS, WORDS, PLACE, LIKED, NEW = 1.0, 1.0, 0.4, 0.4, 0.2, 0.1
PLACE_KM = 5.0
NEW_DAYS = 30.0
MUCH_LIKED = log1p(1_000_000)
# What two posts must have in common at least: one of three words, one of ten hashtags, a place in the same town.
LEAST = 0.1

WORD = re.compile(r"#?[^\W_]+")
WORD_LENGTH = 5
MOST_WORDS = 8
FEWEST_WORDS = 3

PER_AUTHOR = 3

EARTH_RADIUS_KM = 6371.0
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Traits:
    """What a post is compared by. `look`: the perceptual hash of its first picture. `gist`: words of its caption."""

    post_id: str
    author_id: str
    created_at: datetime
    look: str | None
    hashtags: tuple[str, ...]
    gist: frozenset[str]
    place: tuple[float, float] | None
    likes: int
    comments: int


def of_post(post: Post, look: str | None) -> Traits:
    """The traits of a post as stored."""
    return Traits(
        post_id=post.post_id,
        author_id=post.user_id,
        created_at=post.created_at,
        look=look,
        hashtags=post.hashtags,
        gist=gist(post.caption),
        place=post.location and _point(post.location),
        likes=post.like_count,
        comments=post.comment_count,
    )


def of_document(post_id: str, document: Mapping[str, Any]) -> Traits:
    """The traits of a post as the index knows it; its fields are those of `documents.post`."""
    point = document["location"]["point"] if "location" in document else None
    return Traits(
        post_id=post_id,
        author_id=document["authorId"],
        created_at=clock.parse(document["createdAt"]),
        look=document.get("fingerprint"),
        hashtags=tuple(document["hashtags"]),
        gist=frozenset(document["gist"]),
        place=(point["lat"], point["lon"]) if point else None,
        likes=document["likeCount"],
        comments=document["commentCount"],
    )


def gist(caption: str) -> frozenset[str]:
    """The longest words of a caption, without case and accents; hashtags are compared as such.

    Posts are indexed with these, so a change of them needs a new generation of the index.
    """
    found = {words.folded(word) for word in WORD.findall(caption) if not word.startswith("#")}
    long = sorted((word for word in found if len(word) >= WORD_LENGTH), key=lambda word: (-len(word), word))
    return frozenset(long[:MOST_WORDS])


def rarity(post_count: int) -> float:
    """How much it tells that two posts have a hashtag in common: 1 for one that nobody else has, towards 0.

    As an inverse document frequency, but it does not depend on how many posts there are.
    """
    return 1 / log2(2 + post_count)


def likeness(one: Traits, other: Traits, rarities: Mapping[str, float]) -> float:
    """What a post has in common with the one in question. `rarities`: by hashtag of that one."""
    total = sum(rarities.values())
    shared = sum(weight for hashtag, weight in rarities.items() if hashtag in other.hashtags)
    said = len(one.gist & other.gist) / max(FEWEST_WORDS, len(one.gist))
    return (
        PICTURE * (pictures.nearness(one.look, other.look) if one.look and other.look else 0)
        + TOPICS * (shared / total if total else 0)
        + WORDS * said
        + PLACE * (2 ** (-kilometres(one.place, other.place) / PLACE_KM) if one.place and other.place else 0)
    )


def score(one: Traits, other: Traits, rarities: Mapping[str, float], now: datetime) -> float:
    """How good a post is in the list of those like another; 0 where it is not like it."""
    common = likeness(one, other, rarities)
    if common < LEAST:
        return 0
    liked = min(1.0, log1p(other.likes + 2 * other.comments) / MUCH_LIKED)
    return common + LIKED * liked + NEW * 2 ** (-max(0.0, (now - other.created_at) / DAY) / NEW_DAYS)


def best(
    one: Traits, others: Iterable[Traits], rarities: Mapping[str, float], now: datetime, most: int
) -> list[Traits]:
    """The posts that are most like one.

    No copy of its own picture is among them, any other picture is there once, and a few of each author at most.
    """
    scored = {other.post_id: (score(one, other, rarities, now), other) for other in others}
    ranked = sorted(scored.values(), key=lambda item: (item[0], item[1].post_id), reverse=True)
    return _diverse(one, [other for worth, other in ranked if worth > 0 and other.post_id != one.post_id], most)


def _diverse(one: Traits, ranked: Sequence[Traits], most: int) -> list[Traits]:
    own, seen = pictures.Seen(pictures.SAME), pictures.Seen(pictures.ALIKE)
    if one.look:
        own.add(one.look)
    chosen: list[Traits] = []
    authors: Counter[str] = Counter()
    for other in ranked:
        if len(chosen) == most:
            break
        if authors[other.author_id] == PER_AUTHOR:
            continue
        if other.look:
            if own.has(other.look) or seen.has(other.look):
                continue
            seen.add(other.look)
        chosen.append(other)
        authors[other.author_id] += 1
    return chosen


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance between two points (lat, lon) in degrees, by the haversine formula."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, point)) for point in (one, other))
    part = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(part)))


def _point(location: Location) -> tuple[float, float]:
    return location.lat, location.lon
