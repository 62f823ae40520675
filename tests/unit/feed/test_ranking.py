"""The ranked order of a feed."""

import math
from datetime import timedelta
from itertools import pairwise, product

import pytest

from functions.feed.model import Entry
from functions.feed.ranking import HALF_LIFE, rank, ranked
from tests.unit.feed.samples import ANNA, BEN, NOON, hours_ago, post_id

ENTRIES = [
    Entry(BEN, post_id(number), ANNA, hours_ago(hours), score)
    for number, (hours, score) in enumerate(product([0, 5, 11.9, 12, 30, 400], [1.0, 0.7, 0.5, 0.01]))
]


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=3), timedelta(days=20)])
def test_the_order_is_that_of_decayed_affinity_whenever_it_is_asked(later):
    """The formula as documented, evaluated at different times, against the closed form."""
    now = NOON + later

    def worth(entry: Entry) -> float:
        return entry.score * 2 ** (-(now - entry.created_at) / HALF_LIFE)

    order = [worth(entry) for entry in ranked(ENTRIES)]
    assert all(better >= worse or math.isclose(better, worse) for better, worse in pairwise(order))


def test_half_the_affinity_weighs_as_much_as_one_half_life():
    dear_but_old = Entry(BEN, post_id(1), ANNA, NOON - HALF_LIFE, 1.0)
    new = Entry(BEN, post_id(1), ANNA, NOON, 0.5)
    assert rank(dear_but_old) == rank(new)


def test_with_equal_affinity_the_newest_comes_first():
    entries = [Entry(BEN, post_id(number), ANNA, hours_ago(-number), 1.0) for number in (2, 3, 1)]
    assert [entry.post_id for entry in ranked(entries)] == [post_id(3), post_id(2), post_id(1)]


def test_equal_ranks_are_told_apart_by_the_newer_id():
    entries = [Entry(BEN, post_id(number), ANNA, NOON, 1.0) for number in (1, 2)]
    assert [entry.post_id for entry in ranked(entries)] == [post_id(2), post_id(1)]
