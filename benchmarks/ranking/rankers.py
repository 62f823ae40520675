"""Rankers to compare: production's, the plain ones that it has to beat, and one that knows what people want."""

from collections.abc import Sequence

import numpy as np

from benchmarks.ranking.sessions import Moment, Ranker
from functions.feed import features
from functions.feed.features import Known
from functions.feed.weights import Weights


def recency(moment: Moment) -> Sequence[int]:
    """The newest first, as with `order=latest`."""
    return range(len(moment.posts))


def popularity(moment: Moment) -> Sequence[int]:
    """The most liked first."""
    tallies = moment.tallies([entry.post_id for entry in moment.entries])
    return np.argsort([-tallies[entry.post_id].likes for entry in moment.entries], kind="stable").tolist()


def unseen_first(moment: Moment) -> Sequence[int]:
    """The newest first among those that have not been seen: how much of the gain is memory, and not ranking."""
    return production(Weights(affinity=0, velocity=0, same_author=0, same_type=0))(moment)


def oracle(moment: Moment) -> Sequence[int]:
    """What the viewer wants most, first: nothing can be better."""
    return np.argsort(-moment.wanted, kind="stable").tolist()


def production(weights: Weights) -> Ranker:
    """The very order that the feed has."""

    def rank(moment: Moment) -> Sequence[int]:
        order = features.ordered(moment.entries, Known(moment.encounters), moment.tallies, moment.now, weights)
        place = {entry.post_id: number for number, entry in enumerate(moment.entries)}
        return [place[post_id] for post_id in order]

    return rank
