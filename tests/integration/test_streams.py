"""Table streams that fail: records are retried, a poison record is set aside, and its neighbours arrive."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from local.client import Client, wait_until
from local.clouds.emulator import Feature
from local.instance import NAMESPACE
from local.redrive import StillFailing, redrive
from tests.integration.behind import Aws, Queue
from tests.integration.test_faults import published

pytestmark = pytest.mark.needs(Feature.STREAM_FAILURES)

PUBLISHER = f"{NAMESPACE}-kernel-publish-counters"
COUNTERS = f"{NAMESPACE}-counters"


@pytest.fixture
def author(join: Callable[[str], Client]) -> Client:
    return join("vito")


@contextmanager
def configured(aws: Aws, **variables: str) -> Iterator[None]:
    """The publisher of counts with other settings."""
    functions = aws("lambda")
    before = functions.get_function_configuration(FunctionName=PUBLISHER)["Environment"]["Variables"]

    def configure(values: dict[str, str]) -> None:
        functions.update_function_configuration(FunctionName=PUBLISHER, Environment={"Variables": values})
        functions.get_waiter("function_updated_v2").wait(FunctionName=PUBLISHER, WaiterConfig={"Delay": 1})

    configure(before | variables)
    try:
        yield
    finally:
        configure(before)


def said(aws: Aws, words: str) -> bool:
    """Whether the publisher has logged these words."""
    events = aws("logs").filter_log_events(logGroupName=f"/aws/lambda/{PUBLISHER}")["events"]
    return any(words in event["message"] for event in events)


def likes(client: Client, post: dict[str, Any]) -> int:
    return client.get(f"/posts/{post['postId']}")["likeCount"]


def test_publisher_retries_until_event_bus_is_back(author: Client, aws: Aws) -> None:
    # Given a count whose announcement finds no bus
    post = published(author)
    with configured(aws, AWS_ENDPOINT_URL_EVENTBRIDGE="http://localhost:1"):
        author.put(f"/posts/{post['postId']}/like")
        wait_until(lambda: said(aws, "the bus refused events"), what="the refusal")
        assert likes(author, post) == 0
    # When the bus is back, then it arrives
    wait_until(lambda: likes(author, post) == 1, seconds=90, what="the like")


def test_redrive_publishes_stream_records_from_dead_letters(
    author: Client, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a count whose announcement was given up
    post = published(author)
    dead = Queue(aws("sqs"), f"{NAMESPACE}-publishers-dlq")
    dead.empty()
    with configured(aws, AWS_ENDPOINT_URL_EVENTBRIDGE="http://localhost:1"):
        author.put(f"/posts/{post['postId']}/like")
        wait_until(lambda: dead.waiting() == 1, seconds=120, what="the dead letter")
    assert likes(author, post) == 0
    # When it is redriven
    redrive(aws)
    # Then it arrives, and nothing is left
    wait_until(lambda: likes(author, post) == 1, what="the like")
    assert dead.waiting() == 0
    assert "heliograph-publishers-dlq" in capsys.readouterr().out


def test_poison_stream_record_becomes_dead_letter_and_neighbours_arrive(author: Client, aws: Aws) -> None:
    # Given counts, one of which nobody can read
    post = published(author)
    dead = Queue(aws("sqs"), f"{NAMESPACE}-publishers-dlq")
    aws("dynamodb").put_item(TableName=COUNTERS, Item={"entity": {"S": "poison"}, "shard": {"S": "nowhere"}})
    author.put(f"/posts/{post['postId']}/like")
    # Then the good one counts
    wait_until(lambda: likes(author, post) == 1, seconds=60, what="the neighbour")
    # And the bad one is set aside, with where to find it again
    (letter,) = wait_until(dead.receive, seconds=120, what="the dead letter")
    assert letter["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert f"table/{COUNTERS}/" in letter["DDBStreamBatchInfo"]["streamArn"]
    assert letter["DDBStreamBatchInfo"]["startSequenceNumber"]
    # And it cannot be told again either, and stays
    dead.send(json.dumps(letter))
    with pytest.raises(StillFailing, match=PUBLISHER):
        redrive(aws)
    assert dead.waiting() == 1
    dead.receive()
    # And the stream goes on
    author.delete(f"/posts/{post['postId']}/like")
    wait_until(lambda: likes(author, post) == 0, seconds=60, what="the next record")
