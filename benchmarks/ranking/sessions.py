"""People open their feeds, look, like and comment. What they do becomes events, as it does in production.

Each ranker lives through the same days with the same people: it orders the newest hundred posts of those whom they
follow, and learns from what they do with its own pages. Production's own code keeps that (`affinity`, `signals`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import SupportsFloat

import numpy as np

from benchmarks.ranking.community import TYPES, Community, Ints, counts, relevance
from functions.feed import affinity, signals
from functions.feed.affinity import Encounters
from functions.feed.features import Tally
from functions.feed.model import Entry
from functions.feed.windows import SIZE
from heliograph import ids
from heliograph.events import CommentAdded, DomainEvent, PostLiked, PostsViewed, View

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
PAGE = 20
# After each post, so many look at the next.
PATIENCE = 0.97
# What is left of the wish to see a post once it has been seen.
AGAIN = 0.1


@dataclass(frozen=True)
class Moment:
    """A feed about to be ranked: `posts` by number, the newest first, with all that a ranker may know of them."""

    viewer: int
    now: datetime
    posts: Ints
    entries: Sequence[Entry]
    encounters: Encounters
    tallies: Callable[[list[str]], dict[str, Tally]]
    # Hidden from all but the oracle.
    wanted: np.ndarray


# The order as places in `posts`.
Ranker = Callable[[Moment], Sequence[int]]


@dataclass
class Outcome:
    """By viewer: what each session of the counted days was worth."""

    ndcg: dict[int, list[float]] = field(default_factory=dict)
    seconds: dict[int, list[float]] = field(default_factory=dict)


def opened(seed: int, viewers: Iterable[int], days: int) -> list[tuple[float, int, int]]:
    """Sessions in the order of time: (hour, viewer, how many posts the viewer is going to look at)."""
    sessions: list[tuple[float, int, int]] = []
    for viewer in viewers:
        rng = np.random.default_rng([seed, viewer])
        times = rng.uniform(24, 24 * days, rng.poisson(rng.choice([1, 2, 3]) * (days - 1)))
        sessions += [(time, viewer, min(PAGE, rng.geometric(1 - PATIENCE))) for time in times]
    return sorted(sessions)


def live(world: Community, sessions: Sequence[tuple[float, int, int]], ranker: Ranker, counted_from: float) -> Outcome:
    """Let time pass. `counted_from`: the hour from which on sessions are counted; before, the ranker only learns."""
    outcome = Outcome()
    known: dict[int, Encounters] = {}
    seen: set[tuple[int, int]] = set()
    for hour, viewer, patience in sessions:
        moment = _moment(world, viewer, hour, known.get(viewer, {}), seen)
        if len(moment.posts) < PAGE:
            continue
        page = list(ranker(moment))[:PAGE]
        watched = page[:patience]
        looks = _looks(world, moment, watched)
        if hour >= counted_from:
            outcome.ndcg.setdefault(viewer, []).append(ndcg(moment.wanted, page))
            outcome.seconds.setdefault(viewer, []).append(sum(looks) / 1000)
        events = _events(world, moment, watched, looks)
        known[viewer] = affinity.merged(moment.encounters, _signals(world, events))
        seen |= {(viewer, int(moment.posts[place])) for place in watched}
    return outcome


def ndcg(wanted: np.ndarray, page: Sequence[int]) -> float:
    """Normalised discounted cumulated gain of a page; gain is linear. Järvelin and Kekäläinen, ACM TOIS 20(4), 2002."""
    discounts = 1 / np.log2(np.arange(2, len(page) + 2))
    ideal = np.sort(wanted)[::-1][: len(page)]
    return float(wanted[list(page)] @ discounts / (ideal @ discounts))


def _moment(world: Community, viewer: int, hour: float, encounters: Encounters, seen: set[tuple[int, int]]) -> Moment:
    until = int(np.searchsorted(world.made_at, hour))
    of_followees = np.isin(world.author[:until], world.follows[viewer])
    posts = np.flatnonzero(of_followees)[::-1][:SIZE]
    wanted = relevance(world, viewer, posts, hour)
    wanted = wanted * np.where([(viewer, int(post)) in seen for post in posts], AGAIN, 1.0)
    entries = [
        Entry(str(viewer), _id(world, post), str(world.author[post]), _time(world.made_at[post]), 1.0)
        for post in posts.tolist()
    ]

    def tallies(post_ids: list[str]) -> dict[str, Tally]:
        numbers = np.array([_number(post_id) for post_id in post_ids], dtype=np.int64)
        likes, comments = counts(world, numbers, hour)
        return {
            post_id: Tally(TYPES[world.media_type[number]], int(like), int(comment))
            for post_id, number, like, comment in zip(post_ids, numbers, likes, comments, strict=True)
        }

    return Moment(viewer, _time(hour), posts, entries, encounters, tallies, wanted)


def _looks(world: Community, moment: Moment, watched: Sequence[int]) -> list[int]:
    """Milliseconds for each post: longer where it is wanted more, and always by chance."""
    wanted = moment.wanted[list(watched)]
    luck = world.dwell[moment.viewer, moment.posts[list(watched)]]
    return [int(look) for look in np.clip((700 + 7000 * wanted) * luck, 100, 60_000)]


def _events(world: Community, moment: Moment, watched: Sequence[int], looks: Sequence[int]) -> list[DomainEvent]:
    user_id = str(moment.viewer)
    posts = [int(moment.posts[place]) for place in watched]
    views = [View(post_id=_id(world, post), milliseconds=look) for post, look in zip(posts, looks, strict=True)]
    events: list[DomainEvent] = [PostsViewed(user_id=user_id, views=views)]
    for post, wanted in zip(posts, moment.wanted[list(watched)], strict=True):
        if world.likes_it[moment.viewer, post] < 0.5 * wanted:
            events.append(PostLiked(post_id=_id(world, post), author_id=str(world.author[post]), user_id=user_id))
        if world.comments_it[moment.viewer, post] < 0.05 * wanted:
            comment = {"comment_id": _id(world, post), "post_author_id": str(world.author[post])}
            events.append(CommentAdded(**comment, post_id=_id(world, post), author_id=user_id))
    return events


def _signals(world: Community, events: Iterable[DomainEvent]) -> Iterable[tuple[affinity.Key, int]]:
    for event in events:
        _, strengths = signals.told(event)
        for post_id, strength in strengths.items():
            yield affinity.key(str(world.author[_number(post_id)]), post_id), strength


def _id(world: Community, post: int) -> str:
    """A UUIDv7 of the post's time that ends with its number."""
    return f"{ids.prefix_at(_time(world.made_at[post]))}-7000-8000-{post:012}"


def _number(post_id: str) -> int:
    return int(post_id[-12:])


def _time(hour: SupportsFloat) -> datetime:
    return BEGIN + timedelta(hours=float(hour))
