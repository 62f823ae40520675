"""What is known of a feed's entries when they are ranked, and the order that follows from it.

Likes and comments stand on the posts, and reading a post costs as much as reading ten entries. So all entries are
ordered by what they and the viewer's encounters tell, and only the posts of the best are looked up: those of the first
page, which are needed for showing it anyway.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from functions.feed import affinity, ranking
from functions.feed.affinity import Encounters
from functions.feed.model import Entry
from functions.feed.ranking import Candidate
from functions.feed.weights import Weights

SHORTLIST = 20


@dataclass(frozen=True)
class Tally:
    """What a post tells about itself."""

    media_type: str
    likes: int
    comments: int


@dataclass(frozen=True)
class Known:
    """What is known of the viewer. `favourites`: authors of whose posts they want to be told."""

    encounters: Encounters
    favourites: Collection[str] = frozenset()


LookUp = Callable[[list[str]], Mapping[str, Tally]]


def ordered(entries: Sequence[Entry], known: Known, look_up: LookUp, now: datetime, weights: Weights) -> list[str]:
    """The ids of all these posts, best first. `look_up`: the tallies of posts by id; it may leave some out."""
    candidates = ranking.by_worth(_candidates(entries, known, now, weights), now, weights)
    best, rest = candidates[:SHORTLIST], candidates[SHORTLIST:]
    tallies = look_up([candidate.post_id for candidate in best])
    first = ranking.order([_counted(candidate, tallies.get(candidate.post_id)) for candidate in best], now, weights)
    return [candidate.post_id for candidate in (*first, *ranking.order(rest, now, weights, above=first))]


def _candidates(entries: Sequence[Entry], known: Known, now: datetime, weights: Weights) -> list[Candidate]:
    dear = affinity.affinities(known.encounters, now, weights)
    return [
        Candidate(
            post_id=entry.post_id,
            author_id=entry.creator_id,
            created_at=entry.created_at,
            affinity=dear.get(entry.creator_id, weights.prior),
            favourite=entry.creator_id in known.favourites,
            seen=affinity.key(entry.creator_id, entry.post_id) in known.encounters,
        )
        for entry in entries
    ]


def _counted(candidate: Candidate, tally: Tally | None) -> Candidate:
    if tally is None:
        return candidate
    return replace(candidate, media_type=tally.media_type, likes=tally.likes, comments=tally.comments)
