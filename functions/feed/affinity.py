"""What an account makes of others: how dear each author is to it, from its encounters with their posts.

An encounter is one post of one author, met once or often, with the strongest sign of interest that was given: a glance,
a long look, a like, a comment; or a visit to the author's profile, by the day. Encounters are merged by taking the
stronger one, and a bounded number is kept: those that are the newest when each is credited with time for its strength.
Both are a join of a semilattice (Shapiro et al., "Conflict-free Replicated Data Types", 2011): signals may come twice,
late and in any order, and the same is kept.

What is kept also says which posts have been seen.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from functions.feed.weights import Weights
from heliograph import clock, ids

# Strengths are whole percentages: they are compared, and must be equal where they are the same.
SEEN, VISITED, LIKED, COMMENTED = 0, 80, 80, 100
# A look alone comes near this, and is worth half of it at HALF_LOOK.
LOOKED, HALF_LOOK_MS = 70, 4000

# Encounters that are kept of each account: two days of one who looks at two hundred posts a day; likes stay longer.
KEPT = 400
# So much longer is the strongest encounter kept than one of no strength.
CREDIT = timedelta(days=60)

DAY = timedelta(days=1)

# The author, and when the post was made, in whole seconds since 1970: an author's posts of one second count as one.
Key = tuple[str, int]
# By key, the strength.
Encounters = Mapping[Key, int]


def key(author_id: str, post_id: str) -> Key:
    return author_id, clock.epoch(ids.created_at(post_id))


def visit(author_id: str, at: datetime) -> Key:
    """The key of visits to an author's profile: those of one day count once."""
    return author_id, clock.epoch(at.replace(hour=0, minute=0, second=0, microsecond=0))


def look(milliseconds: int) -> int:
    """The strength of a look: it saturates, because a telephone may lie there, showing a post to nobody."""
    return round(LOOKED * milliseconds / (milliseconds + HALF_LOOK_MS))


def merged(known: Encounters, signals: Iterable[tuple[Key, int]]) -> Encounters:
    """Encounters with signals added: of each the strongest, and of all those that are KEPT."""
    found = dict(known)
    for met, strength in signals:
        found[met] = max(strength, found.get(met, SEEN))
    return dict(sorted(found.items(), key=_lasting)[-KEPT:])


def affinities(encounters: Encounters, now: datetime, weights: Weights) -> dict[str, float]:
    """The affinity to each author met, 0 to 1; that to all others is `weights.prior`.

    The mean strength of the encounters, each weighing half as much for every half-life of its post's age, and shrunk
    towards the prior: a Bayesian average, as of a beta distribution with the prior's encounters.
    """
    half_life = weights.memory_half_life_days * DAY.total_seconds()
    sums: dict[str, tuple[float, float]] = {}
    for (author_id, made_at), strength in encounters.items():
        evidence = 2.0 ** (-max(0.0, now.timestamp() - made_at) / half_life)
        weight, total = sums.get(author_id, (weights.prior_encounters, weights.prior_encounters * weights.prior))
        sums[author_id] = weight + evidence, total + evidence * strength / 100
    return {author_id: total / weight for author_id, (weight, total) in sums.items()}


def _lasting(encounter: tuple[Key, int]) -> tuple[float, Key]:
    """The order in which encounters are forgotten."""
    (author_id, made_at), strength = encounter
    return made_at + CREDIT.total_seconds() * strength / 100, (author_id, made_at)
