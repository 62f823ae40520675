"""What the queue of the graph makes the service do."""

import json
from typing import Any

import pytest

from functions.graph import events, service
from heliograph import aws, config
from tests.unit.samples import sample

ANNA = "019aa1b2-0000-7000-8000-000000000001"
DONE = {"batchItemFailures": []}
QUEUE = "https://sqs.example/graph-open-requests"


class Sqs:
    def __init__(self) -> None:
        self.sent: list[str] = []

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803  (boto3's names)
        assert QueueUrl == QUEUE
        self.sent += [entry["MessageBody"] for entry in Entries]
        return {}


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Sqs:
    sqs = Sqs()
    monkeypatch.setenv("REQUESTS_QUEUE_URL", QUEUE)
    monkeypatch.setattr(aws, "client", lambda _service: sqs)
    config.forget()
    return sqs


def test_requests_to_a_changed_account_are_opened_turn_by_turn(
    sqs: Sqs, monkeypatch: pytest.MonkeyPatch, context: Any
) -> None:
    # given an account with two turns of requests
    turns = [True, False]
    opened: list[str] = []
    monkeypatch.setattr(service, "open_requests", lambda user_id: opened.append(user_id) or turns.pop(0))
    # when the bus brings its change, among other events
    assert events.open_requests(sample("sqs_index_events"), context) == DONE
    # then the first turn leaves a message for the second
    assert opened == [ANNA]
    [body] = sqs.sent
    assert events.open_requests({"Records": [{"messageId": "next", "body": body}]}, context) == DONE
    assert opened == [ANNA, ANNA]
    assert sqs.sent == [body]
    assert json.loads(body)["detail"]["schema"] == "UserChanged"
