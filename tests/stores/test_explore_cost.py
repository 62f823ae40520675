"""What explore reads from DynamoDB before it asks the index, on the real engine: bounded, whoever asks."""

import pytest

from functions.discovery import interests, search, sources, tastes
from functions.discovery.exploring import Candidate
from functions.discovery.interests import Met
from functions.discovery.sources import Weights
from functions.feed import affinity, encounters
from heliograph import clock, ids
from heliograph.errors import Unavailable
from tests.capacity import Meter
from tests.stores import feed_scene

# What is known of them: 12.5 for those whom they follow, 1.5 each for encounters and tastes, half for trends, and of
# six friends whom these follow; without the index, the timelines of 40 authors, and 60 posts.
MOST_READ, MOST_READ_WITHOUT = 35, 35 + 40 / 2 + 60 * 2


def _down(*_searches: object) -> list[list[search.Hit]]:
    raise Unavailable


@pytest.fixture
def busy() -> str:
    """Somebody who has met as many as are kept, and follows more than are looked at; so do those whom they follow."""
    viewer, *others = feed_scene.accounts(1 + sources.FOLLOWEES + 20)
    strangers = feed_scene.accounts(sources.FOLLOWED_BY_EACH + 20)
    feed_scene.follow([viewer], others)
    feed_scene.follow(others[: sources.FRIENDS], strangers)
    met = [(author_id, ids.new_id()) for author_id in (others * 2)[: affinity.KEPT]]
    dear = {*others[: sources.FRIENDS]}
    encounters.merge(viewer, [(affinity.key(one, post_id), 100 * (one in dear)) for one, post_id in met])
    full = [(ids.new_id(), Met(100, ("x" * interests.TOPIC_BYTES,))) for _ in range(interests.KEPT)]
    tastes.merge(viewer, full)
    return viewer


def test_read_cost_of_viewer_is_bounded(busy: str, meter: Meter) -> None:
    # when
    before = meter.read_units
    viewer = sources.known(busy, None, clock.now(), Weights())
    # then
    assert len(viewer.followees) == sources.FOLLOWEES
    assert len(viewer.person.circle) == sources.CIRCLE
    assert meter.read_units - before <= MOST_READ


def test_read_cost_is_bounded_without_index(busy: str, meter: Meter, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(search, "run", _down)
    before = meter.read_units
    # when
    viewer = sources.known(busy, None, clock.now(), Weights())
    found: tuple[list[Candidate], bool] = sources.candidates(viewer, None, clock.now())
    # then nothing is found, as nobody has posted anything
    assert found == ([], True)
    assert meter.read_units - before <= MOST_READ_WITHOUT
