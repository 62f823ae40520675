"""The queues, the bus and the streams that are played in the test process, as consumers of AWS would find them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.process.assembly import Feed, QueueSpec, Rule
from tests.process.events import Events

QUEUE = QueueSpec("work", receives=3, dead_letters="work-dlq")


class Wiring:
    """One queue with a consumer, fed by one rule and by uploads of one bucket."""

    def __init__(self, pattern: dict[str, Any] | None = None) -> None:
        self._pattern = pattern or {"source": ["heliograph"], "detail-type": ["PostPublished"]}

    def queues(self) -> list[QueueSpec]:
        return [QUEUE, QueueSpec("work-dlq")]

    def mappings(self) -> list[Feed]:
        return [Feed("work", "worker", 10), Feed("posts", "publisher", 2)]

    def rules(self) -> list[Rule]:
        return [Rule(self._pattern, "work")]

    def upload_queues(self) -> list[tuple[str, str, str]]:
        return [("uploads", "photos/", "work")]


class Changes:
    """A table's stream that holds these records."""

    def __init__(self, *records: dict[str, Any]) -> None:
        self._records = list(records)

    def read(self, _table: str, limit: int) -> list[dict[str, Any]]:
        taken, self._records = self._records[:limit], self._records[limit:]
        return taken


def failing(*bodies: str) -> tuple[list[list[str]], Callable[[str, dict[str, Any]], Any]]:
    """A consumer that fails for these messages, and the batches that it has been given."""
    batches: list[list[str]] = []

    def invoke(_function: str, event: dict[str, Any]) -> Any:
        batches.append([record["body"] for record in event["Records"]])
        failed = [record["messageId"] for record in event["Records"] if record["body"] in bodies]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    return batches, invoke


def events(invoke: Callable[[str, dict[str, Any]], Any], wiring: Wiring | None = None, *changes: Any) -> Events:
    return Events(wiring or Wiring(), Changes(*changes), invoke)  # pyright: ignore[reportArgumentType]


def test_failed_message_is_delivered_again_and_then_set_aside() -> None:
    batches, invoke = failing("poison")
    behind = events(invoke)
    for body in ("poison", "good"):
        behind.send("work", body)
    behind.settle()
    assert batches == [["poison", "good"], ["poison"], ["poison"]]
    assert [(name, message.body) for name, message in behind.dead_letters()] == [("work-dlq", "poison")]


def test_delayed_message_waits() -> None:
    batches, invoke = failing()
    behind = events(invoke)
    behind.send("work", "later", delay_seconds=60)
    behind.settle()
    assert batches == []


def test_held_events_happen_afterwards() -> None:
    batches, invoke = failing()
    behind = events(invoke)
    with behind.held():
        behind.send("work", "one")
        behind.settle()
        assert batches == []
    behind.settle()
    assert batches == [["one"]]


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ({"source": ["heliograph"], "detail-type": ["PostPublished", "PostDeleted"]}, True),
        ({"source": ["heliograph"], "detail": {"data": {"kind": ["user"]}}}, True),
        ({"source": ["elsewhere"]}, False),
        ({"detail-type": ["PostDeleted"]}, False),
        ({"detail": {"data": {"kind": ["post"]}}}, False),
        ({"detail": {"data": {"absent": ["user"]}}}, False),
    ],
)
def test_rule_passes_events_that_match_its_pattern(pattern: dict[str, Any], *, matches: bool) -> None:
    batches, invoke = failing()
    behind = events(invoke, Wiring(pattern))
    detail = json.dumps({"data": {"kind": "user"}})
    behind.put({"Source": "heliograph", "DetailType": "PostPublished", "Detail": detail})
    behind.settle()
    assert bool(batches) is matches


def test_upload_is_told_where_its_prefix_is_watched() -> None:
    batches, invoke = failing()
    behind = events(invoke)
    for bucket, key in (("uploads", "photos/1"), ("uploads", "videos/1"), ("media", "photos/1")):
        behind.uploaded(bucket, key, key)
    behind.settle()
    assert [json.loads(body)["Records"][0]["s3"]["object"]["key"] for [body] in batches] == ["photos/1"]


def test_changes_are_published_in_batches_of_the_mapping() -> None:
    given: list[int] = []

    def invoke(function: str, event: dict[str, Any]) -> Any:
        assert function == "publisher"
        given.append(len(event["Records"]))
        return {"batchItemFailures": []}

    events(invoke, None, *({"eventID": str(number)} for number in range(5))).settle()
    assert given == [2, 2, 1]
