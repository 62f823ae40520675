"""What somebody likes: how much each topic is to them, from the posts that they have met. Pure.

A topic is a hashtag. A post met is kept with its topics and the strongest sign of interest that was given: a glance, a
long look, a like, a comment (`functions/feed/affinity.py` says what each is worth). Posts met are merged by taking the
stronger sign, and a bounded number is kept: those that are the newest when each is credited with time for its strength.
Both are a join of a semilattice (Shapiro et al., "Conflict-free Replicated Data Types", 2011): signals may come twice,
late and in any order, and the same is kept.

A post without hashtags tells of no topic, and is not kept. A like that is taken back was interest all the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from heliograph import ids

# With TOPIC_BYTES for each, what is kept of one person has 10 KB at most.
KEPT = 150
TOPIC_BYTES = 48
# So much longer is the strongest sign kept than a glance.
CREDIT = timedelta(days=60)

# From this strength on somebody likes a post: a like, a comment.
LIKED = 80

DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Met:
    """A post that somebody has met. `strength`: whole per cent."""

    strength: int
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Memory:
    """How fast what was met is forgotten, and what is thought of a topic that has not been met yet.

    `prior`: the affinity to such a topic; it counts as `prior_posts` posts do.
    """

    half_life_days: float = 14.0
    prior: float = 0.15
    prior_posts: float = 2.0


# By id of the post.
Tastes = Mapping[str, Met]


def topics_of(hashtags: Iterable[str]) -> tuple[str, ...]:
    """The hashtags that are kept of a post: the first of those that fit."""
    kept: list[str] = []
    left = TOPIC_BYTES
    for hashtag in hashtags:
        size = len(hashtag.encode()) + (1 if kept else 0)
        if size <= left:
            kept.append(hashtag)
            left -= size
    return tuple(kept)


def merged(known: Tastes, signals: Iterable[tuple[str, Met]]) -> Tastes:
    """Tastes with signals added: of each post the strongest, and of all those that are KEPT."""
    found = dict(known)
    for post_id, met in signals:
        if met.topics:
            found[post_id] = max(met, found.get(post_id, met))
    return dict(sorted(found.items(), key=_lasting)[-KEPT:])


def topics(tastes: Tastes, now: datetime, memory: Memory | None = None) -> dict[str, float]:
    """The affinity to each topic met, 0 to 1; that to all others is the memory's prior.

    The mean strength of the posts met with a topic, each weighing half as much for every half-life of its age, and
    shrunk towards the prior: a Bayesian average, as of a beta distribution with the prior's posts.
    """
    memory = memory or Memory()
    sums: dict[str, tuple[float, float]] = {}
    for post_id, met in tastes.items():
        age = max(0.0, (now - ids.created_at(post_id)) / DAY)
        evidence = 2.0 ** (-age / memory.half_life_days)
        for topic in met.topics:
            weight, total = sums.get(topic, (memory.prior_posts, memory.prior_posts * memory.prior))
            sums[topic] = weight + evidence, total + evidence * met.strength / 100
    return {topic: total / weight for topic, (weight, total) in sums.items()}


def dearest(affinities: Mapping[str, float], above: float, count: int) -> dict[str, float]:
    """The `count` greatest affinities above a bound, the greatest first; equals by name."""
    liked = [(name, affinity) for name, affinity in affinities.items() if affinity > above]
    return dict(sorted(liked, key=lambda item: (-item[1], item[0]))[:count])


def lately_liked(tastes: Tastes, count: int) -> list[Met]:
    """The newest posts that were liked."""
    liked = sorted((post_id for post_id, met in tastes.items() if met.strength >= LIKED), reverse=True)
    return [tastes[post_id] for post_id in liked[:count]]


def _lasting(item: tuple[str, Met]) -> tuple[float, str]:
    """The order in which posts are forgotten."""
    post_id, met = item
    return (ids.created_at(post_id) + CREDIT * met.strength / 100).timestamp(), post_id
