"""The order of the ranked feed: a pure function of what is known of each candidate.

What a candidate is worth is a product of powers, written as its logarithm to the base 2, so that each signal says how
many half-lives of age it makes up for:

    worth = affinity weight * log2(affinity) - age / half-life + velocity weight * log2(1 + velocity)
            + favourite weight (where the author is one) - seen weight (where the viewer has seen the post)

- Affinity, weight and decay multiply as in EdgeRank (Facebook, f8 2010).
- Velocity is the engagement per hour, smoothed like Hacker News' rank: (likes + comments) / (age + 2 h).

Then posts are placed one after the other, each the best that is left when a handicap is taken off for what stands
above it already: greedy maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998).
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from functions.feed.weights import Weights

# As in Hacker News' (points - 1) / (hours + 2)^1.8: keeps the first like of a new post from being a storm.
VELOCITY_HOURS = 2
LEAST_AFFINITY = 0.01
# How many of the posts above are to be of other types.
TYPES_LOOKED_AT = 2

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Candidate:
    """A post that may come next. `affinity`: the viewer's to the author, 0 to 1. `seen`: by the viewer.

    What has not been looked up counts as not there: no likes and comments, no type.
    """

    post_id: str
    author_id: str
    created_at: datetime
    affinity: float
    favourite: bool = False
    seen: bool = False
    likes: int = 0
    comments: int = 0
    media_type: str | None = None


# Compared by identity: nothing else is meant, and the loops below do it often.
@dataclass(frozen=True, eq=False)
class _Rated:
    candidate: Candidate
    worth: float


def worth(candidate: Candidate, now: datetime, weights: Weights) -> float:
    """What a post is worth by itself, in half-lives of age: see above. Only differences matter."""
    age = max(0.0, (now - candidate.created_at) / HOUR)
    velocity = (candidate.likes + weights.likes_per_comment * candidate.comments) / (age + VELOCITY_HOURS)
    return (
        weights.affinity * math.log2(max(candidate.affinity, LEAST_AFFINITY))
        - age / weights.half_life_hours
        + weights.velocity * math.log2(1 + velocity)
        + weights.favourite * candidate.favourite
        - weights.seen * candidate.seen
    )


def by_worth(candidates: Sequence[Candidate], now: datetime, weights: Weights) -> list[Candidate]:
    """All candidates, those of most worth first, whatever stands beside them."""
    return [item.candidate for item in _rated(candidates, now, weights)]


def order(
    candidates: Sequence[Candidate], now: datetime, weights: Weights, above: Sequence[Candidate] = ()
) -> list[Candidate]:
    """All candidates, best first; no author twice in a row where that can be avoided, and types mixed.

    `above`: those that stand above them already. The order depends on the candidates alone, not on the sequence in
    which they come: of equals, the newer id leads.
    """
    waiting = _rated(candidates, now, weights)
    left = Counter(candidate.author_id for candidate in candidates)
    placed = [*above]
    shown = Counter(candidate.author_id for candidate in above)
    while waiting:
        best = _best(_admissible(waiting, placed, left), placed, shown, weights)
        waiting.remove(best)
        placed.append(best.candidate)
        left[best.candidate.author_id] -= 1
        shown[best.candidate.author_id] += 1
    return placed[len(above) :]


def _rated(candidates: Sequence[Candidate], now: datetime, weights: Weights) -> list[_Rated]:
    rated = [_Rated(candidate, worth(candidate, now, weights)) for candidate in candidates]
    return sorted(rated, key=lambda item: (item.worth, item.candidate.post_id), reverse=True)


def _admissible(waiting: list[_Rated], placed: list[Candidate], left: Counter[str]) -> list[_Rated]:
    """Those that may come next without, now or later, an author twice in a row; all, where there are none.

    Whoever has written more than half of what is left must come at every other place from here on.
    """
    last = placed[-1].author_id if placed else None
    most, count = max(left.items(), key=itemgetter(1))
    if 2 * count > len(waiting) and most != last:
        return [item for item in waiting if item.candidate.author_id == most]
    return [item for item in waiting if item.candidate.author_id != last] or waiting


def _best(rated: list[_Rated], placed: list[Candidate], shown: Counter[str], weights: Weights) -> _Rated:
    """The first of the best after their handicaps. `rated`: by falling worth."""
    types = [candidate.media_type for candidate in placed[-TYPES_LOOKED_AT:]]
    best, reached = rated[0], -math.inf
    for item in rated:
        if item.worth <= reached:
            break
        candidate = item.candidate
        alike = types.count(candidate.media_type) if candidate.media_type else 0
        handicap = weights.same_author * shown[candidate.author_id] + weights.same_type * alike
        if item.worth - handicap > reached:
            best, reached = item, item.worth - handicap
    return best
