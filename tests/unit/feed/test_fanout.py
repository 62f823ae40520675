"""Fan-out on write: what starts it, what each page does, and what is left when something happens in between."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.accounts import service as accounts
from functions.feed import events, fanout, pushing, queue, readers, store, timelines
from functions.feed.fanout import Action, Page
from functions.feed.hybrid import Feed
from functions.feed.readers import Reader
from functions.feed.rebuilding import PULLED
from functions.feed.timelines import Timeline
from functions.graph import service as graph
from functions.posts import service as posts
from heliograph import aws, config, live, queues, tables
from heliograph.events import Followed, PostChanged, PostDeleted, Unfollowed
from tests.unit.feed.samples import ANNA, BEN, NOON, POST, post, profile, sample

SHARDS = range(graph.FOLLOWER_SHARDS)


class World:
    """Feeds as sets of (owner, post), the queue as a list, and one author with followers in one shard."""

    def __init__(self) -> None:
        self.feeds: set[tuple[str, str]] = set()
        self.sent: list[Page] = []
        self.followers = tables.Slice([BEN], None)
        self.count = 2
        self.inactive: set[str] = set()
        self.posts = [post()]
        self.timeline = Timeline(ANNA)
        self.pulled: dict[str, tuple[str, ...]] = {}

    def published(self, post_id: str):
        """What each look at the post finds; the last answer stays."""
        assert post_id == POST
        return self.posts.pop(0) if len(self.posts) > 1 else self.posts[0]

    def put(self, entries) -> None:
        self.feeds |= {(entry.user_id, entry.post_id) for entry in entries}

    def remove(self, post_id, owners) -> None:
        self.feeds -= {(owner, post_id) for owner in owners}

    def add(self, author_id, post_id) -> Timeline:
        assert author_id == ANNA
        self.timeline = replace(self.timeline, posts=tuple({*self.timeline.posts, post_id}))
        return self.timeline

    def discard(self, author_id, post_id) -> None:
        self.timeline = replace(self.timeline, posts=tuple({*self.timeline.posts} - {post_id}))

    def cross(self, author_id, post_id) -> None:
        self.timeline = replace(self.timeline, is_large=True, crossed_by=post_id)

    def cross_back(self, author_id) -> None:
        self.timeline = replace(self.timeline, is_large=False, crossed_by=None)

    def revise(self, user_id, change) -> None:
        if user_id not in self.inactive:
            self.pulled[user_id] = change(Reader(user_id, NOON, self.pulled.get(user_id, ()))).pulled

    def work_off(self) -> None:
        """Every page that waits, and those that it sends: to an author's last follower in each shard."""
        while self.sent:
            waiting, self.sent[:] = [*self.sent], []
            self.followers = tables.Slice(self.followers.items, None)
            for sent in waiting:
                pushing.fan_out_page(sent)


@pytest.fixture
def world(monkeypatch) -> Iterator[World]:
    world = World()
    monkeypatch.setattr(posts, "published", world.published)
    monkeypatch.setattr(graph, "follower_page", lambda *_: world.followers)
    monkeypatch.setattr(accounts, "profiles", lambda _: {ANNA: profile(ANNA, follower_count=world.count)})
    monkeypatch.setattr(live, "fetch", lambda _: Feed(threshold=100))
    monkeypatch.setattr(store, "put", world.put)
    monkeypatch.setattr(store, "remove", world.remove)
    monkeypatch.setattr(store, "trim", lambda _: None)
    monkeypatch.setattr(timelines, "find", lambda _: world.timeline)
    monkeypatch.setattr(timelines, "add", world.add)
    monkeypatch.setattr(timelines, "remove", world.discard)
    monkeypatch.setattr(timelines, "cross", world.cross)
    monkeypatch.setattr(timelines, "cross_back", world.cross_back)
    monkeypatch.setattr(readers, "active", lambda owners, _now: {*owners} - world.inactive)
    monkeypatch.setattr(readers, "revise", world.revise)
    monkeypatch.setattr(queue, "send", world.sent.extend)
    live.forget()
    yield world
    live.forget()


def page(action: Action = "push", after: str = "a") -> Page:
    return Page(action=action, post_id=POST, author_id=ANNA, shard=3, after=after)


def test_a_post_of_an_author_with_few_followers_is_everywhere_at_once(world):
    pushing.publish(POST, ANNA)
    assert world.feeds == {(ANNA, POST), (BEN, POST)}
    assert world.sent == []


def test_shards_with_more_followers_go_on_page_by_page(world):
    world.followers = tables.Slice([BEN], BEN)
    pushing.publish(POST, ANNA)
    assert world.feeds == {(ANNA, POST), (BEN, POST)}
    assert [(sent.shard, sent.action, sent.after) for sent in world.sent] == [(shard, "push", BEN) for shard in SHARDS]


def test_a_post_that_is_gone_already_is_not_pushed(world):
    world.posts = [None]
    pushing.publish(POST, ANNA)
    assert (world.feeds, world.sent) == (set(), [])


def test_a_page_writes_its_followers_feeds_and_then_passes_on(world):
    world.followers = tables.Slice([BEN, "c"], "c")
    pushing.fan_out_page(page())
    assert world.feeds == {(BEN, POST), ("c", POST)}
    assert world.sent == [page(after="c")]


def test_the_last_page_ends_the_chain(world):
    pushing.fan_out_page(page(after="b"))
    assert (world.feeds, world.sent) == ({(BEN, POST)}, [])


def test_an_empty_shard_costs_no_look_at_the_post(world, monkeypatch):
    world.followers = tables.Slice([], None)
    monkeypatch.setattr(posts, "published", None)
    pushing.fan_out_page(page())
    assert (world.feeds, world.sent) == (set(), [])


def test_a_page_passes_on_only_after_its_own_work_so_that_a_crash_repeats_it(world, monkeypatch):
    def refuse(pages):
        raise queues.MessagesRefused

    world.followers = tables.Slice([BEN], BEN)
    monkeypatch.setattr(queue, "send", refuse)
    with pytest.raises(queues.MessagesRefused):
        pushing.fan_out_page(page())
    assert world.feeds == {(BEN, POST)}


@pytest.mark.parametrize("gone", [None, post(is_archived=True)], ids=["deleted", "archived"])
def test_push_stops_when_the_post_is_hidden_or_deleted(world, gone):
    world.followers = tables.Slice([BEN], BEN)
    world.posts = [gone]
    pushing.fan_out_page(page())
    assert (world.feeds, world.sent) == (set(), [])


@pytest.mark.parametrize("gone", [None, post(is_archived=True)], ids=["deleted", "archived"])
def test_push_is_undone_when_the_post_changes_during_the_writes(world, gone):
    world.followers = tables.Slice([BEN], BEN)
    world.posts = [post(), gone]
    pushing.publish(POST, ANNA)
    assert (world.feeds, world.sent, world.timeline.posts) == (set(), [], ())


def test_removal_covers_all_pages_after_the_post_is_deleted(world):
    world.posts = [None]
    world.followers = tables.Slice([BEN], BEN)
    world.feeds = {(BEN, POST), ("elsewhere", POST)}
    pushing.fan_out_page(page("forget"))
    assert world.feeds == {("elsewhere", POST)}
    assert world.sent == [page("forget", after=BEN)]


def test_removal_stops_when_an_archived_post_is_restored(world):
    world.followers = tables.Slice([BEN], BEN)
    world.posts = [post(is_archived=True), post()]
    pushing.fan_out_page(page("forget"))
    assert (world.feeds, world.sent) == ({(BEN, POST)}, [])


def test_an_archived_post_leaves_every_feed_and_a_changed_one_none(world):
    changed = PostChanged(post_id=POST, author_id=ANNA, hashtags=[], former_hashtags=[])
    pushing.publish(POST, ANNA)
    # when its caption changes
    events._fan_out(changed)
    assert world.feeds == {(ANNA, POST), (BEN, POST)}
    # when it is archived
    world.posts = [post(is_archived=True)]
    events._fan_out(changed)
    assert (world.feeds, world.timeline.posts) == (set(), ())


def test_repeated_and_reordered_pages_give_the_same_feeds(world, context):
    """PostDeleted before and after PostPublished, everything twice."""
    world.posts = [None]
    world.feeds, world.timeline = {(ANNA, POST), (BEN, POST)}, Timeline(ANNA, (POST,))
    records = sample("sqs_post_events")["Records"]
    for record in [*records[::-1], *records]:
        assert events.fan_out({"Records": [record]}, context) == {"batchItemFailures": []}
    for sent in set(world.sent):
        pushing.fan_out_page(sent)
        pushing.fan_out_page(sent)
    assert (world.feeds, world.timeline.posts) == (set(), ())


@pytest.mark.parametrize("was_published", [True, False])
def test_a_post_that_never_was_published_has_nothing_to_forget(world, was_published):
    world.posts, world.feeds = [None], {(BEN, POST)}
    events._fan_out(
        PostDeleted(post_id=POST, author_id=ANNA, media_ids=[], hashtags=[], version=2, was_published=was_published)
    )
    assert (world.feeds == set()) is was_published


def test_the_page_consumer_reads_its_queue_and_reports_a_poison_message_alone(world, context):
    batch = sample("sqs_feed_pages")
    batch["Records"].append({**batch["Records"][0], "messageId": "poison", "body": '{"action": "burn"}'})
    assert events.fan_out_page(batch, context) == {"batchItemFailures": [{"itemIdentifier": "poison"}]}


def test_entries_are_equal_for_every_delivery(monkeypatch):
    [entry] = fanout.entries(post(), [BEN])
    item = store._item(entry).serialize()
    assert item == {
        "userId": {"S": BEN},
        "postId": {"S": POST},
        "creatorId": {"S": ANNA},
        "createdAt": {"S": "2026-11-22T12:00:00.000Z"},
        "score": {"N": "1.0"},
        "expiresAt": {"N": "1797940800"},  # thirty days after the post
    }


class Sqs:
    def __init__(self, failed: list[dict[str, str]]) -> None:
        self.failed = failed
        self.batches: list[list[dict[str, Any]]] = []
        self.urls: set[str] = set()

    def send_message_batch(self, QueueUrl, Entries):  # noqa: N803  (boto3's names)
        self.urls.add(QueueUrl)
        self.batches.append(Entries)
        return {"Failed": self.failed}


@pytest.fixture
def sqs(monkeypatch) -> Sqs:
    sqs = Sqs([])
    monkeypatch.setenv("FANOUT_QUEUE_URL", "https://sqs.example/feed-pages")
    monkeypatch.setenv("FANOUT_MANY_QUEUE_URL", "https://sqs.example/feed-pages-many")
    monkeypatch.setattr(aws, "client", lambda _service: sqs)
    config.forget()
    return sqs


def test_pages_are_sent_ten_at_a_time_in_the_form_the_consumer_reads(sqs):
    pages = [page(after=str(number)) for number in range(12)]
    queue.send(pages)
    assert [len(batch) for batch in sqs.batches] == [10, 2]
    assert sqs.urls == {"https://sqs.example/feed-pages"}
    assert [Page.model_validate(json.loads(item["MessageBody"])) for batch in sqs.batches for item in batch] == pages


def test_pages_of_authors_with_many_wait_in_a_queue_of_their_own_and_stay_there(sqs):
    many = page().model_copy(update={"many": True})
    queue.send([fanout.next_page(many, BEN)])
    assert sqs.urls == {"https://sqs.example/feed-pages-many"}


def test_pages_are_grouped_by_author(sqs):
    queue.send([page()])
    assert {item["MessageGroupId"] for batch in sqs.batches for item in batch} == {ANNA}


def test_sending_no_pages_makes_no_request(sqs):
    queue.send([])
    assert sqs.batches == []


def test_a_message_that_sqs_refuses_is_a_failure(sqs):
    sqs.failed = [{"Id": "0", "Code": "InternalError"}]
    with pytest.raises(queues.MessagesRefused, match="InternalError"):
        queue.send([page()])


# --- Ties that begin and end ----------------------------------------------------------------------------------------


@pytest.fixture
def tie(monkeypatch, world) -> list[bool]:
    """Whether Ben follows Anna, at each look; the last answer stays."""
    looks: list[bool] = []
    monkeypatch.setattr(graph, "follows", lambda *_: looks.pop(0) if len(looks) > 1 else looks[0])
    monkeypatch.setattr(posts, "published_by", lambda *_: tables.Slice([POST], None))
    # The sample post is of the past.
    monkeypatch.setattr(store, "KEPT_FOR", timedelta(days=36500))
    monkeypatch.setattr(store, "forget_creator", lambda owner, _: world.remove(POST, [owner]))
    return looks


def test_follow_backfills_feed_and_unfollow_clears_it(world, tie):
    tie[:] = [True]
    for _ in range(2):
        events._settle_tie(Followed(follower_id=BEN, followee_id=ANNA))
    assert world.feeds == {(BEN, POST)}
    tie[:] = [False]
    for _ in range(2):
        events._settle_tie(Unfollowed(follower_id=BEN, followee_id=ANNA))
    assert world.feeds == set()


def test_late_event_applies_the_current_state(world, tie):
    tie[:] = [True]
    events._settle_tie(Unfollowed(follower_id=BEN, followee_id=ANNA))
    assert world.feeds == {(BEN, POST)}


@pytest.mark.parametrize(("looks", "left"), [([False, True], {(BEN, POST)}), ([True, False], set())])
def test_unfollow_during_a_backfill_is_applied(world, tie, looks, left):
    tie[:] = looks
    pushing.settle_tie(BEN, ANNA)
    assert world.feeds == left


def test_posts_that_no_feed_keeps_any_more_stay_out(world, tie, monkeypatch):
    tie[:] = [True]
    monkeypatch.setattr(store, "KEPT_FOR", timedelta(0))
    pushing.settle_tie(BEN, ANNA)
    assert world.feeds == set()


# --- Who is served, and authors too large to be pushed --------------------------------------------------------------


def test_only_active_followers_are_pushed_to(world):
    world.followers, world.inactive = tables.Slice([BEN, "away"], None), {"away"}
    pushing.publish(POST, ANNA)
    assert world.feeds == {(ANNA, POST), (BEN, POST)}


def test_authors_own_feed_has_their_posts_whether_they_read_it_or_not(world):
    world.inactive = {ANNA, BEN}
    pushing.publish(POST, ANNA)
    assert world.feeds == {(ANNA, POST)}


@pytest.mark.parametrize(("count", "many"), [(fanout.MANY - 1, False), (fanout.MANY, True)])
def test_pages_of_an_author_with_many_followers_are_marked(world, monkeypatch, count, many):
    monkeypatch.setattr(live, "fetch", lambda _: Feed())
    world.followers, world.count = tables.Slice([BEN], BEN), count
    pushing.publish(POST, ANNA)
    assert {sent.many for sent in world.sent} == {many}


def test_a_post_of_a_large_author_goes_into_the_timeline_and_the_own_feed_only(world):
    # given an author who has been large since another post
    world.count, world.timeline = 100, Timeline(ANNA, is_large=True, crossed_by="another")
    pushing.publish(POST, ANNA)
    assert (world.feeds, world.sent, world.timeline.posts) == ({(ANNA, POST)}, [], (POST,))


def test_post_crossing_the_threshold_is_pushed_and_switches_followers_to_pull(world):
    world.count, world.followers = 100, tables.Slice([BEN, "c"], "c")
    # when, and when the event comes again
    for _ in range(2):
        pushing.publish(POST, ANNA)
    world.work_off()
    # then
    assert world.feeds == {(ANNA, POST), (BEN, POST), ("c", POST)}
    assert world.pulled == {BEN: (ANNA,), "c": (ANNA,)}
    assert world.timeline == Timeline(ANNA, (POST,), is_large=True, crossed_by=POST)


def test_followers_switch_to_pull_even_if_the_post_is_deleted(world):
    # given a post that is gone after the first followers were served
    world.count, world.followers = 100, tables.Slice([BEN, "c"], "c")
    world.posts = [post(), post(), None]
    # when
    pushing.publish(POST, ANNA)
    world.followers = tables.Slice(["d"], None)
    world.work_off()
    # then
    assert world.pulled == {BEN: (ANNA,), "c": (ANNA,), "d": (ANNA,)}
    assert world.timeline.is_large


@pytest.mark.parametrize(("count", "pushed"), [(80, False), (79, True)])
def test_an_author_stays_large_until_well_below_the_threshold(world, count, pushed):
    world.count, world.timeline = count, Timeline(ANNA, is_large=True, crossed_by="another")
    pushing.publish(POST, ANNA)
    assert ((BEN, POST) in world.feeds) == pushed
    assert world.timeline.is_large != pushed


def test_pulled_post_is_removed_without_fan_out_and_pushed_post_with_it(world):
    world.posts, world.followers = [None], tables.Slice([BEN], BEN)
    world.feeds = {(ANNA, POST), (BEN, POST)}
    world.timeline = Timeline(ANNA, (POST,), is_large=True, crossed_by="another")
    pushing.forget(POST, ANNA)
    assert (world.feeds, world.sent, world.timeline.posts) == ({(BEN, POST)}, [], ())
    world.timeline = Timeline(ANNA, (POST,), is_large=True, crossed_by=POST)
    pushing.forget(POST, ANNA)
    assert (world.feeds, len(world.sent)) == (set(), len(SHARDS))


def test_follow_of_a_large_author_starts_pulling_and_unfollow_stops_it(world, tie):
    world.timeline = Timeline(ANNA, is_large=True)
    world.pulled = {BEN: tuple(f"author{number}" for number in range(PULLED))}
    tie[:] = [True]
    pushing.settle_tie(BEN, ANNA)
    assert world.pulled[BEN] == (ANNA, *(f"author{number}" for number in range(PULLED - 1)))
    assert world.feeds == set()
    tie[:] = [False]
    pushing.settle_tie(BEN, ANNA)
    assert ANNA not in world.pulled[BEN]
