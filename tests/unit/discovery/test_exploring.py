"""The order of explore: what a post is worth to whom, how posts are mixed, and what is left to chance."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.discovery.explore_weights import Weights
from functions.discovery.exploring import Candidate, Person, is_uncertain, order, quality, worth
from heliograph import ids
from tests.unit.feed.samples import NOON

few = settings(max_examples=40, deadline=None)
# No place is for exploration, unless a test says so.
WEIGHTS = Weights(uncertain_every=1000)
NOBODY = Person()


def post(number: int = 0, hours_ago: float = 1.0, **changes) -> Candidate:
    """Posts of different authors, topics and sources."""
    values = {
        "post_id": f"{ids.prefix_at(NOON - timedelta(hours=hours_ago))}-7000-8000-{number:012}",
        "author_id": f"author {number}",
        "topics": (f"topic {number}",),
        "likes": 10,
        "comments": 0,
        "author_followers": 100,
        "sources": frozenset({f"source {number}"}),
    }
    return Candidate(**values | changes)


def ordered(candidates, person=NOBODY, weights=WEIGHTS, seed="a", count=100):
    return order(candidates, person, NOON, weights, seed=seed, count=count)


# --- Worth ------------------------------------------------------------------------------------------------------------


def value(candidate, person=NOBODY, weights=WEIGHTS):
    return worth(candidate, person, NOON, weights)


def test_a_half_life_of_age_costs_one():
    still = Weights(half_life_hours=10, quality=0)
    assert value(post(hours_ago=0), weights=still) - value(post(hours_ago=10), weights=still) == pytest.approx(1)


def test_doubled_topic_affinity_adds_the_topic_weight():
    person = Person(topics={"sea": 0.8, "sky": 0.4})
    sea, sky = post(topics=("sea",)), post(topics=("sky",))
    assert value(sea, person) - value(sky, person) == pytest.approx(WEIGHTS.topic)


def test_two_strongest_topics_of_a_post_count():
    person = Person(topics={"sea": 0.8, "sky": 0.6, "ads": 0.01})
    assert value(post(topics=("ads", "sea", "sky")), person) == value(post(topics=("sea", "sky")), person)
    assert value(post(topics=("sea", "ads")), person) < value(post(topics=("sea", "sky")), person)


def test_post_without_topic_scores_as_one_with_an_unknown_topic():
    assert value(post(topics=())) == value(post(topics=("never met",)))


@pytest.mark.parametrize(
    "person",
    [
        Person(authors={"author 1": 0.9}),
        Person(circle={"author 1": 1.0}),
        Person(trends={"topic 1": 1.0}),
        Person(topics={"topic 1": 0.9}),
    ],
    ids=["author", "circle", "trend", "topic"],
)
def test_each_sign_lifts_a_post(person):
    weights = Weights(circle=0.5, trend=0.5)
    assert value(post(1), person, weights) > value(post(1), NOBODY, weights)
    assert value(post(2), person, weights) == value(post(2), NOBODY, weights)


def test_a_good_post_of_a_small_author_beats_a_weak_one_of_a_famous_one():
    small, famous = post(likes=40, author_followers=200), post(likes=60, author_followers=100_000)
    assert value(small) > value(famous)


def test_quality_is_the_engaged_share_shrunk_for_few_views():
    assert quality(0, 0, 0) == pytest.approx(0.05)
    assert quality(95, 1850, 8) == pytest.approx((95 + 5) / (1900 / 2 + 100))
    assert quality(5, 10, 24) < quality(5000, 10_000, 24)


# --- Order ------------------------------------------------------------------------------------------------------------

candidates = st.lists(
    st.builds(
        post,
        number=st.integers(0, 6),
        hours_ago=st.floats(0, 100),
        likes=st.integers(0, 1000),
        sources=st.sampled_from([frozenset({"popular"}), frozenset({"fresh", "topics"})]),
    ),
    unique_by=lambda candidate: candidate.post_id,
    max_size=25,
)


@few
@given(candidates, st.randoms(use_true_random=False), st.integers(1, 30))
def test_every_candidate_comes_once_whatever_the_sequence(found, chance, count):
    weights, person = Weights(uncertain_every=4), Person(topics={"topic 1": 0.9})
    shuffled = [*found]
    chance.shuffle(shuffled)
    there = ordered(found, person, weights, count=count)
    assert there == ordered(shuffled, person, weights, count=count)
    assert len(there) == len(set(there)) == min(count, len(found))
    assert {*there} <= {*found}


def test_different_tastes_see_different_posts_first():
    sea, dogs = post(1, topics=("sea",)), post(2, topics=("dogs",))
    assert ordered([sea, dogs], Person(topics={"sea": 0.9, "dogs": 0.1}))[0] == sea
    assert ordered([sea, dogs], Person(topics={"sea": 0.1, "dogs": 0.9}))[0] == dogs


def test_authors_topics_and_sources_are_mixed():
    weights = replace_weights(same_author=1, same_topic=0, same_source=0)
    alike = [post(number, author_id="one", likes=100 - number) for number in range(3)]
    other = post(3, likes=90)
    assert ordered([*alike, other], weights=weights)[1] == other
    topics = replace_weights(same_author=0, same_topic=2, same_source=0)
    alike = [post(number, topics=("sea",), likes=100 - number) for number in range(3)]
    assert ordered([*alike, other], weights=topics)[1] == other
    sources = replace_weights(same_author=0, same_topic=0, same_source=2)
    alike = [post(number, sources=frozenset({"popular"}), likes=100 - number) for number in range(3)]
    assert ordered([*alike, other], weights=sources)[1] == other


def replace_weights(**changes):
    return WEIGHTS.model_copy(update=changes)


# --- Exploration ------------------------------------------------------------------------------------------------------


def test_every_nth_slot_is_exploration():
    person = Person(topics={"sea": 0.9})
    known = [post(number, topics=("sea",), likes=1000) for number in range(20)]
    new = [post(20 + number, likes=0) for number in range(20)]
    there = ordered([*known, *new], person, Weights(uncertain_every=5), count=20)
    assert [place for place, one in enumerate(there, 1) if one in new] == [5, 10, 15, 20]


def test_order_is_fixed_in_a_session_and_differs_between_sessions():
    person = Person(topics={"sea": 0.9})
    known = [post(number, topics=("sea",), likes=1000) for number in range(20)]
    found = [*known, *(post(20 + number, likes=0) for number in range(20))]
    weights = Weights(uncertain_every=5)
    assert ordered(found, person, weights, seed="a") == ordered(found, person, weights, seed="a")
    assert len({tuple(ordered(found, person, weights, seed=seed, count=5)) for seed in "abcdef"}) > 1


def test_order_is_complete_without_uncertain_posts():
    person = Person(topics={"sea": 0.9})
    known = [post(number, topics=("sea",), likes=number) for number in range(4)]
    assert len(ordered(known, person, Weights(uncertain_every=2))) == 4


def test_fresh_posts_and_unknown_topics_are_uncertain():
    person = Person(topics={"sea": 0.9})
    assert not is_uncertain(post(topics=("sea", "sky")), person)
    assert is_uncertain(post(topics=("sky",)), person)
    assert is_uncertain(post(topics=()), person)
    assert is_uncertain(replace(post(topics=("sea",)), sources=frozenset({"fresh"})), person)
