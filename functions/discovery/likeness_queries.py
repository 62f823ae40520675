"""Searches for posts that may be like another, as OpenSearch queries. Pure.

They find; `likeness` decides. Scores are sums of constants, so they depend on the document alone; equals are ordered by
id.
"""

from collections.abc import Collection, Mapping
from typing import Any

from functions.discovery import likeness, pictures
from functions.discovery.likeness import Traits

Query = dict[str, Any]

# How many of each kind are compared.
LOOKED_ALIKE, SPOKE_ALIKE = 100, 150
PLACE_RADIUS = "15km"
# What `likeness.of_document` reads.
COMPARED = (
    *("authorId", "createdAt", "fingerprint", "hashtags", "gist"),
    *("location.point", "likeCount", "commentCount"),
)


def counts(hashtags: Collection[str]) -> Query:
    """How many posts each of these hashtags has."""
    found = {"constant_score": {"filter": {"terms": {"hashtag": list(hashtags)}}}}
    return {"query": found, "size": len(hashtags), "_source": ["postCount"]}


def looking_like(one: Traits, look: str, without: Collection[str]) -> Query:
    """The posts whose pictures agree in most bands with a perceptual hash. `without`: authors to leave out."""
    bands = [_worth({"terms": {"bands": terms}}, 1) for terms in pictures.near_bands(look)]
    return _search(one, bands, without, LOOKED_ALIKE)


def speaking_like(one: Traits, rarities: Mapping[str, float], without: Collection[str]) -> Query:
    """The posts with hashtags and words of this one, or made near it. `without`: authors to leave out."""
    total = sum(rarities.values())
    hints = [
        _worth({"term": {"hashtags": hashtag}}, likeness.TOPICS * weight / total)
        for hashtag, weight in rarities.items()
    ]
    hints += [
        _worth({"term": {"gist": word}}, likeness.WORDS / max(likeness.FEWEST_WORDS, len(one.gist)))
        for word in sorted(one.gist)
    ]
    if one.place:
        lat, lon = one.place
        near = {"geo_distance": {"distance": PLACE_RADIUS, "location.point": {"lat": lat, "lon": lon}}}
        hints.append(_worth(near, likeness.PLACE / 2))
    return _search(one, hints or [{"match_none": {}}], without, SPOKE_ALIKE)


def _worth(query: Query, score: float) -> Query:
    return {"constant_score": {"filter": query, "boost": score}}


def _search(one: Traits, hints: list[Query], without: Collection[str], size: int) -> Query:
    left_out: list[Query] = [{"term": {"postId": one.post_id}}]
    if without:
        left_out.append({"terms": {"authorId": sorted(without)}})
    return {
        "query": {"bool": {"should": hints, "minimum_should_match": 1, "must_not": left_out}},
        "sort": [{"_score": "desc"}, {"postId": "desc"}],
        "size": size,
        "_source": list(COMPARED),
    }
