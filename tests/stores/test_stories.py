"""Stories, the tray and views on the real engine."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from functions.posts.model import Location, Mention
from functions.stories import store
from functions.stories.model import Story
from functions.stories.store import StoryItem, TrayItem, ViewItem
from heliograph import clock, config, ids, transactions
from heliograph.counters import Total
from tests.capacity import Meter
from tests.stores import engine
from tests.stores.samples import committed, flat, new_story, pages

LATER = timedelta(hours=30)


def _written(**changes: object) -> Story:
    story = new_story(**changes)
    transactions.commit(lambda transaction: store.put(transaction, story))
    return story


def _view(story_id: str, user_id: str) -> bool:
    now = clock.now()
    item = ViewItem(story_id, user_id, created_at=now, expires_at=now + LATER)
    return committed(lambda transaction: store.put_view(transaction, item))


# --- Stories --------------------------------------------------------------------------------------------------------


def test_a_story_is_read_as_it_was_written() -> None:
    # given
    plain = _written()
    full = _written(
        media_url="a.jpg", filter="dawn", caption="Dusk #light", hashtags=("light",),
        mentioned_users=(Mention("user-1", "ben"),), location=Location("Lisbon", 38.7223, -9.1393),
    )  # fmt: skip
    # then
    assert [store.story(story.story_id) for story in (plain, full)] == [plain, full]
    assert store.story(ids.new_id()) is None
    assert store.as_story(StoryItem.get(full.story_id)) == full
    # and it expires by itself
    key = {"storyId": {"S": plain.story_id}}
    stored = engine.client().get_item(TableName=config.named("stories"), Key=key)["Item"]
    assert stored["expiresAt"] == {"N": str(clock.epoch(plain.expires_at))}


def test_an_id_is_used_once() -> None:
    # given
    story = _written()
    # then
    assert not committed(lambda transaction: store.put(transaction, replace(story, caption="Other")))
    assert store.story(story.story_id) == story


def test_a_processing_story_is_published_or_failed_once() -> None:
    # given
    published, failed = (_written(status="processing") for _ in range(2))
    ready = replace(published, status="published", media_url="a.jpg", filter="dawn")

    def publish(story: Story) -> bool:
        return committed(lambda transaction: store.publish(transaction, story))

    # when
    store.fail(failed.story_id, "corrupt")
    outcomes = [publish(ready), publish(ready), publish(replace(failed, media_url="a.jpg")), publish(new_story())]
    store.fail(published.story_id, "corrupt")
    # then
    assert outcomes == [True, False, False, False]
    assert store.story(published.story_id) == replace(ready, version=2)
    assert store.story(failed.story_id) == replace(failed, status="failed", failure_reason="corrupt", version=2)


@pytest.mark.parametrize("limit", [1, 2, 4, 5])
def test_somebodys_live_stories_are_paged_oldest_first(limit: int) -> None:
    # given live, unpublished and expired stories of one author in turn
    author, now = ids.new_id(), clock.now().replace(microsecond=0)
    soon = now + timedelta(hours=1)
    made = [
        _written(user_id=author, **changes)
        for _ in range(4)
        for changes in ({}, {"status": "processing"}, {"expires_at": soon})
    ]
    # when they are read at the moment at which the last have expired
    found = pages(partial(store.live_by, author, limit=limit, now=soon))
    # then
    assert flat(found) == made[::3]
    assert all(len(page) == limit for page in found[:-1])


def test_a_count_is_never_replaced_by_an_older_reading() -> None:
    # given
    story, unknown = _written(), ids.new_id()
    # when
    for total in (Total(3, 5), Total(1, 3), Total(9, 5)):
        store.write_count(story.story_id, total)
    store.write_count(unknown, Total(1, 1))
    # then
    assert store.story(story.story_id) == replace(story, view_count=3, version=2)
    assert store.story(unknown) is None


def test_deleting_twice_is_no_error() -> None:
    # given
    story = _written()
    # when
    for _ in range(2):
        transactions.commit(lambda transaction: store.delete(transaction, story.story_id))
    # then
    assert store.story(story.story_id) is None


# --- The tray -------------------------------------------------------------------------------------------------------


def test_the_tray_knows_the_last_story_of_each_author_until_it_expires(meter: Meter) -> None:
    # given authors who published twice, once, and long ago
    now = clock.now().replace(microsecond=0)
    twice, once, former = ids.new_id(), ids.new_id(), ids.new_id()
    shown = [new_story(user_id=author) for author in (twice, twice, once, former)]
    for story in shown:
        until = now + (timedelta(hours=1) if story.user_id == former else LATER)
        transactions.commit(
            lambda transaction, story=story, until=until: store.show_in_tray(transaction, story, until=until)
        )
    meter.requests.clear()
    # when more are asked for than a batch has keys
    asked = [twice, once, former, *(ids.new_id() for _ in range(110))]
    found = store.in_tray(asked, now=now + timedelta(hours=1))
    # then
    assert found == {twice: shown[1].story_id, once: shown[2].story_id}
    assert [request.operation for request in meter.requests] == ["BatchGetItem"] * 2
    assert TrayItem.get(twice).expires_at == now + LATER


# --- Views ----------------------------------------------------------------------------------------------------------


def test_a_view_counts_once() -> None:
    # given
    story_id, user_id = ids.new_id(), ids.new_id()
    # then
    assert [_view(story_id, user_id) for _ in range(2)] == [True, False]
    assert set(store.seen(user_id, [story_id, *(ids.new_id() for _ in range(110))])) == {story_id}
    assert store.seen(ids.new_id(), [story_id]) == {}


def test_viewers_are_paged_and_forgotten(meter: Meter) -> None:
    # given
    story_id, users = ids.new_id(), [ids.new_id() for _ in range(27)]
    now = clock.now()
    with ViewItem.batch_write() as batch:
        for user_id in users:
            batch.save(ViewItem(story_id, user_id, created_at=now, expires_at=now + LATER))
    # then
    found = pages(partial(store.viewers, story_id, limit=10))
    assert [len(page) for page in found] == [10, 10, 7]
    assert flat(found) == sorted(users)
    # and when the story is gone, so are they; again is no error
    meter.requests.clear()
    for _ in range(2):
        store.delete_views(story_id)
    assert store.viewers(story_id, None, 50).items == []
    assert all(request.params["ConsistentRead"] for request in meter.requests[:1])


# --- Of one person --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_all_stories_and_views_of_somebody_are_paged(limit: int) -> None:
    # given stories in every state, and views
    user_id = ids.new_id()
    past = clock.now().replace(microsecond=0) - timedelta(hours=1)
    stories = [_written(user_id=user_id, **changes) for changes in ({}, {"status": "processing"}, {"expires_at": past})]
    seen = sorted(ids.new_id() for _ in range(4))
    for story_id in seen:
        _view(story_id, user_id)
    # then
    written = flat(pages(partial(store.written_by, user_id, limit=limit)))
    assert written == [story.story_id for story in stories]
    assert store.stories([*written, ids.new_id()]) == {story.story_id: story for story in stories}
    assert flat(pages(partial(store.seen_by, user_id, limit=limit))) == seen


def test_a_view_is_taken_back_once() -> None:
    # given
    story_id, user_id = ids.new_id(), ids.new_id()
    _view(story_id, user_id)

    def take_back() -> bool:
        return committed(lambda transaction: store.delete_view(transaction, story_id, user_id))

    # then
    assert [take_back() for _ in range(2)] == [True, False]
    assert store.seen(user_id, [story_id]) == {}


def test_the_words_of_a_story_are_written_over_those_that_were_read_only() -> None:
    # given
    story = _written(caption="Dusk with @ben", mentioned_users=(Mention("user-1", "ben"),))
    after = replace(story, caption="Dusk with somebody", mentioned_users=())

    def rewrite(before: Story) -> bool:
        return committed(lambda transaction: store.rewrite(transaction, before, after))

    # then
    assert [rewrite(story), rewrite(story), rewrite(new_story())] == [True, False, False]
    assert store.story(story.story_id) == replace(after, version=2)


def test_an_author_leaves_the_tray_once() -> None:
    # given
    story = new_story()
    transactions.commit(lambda transaction: store.show_in_tray(transaction, story, until=clock.now() + LATER))
    # then
    assert [store.leave_tray(story.user_id) for _ in range(2)] == [True, False]
    assert store.in_tray([story.user_id], now=clock.now()) == {}
