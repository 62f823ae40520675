"""Messages that functions send to queues themselves, beside those that the bus brings."""

from collections.abc import Sequence

from heliograph import aws

SEND_LIMIT = 10


class MessagesRefused(Exception):
    """SQS answered, but refused some messages (`Failed`). What sent them is delivered again, and sends all again."""


def send(url: str, bodies: Sequence[str], *, group: str | None = None) -> None:
    """Send all, in as few requests as there can be. Raises MessagesRefused.

    `group`: whose messages these are; SQS lets no group of a standard queue hold up the others (fair queues).
    """
    grouped = {"MessageGroupId": group} if group else {}
    for start in range(0, len(bodies), SEND_LIMIT):
        batch = enumerate(bodies[start : start + SEND_LIMIT])
        entries = [{"Id": str(number), "MessageBody": body, **grouped} for number, body in batch]
        refused = aws.client("sqs").send_message_batch(QueueUrl=url, Entries=entries).get("Failed", [])
        if refused:
            raise MessagesRefused(", ".join(item["Code"] for item in refused))
