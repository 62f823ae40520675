"""Queue consumers: SQS batch in, failures reported one by one, so a poison message goes to its DLQ alone."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from heliograph import events, startup
from heliograph.observability import count, logger, metrics

T = TypeVar("T")
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def consumer(handle: Callable[[events.DomainEvent], None]) -> Handler:
    """A Lambda handler for a queue that EventBridge fills with domain events."""
    return queue(lambda body: events.unwrap(body["detail"]), handle)


def queue(parse: Callable[[Any], T], handle: Callable[[T], None]) -> Handler:
    """A Lambda handler for a queue of JSON bodies: each is parsed, then handled; equal messages of one batch only once.

    Whatever a message raises is logged and reported; SQS delivers it again and after its last try sets it aside.
    """

    @logger.inject_lambda_context
    @metrics.log_metrics
    def on_batch(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        failed: list[str] = []
        handled: list[T] = []
        for record in event["Records"]:
            try:
                message = parse(json.loads(record["body"]))
                if message not in handled:
                    handle(message)
                    handled.append(message)
            except Exception:  # noqa: BLE001  (reported, redelivered, set aside: see above)
                logger.exception("message failed", extra={"messageId": record["messageId"]})
                failed.append(record["messageId"])
        count("MessagesFailed", len(failed))
        count("MessagesHandled", len(event["Records"]) - len(failed))
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    startup.done()
    return on_batch
