"""What the feed tells others about whom somebody likes and what they have met."""

import pytest

from functions.feed import encounters, service, timelines
from functions.feed.affinity import LIKED, key
from functions.feed.candidates import seen
from functions.feed.timelines import Timeline
from functions.feed.weights import Weights
from heliograph import ids
from tests.unit.feed.samples import ANNA, BEN, NOON, post_id

MET = f"{ids.prefix_at(NOON)}-7000-8000-000000000001"


def test_affinity_covers_authors_the_viewer_has_met(monkeypatch):
    monkeypatch.setattr(encounters, "find", lambda user_id: {key(ANNA, MET): LIKED} if user_id == BEN else {})
    found = service.acquaintance(BEN, NOON)
    assert found.prior == Weights().prior
    assert found.affinities == {ANNA: pytest.approx((0.2 + 0.8) / 2)}
    assert found.has_met(ANNA, MET)
    assert not found.has_met(BEN, MET)
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
