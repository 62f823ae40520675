"""The fan-out queue: pages of followers that wait for their turn."""

from collections.abc import Sequence

from functions.feed.fanout import Page
from heliograph import aws, config

SEND_LIMIT = 10


class FanoutSettings(config.Settings):
    fanout_queue_url: str


class MessagesRefused(Exception):
    """SQS answered, but refused some messages (`Failed`). What sent them is delivered again, and sends all again."""


def send(pages: Sequence[Page]) -> None:
    url = config.read(FanoutSettings).fanout_queue_url
    bodies = [page.model_dump_json(by_alias=True) for page in pages]
    for start in range(0, len(bodies), SEND_LIMIT):
        batch = enumerate(bodies[start : start + SEND_LIMIT])
        entries = [{"Id": str(number), "MessageBody": body} for number, body in batch]
        refused = aws.client("sqs").send_message_batch(QueueUrl=url, Entries=entries).get("Failed", [])
        if refused:
            raise MessagesRefused(", ".join(item["Code"] for item in refused))
