"""What the feed tells others about whom somebody likes and what they have met."""

import pytest

from functions.feed import encounters, service, timelines
from functions.feed.affinity import LIKED, key
from functions.feed.candidates import seen
from functions.feed.timelines import Timeline
from functions.feed.weights import Weights
from tests.unit.feed.samples import ANNA, BEN, NOON, POST, post_id


def test_somebody_is_acquainted_with_whom_they_have_met(monkeypatch):
    monkeypatch.setattr(encounters, "find", lambda user_id: {key(ANNA, POST): LIKED} if user_id == BEN else {})
    found = service.acquaintance(BEN, NOON)
    assert found.prior == Weights().prior
    assert found.affinities == {ANNA: pytest.approx((0.2 + 0.8) / 2, abs=0.01)}
    assert found.has_met(ANNA, POST)
    assert not found.has_met(BEN, POST)
    assert service.acquaintance(ANNA, NOON).affinities == {}


def test_the_newest_posts_of_authors_are_read_once(monkeypatch):
    asked = []

    def find_all(author_ids):
        asked.append([*author_ids])
        return {ANNA: Timeline(ANNA, (post_id(2), post_id(1)))} if ANNA in author_ids else {}

    monkeypatch.setattr(timelines, "find_all", find_all)
    seen.clear()
    assert service.newest_of([ANNA, BEN]) == service.newest_of([ANNA, BEN]) == {ANNA: (post_id(2), post_id(1))}
    assert asked == [[ANNA, BEN]]
    seen.clear()
