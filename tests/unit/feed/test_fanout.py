"""Fan-out on write: what starts it, what each page does, and what is left when something happens in between."""

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.feed import events, fanout, pushing, queue, store
from functions.feed.fanout import Action, Page
from functions.graph import service as graph
from functions.posts import service as posts
from heliograph import aws, config, queues, tables
from heliograph.events import Followed, Unfollowed
from tests.unit.feed.samples import ANNA, BEN, POST, post, sample

SHARDS = range(graph.FOLLOWER_SHARDS)


class World:
    """Feeds as sets of (owner, post), the queue as a list, and one author with followers in one shard."""

    def __init__(self) -> None:
        self.feeds: set[tuple[str, str]] = set()
        self.sent: list[Page] = []
        self.followers = tables.Slice([BEN], None)
        self.posts = [post()]

    def published(self, post_id: str):
        """What each look at the post finds; the last answer stays."""
        assert post_id == POST
        return self.posts.pop(0) if len(self.posts) > 1 else self.posts[0]

    def put(self, entries) -> None:
        self.feeds |= {(entry.user_id, entry.post_id) for entry in entries}

    def remove(self, post_id, owners) -> None:
        self.feeds -= {(owner, post_id) for owner in owners}


@pytest.fixture
def world(monkeypatch) -> World:
    world = World()
    monkeypatch.setattr(posts, "published", world.published)
    monkeypatch.setattr(graph, "follower_page", lambda *_: world.followers)
    monkeypatch.setattr(store, "put", world.put)
    monkeypatch.setattr(store, "remove", world.remove)
    monkeypatch.setattr(queue, "send", world.sent.extend)
    return world


def page(action: Action = "push", after: str = "a") -> Page:
    return Page(action=action, post_id=POST, author_id=ANNA, shard=3, after=after)


def test_a_post_of_an_author_with_few_followers_is_everywhere_at_once(world):
    pushing.fan_out(POST, ANNA, "push")
    assert world.feeds == {(ANNA, POST), (BEN, POST)}
    assert world.sent == []


def test_shards_with_more_followers_go_on_page_by_page(world):
    world.followers = tables.Slice([BEN], BEN)
    pushing.fan_out(POST, ANNA, "push")
    assert world.feeds == {(ANNA, POST), (BEN, POST)}
    assert [(sent.shard, sent.action, sent.after) for sent in world.sent] == [(shard, "push", BEN) for shard in SHARDS]


def test_a_post_that_is_gone_already_is_not_pushed(world):
    world.posts = [None]
    pushing.fan_out(POST, ANNA, "push")
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


def test_a_push_ends_where_the_post_was_deleted_meanwhile(world):
    world.followers = tables.Slice([BEN], BEN)
    world.posts = [None]
    pushing.fan_out_page(page())
    assert (world.feeds, world.sent) == (set(), [])


def test_a_deletion_during_the_writes_takes_them_back(world):
    world.followers = tables.Slice([BEN], BEN)
    world.posts = [post(), None]
    pushing.fan_out_page(page())
    assert (world.feeds, world.sent) == (set(), [])


def test_forgetting_goes_through_all_pages_though_the_post_is_gone(world):
    world.posts = [None]
    world.followers = tables.Slice([BEN], BEN)
    world.feeds = {(BEN, POST), ("elsewhere", POST)}
    pushing.fan_out_page(page("forget"))
    assert world.feeds == {("elsewhere", POST)}
    assert world.sent == [page("forget", after=BEN)]


def test_an_archived_post_is_pushed_on_because_reading_hides_it(world):
    world.posts = [post(is_archived=True)]
    pushing.fan_out_page(page())
    assert world.feeds == {(BEN, POST)}


def test_delivered_twice_and_the_wrong_way_round_the_feeds_end_up_the_same(world, context):
    """PostDeleted before and after PostPublished, everything twice."""
    world.posts = [None]
    world.feeds = {(ANNA, POST), (BEN, POST)}
    records = sample("sqs_post_events")["Records"]
    for record in [*records[::-1], *records]:
        assert events.fan_out({"Records": [record]}, context) == {"batchItemFailures": []}
    for sent in set(world.sent):
        pushing.fan_out_page(sent)
        pushing.fan_out_page(sent)
    assert world.feeds == set()


def test_a_post_that_never_was_published_has_nothing_to_forget(world, context):
    record = sample("sqs_post_events")["Records"][1]
    record["body"] = record["body"].replace('"wasPublished": true', '"wasPublished": false')
    events.fan_out({"Records": [record]}, context)
    assert world.sent == []


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

    def send_message_batch(self, QueueUrl, Entries):  # noqa: N803  (boto3's names)
        assert QueueUrl == "https://sqs.example/feed-pages"
        self.batches.append(Entries)
        return {"Failed": self.failed}


@pytest.fixture
def sqs(monkeypatch) -> Sqs:
    sqs = Sqs([])
    monkeypatch.setenv("FANOUT_QUEUE_URL", "https://sqs.example/feed-pages")
    monkeypatch.setattr(aws, "client", lambda _service: sqs)
    config.forget()
    return sqs


def test_pages_are_sent_ten_at_a_time_in_the_form_the_consumer_reads(sqs):
    pages = [page(after=str(number)) for number in range(12)]
    queue.send(pages)
    assert [len(batch) for batch in sqs.batches] == [10, 2]
    assert [Page.model_validate(json.loads(item["MessageBody"])) for batch in sqs.batches for item in batch] == pages


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


def test_who_begins_to_follow_gets_the_newest_posts_and_who_ceases_to_loses_all(world, tie):
    tie[:] = [True]
    for _ in range(2):
        events._settle_tie(Followed(follower_id=BEN, followee_id=ANNA))
    assert world.feeds == {(BEN, POST)}
    tie[:] = [False]
    for _ in range(2):
        events._settle_tie(Unfollowed(follower_id=BEN, followee_id=ANNA))
    assert world.feeds == set()


def test_an_event_that_comes_late_does_what_is_true_by_now(world, tie):
    tie[:] = [True]
    events._settle_tie(Unfollowed(follower_id=BEN, followee_id=ANNA))
    assert world.feeds == {(BEN, POST)}


@pytest.mark.parametrize(("looks", "left"), [([False, True], {(BEN, POST)}), ([True, False], set())])
def test_a_change_of_mind_while_a_feed_is_written_is_followed(world, tie, looks, left):
    tie[:] = looks
    pushing.settle_tie(BEN, ANNA)
    assert world.feeds == left


def test_posts_that_no_feed_keeps_any_more_stay_out(world, tie, monkeypatch):
    tie[:] = [True]
    monkeypatch.setattr(store, "KEPT_FOR", timedelta(0))
    pushing.settle_tie(BEN, ANNA)
    assert world.feeds == set()
