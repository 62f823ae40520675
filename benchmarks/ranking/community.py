"""A community with hidden tastes: who follows whom, who posts what, and how much each would like what.

What people like is known here and nowhere else: rankers see only what people do (`sessions`). Everything follows from
the seed, and nothing that is drawn here depends on how a feed is ranked.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

TYPES = ("image", "video", "carousel")
TOPICS = 12
FRIENDS = 5
# In hours: what happened today interests more than what happened yesterday.
NEWS_HALF_LIFE = 30.0
# In hours: half of the likes that a post will ever have, it has by then.
LIKES_HALF_LIFE = 8.0


@dataclass(frozen=True)
class Size:
    people: int = 240
    days: int = 16
    median_followees: int = 60
    posts_a_day: float = 0.6


@dataclass(frozen=True)
class Community:
    """People and posts by number. Posts are numbered by time, `made_at` in hours.

    `interest`: by viewer and post, 0 to 1, for a new post. `likes`, `comments`: of each post when it has all. `dwell`,
    `likes_it`, `comments_it`: luck by viewer and post, so that the same person meets the same post with the same luck
    whoever has ranked it.
    """

    follows: list[Ints]
    author: Ints
    made_at: Floats
    media_type: Ints
    interest: Floats
    likes: Floats
    comments: Floats
    dwell: Floats
    likes_it: Floats
    comments_it: Floats


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
    quality = rng.normal(0, 0.5, people)[author] + rng.normal(0, 0.8, posts)
    media_type = np.array([rng.choice(3, p=types) for types in rng.dirichlet([3, 1.5, 1.5], people)[author]])

    bond = rng.normal(0, 0.9, (people, people))
    for viewer, followees in enumerate(follows):
        bond[viewer, rng.choice(followees, FRIENDS, replace=False)] += 2.5
    logit = (
        -2.2
        + bond[:, author]
        + 2.5 * taste[:, topic] / taste.max(1, keepdims=True)
        + 0.8 * quality
        + rng.normal(0, 0.4, (people, 3))[:, media_type]
        + rng.normal(0, 0.6, (people, posts))
    )
    reach = 200 * fame[author]
    likes = reach * 0.1 / (1 + np.exp(-1.5 * quality)) * rng.lognormal(0, 0.4, posts)
    luck = rng.random((2, people, posts), dtype=np.float32)
    return Community(
        follows=follows,
        author=author,
        made_at=made_at,
        media_type=media_type,
        interest=(1 / (1 + np.exp(-logit))).astype(np.float32),
        likes=likes.astype(np.float32),
        comments=(likes * 0.05 * rng.lognormal(0, 0.4, posts)).astype(np.float32),
        dwell=rng.lognormal(0, 0.6, (people, posts)).astype(np.float32),
        likes_it=luck[0],
        comments_it=luck[1],
    )


def relevance(world: Community, viewer: int, posts: Ints, now: float) -> Floats:
    """How much the viewer wants to see these posts at that time (hours), for the first time; 0 to 1."""
    return world.interest[viewer, posts] * halved(now - world.made_at[posts], NEWS_HALF_LIFE)


def counts(world: Community, posts: Ints, now: float) -> tuple[Ints, Ints]:
    """The likes and comments that posts have at that time."""
    part = 1 - halved(now - world.made_at[posts], LIKES_HALF_LIFE)
    return (world.likes[posts] * part).astype(np.int64), (world.comments[posts] * part).astype(np.int64)


def halved(hours: Floats, half_life: float) -> Floats:
    """What is left of 1 after so many hours."""
    return np.exp2(-hours / half_life).astype(np.float32)


def _followees(rng: np.random.Generator, viewer: int, match: Floats, fame: Floats, size: Size) -> Ints:
    """Drawn by fame and taste; their number is skewed, too."""
    count = int(np.clip(rng.lognormal(np.log(size.median_followees), 0.5), 10, size.people // 2))
    pull = fame * np.exp(2 * match)
    pull[viewer] = 0
    return rng.choice(size.people, count, replace=False, p=pull / pull.sum())


def drawn_posts(rng: np.random.Generator, people: int, days: int, a_day: float) -> tuple[Ints, Floats]:
    """Authors and times of all posts, in the order of time; some people post much more than others."""
    rates = np.clip(rng.lognormal(np.log(a_day), 0.8, people), 0.05, 6)
    author = np.repeat(np.arange(people), rng.poisson(rates * days))
    made_at = rng.uniform(0, 24 * days, len(author))
    by_time = np.argsort(made_at)
    return author[by_time], made_at[by_time].astype(np.float32)
