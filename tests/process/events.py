"""What happens behind the API, step by step: table streams, the bus, and the queues with their consumers."""

import base64
import json
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from local.aws import ACCOUNT, REGION
from tests.process.assembly import Assembly, Feed, QueueSpec, Rule

Invoke = Callable[[str, dict[str, Any]], Any]
Message = dict[str, Any]
# More rounds than any chain of events is long.
ROUNDS = 500


class EndlessError(Exception):
    """Messages bring forth messages without an end."""


@dataclass
class Waiting:
    """A message in a queue; `due` by the monotonic clock."""

    body: str
    attributes: Mapping[str, str]
    due: float
    message_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    receives: int = 0


@dataclass
class Queue:
    """A standard queue: what failed is delivered again, after its last delivery it is set aside."""

    spec: QueueSpec
    waiting: deque[Waiting] = field(default_factory=deque[Waiting])

    def take(self, count: int) -> list[Waiting]:
        """The next messages that are due."""
        now = time.monotonic()
        taken = [message for message in self.waiting if message.due <= now][:count]
        for message in taken:
            self.waiting.remove(message)
            message.receives += 1
        return taken


class Events:
    """The streams, the bus and the queues of one platform. All work is done in `settle`, by the caller's thread."""

    def __init__(self, assembly: Assembly, streams: "Streams", invoke: Invoke) -> None:
        self.queues = {spec.name: Queue(spec) for spec in assembly.queues()}
        mappings = assembly.mappings()
        self._rules: Sequence[Rule] = assembly.rules()
        self._consumers = [mapping for mapping in mappings if mapping.source in self.queues]
        self._publishers = [mapping for mapping in mappings if mapping.source not in self.queues]
        self._upload_queues = assembly.upload_queues()
        self._streams, self._invoke = streams, invoke
        self._held = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nothing happen before the end of the block: for requests whose effects do not matter one by one."""
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def settle(self) -> None:
        """Let everything happen that is due, and all that follows from it. Raises EndlessError."""
        for _ in range(ROUNDS):
            if self._held or not self._publish() + self._consume():
                return
        raise EndlessError(", ".join(name for name, queue in self.queues.items() if queue.waiting))

    def uploaded(self, bucket: str, key: str, quoted_key: str) -> None:
        """Tell the queues that want to know of an object that it is there."""
        for watched, prefix, queue in self._upload_queues:
            if bucket == watched and key.startswith(prefix):
                self.send(queue, json.dumps({"Records": [{"s3": {"object": {"key": quoted_key}}}]}))

    def put(self, entry: Mapping[str, str]) -> None:
        """An entry of PutEvents: a message in each queue whose rule it matches."""
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "source": entry["Source"],
            "detail-type": entry["DetailType"],
            "detail": json.loads(entry["Detail"]),
            "account": ACCOUNT,
            "region": REGION,
            "resources": [],
        }
        for rule in self._rules:
            if _matches(rule.pattern, event):
                self.send(rule.queue, json.dumps(event))

    def send(self, queue: str, body: str, delay_seconds: int = 0, **attributes: str) -> None:
        self.queues[queue].waiting.append(Waiting(body, attributes, time.monotonic() + delay_seconds))

    def dead_letters(self) -> Iterator[tuple[str, Waiting]]:
        """What was set aside, with the name of its queue."""
        for name, queue in self.queues.items():
            if name.endswith("-dlq"):
                yield from ((name, message) for message in queue.waiting)

    def _publish(self) -> int:
        published = 0
        for mapping in self._publishers:
            while records := self._streams.read(mapping.source, mapping.batch_size):
                published += len(records)
                answer = self._invoke(mapping.function, {"Records": records})
                assert not answer["batchItemFailures"], f"{mapping.function} refused {records}"
        return published

    def _consume(self) -> int:
        return sum(self._deliver(mapping) for mapping in self._consumers)

    def _deliver(self, mapping: Feed) -> int:
        queue = self.queues[mapping.source]
        messages = queue.take(mapping.batch_size) if queue.waiting else []
        if messages:
            answer = self._invoke(mapping.function, {"Records": [_record(message) for message in messages]})
            failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
            for message in messages:
                if message.message_id in failed:
                    self._failed(queue, message)
        return len(messages)

    def _failed(self, queue: Queue, message: Waiting) -> None:
        aside = queue.spec.receives and message.receives >= queue.spec.receives
        (self.queues[queue.spec.dead_letters] if aside else queue).waiting.append(message)


class Streams:
    """The streams of DynamoDB Local's tables, from their beginning. Only tables that were written are looked at."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._positions: dict[str, str] = {}
        self.written: set[str] = set()

    def read(self, table: str, limit: int) -> list[dict[str, Any]]:
        """The next records as Lambda is given them; none if the table was not written since the last time."""
        if table not in self.written:
            return []
        if table not in self._positions:
            self._positions[table] = self._beginning(table)
        answer = self._client.get_records(ShardIterator=self._positions[table], Limit=limit)
        self._positions[table] = answer["NextShardIterator"]
        if not answer["Records"]:
            self.written.discard(table)
        return [_as_json(record) for record in answer["Records"]]

    def _beginning(self, table: str) -> str:
        [stream] = self._client.list_streams(TableName=table)["Streams"]
        described = self._client.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]
        return self._client.get_shard_iterator(
            StreamArn=stream["StreamArn"],
            ShardId=described["Shards"][0]["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]


def _record(message: Waiting) -> Message:
    return {
        "messageId": message.message_id,
        "body": message.body,
        "attributes": {"ApproximateReceiveCount": str(message.receives), **message.attributes},
        "eventSource": "aws:sqs",
    }


def _as_json(value: Any) -> Any:
    """What boto3 read, in the form in which Lambda gets it: bytes in base64, no times."""
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case dict():
            return {name: _as_json(part) for name, part in value.items() if name != "ApproximateCreationDateTime"}
        case list():
            return [_as_json(part) for part in value]
        case _:
            return value


def _matches(pattern: Any, event: Any) -> bool:
    """EventBridge's rule for patterns of exact values: each member of the pattern lists what the event's may be."""
    if isinstance(pattern, Mapping):
        return isinstance(event, Mapping) and all(
            name in event and _matches(part, event[name]) for name, part in pattern.items()
        )
    wanted: Iterable[Any] = pattern
    return event in wanted
