"""Dismissals, and what people to follow cost, on the real engine."""

from datetime import timedelta

import pytest

from functions.discovery import dismissals, people_views, search, tastes
from functions.discovery import people as suggesting
from functions.discovery.interests import Met
from functions.feed import affinity, encounters
from heliograph import aws, clock, config, ids
from heliograph.reading import Pipeline
from tests import capacity
from tests.stores import engine
from tests.stores import feed_scene as scene

FEW, MANY = 10, 2000
PAGE = 20


def test_a_dismissal_is_remembered_once_and_taken_back() -> None:
    # given
    me, one, other, third = (ids.new_id() for _ in range(4))
    for dismissed in (one, one, third):
        dismissals.put(me, dismissed)
    # then
    assert dismissals.among(me, [one, other, third]) == {one, third}
    assert dismissals.among(other, [one]) == dismissals.among(me, []) == set()
    # when it is taken back, twice
    for _ in range(2):
        dismissals.delete(me, one)
    # then
    assert dismissals.among(me, [one, other, third]) == {third}


def test_a_dismissal_is_forgotten_half_a_year_after_it_was_made_last(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    me, other = ids.new_id(), ids.new_id()
    first = clock.now()
    for at in (first, first + timedelta(days=100)):
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        dismissals.put(me, other)
    # then
    key = {"userId": {"S": me}, "dismissedId": {"S": other}}
    item = engine.client().get_item(TableName=config.named("dismissals"), Key=key)["Item"]
    assert int(item["expiresAt"]["N"]) == clock.epoch(first + timedelta(days=280))


def test_all_dismissals_are_listed_and_cleared_page_by_page() -> None:
    # given
    me, others = ids.new_id(), sorted(ids.new_id() for _ in range(5))
    for other in others:
        dismissals.put(me, other)
    # when
    first = dismissals.page(me, None, 3)
    second = dismissals.page(me, first.next, 3)
    # then
    assert [item.dismissed_id for page in (first, second) for item in page.items] == others
    assert second.next is None
    assert [len(dismissals.clear(me, 3)) for _ in range(3)] == [3, 2, 0]
    assert dismissals.page(me, None, 3).items == []


@pytest.fixture
def _index_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "run", lambda *searches: [[] for _ in searches])
    monkeypatch.setattr(aws, "secret", lambda name: name.encode())
    for name, value in {
        "MEDIA_DELIVERY": "cdn",
        "MEDIA_BASE_URL": "https://media.example",
        "MEDIA_BUCKET": "x",
        "MEDIA_SECRET": "x",
    }.items():
        monkeypatch.setenv(name, value)
    config.forget()


@pytest.mark.usefixtures("_index_of_nobody")
def test_suggestion_cost_does_not_grow_with_followees() -> None:
    # given two who follow few and many, whose friends follow many, and who know and like as much as is kept
    units = [_units_of_a_page(followees) for followees in (FEW, MANY)]
    # then a page is bounded, and hardly dearer
    assert max(units) <= 90
    assert units[1] / units[0] <= 1.25


def _units_of_a_page(followees: int) -> float:
    """Read units of the first page for who follows so many, and whom a hundred follow."""
    viewer, *followed = scene.accounts(followees + 1)
    strangers = scene.accounts(100)
    scene.follow([viewer], followed)
    scene.follow(followed[-12:], strangers)
    scene.follow(scene.accounts(100), [viewer])
    now = clock.epoch(clock.now())
    met = [((author, now - number), affinity.LIKED) for number, author in enumerate(followed[-12:])]
    encounters.merge(viewer, [*met, *(((ids.new_id(), now - number), affinity.SEEN) for number in range(388))])
    tastes.merge(viewer, [(ids.new_id(), Met(90, ("a" * 48,))) for _ in range(150)])
    for _ in range(100):
        dismissals.put(viewer, ids.new_id())
    scene.cold()
    with capacity.metered() as meter:
        people = suggesting.People(viewer)
        page = Pipeline(people.list.ids, people.hydrate, suggesting.suggested, people_views.present).page(None, PAGE)
    assert len(page.items) == PAGE
    assert {reason.type for item in page.items for reason in item.reasons} >= {"mutuals"}
    return meter.read_units
