"""The order of the ranked feed: a pure function of what an entry holds.

An entry is worth `score * 2^(-age / HALF_LIFE)`: affinity that halves with every half-life. Only the order matters, and
the logarithm keeps it: log2(score) - age / HALF_LIFE. The age's "now" is the same for all entries, so it drops out, and
what is left never changes. A page can therefore be continued at any later time without repeats.
"""

import math
from datetime import timedelta

from functions.feed.model import Entry

HALF_LIFE = timedelta(hours=12)

Rank = tuple[float, str]


def rank(entry: Entry) -> Rank:
    """Higher comes first. Unit: half-lives since 1970; an entry with half the affinity counts as 12 hours older."""
    age = entry.created_at.timestamp() / HALF_LIFE.total_seconds()
    return math.log2(entry.score) + age, entry.post_id


def ranked(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=rank, reverse=True)
