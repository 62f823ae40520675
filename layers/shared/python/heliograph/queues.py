"""Messages that functions send to queues themselves, beside those that the bus brings."""

from collections.abc import Sequence

from heliograph import aws, config

SEND_LIMIT = 10
LATER_SECONDS = 30


class OwnQueueSettings(config.Settings):
    own_queue_url: str


class MessagesRefused(Exception):
    """SQS answered, but refused some messages (`Failed`). What sent them is delivered again, and sends all again."""


def send(url: str, bodies: Sequence[str], *, group: str | None = None, delay_seconds: int = 0) -> None:
    """Send all, in as few requests as there can be. Raises MessagesRefused.

    `group`: whose messages these are; SQS lets no group of a standard queue hold up the others (fair queues).
    """
    more: dict[str, str | int] = {"MessageGroupId": group} if group else {}
    if delay_seconds:
        more["DelaySeconds"] = delay_seconds
    for start in range(0, len(bodies), SEND_LIMIT):
        batch = enumerate(bodies[start : start + SEND_LIMIT])
        entries = [{"Id": str(number), "MessageBody": body, **more} for number, body in batch]
        refused = aws.client("sqs").send_message_batch(QueueUrl=url, Entries=entries).get("Failed", [])
        if refused:
            raise MessagesRefused(", ".join(item["Code"] for item in refused))


def send_back(bodies: Sequence[str]) -> None:
    """Send messages to the queue that the function drains. Raises MessagesRefused."""
    send(config.read(OwnQueueSettings).own_queue_url, bodies)


def put_off(bodies: Sequence[str]) -> None:
    """The same for what has to wait: each comes back LATER_SECONDS later, as if for the first time.

    So an outage uses up none of the deliveries after which SQS takes a message for poison. Raises MessagesRefused.
    """
    send(config.read(OwnQueueSettings).own_queue_url, bodies, delay_seconds=LATER_SECONDS)
