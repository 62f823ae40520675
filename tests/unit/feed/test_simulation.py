"""The simulated community of `benchmarks/ranking`, in small: that it measures what it says."""

import numpy as np
import pytest

from benchmarks.ranking import rankers
from benchmarks.ranking.__main__ import gain
from benchmarks.ranking.community import Community, Size, community
from benchmarks.ranking.sessions import Moment, live, ndcg, opened
from functions.feed.affinity import key
from functions.feed.weights import Weights

SIZE = Size(people=30, days=5, median_followees=12, posts_a_day=1.5)
SEED = 6


@pytest.fixture(scope="module")
def world() -> Community:
    return community(SEED, SIZE)


def mean_ndcg(world: Community, ranker: rankers.Ranker) -> float:
    outcome = live(world, opened(SEED, range(10), SIZE.days), ranker, 48)
    return float(np.mean([np.mean(sessions) for sessions in outcome.ndcg.values()]))


def test_the_best_page_is_worth_1_and_any_other_less():
    wanted = np.array([0.1, 0.9, 0.5, 0.0])
    assert ndcg(wanted, [1, 2]) == pytest.approx(1)
    assert ndcg(wanted, [2, 1]) == pytest.approx((0.5 + 0.9 / np.log2(3)) / (0.9 + 0.5 / np.log2(3)))
    assert ndcg(wanted, [3, 3]) == 0


def test_ranker_is_between_recency_and_the_oracle(world):
    assert mean_ndcg(world, rankers.oracle) == pytest.approx(1)
    recency = mean_ndcg(world, rankers.recency)
    assert recency < mean_ndcg(world, rankers.production(Weights())) < 1


def test_the_same_seed_gives_the_same_result(world):
    ranker = rankers.production(Weights())
    assert mean_ndcg(world, ranker) == mean_ndcg(community(SEED, SIZE), ranker)


def test_a_ranker_learns_from_what_people_did_with_its_pages(world):
    moments: list[Moment] = []

    def watched(moment: Moment):
        moments.append(moment)
        return range(len(moment.posts))

    live(world, opened(SEED, [0], SIZE.days), watched, 48)
    first, second, *_ = moments
    top = first.entries[0]
    assert first.encounters == {}
    assert key(top.creator_id, top.post_id) in second.encounters
    assert set(second.encounters) <= {key(entry.creator_id, entry.post_id) for entry in first.entries}


def test_a_gain_has_an_interval_around_it():
    rng = np.random.default_rng(1)
    theirs = rng.uniform(0.4, 0.6, 200)
    more, low, high = gain(theirs * 1.3 + rng.normal(0, 0.05, 200), theirs, 1)
    assert low < more < high
    assert more == pytest.approx(30, abs=3)
