"""Searches for people whom one might want to follow, as OpenSearch queries. Pure.

Scores are sums of constants and of what a document says of itself; equals are ordered by id.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from heliograph import clock

Query = dict[str, Any]

AUTHORS, FAMOUS = 40, 40
# Who has not posted for longer is not active.
ACTIVE_FOR = timedelta(days=90)
# As much as a hundred times as many followers.
VERIFIED = 4.6


def writing_of(topics: Mapping[str, float], without: Collection[str], now: datetime) -> Query:
    """Of each author the post with most of these hashtags, by the affinity to each. `without`: authors to leave out."""
    hints = [
        {"constant_score": {"filter": {"term": {"hashtags": hashtag}}, "boost": affinity}}
        for hashtag, affinity in topics.items()
    ]
    lately = {"range": {"createdAt": {"gte": clock.iso(now - ACTIVE_FOR)}}}
    return {
        "query": {
            "bool": {
                "should": hints,
                "minimum_should_match": 1,
                "filter": [lately],
                "must_not": [{"terms": {"authorId": sorted(without)}}],
            }
        },
        "collapse": {"field": "authorId"},
        "sort": [{"_score": "desc"}, {"postId": "desc"}],
        "size": AUTHORS,
        "_source": ["authorId", "hashtags"],
    }


def famous(without: Collection[str]) -> Query:
    """The public accounts with the most followers, verified ones first among equals. `without`: whom to leave out."""
    known = {
        "bool": {"filter": [{"term": {"isPrivate": False}}], "must_not": [{"terms": {"userId": sorted(without)}}]},
    }
    functions: list[Query] = [
        {"field_value_factor": {"field": "followerCount", "modifier": "ln2p", "missing": 0}},
        {"filter": {"term": {"isVerified": True}}, "weight": VERIFIED},
    ]
    return {
        "query": {
            "function_score": {
                "query": known,
                "functions": functions,
                "score_mode": "sum",
                "boost_mode": "replace",
            }
        },
        "sort": [{"_score": "desc"}, {"userId": "asc"}],
        "size": FAMOUS,
        "_source": ["followerCount", "isVerified"],
    }
