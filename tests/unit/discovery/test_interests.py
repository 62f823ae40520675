"""What somebody likes: what is kept of the posts they have met, and how much each topic is to them by that."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.discovery import interests, tastes
from functions.discovery.interests import LIKED, TOPIC_BYTES, Memory, Met, dearest, lately_liked, merged, topics
from heliograph import ids
from tests.unit.feed.samples import NOON

few = settings(max_examples=40, deadline=None)
MEMORY = Memory(half_life_days=10, prior=0.2, prior_posts=2)
TOPICS = [(), ("sea",), ("sea", "夕焼け"), ("dogs",)]


def post_of(days_ago: float, number: int = 0) -> str:
    return f"{ids.prefix_at(NOON - timedelta(days=days_ago))}-7000-8000-{number:012}"


signals = st.lists(
    st.tuples(
        st.integers(0, 90).map(post_of), st.builds(Met, strength=st.integers(0, 100), topics=st.sampled_from(TOPICS))
    ),
    max_size=30,
)


# --- What is kept ---------------------------------------------------------------------------------------------------


@few
@given(signals, st.randoms(use_true_random=False), st.integers(1, 8))
def test_repeated_late_and_reordered_signs_give_the_same_interests(found, chance: random.Random, kept: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interests, "KEPT", kept)
        at_once, one_by_one = merged({}, found), {}
        shuffled = [*found, *found]
        chance.shuffle(shuffled)
        for signal in shuffled:
            one_by_one = merged(one_by_one, [signal])
    assert one_by_one == at_once
    assert len(at_once) <= kept
    assert tastes.packed(one_by_one) == tastes.packed(at_once)
    assert tastes.unpacked(tastes.packed(at_once)) == at_once


def test_strongest_sign_of_a_post_is_kept():
    known = merged({}, [(post_of(1), Met(strength, ("sea",))) for strength in (10, LIKED, 30)])
    assert known == {post_of(1): Met(LIKED, ("sea",))}


def test_a_post_without_hashtags_tells_nothing():
    assert merged({}, [(post_of(1), Met(LIKED, ()))]) == {}


def test_likes_are_kept_longer_than_glances(monkeypatch):
    monkeypatch.setattr(interests, "KEPT", 2)
    found = [(post_of(40), Met(LIKED, ("sea",))), (post_of(20), Met(0, ("sky",))), (post_of(1), Met(0, ("sun",)))]
    assert set(merged({}, found)) == {post_of(40), post_of(1)}


def test_first_hashtags_within_the_limit_are_kept():
    assert interests.topics_of(["a" * 30, "b" * 30, "c" * 17]) == ("a" * 30, "c" * 17)
    assert interests.topics_of(["夕" * 17, "sea"]) == ("sea",)
    assert interests.topics_of([]) == ()


def test_what_is_kept_of_one_person_is_bounded():
    full = merged({}, [(post_of(1, number), Met(100, ("x" * TOPIC_BYTES,))) for number in range(300)])
    assert len(tastes.packed(full)) == interests.KEPT * (18 + TOPIC_BYTES) < 10_000


# --- What follows from it -------------------------------------------------------------------------------------------


def test_an_affinity_is_the_mean_of_the_signs_shrunk_towards_the_prior():
    known = {post_of(0, 1): Met(100, ("sea", "sun")), post_of(0, 2): Met(50, ("sea",))}
    assert topics(known, NOON, MEMORY) == pytest.approx({"sea": (0.4 + 1.5) / 4, "sun": (0.4 + 1) / 3})


def test_sign_one_half_life_old_counts_half():
    assert topics({post_of(10): Met(100, ("sea",))}, NOON, MEMORY) == pytest.approx({"sea": (0.4 + 0.5) / 2.5})


def test_many_glances_lower_affinity_below_the_unknown():
    glances = {post_of(0, number): Met(0, ("sea",)) for number in range(5)}
    assert topics(glances, NOON, MEMORY)["sea"] < MEMORY.prior


@few
@given(signals)
def test_affinities_are_shares(found):
    assert all(0 <= affinity <= 1 for affinity in topics(merged({}, found), NOON).values())


def test_strongest_affinities_above_the_minimum_come_first():
    affinities = {"sea": 0.5, "sun": 0.9, "dogs": 0.2, "art": 0.5}
    assert list(dearest(affinities, 0.2, 2).items()) == [("sun", 0.9), ("art", 0.5)]


def test_recently_liked_posts_are_newest_first():
    known = {
        post_of(3): Met(LIKED, ("old",)),
        post_of(2): Met(100, ("newer",)),
        post_of(1): Met(LIKED, ("newest",)),
        post_of(0): Met(LIKED - 1, ("looked at",)),
    }
    assert [met.topics for met in lately_liked(known, 2)] == [("newest",), ("newer",)]
