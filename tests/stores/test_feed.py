"""Feeds on the real engine."""

from dataclasses import replace
from datetime import timedelta

from functions.feed import store
from functions.feed.model import Entry
from heliograph import clock, config, ids
from tests.capacity import Meter
from tests.stores import engine


def _entries(user_id: str, count: int) -> list[Entry]:
    """Oldest first."""
    now = clock.now()
    return [Entry(user_id, ids.new_id(), ids.new_id(), now, 0.25) for _ in range(count)]


def test_a_feed_is_read_newest_first_to_its_end() -> None:
    # given more entries than one batch of 25 writes
    user_id = ids.new_id()
    entries = _entries(user_id, 60)
    store.put(entries)
    # when
    found: list[Entry] = []
    while page := store.newest(user_id, found[-1].post_id if found else None, 13):
        assert len(page) <= 13
        found += page
    # then
    assert found == entries[::-1]


def test_a_stretch_is_read_with_both_its_ends() -> None:
    # given
    user_id = ids.new_id()
    entries = _entries(user_id, 6)
    store.put(entries)
    # then
    assert store.between(user_id, entries[4].post_id, entries[1].post_id) == entries[4:0:-1]
    assert store.between(user_id, entries[4].post_id, None) == entries[4::-1]
    assert store.between(ids.new_id(), entries[4].post_id, None) == []


def test_putting_and_removing_again_changes_nothing() -> None:
    # given a post in many feeds
    owners, post_id, now = [ids.new_id() for _ in range(30)], ids.new_id(), clock.now()
    entries = [Entry(owner, post_id, "creator", now, 0.5) for owner in owners]
    # when
    for _ in range(2):
        store.put(entries)
    kept = [store.newest(owner, None, 5) for owner in owners]
    for _ in range(2):
        store.remove(post_id, owners[:29])
    # then
    assert kept == [[entry] for entry in entries]
    assert [len(store.newest(owner, None, 5)) for owner in owners] == [0] * 29 + [1]


def test_an_entry_expires_thirty_days_after_its_post() -> None:
    # given
    [entry] = _entries(ids.new_id(), 1)
    # when
    store.put([entry])
    # then
    key = {"userId": {"S": entry.user_id}, "postId": {"S": entry.post_id}}
    stored = engine.client().get_item(TableName=config.named("feeds"), Key=key)["Item"]
    assert stored["expiresAt"] == {"N": str(clock.epoch(entry.created_at + timedelta(days=30)))}


def test_nothing_to_put_is_no_request(meter: Meter) -> None:
    # when
    store.put([])
    store.remove(ids.new_id(), [])
    # then
    assert meter.requests == []


def test_one_entry_costs_one_write_unit_and_a_page_little(meter: Meter) -> None:
    # given
    user_id = ids.new_id()
    # when
    store.put(_entries(user_id, 50))
    store.newest(user_id, None, 50)
    # then
    assert meter.write_units == 50
    assert meter.read_units == 1.5


def test_a_feed_is_cleared_in_parts() -> None:
    # given
    user_id = ids.new_id()
    entries = _entries(user_id, 60)
    store.put(entries)
    # when
    erased = [store.clear(user_id, 40) for _ in range(3)]
    # then
    assert [len(part) for part in erased] == [40, 20, 0]
    assert sorted([*erased[0], *erased[1]]) == [entry.post_id for entry in entries]


def test_one_author_is_taken_out_of_a_feed() -> None:
    # given two authors in one feed
    user_id = ids.new_id()
    kept, gone = _entries(user_id, 2), [replace(entry, creator_id="gone") for entry in _entries(user_id, 30)]
    store.put([*kept, *gone])
    # when
    for _ in range(2):
        store.forget_creator(user_id, "gone")
    # then
    assert store.newest(user_id, None, 50) == kept[::-1]
