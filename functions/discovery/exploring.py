"""The order of explore: a pure function of what is known of each candidate and of the viewer.

What a candidate is worth is a product of powers, written as its logarithm to the base 2, as in the ranked feed
(`functions/feed/ranking.py`), so that each signal says how many half-lives of age it makes up for:

    worth = topic weight * log2(topic) + author weight * log2(author) + circle weight * circle + trend weight * trend
            + quality weight * log2(quality) - age / half-life

- Topic is the mean affinity to the two dearest of the post's topics, author the affinity to its author.
- Circle says how much those whom the viewer likes best follow the author, 0 to 1; trend, how much the dearest of its
  topics is trending, 0 to 1.
- Quality is the engagement by those who can have seen the post, smoothed towards the typical share r as by m people:
  (likes + weight * comments + m r) / (exposure + m), where the exposure is the followers of its author and a few more,
  of whom half have come by after eight hours.

Nobody's taste is known at first: then topic, author and circle are the same for all posts, and what is good and liked
now leads. Posts are placed one after the other, each the best that is left when handicaps are taken off for authors,
topics and sources that stand above it already: greedy maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998).

Each k-th place is for exploration: one of the best posts of uncertain worth (of new authors, or without a topic that
the viewer has met), dealt by a hash of the session, so that the same session is ordered the same.
"""

import math
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.discovery.explore_weights import Weights
from heliograph import ids

# Of a post's topics, as many count.
TOPICS_COUNTED = 2
LEAST_AFFINITY = 0.01
# The share of engagement that is typical, as how many people's it counts, who comes by beside followers, and
# after how many hours half of them have.
TYPICAL, TYPICAL_PEOPLE = 0.05, 100
PASSERS_BY = 50
EXPOSED_HALF_LIFE_HOURS = 8
# How far up topics and sources are looked at.
LOOKED_AT = 6
# Among how many of the best uncertain posts chance decides.
DEALT = 20

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Candidate:
    """A post as its sources know it."""

    post_id: str
    author_id: str
    topics: tuple[str, ...]
    likes: int
    comments: int
    author_followers: int
    sources: frozenset[str]


@dataclass(frozen=True)
class Person:
    """What is known of the viewer. `topics`, `authors`: affinities, 0 to 1; those to all others are the priors.

    `circle`: how much an author is followed by whom they like best. `trends`: of hashtags, 0 to 1.
    """

    topics: Mapping[str, float] = field(default_factory=dict[str, float])
    authors: Mapping[str, float] = field(default_factory=dict[str, float])
    author_prior: float = 0.2
    circle: Mapping[str, float] = field(default_factory=dict[str, float])
    trends: Mapping[str, float] = field(default_factory=dict[str, float])


# Compared by identity: nothing else is meant, and the loops below do it often.
@dataclass(frozen=True, eq=False)
class _Rated:
    candidate: Candidate
    worth: float
    topics: frozenset[str]


def worth(candidate: Candidate, person: Person, now: datetime, weights: Weights) -> float:
    """What a post is worth by itself, in half-lives of age: see above. Only differences matter."""
    age = max(0.0, (now - ids.created_at(candidate.post_id)) / HOUR)
    engagement = candidate.likes + weights.likes_per_comment * candidate.comments
    return (
        weights.topic * _log(_topic(candidate, person, weights))
        + weights.author * _log(person.authors.get(candidate.author_id, person.author_prior))
        + weights.circle * person.circle.get(candidate.author_id, 0.0)
        + weights.trend * max((person.trends.get(topic, 0.0) for topic in candidate.topics), default=0.0)
        + weights.quality * math.log2(quality(engagement, candidate.author_followers, age))
        - age / weights.half_life_hours
    )


def quality(engagement: float, followers: int, age_hours: float) -> float:
    """The share of those who can have seen a post that have liked it: see above."""
    come = 1 - 2.0 ** (-age_hours / EXPOSED_HALF_LIFE_HOURS)
    exposure = (followers + PASSERS_BY) * come
    return (engagement + TYPICAL_PEOPLE * TYPICAL) / (exposure + TYPICAL_PEOPLE)


def order(
    candidates: Sequence[Candidate], person: Person, now: datetime, weights: Weights, *, seed: str, count: int
) -> list[Candidate]:
    """The best `count` candidates in their order. `seed`: deals the places for exploration."""
    waiting = _rated(candidates, person, now, weights)
    placed: list[_Rated] = []
    shown = Counter[str]()
    while waiting and len(placed) < count:
        dealt = (len(placed) + 1) % weights.uncertain_every == 0 and _dealt(waiting, person, seed)
        best = dealt or _best(waiting, placed, shown, weights)
        waiting.remove(best)
        placed.append(best)
        shown[best.candidate.author_id] += 1
    return [item.candidate for item in placed]


def is_uncertain(candidate: Candidate, person: Person) -> bool:
    """Whether little is known of what the post is worth to the viewer."""
    return "fresh" in candidate.sources or not any(topic in person.topics for topic in candidate.topics)


def _topic(candidate: Candidate, person: Person, weights: Weights) -> float:
    known = sorted((person.topics.get(topic, weights.prior) for topic in candidate.topics), reverse=True)
    counted = known[:TOPICS_COUNTED] or [weights.prior]
    return sum(counted) / len(counted)


def _log(affinity: float) -> float:
    return math.log2(max(affinity, LEAST_AFFINITY))


def _rated(candidates: Sequence[Candidate], person: Person, now: datetime, weights: Weights) -> list[_Rated]:
    rated = [_Rated(one, worth(one, person, now, weights), frozenset(one.topics)) for one in candidates]
    return sorted(rated, key=lambda item: (item.worth, item.candidate.post_id), reverse=True)


def _dealt(waiting: Sequence[_Rated], person: Person, seed: str) -> _Rated | None:
    uncertain = [item for item in waiting if is_uncertain(item.candidate, person)][:DEALT]
    return min(uncertain, key=lambda item: zlib.crc32(f"{seed}{item.candidate.post_id}".encode()), default=None)


def _best(rated: Sequence[_Rated], placed: Sequence[_Rated], shown: Counter[str], weights: Weights) -> _Rated:
    """The first of the best after their handicaps. `rated`: by falling worth."""
    above = placed[-LOOKED_AT:]
    best, reached = rated[0], -math.inf
    for item in rated:
        if item.worth <= reached:
            break
        reduced = item.worth - _handicap(item, above, shown, weights)
        if reduced > reached:
            best, reached = item, reduced
    return best


def _handicap(item: _Rated, above: Sequence[_Rated], shown: Counter[str], weights: Weights) -> float:
    same_topic = sum(1 for other in above if not item.topics.isdisjoint(other.topics))
    same_source = sum(1 for other in above if not item.candidate.sources.isdisjoint(other.candidate.sources))
    return (
        weights.same_author * shown[item.candidate.author_id]
        + weights.same_topic * same_topic
        + weights.same_source * same_source
    )
