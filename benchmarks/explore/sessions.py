"""People open explore, look and like. What they do becomes events, as it does in production.

Each ranker lives through the same days with the same people, and learns from what they do with its own pages, and with
their home feeds, which are the same for all. Production's own code keeps what is learnt, finds and orders.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from benchmarks.explore.community import Community, Ints, post_id, time_of, wanted
from benchmarks.explore.index import Index
from functions.discovery import interests
from functions.discovery.interests import Met, Tastes
from functions.feed import affinity, signals
from functions.feed.affinity import Encounters
from heliograph.events import CommentAdded, DomainEvent, PostLiked, PostsViewed, View

PAGE = 20
# After each post, so many look at the next.
PATIENCE = 0.95
# How many posts of their home feed people look at before they come to explore.
FEED = 8
# Of those who would like a post when they see it, as many comment on it.
COMMENTING = 0.08
TREND_HOURS, BASELINE_HOURS = 12, 120
TRENDS = 10


@dataclass(frozen=True)
class Moment:
    """Explore about to be opened: all that a ranker may know."""

    viewer: int
    now: datetime
    hour: float
    session: str
    index: Index
    followees: Sequence[int]
    tastes: Tastes
    encounters: Encounters
    seen: frozenset[int]
    trends: dict[str, float]


# The page, as posts by number.
Ranker = Callable[[Moment], Sequence[int]]


@dataclass
class Outcome:
    """By viewer: the share of hits on each page of the counted days."""

    hits: dict[int, list[float]] = field(default_factory=dict)


@dataclass
class _Life:
    """What is remembered of one person."""

    tastes: Tastes = field(default_factory=dict[str, Met])
    encounters: Encounters = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)


def opened(seed: int, viewers: Iterable[int], days: int) -> list[tuple[float, int, int]]:
    """Sessions in the order of time: (hour, viewer, how many posts the viewer is going to look at)."""
    sessions: list[tuple[float, int, int]] = []
    for viewer in viewers:
        rng = np.random.default_rng([seed, viewer])
        times = rng.uniform(72, 24 * days, rng.poisson(rng.choice([0.5, 1, 1.5]) * (days - 3)))
        sessions += [(time, viewer, min(PAGE, rng.geometric(1 - PATIENCE))) for time in times]
    return sorted(sessions)


def live(world: Community, sessions: Sequence[tuple[float, int, int]], ranker: Ranker, counted_from: float) -> Outcome:
    """Let time pass. `counted_from`: the hour from which on sessions are counted; before, the ranker only learns."""
    outcome = Outcome()
    lives: dict[int, _Life] = {}
    scene = _Scene(world)
    for hour, viewer, patience in sessions:
        life = lives.setdefault(viewer, _Life())
        _watch(world, life, viewer, hour, _feed(world, life, viewer, hour))
        moment = _moment(scene, life, viewer, hour, world.follows[viewer].tolist())
        page = list(ranker(moment))[:PAGE]
        if hour >= counted_from:
            outcome.hits.setdefault(viewer, []).append(hit_share(world, viewer, hour, page, life.seen))
        _watch(world, life, viewer, hour, page[:patience])
    return outcome


def first_visits(world: Community, visits: Sequence[tuple[float, int, int]], ranker: Ranker) -> Outcome:
    """Pages for people who have just come: who follow nobody, and of whom nothing is known."""
    outcome = Outcome()
    scene = _Scene(world)
    for hour, viewer, _ in visits:
        page = list(ranker(_moment(scene, _Life(), viewer, hour, [])))[:PAGE]
        outcome.hits.setdefault(viewer, []).append(hit_share(world, viewer, hour, page, set()))
    return outcome


def hit_share(world: Community, viewer: int, hour: float, page: Sequence[int], seen: set[int]) -> float:
    """The share of a full page that the viewer would like: posts of strangers, seen for the first time."""
    posts = np.array([post for post in page if post not in seen], dtype=np.int64)
    return float(_liked(world, viewer, posts, hour).sum()) / PAGE


class _Scene:
    """The world, with snapshots of what trends, one for each hour."""

    def __init__(self, world: Community) -> None:
        self.world = world
        self._known: dict[int, dict[str, float]] = {}

    def trends(self, hour: float) -> dict[str, float]:
        if int(hour) not in self._known:
            self._known[int(hour)] = trending(self.world, int(hour))
        return self._known[int(hour)]


def trending(world: Community, hour: float) -> dict[str, float]:
    """What a snapshot of trending hashtags says: the burst of distinct authors over what is usual, as shares."""
    now = _authors(world, hour - TREND_HOURS, hour)
    before = _authors(world, hour - TREND_HOURS - BASELINE_HOURS, hour - TREND_HOURS)
    scores = {
        tag: (count - usual) / (usual + 1) ** 0.5
        for tag, count in now.items()
        if count > 1 and count > (usual := before.get(tag, 0) * TREND_HOURS / BASELINE_HOURS)
    }
    best = interests.dearest(scores, 0.0, TRENDS)
    return {tag: score / max(best.values()) for tag, score in best.items()}


def _authors(world: Community, start: float, end: float) -> Counter[str]:
    first, last = np.searchsorted(world.made_at, [start, end])
    pairs = {(tag, int(world.author[post])) for post in range(first, last) for tag in world.tags_of[post]}
    return Counter(tag for tag, _ in pairs)


def _moment(scene: _Scene, life: _Life, viewer: int, hour: float, followees: Sequence[int]) -> Moment:
    return Moment(
        viewer=viewer,
        now=time_of(hour),
        hour=hour,
        session=f"{viewer}/{hour}",
        index=Index(scene.world, hour),
        followees=followees,
        tastes=life.tastes,
        encounters=life.encounters,
        seen=frozenset(life.seen),
        trends=scene.trends(hour),
    )


def _feed(world: Community, life: _Life, viewer: int, hour: float) -> list[int]:
    """The newest posts of the home feed that have not been seen."""
    until, since = np.searchsorted(world.made_at, [hour, hour - 72])
    posts = np.arange(since, until)
    posted = posts[np.isin(world.author[posts], world.follows[viewer])][::-1].tolist()
    return [post for post in posted if post not in life.seen][:FEED]


def _liked(world: Community, viewer: int, posts: Ints, hour: float) -> np.ndarray:
    return world.luck[viewer, posts] < wanted(world, viewer, posts, hour)


def _watch(world: Community, life: _Life, viewer: int, hour: float, watched: Sequence[int]) -> None:
    """Look at posts, like some, and let it be remembered by production's own rules."""
    if not watched:
        return
    for event in _events(world, viewer, np.array(watched), hour):
        _, strengths = signals.told(event)
        numbers = {one: int(one[-12:]) for one in strengths}
        life.encounters = affinity.merged(
            life.encounters,
            [(affinity.key(str(world.author[numbers[one]]), one), strength) for one, strength in strengths.items()],
        )
        life.tastes = interests.merged(
            life.tastes,
            [
                (one, Met(strength, interests.topics_of(world.tags_of[numbers[one]])))
                for one, strength in strengths.items()
            ],
        )
    life.seen |= set(watched)


def _events(world: Community, viewer: int, watched: Ints, hour: float) -> list[DomainEvent]:
    user_id = str(viewer)
    looks = np.clip((700 + 7000 * wanted(world, viewer, watched, hour)) * world.dwell[viewer, watched], 100, 60_000)
    views = [
        View(post_id=post_id(world, int(post)), milliseconds=int(look))
        for post, look in zip(watched, looks, strict=True)
    ]
    events: list[DomainEvent] = [PostsViewed(user_id=user_id, views=views)]
    for post, liked in zip(watched.tolist(), _liked(world, viewer, watched, hour), strict=True):
        shown, author_id = post_id(world, post), str(world.author[post])
        if liked:
            events.append(PostLiked(post_id=shown, author_id=author_id, user_id=user_id))
        if world.luck[viewer, post] < COMMENTING * wanted(world, viewer, np.array([post]), hour)[0]:
            events.append(CommentAdded(comment_id=shown, post_id=shown, post_author_id=author_id, author_id=user_id))
    return events
