"""What speaks for somebody to follow, and what it is worth."""

import pytest

from functions.discovery import acquainting
from functions.discovery.acquainting import Fame, Friend, Signals

CHOOSY, AVERAGE, EVERYBODYS = (Friend(name, name, count) for name, count in (("a", 6), ("b", 200), ("c", 7000)))


def best_first(*signals: Signals) -> list[int]:
    """The order of these suggestions, by their places."""
    return [int(name) for name in acquainting.ordered({str(number): one for number, one in enumerate(signals)})]


def test_more_common_friends_and_selective_ones_raise_a_suggestion():
    assert best_first(
        Signals((EVERYBODYS,)), Signals((AVERAGE,)), Signals((CHOOSY,)), Signals((EVERYBODYS, AVERAGE, CHOOSY))
    ) == [3, 2, 1, 0]


def test_the_worth_is_that_of_the_formula():
    assert acquainting.score(Signals()) == 0
    # 1 / ln(8) = 0.481
    assert acquainting.score(Signals((CHOOSY,))) == pytest.approx(0.481 / 0.781, abs=1e-3)
    assert acquainting.score(Signals(follows_me=True)) == pytest.approx(0.8)
    assert acquainting.score(Signals(topics={"sea": 0.5, "birds": 0.5})) == pytest.approx(0.6 * 0.75)
    assert acquainting.score(Signals(fame=Fame(10**7, is_verified=True))) == pytest.approx(0.2)
    assert acquainting.score(Signals(fame=Fame(999, is_verified=False))) == pytest.approx(0.05, abs=1e-3)
    both = Signals(follows_me=True, topics={"sea": 0.5})
    assert acquainting.score(both) == pytest.approx(0.8 + 0.3)


def test_one_common_friend_outweighs_any_popularity():
    assert best_first(Signals(fame=Fame(10**9, is_verified=True)), Signals((EVERYBODYS,))) == [1, 0]


def test_suggestions_of_equal_worth_are_ordered_by_id():
    names = [f"user-{number}" for number in range(9)]
    assert acquainting.ordered(dict.fromkeys(reversed(names), Signals((AVERAGE,)))) == names


def test_reasons_from_several_sources_are_merged():
    found = acquainting.together(
        followed_by=[(CHOOSY, ["x", "y"]), (AVERAGE, ["x"])],
        followers=["x", "z"],
        authors={"x": {"sea": 0.7}},
        famous={"x": Fame(3, is_verified=False)},
    )
    assert found == {
        "x": Signals((CHOOSY, AVERAGE), follows_me=True, topics={"sea": 0.7}, fame=Fame(3, is_verified=False)),
        "y": Signals((CHOOSY,)),
        "z": Signals(follows_me=True),
    }
