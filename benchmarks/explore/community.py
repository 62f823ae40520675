"""A community with hidden tastes over topics: who follows whom, who posts what under which hashtags, and how much each
would like what.

What people like is known here and nowhere else: rankers see only what people do (`sessions`). Everything follows from
the seed, and nothing that is drawn here depends on what explore shows. Hashtags are a noisy sign of a post's topic:
some posts have none, some have one of another topic, and most have some that say nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import SupportsFloat

import numpy as np
from numpy.typing import NDArray

from benchmarks.ranking.community import LIKES_HALF_LIFE, Floats, Ints, drawn_posts, halved
from heliograph import ids

Flags = NDArray[np.bool_]

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)

TOPICS, TAGS_OF_TOPIC, GENERIC_TAGS, EVENTS = 14, 8, 8, 6
UNTAGGED, MISTAGGED, EVENT_TAGGED = 0.12, 0.3, 0.12
EVENT_HOURS = 48.0
# In hours: what happened today interests more than what happened days ago, of strangers less so than of friends.
NEWS_HALF_LIFE = 72.0


@dataclass(frozen=True)
class Size:
    people: int = 400
    days: int = 18
    median_followees: int = 40
    posts_a_day: float = 0.6


@dataclass(frozen=True)
class Community:
    """People and posts by number. Posts are numbered by time, `made_at` in hours.

    `interest`: by viewer and post, 0 to 1, for a new post. `luck`: by viewer and post, so that the same person meets
    the same post with the same luck whoever shows it. `tagged`: by post and hashtag. `since`: when people joined.
    """

    follows: list[Ints]
    author: Ints
    made_at: Floats
    tags: list[str]
    tagged: Flags
    tags_of: list[tuple[str, ...]]
    followers: Ints
    since: Floats
    interest: Floats
    likes: Floats
    comments: Floats
    dwell: Floats
    luck: Floats


def community(seed: int, size: Size) -> Community:
    rng = np.random.default_rng(seed)
    people = size.people
    taste = rng.dirichlet(np.full(TOPICS, 0.25), people)
    mix = rng.dirichlet(np.full(TOPICS, 0.15), people)
    # A power law: a few are followed by most.
    fame = rng.pareto(1.2, people) + 0.1
    follows = [_followees(rng, viewer, taste[viewer] @ mix.T, fame, size) for viewer in range(people)]

    author, made_at = drawn_posts(rng, size.people, size.days, size.posts_a_day)
    posts = len(author)
    topic = np.array([rng.choice(TOPICS, p=mix[person]) for person in author])
    event = _events(rng, made_at, size)
    tags, tagged = _tags(rng, topic, event)
    quality = rng.normal(0, 0.5, people)[author] + rng.normal(0, 0.8, posts)

    logit = (
        -3.3
        + rng.normal(0, 0.6, (people, people))[:, author]
        + 3.0 * taste[:, topic] / taste.max(1, keepdims=True)
        + 0.8 * quality
        + 0.8 * (event >= 0)
        + rng.normal(0, 0.5, (people, posts))
    )
    reach = 200 * fame[author]
    likes = reach * 0.1 / (1 + np.exp(-1.5 * quality)) * rng.lognormal(0, 0.4, posts)
    return Community(
        follows=follows,
        author=author,
        made_at=made_at,
        tags=tags,
        tagged=tagged,
        tags_of=[tuple(tags[tag] for tag in np.flatnonzero(row)) for row in tagged],
        followers=(200 * fame).astype(np.int64),
        since=np.where(rng.random(people) < 0.15, 0, -24 * 365.0) + rng.uniform(-24 * 20, 0, people),
        interest=(1 / (1 + np.exp(-logit))).astype(np.float32),
        likes=likes.astype(np.float32),
        comments=(likes * 0.05 * rng.lognormal(0, 0.4, posts)).astype(np.float32),
        dwell=rng.lognormal(0, 0.6, (people, posts)).astype(np.float32),
        luck=rng.random((people, posts), dtype=np.float32),
    )


def wanted(world: Community, viewer: int, posts: Ints, now: float) -> Floats:
    """How probably the viewer likes each of these posts at that time (hours), on meeting it for the first time."""
    return world.interest[viewer, posts] * halved(now - world.made_at[posts], NEWS_HALF_LIFE)


def counts(world: Community, posts: Ints, now: float) -> tuple[Ints, Ints]:
    """The likes and comments that posts have at that time."""
    part = 1 - halved(now - world.made_at[posts], LIKES_HALF_LIFE)
    return (world.likes[posts] * part).astype(np.int64), (world.comments[posts] * part).astype(np.int64)


def post_id(world: Community, post: int) -> str:
    """A UUIDv7 of the post's time that ends with its number."""
    return f"{ids.prefix_at(time_of(world.made_at[post]))}-7000-8000-{post:012}"


def number_of(known_id: str) -> int:
    return int(known_id[-12:])


def time_of(hour: SupportsFloat) -> datetime:
    return BEGIN + timedelta(hours=float(hour))


def _followees(rng: np.random.Generator, viewer: int, match: Floats, fame: Floats, size: Size) -> Ints:
    """Drawn by fame and taste; their number is skewed, too."""
    count = int(np.clip(rng.lognormal(np.log(size.median_followees), 0.5), 8, size.people // 3))
    pull = fame * np.exp(2 * match)
    pull[viewer] = 0
    return rng.choice(size.people, count, replace=False, p=pull / pull.sum())


def _events(rng: np.random.Generator, made_at: Floats, size: Size) -> Ints:
    """What everybody talks about for two days: the number of it for each post, -1 for most."""
    begins = rng.uniform(0, 24 * size.days - EVENT_HOURS, EVENTS)
    running = (made_at[:, None] >= begins) & (made_at[:, None] < begins + EVENT_HOURS)
    about = running.any(1) & (rng.random(len(made_at)) < EVENT_TAGGED)
    return np.where(about, running.argmax(1), -1)


def _tags(rng: np.random.Generator, topic: Ints, event: Ints) -> tuple[list[str], Flags]:
    of_topics = [f"topic{number}tag{tag}" for number in range(TOPICS) for tag in range(TAGS_OF_TOPIC)]
    names = [*of_topics, *(f"generic{tag}" for tag in range(GENERIC_TAGS)), *(f"event{tag}" for tag in range(EVENTS))]
    tagged = np.zeros((len(topic), len(names)), dtype=bool)
    usual = 1 / np.arange(1, TAGS_OF_TOPIC + 1)
    usual /= usual.sum()
    for post, of in enumerate(topic):
        if event[post] >= 0:
            tagged[post, len(of_topics) + GENERIC_TAGS + event[post]] = True
        if rng.random() < UNTAGGED:
            continue
        tagged[post, of * TAGS_OF_TOPIC + rng.choice(TAGS_OF_TOPIC, rng.integers(1, 4), replace=False, p=usual)] = True
        if rng.random() < MISTAGGED:
            tagged[post, rng.integers(len(of_topics))] = True
        tagged[post, len(of_topics) + rng.choice(GENERIC_TAGS, rng.integers(0, 3), replace=False)] = True
    return names, tagged
