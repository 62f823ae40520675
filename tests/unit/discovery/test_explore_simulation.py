"""The simulated community of `benchmarks/explore`, in small: that it measures what it says."""

import numpy as np
import pytest

from benchmarks.explore import rankers
from benchmarks.explore.__main__ import by_person, ratio
from benchmarks.explore.community import Community, Size, community, counts, number_of, post_id, time_of
from benchmarks.explore.index import Index
from benchmarks.explore.sessions import PAGE, Moment, Ranker, first_visits, live, opened
from functions.discovery import explore_queries
from functions.discovery.explore_queries import Scope
from functions.discovery.explore_weights import Weights
from heliograph import popularity

SIZE = Size(people=60, days=8, median_followees=10, posts_a_day=1.5)
SEED = 7
HOUR = 150.0


@pytest.fixture(scope="module")
def world() -> Community:
    return community(SEED, SIZE)


def hits(world: Community, ranker: Ranker) -> float:
    return float(by_person(live(world, opened(SEED, range(8), SIZE.days), ranker, 96)).mean())


@pytest.fixture(scope="module")
def productions_hits(world: Community) -> float:
    return hits(world, rankers.production(world, Weights()))


def test_explore_beats_popularity_but_not_the_oracle(world, productions_hits):
    popularity = rankers.popularity(world, days=7, half_life_hours=6)
    assert hits(world, popularity) < productions_hits < hits(world, rankers.oracle(world))


def test_the_same_seed_gives_the_same_hits(productions_hits):
    again = community(SEED, SIZE)
    assert productions_hits == hits(again, rankers.production(again, Weights()))


def test_explore_page_has_unseen_posts_of_strangers_once_each(world):
    moments: list[tuple[Moment, list[int]]] = []
    production = rankers.production(world, Weights())

    def watched(moment: Moment):
        page = list(production(moment))
        moments.append((moment, page))
        return page

    live(world, opened(SEED, [0], SIZE.days), watched, 96)
    assert len(moments) > 1
    for moment, page in moments:
        assert len(page) == len(set(page)) == PAGE
        assert not {*page} & moment.seen
        assert not {*world.author[page].tolist()} & {0, *moment.followees}
        assert world.made_at[page].max() < moment.hour
    first, last = moments[0][0], moments[-1][0]
    assert len(last.tastes) > len(first.tastes)


def test_first_visit_has_no_history(world):
    moments: list[Moment] = []

    def watched(moment: Moment):
        moments.append(moment)
        return []

    first_visits(world, opened(SEED, range(3), SIZE.days), watched)
    assert moments
    assert all((moment.tastes, moment.encounters, moment.followees) == ({}, {}, []) for moment in moments)


def test_the_index_answers_as_the_engines_do(world):
    index, scope = Index(world, HOUR), Scope(time_of(HOUR))
    found = [number_of(hit.id) for hit in index.search(explore_queries.popular(scope))]
    posts = np.flatnonzero((world.made_at < HOUR) & (world.made_at >= HOUR - 72))
    likes = np.array([popularity.step(int(like)) for like in counts(world, posts, HOUR)[0]])
    ages = HOUR - world.made_at[posts]
    steps = sum((ages <= hours).astype(int) for hours in (6, 12, 24, 48, 96))
    best = posts[np.lexsort((-posts, -(np.log(2 + likes) + steps)))]
    assert found == best[: explore_queries.POPULAR].tolist()


def test_simulated_index_applies_exclusions_tags_and_authors(world):
    index, tag = Index(world, HOUR), world.tags_of[200][0]
    asked = explore_queries.topics(Scope(time_of(HOUR), ["3"], [post_id(world, 200)]), {tag: 1.0})
    found = [number_of(hit.id) for hit in index.search(asked)]
    assert found
    assert 200 not in found
    assert all(tag in world.tags_of[post] and world.author[post] != 3 for post in found)
    by_author = index.search(explore_queries.by_authors(Scope(time_of(HOUR)), ["3", "4"]))
    assert {hit.source["authorId"] for hit in by_author} == {"3", "4"}


def test_a_ratio_has_an_interval_around_it():
    rng = np.random.default_rng(1)
    theirs = rng.uniform(0.1, 0.3, 200)
    times, low, high = ratio(theirs * 1.5 + rng.normal(0, 0.02, 200), theirs, 1)
    assert low < times < high
    assert times == pytest.approx(1.5, abs=0.03)
