"""Labels on the real engine: rows with their count, shards that grow under writes, privacy that changes."""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from cachetools import TTLCache

from functions.accounts.store import UserItem
from functions.discovery import labels, places, sharding, store, tagging
from functions.discovery.store import TaggedPost
from functions.posts import service as posts
from functions.posts.service import Location, Post
from heliograph import clock, counters, ids, tables
from heliograph.counters import Total
from heliograph.events import Place
from tests.capacity import Meter
from tests.stores.samples import at_once, joined, new_post, written_post


@pytest.fixture(autouse=True)
def _fresh() -> None:
    store.forget_epochs()


@pytest.fixture
def label() -> str:
    """One that nobody else uses."""
    return f"tag-{ids.new_id()}"


def counted(label: str) -> int:
    return counters.total(labels.counter(label)).value


def read(label: str, page: int = 4) -> list[str]:
    """All posts with a label, page by page."""
    found: list[str] = []
    while more := store.newest(label, found[-1] if found else None, page):
        found += more
    return found


def public_rows(label: str) -> int:
    return sum(not row.is_private for row in store.rows(label, None, 1000))


def newest_first(shown: list[Post]) -> list[str]:
    return sorted((post.post_id for post in shown), reverse=True)


# --- Rows and counts --------------------------------------------------------------------------------------------------


def test_a_label_is_read_newest_first_page_by_page(label: str) -> None:
    # given
    shown = [new_post() for _ in range(15)]
    for post in random.Random(1).sample(shown, len(shown)):
        store.add(label, post, is_private=False)
    # then
    assert read(label) == newest_first(shown)
    assert counted(label) == 15
    assert store.newest(f"tag-{ids.new_id()}", None, 4) == []


def test_adding_and_removing_twice_counts_once(label: str) -> None:
    # given
    kept, gone = new_post(), new_post()
    # when
    for post in (kept, kept, gone, gone):
        store.add(label, post, is_private=False)
    for _ in range(2):
        store.remove(label, gone.post_id)
    # then
    assert store.newest(label, None, 10) == [kept.post_id]
    assert counters.total(labels.counter(label)) == Total(1, 3)


def test_removing_what_was_never_there_counts_nothing(label: str) -> None:
    store.remove(label, ids.new_id())
    assert counters.total(labels.counter(label)) == Total(0, 0)


def test_label_is_removed_once_by_two_who_saw_it(label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given somebody who has read a row that is removed, or becomes private, before they write
    posts_with_it = [new_post() for _ in range(3)]
    for post in posts_with_it:
        store.add(label, post, is_private=False)
    find = tables.find
    post_ids = [post.post_id for post in posts_with_it]
    seen = {one: find(TaggedPost, store._partition(label, one), one, consistent=True) for one in post_ids}
    store.remove(label, posts_with_it[0].post_id)
    store.add(label, posts_with_it[1], is_private=True)
    monkeypatch.setattr(tables, "find", lambda *key, **how: seen.pop(key[2]) if key[2] in seen else find(*key, **how))
    # when
    for post in posts_with_it[:2]:
        store.remove(label, post.post_id)
    # then what the third counts is left
    assert counted(label) == 1
    assert store.newest(label, None, 10) == [posts_with_it[2].post_id]


def test_one_post_added_by_many_at_once_counts_once(label: str) -> None:
    post = new_post()
    at_once(*[lambda: store.add(label, post, is_private=False)] * 6)
    assert (store.newest(label, None, 10), counted(label)) == ([post.post_id], 1)


def test_posts_of_private_accounts_are_listed_but_not_counted(label: str) -> None:
    # given
    private, public = new_post(), new_post()
    store.add(label, private, is_private=True)
    store.add(label, public, is_private=False)
    # then
    assert [(row.post_id, row.is_private) for row in store.rows(label, None, 10)] == [
        (public.post_id, False),
        (private.post_id, True),
    ]
    assert counted(label) == 1
    # and one that is taken back was never counted
    store.remove(label, private.post_id)
    assert counters.total(labels.counter(label)) == Total(1, 1)


def test_privacy_that_changes_moves_the_count_once(label: str) -> None:
    # given
    post = new_post()
    seen: list[int] = []
    for is_private in (False, True, True, False, False, True):
        store.add(label, post, is_private=is_private)
        seen.append(counted(label))
    # then
    assert seen == [1, 0, 0, 1, 1, 0]
    assert store.newest(label, None, 10) == [post.post_id]


def test_whatever_happens_at_once_the_count_is_that_of_the_public_rows(label: str) -> None:
    # given changes of a few posts, of which many come at once and in any order
    shown = [new_post() for _ in range(4)]

    def play(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(12):
            post = dice.choice(shown)
            change: Callable[[], None] = dice.choice(
                [
                    partial(store.add, label, post, is_private=False),
                    partial(store.add, label, post, is_private=True),
                    partial(store.remove, label, post.post_id),
                ]
            )
            change()

    # when
    at_once(*(partial(play, seed) for seed in range(4)))
    # then
    assert counted(label) == public_rows(label)


# --- Shards that grow -------------------------------------------------------------------------------------------------


@pytest.fixture
def popular(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few posts are many, and every new one looks."""
    monkeypatch.setattr(sharding, "POPULARITY", ((0, 1), (5, 4), (10, 16)))
    monkeypatch.setattr(store, "LOOKED_AT", 1)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Lets time go by."""
    now = clock.now

    def pass_by(span: timedelta) -> None:
        moment = clock.now() + span - now()
        monkeypatch.setattr(clock, "now", lambda: now() + moment)

    return pass_by


def posted() -> Post:
    """A post whose id is of the test's own time."""
    return new_post(post_id=ids.prefix_at(clock.now()) + ids.new_id()[13:], created_at=clock.now())


@pytest.mark.usefixtures("popular")
def test_a_label_grows_with_its_popularity_and_nothing_is_missed(
    label: str, later: Callable[[timedelta], None]
) -> None:
    # given a label that grows twice
    shown: list[Post] = []
    widths: list[int] = []
    for _ in range(3):
        for _ in range(8):
            shown.append(posted())
            store.add(label, shown[-1], is_private=False)
        widths.append(store.shards_now(label))
        # what was there before the growth was decided can be added late
        late = new_post()
        store.add(label, late, is_private=False)
        shown.append(late)
        later(sharding.GRACE + timedelta(seconds=1))
    # then
    assert widths == [1, 4, 16]
    assert read(label, 5) == newest_first(shown)
    assert counted(label) == len(shown)
    # and what was written at any width is found, by what says it again and by what takes it back
    for post in shown:
        store.add(label, post, is_private=False)
    assert counted(label) == len(shown)
    for post in shown:
        store.remove(label, post.post_id)
    assert (read(label), counted(label)) == ([], 0)


@pytest.mark.usefixtures("popular")
def test_a_growth_is_decided_once_and_waits_until_every_process_knows(
    label: str, later: Callable[[timedelta], None]
) -> None:
    # given a label with enough posts
    for _ in range(6):
        store.add(label, posted(), is_private=False)
    # when many decide at once
    at_once(*[lambda: store.grow(label)] * 4)
    store.forget_epochs()
    # then posts of now still lie where a process that has not heard of it looks for them
    assert store.shards_now(label) == 1
    later(sharding.GRACE - timedelta(seconds=5))
    assert store.shards_now(label) == 1
    later(timedelta(seconds=6))
    assert store.shards_now(label) == 4


@pytest.mark.usefixtures("popular")
def test_a_reader_misses_nothing_while_a_label_grows_under_concurrent_writes(
    label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a growth that comes in force while writers write, each of which has believed in epochs for some time
    monkeypatch.setattr(sharding, "GRACE", timedelta(milliseconds=400))
    believed = TTLCache[str, sharding.Epochs | None](100, 0.1, time.monotonic)
    monkeypatch.setattr(store._believed, "_values", believed)
    written: list[str] = []
    missed: list[str] = []

    def write() -> None:
        for _ in range(40):
            post = new_post()
            store.add(label, post, is_private=False)
            written.append(post.post_id)

    def look() -> None:
        for _ in range(15):
            known = set(written)
            missed.extend(known - set(read(label, 50)))

    # when
    at_once(write, write, write, look, look)
    # then
    assert missed == []
    assert store.shards_now(label) > 1
    assert read(label, 7) == sorted(written, reverse=True)
    assert counted(label) == len(written)


def test_a_page_of_a_small_label_is_one_query(label: str, meter: Meter) -> None:
    # given a label of some posts, whose epochs this process knows
    for _ in range(3):
        store.add(label, new_post(), is_private=False)
    before = len(meter.requests)
    # when
    store.newest(label, None, 20)
    # then
    assert [request.operation for request in meter.requests[before:]] == ["Query"]


# --- Settling, with the real post and the real author -----------------------------------------------------------------


def test_a_post_is_settled_under_hashtags_and_place_and_follows_its_authors_privacy(label: str) -> None:
    # given
    author = joined()
    town = Location(label, 52.52, 13.405)
    post = written_post(user_id=author, hashtags=(label,), location=town)
    place = f"@{label}@52.5,13.4"
    tagging.settle(post.post_id, [])
    assert (counted(label), counted(place)) == (1, 1)
    assert places.named(place) == Place(name=label, lat=52.52, lon=13.405)
    # when the account becomes private
    UserItem(author).update([UserItem.is_private.set(True)])
    tagging.settle(post.post_id, [])
    # then
    assert (counted(label), counted(place)) == (0, 0)
    assert store.newest(label, None, 5) == store.newest(place, None, 5) == [post.post_id]
    assert places.named(place) is None
    # and when it is public again, and the post says something else
    UserItem(author).update([UserItem.is_private.set(False)])
    posts.rewrite(post.post_id, lambda before: replace(before, hashtags=(f"{label}moved",), location=None))
    tagging.settle(post.post_id, [label, place])
    assert (counted(label), counted(place), counted(f"{label}moved")) == (0, 0, 1)
