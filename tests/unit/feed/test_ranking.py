"""The ranked order of a feed."""

import math
import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.feed.ranking import Candidate, by_worth, order, worth
from functions.feed.weights import Weights
from tests.unit.feed.samples import ANNA, NOON, hours_ago, post_id

few = settings(max_examples=40, deadline=None)
WEIGHTS = Weights(half_life_hours=12)
PLAIN = Candidate(post_id(1), ANNA, hours_ago(5), affinity=0.4)


@st.composite
def feeds(draw: st.DrawFn) -> list[Candidate]:
    """Few authors, so that they meet; few values, so that candidates are equal at times."""
    return [
        Candidate(
            post_id=post_id(number),
            author_id=draw(st.sampled_from("abcd")),
            created_at=hours_ago(draw(st.integers(0, 40))),
            affinity=draw(st.sampled_from([0.0, 0.2, 1.0])),
            favourite=draw(st.booleans()),
            seen=draw(st.booleans()),
            likes=draw(st.integers(0, 10**7)),
            comments=draw(st.integers(0, 10**5)),
            media_type=draw(st.sampled_from([None, "image", "video", "carousel"])),
        )
        for number in range(draw(st.integers(0, 14)))
    ]


# --- What a post is worth -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "better",
    [
        {"created_at": hours_ago(4)},
        {"affinity": 0.5},
        {"likes": 1},
        {"comments": 1},
        {"favourite": True},
    ],
    ids=str,
)
def test_each_signal_alone_makes_a_post_worth_more(better):
    assert worth(replace(PLAIN, **better), NOON, WEIGHTS) > worth(PLAIN, NOON, WEIGHTS)


def test_worth_is_that_of_the_formula():
    weights = Weights(half_life_hours=8, affinity=2, velocity=0.5, likes_per_comment=4, favourite=3, seen=5)
    candidate = replace(PLAIN, created_at=hours_ago(2.5), affinity=0.25, favourite=True, seen=True, likes=6, comments=3)
    # 18 of engagement in 4.5 hours are 4 an hour
    wanted = 2 * math.log2(0.25) - 2.5 / 8 + 0.5 * math.log2(1 + 4) + 3 - 5
    assert worth(candidate, NOON, weights) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("above", "first"), [(["image", "video"], "carousel"), (["image", "video", "video"], "image")], ids=str
)
def test_two_posts_above_are_looked_at_for_their_types(above, first):
    shown = [replace(PLAIN, post_id=post_id(9 - n), author_id=f"x{n}", media_type=t) for n, t in enumerate(above)]
    waiting = [
        replace(PLAIN, post_id=post_id(2 + n), author_id=f"y{n}", media_type=kind)
        for n, kind in enumerate(["carousel", "image"])
    ]
    assert order(waiting, NOON, WEIGHTS, above=shown)[0].media_type == first


def test_what_has_been_seen_is_worth_as_much_less_as_its_weight_says():
    seen, as_old = replace(PLAIN, seen=True), replace(PLAIN, created_at=hours_ago(5 + 12 * WEIGHTS.seen))
    assert worth(seen, NOON, WEIGHTS) == pytest.approx(worth(as_old, NOON, WEIGHTS))


def test_one_half_life_of_age_weighs_as_much_as_twice_the_affinity_by_its_weight():
    weights = Weights(half_life_hours=12, affinity=1)
    old_but_dear = replace(PLAIN, created_at=hours_ago(12), affinity=0.8)
    new = replace(PLAIN, created_at=NOON, affinity=0.4)
    assert worth(old_but_dear, NOON, weights) == pytest.approx(worth(new, NOON, weights))


def test_the_same_likes_in_less_time_are_worth_more_by_more_than_the_time():
    new, old = (replace(PLAIN, created_at=hours_ago(hours), likes=500) for hours in (1, 20))
    without = [worth(replace(candidate, likes=0), NOON, WEIGHTS) for candidate in (new, old)]
    assert worth(new, NOON, WEIGHTS) - worth(old, NOON, WEIGHTS) > without[0] - without[1]


def test_a_clock_that_is_behind_makes_no_post_worth_more_than_a_new_one():
    future = replace(PLAIN, created_at=hours_ago(-1))
    assert worth(future, NOON, WEIGHTS) == worth(replace(PLAIN, created_at=NOON), NOON, WEIGHTS)


# --- The order ------------------------------------------------------------------------------------------------------


@few
@given(feeds(), st.randoms(use_true_random=False))
def test_the_order_depends_on_the_candidates_alone_and_loses_none(candidates: list[Candidate], chance: random.Random):
    shuffled = candidates.copy()
    chance.shuffle(shuffled)
    found = order(candidates, NOON, WEIGHTS)
    assert found == order(shuffled, NOON, WEIGHTS)
    assert sorted(found, key=lambda item: item.post_id) == candidates


@few
@given(feeds())
def test_no_author_comes_twice_in_a_row_where_that_can_be_avoided(candidates: list[Candidate]):
    found = order(candidates, NOON, WEIGHTS)
    most = max(Counter(candidate.author_id for candidate in candidates).values(), default=0)
    # Others can stand between all posts of one author if there are enough of them.
    unavoidable = max(0, 2 * most - len(candidates) - 1)
    repeats = sum(one.author_id == next_.author_id for one, next_ in pairwise(found))
    assert (repeats == 0) == (unavoidable == 0)


@few
@given(feeds())
def test_score_alone_orders_posts_of_different_authors(candidates: list[Candidate]):
    alone = [replace(candidate, author_id=candidate.post_id) for candidate in candidates]
    weights = WEIGHTS.model_copy(update={"same_type": 0.0})
    assert order(alone, NOON, weights) == by_worth(alone, NOON, weights)


def test_newer_id_comes_first_among_equal_scores():
    equals = [replace(PLAIN, post_id=post_id(number), author_id=str(number)) for number in (2, 3, 1)]
    assert [candidate.post_id for candidate in order(equals, NOON, WEIGHTS)] == [post_id(3), post_id(2), post_id(1)]


def test_an_author_who_stands_above_already_gives_way_to_others():
    # given an author whose posts are all a little better than anybody else's
    weights = Weights(half_life_hours=12, same_author=0.15)
    many = [replace(PLAIN, post_id=post_id(10 + number)) for number in range(3)]
    others = [
        replace(PLAIN, post_id=post_id(number), author_id=str(number), created_at=hours_ago(6 + number))
        for number in range(4)
    ]
    # then one of the others stands between the first two of theirs, and two between the next
    found = [candidate.author_id == ANNA for candidate in order([*many, *others], NOON, weights)]
    assert found == [True, False, True, False, False, True, False]


def test_types_are_mixed():
    # given four videos that are a little better than four pictures
    videos = [
        replace(PLAIN, post_id=post_id(number), author_id=f"v{number}", media_type="video", created_at=hours_ago(5))
        for number in range(4)
    ]
    pictures = [
        replace(PLAIN, post_id=post_id(9 - number), author_id=f"i{number}", media_type="image", created_at=hours_ago(6))
        for number in range(4)
    ]
    # then there are never three of a type in a row
    found = order([*videos, *pictures], NOON, Weights(half_life_hours=12, same_type=0.25))
    types = [candidate.media_type for candidate in found]
    assert types[:2] == ["video", "image"]
    assert all(len(set(types[start : start + 3])) > 1 for start in range(6))
