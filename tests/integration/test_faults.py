"""What happens when something goes wrong in the middle: poison, repeated and late events, on the real queues."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.client import Client, wait_until
from local.clouds.emulator import Feature
from local.instance import NAMESPACE
from local.redrive import redrive
from tests.integration.behind import PHOTO, Queue

pytestmark = [pytest.mark.reference, pytest.mark.needs(Feature.DEPLOYMENT)]

FANOUT = f"{NAMESPACE}-feed-fanout"


@pytest.fixture
def author(join: Callable[[str], Client]) -> Client:
    return join("vera")


def published(author: Client) -> dict[str, Any]:
    """A post that has arrived in its author's own feed."""
    post = author.create_post([author.upload(PHOTO)], caption="Here to stay")
    wait_until(lambda: [item["postId"] for item in author.items("/feed")] == [post["postId"]], what="the post")
    return post


def announcement(post: dict[str, Any]) -> str:
    """PostPublished as EventBridge delivers it to a queue."""
    data = {
        "postId": post["postId"],
        "authorId": post["author"]["userId"],
        "createdAt": post["createdAt"],
        "hashtags": [],
    }
    detail = {"id": "e-0", "schema": "PostPublished", "version": 1, "occurredAt": post["createdAt"], "data": data}
    return json.dumps({"detail-type": "PostPublished", "source": "heliograph", "detail": detail})


def in_feed(aws: Callable[[str], Any], owner: str, post_id: str) -> bool:
    key = {"userId": {"S": owner}, "postId": {"S": post_id}}
    return "Item" in aws("dynamodb").get_item(TableName=f"{NAMESPACE}-feeds", Key=key, ConsistentRead=True)


def test_poison_message_becomes_dead_letter_and_neighbours_are_processed(
    author: Client, aws: Callable[[str], Any]
) -> None:
    # Given a published post that has been lost from a feed
    queue, dead = Queue(aws("sqs"), FANOUT), Queue(aws("sqs"), f"{FANOUT}-dlq")
    post = published(author)
    key = {"userId": {"S": author.user_id}, "postId": {"S": post["postId"]}}
    aws("dynamodb").delete_item(TableName=f"{NAMESPACE}-feeds", Key=key)
    dead_before = dead.waiting()
    # When its announcement comes again between two messages that nobody can read
    with queue.impatient():
        queue.send("not json", announcement(post), json.dumps({"detail": {"schema": "Unheard", "version": 1}}))
        # Then the neighbour is worked on, and the other two are set aside
        wait_until(lambda: in_feed(aws, author.user_id, post["postId"]), what="the neighbour's effect")
        wait_until(lambda: dead.waiting() == dead_before + 2, seconds=60, what="two messages set aside")
        assert queue.waiting() == 0


def test_redrive_processes_dead_letters(author: Client, aws: Callable[[str], Any]) -> None:
    # Given a published post that has been lost from a feed, and its announcement among dead letters
    post = published(author)
    key = {"userId": {"S": author.user_id}, "postId": {"S": post["postId"]}}
    aws("dynamodb").delete_item(TableName=f"{NAMESPACE}-feeds", Key=key)
    dead = Queue(aws("sqs"), f"{FANOUT}-dlq")
    dead.empty()
    dead.send(announcement(post))
    # When it is redriven
    redrive(aws)
    # Then it has its effect, and nothing is left
    wait_until(lambda: in_feed(aws, author.user_id, post["postId"]), what="the effect")
    assert dead.waiting() == 0


def test_late_event_of_deleted_post_changes_nothing(author: Client, aws: Callable[[str], Any]) -> None:
    # Given a post that was published and deleted
    queue = Queue(aws("sqs"), FANOUT)
    post = published(author)
    author.delete(f"/posts/{post['postId']}")
    wait_until(lambda: not in_feed(aws, author.user_id, post["postId"]), what="the feed to forget")
    # When its publication is announced again, late and twice
    queue.send(announcement(post), announcement(post))
    wait_until(lambda: queue.waiting() == 0, what="the queue to be empty")
    # Then it stays forgotten
    assert not in_feed(aws, author.user_id, post["postId"])
    assert author.request("GET", f"/posts/{post['postId']}").status_code == 404
