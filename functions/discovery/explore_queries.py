"""Where explore's candidates come from in the index, as OpenSearch queries. Pure.

Each source asks for a bounded number of posts of strangers that are young enough, and says what it needs of them, so
that no candidate is looked up anywhere else. As in `queries`, no score depends on statistics of the index: it is a sum
of steps of recency, of quarters for what fits, and of the likes' logarithm; equal scores are ordered newest first.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from heliograph import clock

Query = dict[str, Any]

# How old a candidate may be, and how many each source gives.
POPULAR_FOR, YOUNG_FOR, NEW_FOR = timedelta(days=3), timedelta(days=7), timedelta(days=2)
POPULAR, TRENDING, TOPICS, SIMILAR, CIRCLE, NEARBY, FRESH = 60, 40, 80, 40, 60, 40, 40
# A post is worth a step more for each of these ages that it has not reached: the likes of e times as many people.
STEPS = (timedelta(hours=6), timedelta(hours=12), timedelta(days=1), timedelta(days=2), timedelta(days=4))
# Who has come lately, or has few followers (known to the power of two), is a new author.
AUTHOR_NEW_FOR = timedelta(days=30)
FEW_FOLLOWERS = 64
# Posts similar to one that was liked have as many of its topics, if it has as many.
COMMON_TOPICS = 2
RADIUS_KM = 50

FIELDS = ["authorId", "hashtags", "likeCount", "commentCount", "authorFollowers", "authorSince"]


@dataclass(frozen=True)
class Place:
    """Degrees, WGS 84."""

    lat: float
    lon: float


@dataclass(frozen=True)
class Scope:
    """When is asked, and what is left out: authors, and posts, by id."""

    now: datetime
    authors: Collection[str] = field(default=())
    posts: Collection[str] = field(default=())


def popular(scope: Scope) -> Query:
    """What has most likes for its age."""
    return _liked(scope, [_since(scope, POPULAR_FOR)], POPULAR)


def trending(scope: Scope, hashtags: Iterable[str]) -> Query:
    """What carries a trending hashtag, and has most likes for its age."""
    return _liked(scope, [_since(scope, POPULAR_FOR), {"terms": {"hashtags": list(hashtags)}}], TRENDING)


def topics(scope: Scope, affinities: Mapping[str, float]) -> Query:
    """What has most of these topics, each counting as much as the affinity to it; quarters, four for an affinity of 1.

    Quarters are added exactly, in whichever order an engine does it.
    """
    fits = [_fits({"term": {"hashtags": topic}}, quarters(affinity)) for topic, affinity in affinities.items()]
    filters = [_since(scope, YOUNG_FOR), {"terms": {"hashtags": list(affinities)}}]
    return _search(_bool(scope, filters, [*fits, *_steps(scope)]), TOPICS)


def similar(scope: Scope, liked: Sequence[Sequence[str]]) -> Query:
    """What has topics in common with the posts that were liked. `liked`: the topics of each."""
    alike: list[Query] = [
        {
            "bool": {
                "should": [{"term": {"hashtags": topic}} for topic in of_one],
                "minimum_should_match": min(COMMON_TOPICS, len(of_one)),
            }
        }
        for of_one in liked
    ]
    filters: list[Query] = [_since(scope, YOUNG_FOR), {"bool": {"should": alike, "minimum_should_match": 1}}]
    return _search(_bool(scope, filters, [*(_fits(query, 1) for query in alike), *_steps(scope)]), SIMILAR)


def by_authors(scope: Scope, author_ids: Iterable[str]) -> Query:
    """The newest of these authors."""
    return _newest(scope, [_since(scope, YOUNG_FOR), {"terms": {"authorId": list(author_ids)}}], CIRCLE)


def nearby(scope: Scope, place: Place) -> Query:
    """What its author has placed near here, and has most likes for its age."""
    near: Query = {
        "geo_distance": {"distance": f"{RADIUS_KM}km", "location.point": {"lat": place.lat, "lon": place.lon}}
    }
    return _liked(scope, [_since(scope, YOUNG_FOR), near], NEARBY)


def fresh(scope: Scope) -> Query:
    """The newest of new authors."""
    new: list[Query] = [
        {"range": {"authorSince": {"gte": clock.iso(scope.now - AUTHOR_NEW_FOR)}}},
        {"range": {"authorFollowers": {"lt": FEW_FOLLOWERS}}},
    ]
    filters: list[Query] = [_since(scope, NEW_FOR), {"bool": {"should": new, "minimum_should_match": 1}}]
    return _newest(scope, filters, FRESH)


def quarters(affinity: float) -> float:
    """What a topic adds to a post's score."""
    return max(1, round(16 * affinity)) / 4


def _since(scope: Scope, age: timedelta) -> Query:
    return {"range": {"createdAt": {"gte": clock.iso(scope.now - age)}}}


def _steps(scope: Scope) -> list[Query]:
    return [_fits(_since(scope, age), 1) for age in STEPS]


def _fits(query: Query, score: float) -> Query:
    return {"constant_score": {"filter": query, "boost": score}}


def _bool(scope: Scope, filters: list[Query], should: list[Query]) -> Query:
    left_out: list[Query] = [
        {"terms": {name: list(values)}}
        for name, values in (("authorId", scope.authors), ("postId", scope.posts))
        if values
    ]
    return {"bool": {"filter": filters, "must_not": left_out, "should": should}}


def _liked(scope: Scope, filters: list[Query], size: int) -> Query:
    likes = {"field": "likeCount", "modifier": "ln2p", "missing": 0}
    query = _bool(scope, filters, _steps(scope))
    return _search({"function_score": {"query": query, "field_value_factor": likes, "boost_mode": "sum"}}, size)


def _newest(scope: Scope, filters: list[Query], size: int) -> Query:
    return {"query": _bool(scope, filters, []), "sort": [{"postId": "desc"}], "_source": FIELDS, "size": size}


def _search(query: Query, size: int) -> Query:
    return {"query": query, "sort": [{"_score": "desc"}, {"postId": "desc"}], "_source": FIELDS, "size": size}
