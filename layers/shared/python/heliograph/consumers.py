"""Queue consumers: SQS batch in, failures reported one by one, so a poison message goes to its DLQ alone."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from heliograph import events, startup
from heliograph.errors import Unavailable
from heliograph.observability import count, logger, metrics

T = TypeVar("T")
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
# Takes the bodies of messages that wait for something to be available again.
Later = Callable[[Sequence[str]], None]
# As large as a batch of a queue can be.
WHOLE = 10_000


def consumer(handle: Callable[[events.DomainEvent], None], *, later: Later | None = None) -> Handler:
    """A Lambda handler for a queue that EventBridge fills with domain events."""
    return queue(_event, handle, later=later)


def batch_consumer(
    handle: Callable[[list[events.DomainEvent]], Iterable[events.DomainEvent]], *, later: Later | None = None
) -> Handler:
    """The same for events that are better handled together: `handle` says which of them have failed."""
    return batch(_event, handle, later=later)


def queue(parse: Callable[[Any], T], handle: Callable[[T], None], *, later: Later | None = None) -> Handler:
    """A Lambda handler for a queue of JSON bodies: each is parsed, then handled; equal messages of one batch only once.

    Whatever a message raises is logged and reported; SQS delivers it again and after its last try sets it aside.
    """

    def alone(messages: list[T]) -> list[T]:
        handle(messages[0])
        return []

    return batch(parse, alone, size=1, later=later)


def batch(
    parse: Callable[[Any], T],
    handle: Callable[[list[T]], Iterable[T]],
    *,
    size: int = WHOLE,
    later: Later | None = None,
) -> Handler:
    """A Lambda handler that hands over up to `size` different messages at once, and learns which of them have failed.

    If that raises, each is handled alone, so that nobody pays for a neighbour. With `later`, messages that meet
    Unavailable are handed to it instead of being reported: an outage, however long, sets nothing aside.
    """

    @logger.inject_lambda_context
    @metrics.log_metrics
    def on_batch(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        unreadable: list[str] = []
        messages: list[tuple[dict[str, Any], T]] = []
        for record in event["Records"]:
            try:
                messages.append((record, parse(json.loads(record["body"]))))
            except Exception:  # noqa: BLE001  (reported, redelivered, set aside: see above)
                logger.exception("message unreadable", extra={"messageId": record["messageId"]})
                unreadable.append(record["messageId"])
        different = _different(message for _, message in messages)
        broken: list[T] = []
        waiting: list[T] = []
        for start in range(0, len(different), size):
            part = different[start : start + size]
            try:
                broken += _broken(handle, part, waits=later is not None)
            except Unavailable:
                waiting += part
        bodies = [record["body"] for record, message in messages if message in waiting]
        if later is not None and bodies and not _put_off(later, bodies):
            broken += waiting
        failed = [*unreadable, *(record["messageId"] for record, message in messages if message in broken)]
        if failed:
            logger.warning("messages failed", extra={"messageIds": failed})
        count("MessagesFailed", len(failed))
        count("MessagesHandled", len(event["Records"]) - len(failed))
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    startup.done()
    return on_batch


def _event(body: dict[str, Any]) -> events.DomainEvent:
    return events.unwrap(body["detail"])


def _different(messages: Iterable[T]) -> list[T]:
    """Each message once. Events may hold lists, so they have no hashes."""
    different: list[T] = []
    for message in messages:
        if message not in different:
            different.append(message)
    return different


def _broken(handle: Callable[[list[T]], Iterable[T]], messages: list[T], *, waits: bool) -> list[T]:
    """The messages that fail. Raises Unavailable, if that is to be waited for."""
    try:
        return list(handle(messages))
    except Exception as error:
        if waits and isinstance(error, Unavailable):
            raise
        logger.exception("message failed" if len(messages) == 1 else "batch failed, each is tried alone")
    if len(messages) == 1:
        return messages
    return [one for message in messages for one in _broken(handle, [message], waits=waits)]


def _put_off(later: Later, bodies: Sequence[str]) -> bool:
    try:
        later(bodies)
    except Exception:  # noqa: BLE001  (they are reported as failed instead)
        logger.exception("messages could not be put off")
        return False
    count("MessagesPutOff", len(bodies))
    return True
