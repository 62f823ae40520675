"""Hashtags on the real engine."""

from functions.discovery import store
from heliograph import counters, ids
from tests.stores.samples import at_once, new_post


def test_a_tag_is_read_newest_first_over_all_its_shards() -> None:
    # given
    tag, posts = f"tag-{ids.new_id()}", [new_post() for _ in range(15)]
    for post in posts:
        store.add(tag, post)
    # when
    found: list[str] = []
    while page := store.newest(tag, found[-1] if found else None, 4):
        found += page
    # then
    assert found == [post.post_id for post in reversed(posts)]
    assert counters.total(store.counter(tag)).value == 15
    assert store.newest(f"tag-{ids.new_id()}", None, 4) == []


def test_adding_and_removing_twice_counts_once() -> None:
    # given
    tag, kept, gone = f"tag-{ids.new_id()}", new_post(), new_post()
    # when
    for post in (kept, kept, gone, gone):
        store.add(tag, post)
    for _ in range(2):
        store.remove(tag, gone.post_id)
    # then
    assert store.newest(tag, None, 10) == [kept.post_id]
    assert counters.total(store.counter(tag)) == counters.Total(1, 3)


def test_removing_what_was_never_there_counts_nothing() -> None:
    # given
    tag = f"tag-{ids.new_id()}"
    # when
    store.remove(tag, ids.new_id())
    # then
    assert counters.total(store.counter(tag)) == counters.Total(0, 0)


def test_one_post_added_by_many_at_once_counts_once() -> None:
    # given
    tag, post = f"tag-{ids.new_id()}", new_post()
    # when
    at_once(*[lambda: store.add(tag, post)] * 6)
    # then
    assert (store.newest(tag, None, 10), counters.total(store.counter(tag)).value) == ([post.post_id], 1)
