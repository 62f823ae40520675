"""Readers of feeds, and authors' timelines, on the real engine."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.feed import personal, readers, store, timelines
from functions.feed.model import Entry
from functions.feed.readers import ACTIVE_FOR, Reader
from functions.feed.timelines import NEWEST, SPARE, AuthorItem, Timeline
from heliograph import batches, clock, ids
from heliograph.batches import Undone
from tests import capacity
from tests.capacity import Meter
from tests.stores.samples import at_once


def test_a_reader_begins_is_filled_and_is_noted() -> None:
    # given somebody who reads their feed for the first time
    user_id, now = ids.new_id(), clock.now()
    assert readers.find(user_id) is None
    # when
    readers.begin(user_id, now)
    begun = readers.find(user_id)
    readers.fill(user_id)
    readers.note(user_id, now + timedelta(days=2))
    # then
    assert begun == Reader(user_id, now)
    assert readers.find(user_id) == Reader(user_id, now + timedelta(days=2), is_filled=True)


def test_deleted_reader_is_neither_noted_nor_filled() -> None:
    user_id = ids.new_id()
    readers.begin(user_id, clock.now())
    readers.drop(user_id)
    readers.note(user_id, clock.now())
    readers.fill(user_id)
    readers.revise(user_id, lambda known: replace(known, pulled=("author",)))
    assert readers.find(user_id) is None


def test_reader_away_for_thirty_days_is_not_active(meter: Meter) -> None:
    # given more readers than one request reads, every other one away, and some who have never come
    now = clock.now()
    user_ids = [ids.new_id() for _ in range(240)]
    for number, user_id in enumerate(user_ids[:120]):
        readers.begin(user_id, now - ACTIVE_FOR + timedelta(seconds=number % 2))
    before = meter.read_units
    # when
    active = readers.active(user_ids, now)
    # then
    assert active == {user_id for number, user_id in enumerate(user_ids[:120]) if number % 2}
    assert meter.read_units - before == len(user_ids) / 2


def test_concurrent_changes_of_pulled_authors_are_both_kept() -> None:
    # given
    user_id, authors = ids.new_id(), [ids.new_id() for _ in range(4)]
    readers.begin(user_id, clock.now())
    # when
    at_once(
        *(
            lambda author=author: readers.revise(user_id, lambda known: replace(known, pulled=(author, *known.pulled)))
            for author in authors
        )
    )
    # then
    reader = readers.find(user_id)
    assert reader is not None
    assert sorted(reader.pulled) == sorted(authors)


def test_a_timeline_holds_the_newest_posts_and_costs_one_write_each(meter: Meter) -> None:
    # given more posts than are kept
    author_id = ids.new_id()
    post_ids = [ids.new_id() for _ in range(NEWEST + SPARE)]
    for post_id in post_ids[:20]:
        timelines.add(author_id, post_id)
    assert meter.write_units == 20
    for post_id in post_ids[20:]:
        timelines.add(author_id, post_id)
    # when
    newest = ids.new_id()
    for _ in range(2):
        timelines.add(author_id, newest)
    # then
    assert timelines.find(author_id).posts == (newest, *reversed(post_ids[-NEWEST + 1 :]))
    before = meter.read_units
    assert timelines.find_all([author_id, ids.new_id()]) == {author_id: timelines.find(author_id)}
    assert meter.read_units - before == 2  # half a unit each, and one for the consistent read


def test_a_post_leaves_a_timeline_and_what_no_feed_keeps_is_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    author_id, post_ids = ids.new_id(), [ids.new_id() for _ in range(3)]
    for post_id in post_ids:
        timelines.add(author_id, post_id)
    for _ in range(2):
        timelines.remove(author_id, post_ids[1])
    assert timelines.find(author_id).posts == (post_ids[2], post_ids[0])
    # when a month has passed
    later = clock.now() + store.KEPT_FOR
    monkeypatch.setattr(clock, "now", lambda: later)
    # then
    assert timelines.find(author_id).posts == ()


def test_forgetting_a_post_of_somebody_unknown_leaves_nothing_behind() -> None:
    author_id = ids.new_id()
    timelines.remove(author_id, ids.new_id())
    assert timelines.find_all([author_id]) == {}


def test_an_author_becomes_large_with_one_post_and_small_again() -> None:
    # given
    author_id, first, second = ids.new_id(), ids.new_id(), ids.new_id()
    timelines.add(author_id, first)
    # when
    timelines.cross(author_id, first)
    timelines.cross(author_id, second)
    # then the post that came second changes nothing
    assert timelines.find(author_id) == Timeline(author_id, (first,), is_large=True, crossed_by=first)
    # and back
    for _ in range(2):
        timelines.cross_back(author_id)
    assert timelines.find(author_id) == Timeline(author_id, (first,))
    timelines.drop(author_id)
    assert timelines.find(author_id) == Timeline(author_id)


def test_a_feed_is_trimmed_to_its_newest_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(store, "KEPT", 30)
    user_id, now = ids.new_id(), clock.now()
    entries = [Entry(user_id, ids.new_id(), "creator", now, 1.0) for _ in range(70)]
    store.put(entries)
    # when
    trimmed = [store.trim(user_id) for _ in range(2)]
    # then
    assert trimmed == [40, 0]
    assert store.newest(user_id, None, 100) == entries[:-31:-1]


def test_what_a_busy_table_leaves_undone_is_sent_again_alone() -> None:
    # given an engine that does but the first two of each request
    items = [AuthorItem(ids.new_id(), expires_at=0) for _ in range(5)]
    sizes: list[int] = []

    def busy(_client, _operation, params, proceed):  # type: ignore[no-untyped-def]
        [(table, requests)] = params["RequestItems"].items()
        sizes.append(len(requests))
        answer = proceed({**params, "RequestItems": {table: requests[:2]}})
        return {**answer, "UnprocessedItems": {table: requests[2:]} if requests[2:] else {}}

    # when
    with capacity.intercepted(lambda *call: busy(*call) if call[1] == "BatchWriteItem" else call[3](call[2])):
        batches.put(items)
    # then
    assert sizes == [5, 3, 1]
    assert len(batches.get(AuthorItem, [item.user_id for item in items])) == 5
    batches.delete(AuthorItem, ({"userId": item.user_id} for item in items))
    assert batches.get(AuthorItem, [item.user_id for item in items]) == []


def test_what_stays_undone_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "ATTEMPTS", 2)
    items = [AuthorItem(ids.new_id(), expires_at=0)]

    def undone(_client, operation, params, proceed):  # type: ignore[no-untyped-def]
        return {"UnprocessedItems": params["RequestItems"]} if operation == "BatchWriteItem" else proceed(params)

    with capacity.intercepted(undone), pytest.raises(Undone):
        batches.put(items)


def test_erasing_an_account_leaves_neither_reader_nor_timeline_nor_feed() -> None:
    # given
    user_id, post_id, now = ids.new_id(), ids.new_id(), clock.now()
    readers.begin(user_id, now)
    timelines.add(user_id, post_id)
    store.put([Entry(user_id, post_id, user_id, now, 1.0)])
    # when
    personal.ERASURES["feed"](user_id, None)
    # then
    assert readers.find(user_id) is None
    assert timelines.find_all([user_id]) == {}
    assert store.newest(user_id, None, 10) == []
