"""The stream is the outbox: table change -> domain events -> bus, at least once, nothing lost in between.

    DynamoDB stream -> `publisher(Model, translate)` -> EventBridge -> SQS -> `heliograph.consumers`

A record that cannot be translated or sent is reported as failed; the event source mapping retries it, halves the batch
around it, and in the end sets it aside in the dead-letter queue, so one poison record never blocks its shard.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]
from pynamodb.models import Model

from heliograph import aws, config, events, startup
from heliograph.errors import Unavailable
from heliograph.observability import count, logger, metrics
from heliograph.resilience import retry

M = TypeVar("M", bound=Model)
PUT_EVENTS_LIMIT = 10

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class BusSettings(config.Settings):
    event_bus: str


@dataclass(frozen=True)
class Change(Generic[M]):
    """One record of a stream: the item before (None: inserted) and after (None: removed)."""

    old: M | None
    new: M | None


@dataclass(frozen=True)
class _Entry:
    sequence_number: str
    entry: dict[str, str]


class EntriesRefused(Exception):
    """EventBridge answered, but refused some entries (`FailedEntryCount`)."""


def publisher(model: type[M], translate: Callable[[Change[M]], Iterable[events.DomainEvent]]) -> Handler:
    """A Lambda handler that publishes what `translate` makes of each change to `model`'s table."""

    @logger.inject_lambda_context
    @metrics.log_metrics
    def handle(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        entries: list[_Entry] = []
        failed: list[str] = []
        for record in event["Records"]:
            sequence_number = record["dynamodb"]["SequenceNumber"]
            try:
                entries += _entries(record, change_of(model, record), translate)
            except Exception:  # noqa: BLE001  (reported, retried, set aside: see the module's text)
                logger.exception("stream record refused", extra={"eventId": record["eventID"]})
                failed.append(sequence_number)
        failed += _send(entries)
        count("EventsPublished", len(entries))
        count("RecordsRefused", len(failed))
        # A stream mapping resumes at the lowest number it is told.
        lowest = min(failed, key=int, default=None)
        return {"batchItemFailures": [{"itemIdentifier": lowest}] if lowest else []}

    startup.done()
    return handle


def publish(event: events.DomainEvent, *, event_id: str) -> None:
    """Put an event on the bus without a table: where a request is news, but changes no record. Raises Unavailable."""
    if _send([_Entry("", _entry(event, event_id))]):
        raise Unavailable


def change_of(model: type[M], record: dict[str, Any]) -> Change[M]:
    """The typed change inside a raw stream record (DynamoDB JSON images)."""

    def image(name: str) -> M | None:
        raw = record["dynamodb"].get(name)
        return None if raw is None else model.from_raw_data(raw)

    return Change(image("OldImage"), image("NewImage"))


def _entries(
    record: dict[str, Any], change: Change[M], translate: Callable[[Change[M]], Iterable[events.DomainEvent]]
) -> Iterator[_Entry]:
    for number, event in enumerate(translate(change)):
        yield _Entry(record["dynamodb"]["SequenceNumber"], _entry(event, f"{record['eventID']}-{number}"))


def _entry(event: events.DomainEvent, event_id: str) -> dict[str, str]:
    detail = events.wrap(event, event_id=event_id)
    return {
        "Source": events.SOURCE,
        "DetailType": detail["schema"],
        "Detail": json.dumps(detail),
        "EventBusName": config.read(BusSettings).event_bus,
    }


def _send(entries: list[_Entry]) -> list[str]:
    """Put the entries on the bus; the sequence numbers of those that stayed refused after retries."""
    refused: list[str] = []
    for start in range(0, len(entries), PUT_EVENTS_LIMIT):
        pending = entries[start : start + PUT_EVENTS_LIMIT]

        def attempt() -> None:
            nonlocal pending
            answer = aws.client("events").put_events(Entries=[item.entry for item in pending])
            if answer["FailedEntryCount"]:
                results = zip(pending, answer["Entries"], strict=True)
                pending = [item for item, result in results if "ErrorCode" in result]
                raise EntriesRefused(f"{answer['FailedEntryCount']} entries")

        try:
            retry(attempt, on=EntriesRefused, attempts=4)
        except (EntriesRefused, BotoCoreError, ClientError):
            # Also a bus that cannot be reached: told so, the mapping need not search the batch for a culprit.
            logger.exception("the bus refused events", extra={"count": len(pending)})
            refused += [item.sequence_number for item in pending]
    return refused
