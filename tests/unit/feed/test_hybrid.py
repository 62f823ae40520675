"""From how many followers on an author is pulled, and what that is derived from."""

import math

import pytest

from functions.feed import hybrid
from functions.feed.hybrid import Assumptions, Feed, threshold


def dollars_a_day(assumed: Assumptions, followers: float) -> tuple[float, float]:
    """What one active follower of an author costs when pushed to, and when pulling: written down a second time."""
    push = assumed.posts_per_day * assumed.write_dollars / 1e6
    asked_per_second = assumed.pages_per_second * followers / assumed.users
    misses = 1 / (1 + asked_per_second * assumed.kept_seconds)
    return push, assumed.pages_per_day * misses * 0.5 * assumed.read_dollars / 1e6


@pytest.mark.parametrize(
    "assumed",
    [Assumptions(), Assumptions(users=5e6), Assumptions(pages_per_day=40), Assumptions(kept_seconds=60)],
)
def test_at_the_threshold_both_cost_the_same(assumed):
    limit = threshold(assumed)
    push, pull = dollars_a_day(assumed, limit)
    assert math.isclose(push, pull, rel_tol=1e-3)
    # and beyond it pulling is cheaper
    assert dollars_a_day(assumed, 2 * limit)[1] < push < dollars_a_day(assumed, limit / 2)[1]


def test_pull_is_cheaper_for_frequent_authors():
    assert threshold(Assumptions(posts_per_day=2)) == 0


def test_the_threshold_in_force_is_the_derived_one_unless_set():
    assert Feed().threshold == threshold(Assumptions()) == 2_500_000
    assert Feed.model_validate_json('{"threshold": 1000}').threshold == 1000


@pytest.mark.parametrize(
    ("followers", "was", "large"), [(99, False, False), (100, False, True), (80, True, True), (79, True, False)]
)
def test_an_author_at_the_threshold_does_not_swing(followers, was, large):
    assert hybrid.is_large(followers, 100, was=was) == large
