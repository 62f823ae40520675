"""Push or pull: from how many followers on an author's posts are no longer written into every feed, but read by all.

Money decides. For one author with F followers, of whom the same share is active as of all U users, per active follower
and day:

    push   saves  w * p                 p posts a day, each one write unit
    pull   adds   r * v * m / 2         v pages a day, each half a read unit for the author's timeline, if it is not in
                                        the process already: m is the share of such misses

w and r are the prices of a write and of a read unit. A process that serves q pages a second sees the author on q F / U
of them, and keeps the timeline for T seconds; a cache that forgets after T has the share of misses 1 / (1 + rate * T)
for random arrivals (Jung, Berger and Balakrishnan, "Modeling TTL-based Internet Caches", INFOCOM 2003). So pulling is
as cheap as pushing where

    w p = r v / (2 (1 + q T F / U))     that is   F = U / (q T) * (r v / (2 w p) - 1)
"""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from heliograph import live

# Between crossing and crossing back, so that an author at the threshold does not swing.
BACK = 0.8


@dataclass(frozen=True)
class Assumptions:
    """What the threshold is derived from, per day and per second.

    Prices: DynamoDB on demand, us-east-1, dollars per million units, 2026. `pages_per_day`: of an active user;
    `posts_per_day`: of a large author. `pages_per_second`: of one warm process, which serves one request at a time.
    """

    write_dollars: float = 0.625
    read_dollars: float = 0.125
    users: float = 500e6
    pages_per_day: float = 12
    posts_per_day: float = 1
    pages_per_second: float = 4
    kept_seconds: float = 10


def threshold(assumed: Assumptions) -> int:
    """Followers from which pulling is cheaper than pushing; 0 where it always is."""
    of_one_miss = assumed.read_dollars * assumed.pages_per_day / 2
    of_one_push = assumed.write_dollars * assumed.posts_per_day
    seen = assumed.pages_per_second * assumed.kept_seconds / assumed.users
    return max(0, round((of_one_miss / of_one_push - 1) / seen))


class Feed(live.Document):
    """How feeds are made, and what is left out of them when the platform is under strain.

    `pull`: whether pages look at timelines of large authors; `ranked`: whether there is any order but the latest.
    """

    name: ClassVar[str] = "feed"
    threshold: int = Field(default=threshold(Assumptions()), ge=1)
    pull: bool = True
    ranked: bool = True


def is_large(followers: int, limit: int, *, was: bool) -> bool:
    """Whether an author's posts are pulled. `was`: whether they were so far."""
    return followers >= (limit * BACK if was else limit)
