"""Rankers to compare: production's, those that it has to beat, and one that knows what people want."""

from collections.abc import Collection, Sequence
from functools import partial

import numpy as np

from benchmarks.explore.community import Community, Ints, counts, number_of, wanted
from benchmarks.explore.sessions import PAGE, Moment, Ranker
from functions.discovery import exploring, interests, sources
from functions.discovery.explore_weights import Weights
from functions.discovery.exploring import Person
from functions.discovery.sources import Known
from functions.feed.affinity import affinities
from functions.feed.service import Acquaintance
from functions.feed.weights import Weights as FeedWeights

FEED_WEIGHTS = FeedWeights()


def popularity(world: Community, *, days: float, half_life_hours: float | None = None) -> Ranker:
    """The most engaged posts of strangers, unseen, of the last days; with a half-life: for their age."""

    def rank(moment: Moment) -> Sequence[int]:
        posts = _strange(world, moment, days)
        likes, comments = counts(world, posts, moment.hour)
        worth = np.log2(1.0 + likes + 3 * comments)
        if half_life_hours:
            worth -= (moment.hour - world.made_at[posts]) / half_life_hours
        return posts[np.argsort(-worth, kind="stable")[:PAGE]].tolist()

    return rank


def oracle(world: Community) -> Ranker:
    """What the viewer likes most probably, first."""

    def rank(moment: Moment) -> Sequence[int]:
        posts = _strange(world, moment, 7)
        return posts[np.argsort(-wanted(world, moment.viewer, posts, moment.hour), kind="stable")[:PAGE]].tolist()

    return rank


def production(world: Community, weights: Weights, without: Collection[str] = ()) -> Ranker:
    """The very candidates and order that explore has. `without`: sources that are left out."""
    return partial(_produced, world, weights, frozenset(without))


def _produced(world: Community, weights: Weights, without: frozenset[str], moment: Moment) -> Sequence[int]:
    viewer = _known(world, weights, moment)
    asked = sources.asking(viewer, None, moment.now)
    hits = {source: moment.index.search(query) for source, query in asked.items() if source not in without}
    found = [candidate for candidate in sources.merged(hits) if viewer.is_new(candidate)]
    order = exploring.order(found, viewer.person, moment.now, weights, seed=moment.session, count=PAGE)
    return [number_of(candidate.post_id) for candidate in order]


def _known(world: Community, weights: Weights, moment: Moment) -> Known:
    """What `sources.known` reads from tables."""
    dear = affinities(moment.encounters, moment.now, FEED_WEIGHTS)
    acquaintance = Acquaintance(dear, FEED_WEIGHTS.prior, moment.encounters)
    # In key order, as the table of follows has them.
    followees = sorted(map(str, moment.followees))[: sources.FOLLOWEES]
    friends = sources.favourites(followees, acquaintance)
    followed = {
        (friend, affinity): sorted(map(str, world.follows[int(friend)]))[: sources.FOLLOWED_BY_EACH]
        for friend, affinity in friends.items()
    }
    return Known(
        user_id=str(moment.viewer),
        tastes=moment.tastes,
        acquaintance=acquaintance,
        followees=frozenset(followees),
        person=Person(
            topics=interests.topics(moment.tastes, moment.now, weights.memory),
            authors=dear,
            author_prior=FEED_WEIGHTS.prior,
            circle=sources.befriended(followed, {str(moment.viewer), *followees}),
            trends=moment.trends,
        ),
        topic_prior=weights.prior,
    )


def _strange(world: Community, moment: Moment, days: float) -> Ints:
    """Posts of the last days of whom the viewer does not follow, unseen; the newest first."""
    since, until = np.searchsorted(world.made_at, [moment.hour - 24 * days, moment.hour])
    posts = np.arange(since, until)[::-1]
    known = np.isin(world.author[posts], [moment.viewer, *moment.followees])
    return posts[~known & ~np.isin(posts, list(moment.seen))]
